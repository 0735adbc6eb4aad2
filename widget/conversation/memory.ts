import { isObject, numberIn, parseJson, type JsonObject } from '../api/check.ts'
import type { KeyValueStore } from '../api/key-value-store.ts'
import type { WidgetConfig } from '../api/decode-body.ts'

/** How answers are made, as the visitor wants them from now on; the names are those of a turn's body. */
export interface Settings {
  readonly temperature?: number | undefined
  readonly top_k?: number | undefined
  readonly force_web_search?: boolean | undefined
}

/** What there is of the settings on a server. */
export function offered(settings: Settings = {}, config: WidgetConfig | undefined): Settings {
  const { search, model_settings } = config?.features ?? {}
  const { force_web_search, ...numbers } = settings
  return { ...(model_settings && numbers), force_web_search: search && force_web_search }
}

/** From least to most, both included. */
export const RANGES = { temperature: [0, 2], top_k: [1, 200] } as const

/** Whether a number may be that setting. */
export function isInRange(name: keyof typeof RANGES, value: number): boolean {
  const [least, most] = RANGES[name]
  return value >= least && value <= most && (name === 'temperature' || Number.isInteger(value))
}

/** Settings out of a text that was kept; what this version would not have kept counts as absent. */
function decodeSettings(text: string | undefined): Settings {
  const kept = parseJson(text ?? '')
  if (!isObject(kept)) return {}
  const numberOf = (name: keyof typeof RANGES) => {
    const value = numberIn(kept, name)
    return value !== undefined && isInRange(name, value) ? value : undefined
  }
  return {
    temperature: numberOf('temperature'),
    top_k: numberOf('top_k'),
    force_web_search: kept['force_web_search'] === true || undefined,
  }
}

/** A message that the server has not confirmed; its key makes sending it again harmless. */
export interface PendingSend {
  readonly key: string
  readonly text: string
  readonly think: boolean
  /** The id of the message that it takes the place of. */
  readonly replaces?: string | undefined
  /** Milliseconds since 1970. */
  readonly at: number
  /** The id of the message without an answer that it is, once more. */
  readonly repeats?: string | undefined
  /** The ids of the files that stay with an edited message. */
  readonly keep?: readonly string[] | undefined
  /** It has files, which are gone with the page. */
  readonly files?: boolean | undefined
  /** It waits for the network alone. */
  readonly offline?: boolean
  /** It failed, and waits for the visitor. */
  readonly failed?: boolean | undefined
}

/** What survives a reload on this side: texts not sent yet and where the visitor was. */
export interface Memory {
  /** Where all of it is. */
  readonly store: KeyValueStore
  conversationId: string | undefined
  think: boolean | undefined
  /** Whether the chat takes more room than at first, in a mode of the element. */
  isWide(mode: string): boolean
  keepWide(mode: string, isWide: boolean): void
  settings: Settings
  /** What was being written; here and below `undefined` is a conversation that does not exist yet. */
  draft(conversationId: string | undefined): string
  keepDraft(conversationId: string | undefined, text: string): void
  /** As it was kept; `decodePending` reads it. */
  pending(conversationId: string | undefined): JsonObject | undefined
  keepPending(conversationId: string | undefined, pending: PendingSend | JsonObject): void
  /** Forgets it if it is still that one; another tab may have its own. */
  dropPending(conversationId: string | undefined, key: string): void
}

/** Milliseconds in which somebody who was asked to sign in may still want what they sent before. */
const SIGN_IN_TIME = 15 * 60_000

/**
 * Somebody who had not said who they are has: what they wrote before goes with them, from the
 * conversation that the page has `named` or the one that did not exist yet.
 */
export function carryOver(from: Memory, to: Memory, named: string | null): void {
  // Who has a conversation here was somebody: a visitor.
  if (from.conversationId !== undefined) return
  for (const id of [named ?? undefined, undefined]) {
    const draft = from.draft(id)
    const target = id ?? to.conversationId
    if (draft !== '') to.keepDraft(target, draft)
    from.keepDraft(id, '')
    const pending = from.pending(id)
    if (!pending) continue
    const now = Date.now()
    // It was held up by the sign-in, so it goes out as though it had been sent just now.
    const isFresh = (numberIn(pending, 'at') ?? 0) + SIGN_IN_TIME > now
    to.keepPending(target, isFresh ? { ...pending, at: now } : pending)
    from.dropPending(id, '')
  }
}

export function createMemory(store: KeyValueStore): Memory {
  const keep = (key: string, value: string | undefined) => {
    if (value === undefined || value === '') store.remove(key)
    else store.set(key, value)
  }
  const pendingKey = (conversationId: string | undefined) => `pending:${conversationId ?? 'new'}`
  const draftKey = (conversationId: string | undefined) => `draft:${conversationId ?? 'new'}`

  // Once there was one draft for all conversations.
  const onlyDraft = store.get('draft')
  if (onlyDraft !== undefined) {
    store.set(draftKey(store.get('conversation')), onlyDraft)
    store.remove('draft')
  }

  return {
    store,
    get conversationId() {
      return store.get('conversation')
    },
    set conversationId(id) {
      keep('conversation', id)
    },
    get think() {
      const kept = store.get('think')
      return kept === undefined ? undefined : kept === 'on'
    },
    set think(on) {
      keep('think', on === undefined ? undefined : on ? 'on' : 'off')
    },
    isWide: (mode) => store.get(`wide:${mode}`) === 'yes',
    keepWide(mode, isWide) {
      keep(`wide:${mode}`, isWide ? 'yes' : undefined)
    },
    get settings() {
      return decodeSettings(store.get('settings'))
    },
    set settings(settings) {
      store.set('settings', JSON.stringify(settings))
    },
    draft: (conversationId) => store.get(draftKey(conversationId)) ?? '',
    keepDraft(conversationId, text) {
      keep(draftKey(conversationId), text)
    },
    pending(conversationId) {
      const kept = parseJson(store.get(pendingKey(conversationId)) ?? '')
      return isObject(kept) ? kept : undefined
    },
    keepPending(conversationId, send) {
      store.set(pendingKey(conversationId), JSON.stringify(send))
    },
    dropPending(conversationId, key) {
      const name = pendingKey(conversationId)
      if (store.get(name)?.includes(key)) store.remove(name)
    },
  }
}

/** `on` and `off` set the Think toggle, `auto` remembers the visitor's choice, `hidden` takes it away. */
export type Think = 'auto' | 'on' | 'off' | 'hidden'

export interface ThinkChoice {
  /** Whether there is a toggle. */
  readonly canThink: boolean
  readonly thinking: boolean
}

/** How the next answer is made, as far as the visitor can choose. */
export interface Choices extends ThinkChoice {
  readonly settings: Settings
}

/** What the attribute, the server and the visitor make of the Think toggle together. */
export function chooseThink(
  think: Think,
  isOffered: boolean,
  remembered: boolean | undefined,
): ThinkChoice {
  if (think !== 'auto') return { canThink: think !== 'hidden', thinking: think === 'on' }
  return { canThink: isOffered, thinking: isOffered && remembered === true }
}
