import { firstCodePoints } from './history.ts'
import type { Conversation, Message } from './ports.ts'

const TITLE_CODE_POINTS = 80

/** The title that a conversation takes from its first message with words, unless somebody chose one. */
export function titleFrom(
  conversation: Conversation,
  messages: readonly Message[],
  content: string,
): string | undefined {
  const hasWords = (text: string) => text.trim() !== ''
  const isLater = messages.some((message) => message.role === 'user' && hasWords(message.content))
  if (conversation.renamed || isLater || !hasWords(content)) return undefined
  return firstCodePoints(content, TITLE_CODE_POINTS)
}
