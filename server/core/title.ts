import { firstCodePoints } from './history.ts'
import type { Conversation, Message } from './ports.ts'

const TITLE_CODE_POINTS = 80

/** The title that a conversation takes from its first message, unless it has one already. */
export function titleFrom(
  conversation: Conversation,
  messages: readonly Message[],
  content: string,
): string | undefined {
  if (conversation.renamed || messages.length > 0 || content.trim() === '') return undefined
  return firstCodePoints(content, TITLE_CODE_POINTS)
}
