import { firstCodePoints } from './turn/history.ts'
import { modelOf, NO_MODEL, textAt } from './metadata.ts'
import type { Conversation, Message, ThreadOpening } from './ports/index.ts'

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

/** Of a thread's title, the part that is taken from its first message. */
const THREAD_TITLE_CODE_POINTS = 32
const LONGEST_THREAD_TITLE = 255
/** Who answers, where nothing says which model. */
const UNLABELLED = 'Product'
/** What answers in this server's name, to clients of threads that keep several. */
export const PROVIDER = 'openai-compatible'

/** What of a message a thread takes its title and its model from. */
export interface OpeningMessage {
  readonly text: string
  readonly model?: string | undefined
  readonly modelLabel?: string | undefined
}

/** `undefined` for every message but the first. */
export function openingOf(
  conversation: Conversation,
  messages: readonly Message[],
  message: OpeningMessage,
): ThreadOpening | undefined {
  if (messages.length > 0) return undefined
  const { metadata = {} } = conversation
  const known = modelOf(conversation)
  const model = message.model ?? (known === NO_MODEL ? undefined : known)
  const { modelLabel } = message
  const label = modelLabel ?? message.model ?? textAt(metadata, 'model_label') ?? model
  return {
    title: threadTitle(label ?? UNLABELLED, message.text),
    metadata: {
      provider: PROVIDER,
      ...metadata,
      ...(model !== undefined && { model }),
      ...(modelLabel !== undefined && { model_label: modelLabel }),
    },
  }
}

function threadTitle(label: string, text: string): string {
  const begins = firstCodePoints(withoutBrackets(text), THREAD_TITLE_CODE_POINTS).trim()
  const name = withoutBrackets(label) || UNLABELLED
  const title = begins === '' ? name : `${name}: ${begins}`
  return firstCodePoints(title, LONGEST_THREAD_TITLE).trim()
}

const withoutBrackets = (text: string) => text.replaceAll(/[[\]]/g, '').trim()
