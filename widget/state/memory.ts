import { isObject, numberIn, parseJson, textIn } from '../api/check.ts'
import type { KeyValueStore } from '../api/key-value-store.ts'

/** A message that the server has not confirmed; its key makes sending it again harmless. */
export interface PendingSend {
  readonly key: string
  readonly text: string
  readonly think: boolean
  /** The id of the message that it takes the place of. */
  readonly replaces?: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What survives a reload on this side: texts not sent yet and where the visitor was. */
export interface Memory {
  conversationId: string | undefined
  draft: string
  think: boolean | undefined
  /** `undefined` for a conversation that does not exist yet. */
  pending(conversationId: string | undefined): PendingSend | undefined
  keepPending(conversationId: string | undefined, pending: PendingSend): void
  /** Forgets it if it is still that one; another tab may have its own. */
  dropPending(conversationId: string | undefined, key: string): void
}

/** Somebody who had not said who they are has: what they wrote before goes with them. */
export function carryOver(from: Memory, to: Memory): void {
  // Who has a conversation here was somebody: a visitor.
  if (from.conversationId !== undefined) return
  if (from.draft !== '') to.draft = from.draft
  from.draft = ''
  const pending = from.pending(undefined)
  if (!pending) return
  to.keepPending(to.conversationId, pending)
  from.dropPending(undefined, pending.key)
}

export function createMemory(store: KeyValueStore): Memory {
  const keep = (key: string, value: string | undefined) => {
    if (value === undefined || value === '') store.remove(key)
    else store.set(key, value)
  }
  const pendingKey = (conversationId: string | undefined) => `pending:${conversationId ?? 'new'}`

  const pending = (conversationId: string | undefined): PendingSend | undefined => {
    const parsed = parseJson(store.get(pendingKey(conversationId)) ?? '')
    if (!isObject(parsed)) return undefined
    const key = textIn(parsed, 'key')
    const text = textIn(parsed, 'text')
    const at = numberIn(parsed, 'at')
    if (key === undefined || text === undefined || at === undefined) return undefined
    const replaces = textIn(parsed, 'replaces')
    const think = parsed['think'] === true
    return { key, text, at, think, ...(replaces !== undefined && { replaces }) }
  }

  return {
    get conversationId() {
      return store.get('conversation')
    },
    set conversationId(id) {
      keep('conversation', id)
    },
    get draft() {
      return store.get('draft') ?? ''
    },
    set draft(text) {
      keep('draft', text)
    },
    get think() {
      const kept = store.get('think')
      return kept === undefined ? undefined : kept === 'on'
    },
    set think(on) {
      keep('think', on === undefined ? undefined : on ? 'on' : 'off')
    },
    pending,
    keepPending(conversationId, send) {
      store.set(pendingKey(conversationId), JSON.stringify(send))
    },
    dropPending(conversationId, key) {
      if (pending(conversationId)?.key === key) store.remove(pendingKey(conversationId))
    },
  }
}
