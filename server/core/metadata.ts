/** What clients may keep with threads and messages, and what some of its names mean. All pure. */
import { ChatError } from './errors.ts'
import type { Identity } from './identity.ts'
import type { Conversation, Metadata } from './ports/index.ts'

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
