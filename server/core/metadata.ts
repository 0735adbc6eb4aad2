/** What clients may keep with threads and messages, and what some of its names mean. All pure. */
import { ChatError } from './errors.ts'
import type { Identity } from './ports/people.ts'
import type { Conversation, Metadata, Message, ThreadOpening } from './ports/index.ts'
import { firstCodePoints } from '../text/code-points.ts'

/** Bytes of JSON. */
export const MOST_METADATA_BYTES = 64 * 1024
/** Levels of lists and objects, itself among them: whatever is deeper cannot be written everywhere. */
export const DEEPEST_METADATA = 64
/** UTF-16 units of a model's name. */
const LONGEST_MODEL = 255

export function isMetadata(value: unknown): value is Metadata {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const isNesting = (value: unknown): value is object => typeof value === 'object' && value !== null

const nestingIn = (value: object): readonly object[] => Object.values(value).filter(isNesting)

/** Whether nothing in the value is nested deeper than that. However deep it is, this takes no stack. */
export function isNestedWithin(value: unknown, levels: number): boolean {
  let level: readonly object[] = isNesting(value) ? [value] : []
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === levels) return false
    level = level.flatMap(nestingIn)
  }
  return true
}

/** Whether the value is neither larger nor deeper than what is kept. */
export const isKeepable = (value: unknown): boolean =>
  isNestedWithin(value, DEEPEST_METADATA) &&
  Buffer.byteLength(JSON.stringify(value)) <= MOST_METADATA_BYTES

/** A text that says something. */
export const textAt = (metadata: Metadata | undefined, name: string): string | undefined => {
  const value = metadata?.[name]
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** The tag of a conversation that leaves the choice to the model server. */
export const NO_MODEL = 'default'

/** The model that a conversation asks, whichever dialect said so. */
export function modelOf({ metadata, modelTag }: Conversation): string {
  const named = textAt(metadata, 'model')
  return named !== undefined && isModelName(named) ? named : modelTag
}

/** Longer ones are none that a model server could have. */
export const isModelName = (name: string) => name.length <= LONGEST_MODEL

const RESTRICTED = [
  { list: 'products', what: 'product', names: ['product_id', 'productId', 'product'] },
  { list: 'agents', what: 'agent', names: ['agent_id', 'agentId', 'agent'] },
] as const

/**
 * Refuses metadata that names a product or an agent which the caller may not ask. An empty list, or none,
 * allows all, and so does the role `admin`. @throws ChatError `forbidden`
 */
export function checkAllowed(identity: Identity, metadata: Metadata | undefined): void {
  if (metadata === undefined || identity.roles.includes('admin')) return
  for (const { list, what, names } of RESTRICTED) {
    const allowed = identity[list] ?? []
    if (allowed.length === 0) continue
    for (const name of names) {
      const value = metadata[name]
      if (!isNamed(value)) continue
      const id = idIn(value)
      // Something that no id can be read from might still be one to a provider.
      if (id !== undefined && allowed.includes(id)) continue
      const which = id === undefined || id.length > 100 ? '' : ` “${id}”`
      throw new ChatError('forbidden', `The ${what}${which} is not among those you may use.`)
    }
  }
}

const isNamed = (value: unknown) => value !== undefined && value !== null && value !== ''

function idIn(value: unknown): string | undefined {
  const id = isMetadata(value) ? value['id'] : value
  if (typeof id === 'number') return String(id)
  return typeof id === 'string' ? id : undefined
}

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
  /** What a person calls it. */
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
