import { isObject, listIn, numberIn, parseJson, textIn } from '../api/check.ts'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { PENDING } from './pending-key.ts'

/** An answer that somebody waits for, or has not seen. */
export interface PendingAnswer {
  /** Whose conversation it is, of all that this browser keeps (`Connection.name`). */
  readonly of: string
  readonly conversationId: string
  /** `sending`: the server has not confirmed the question. */
  readonly state: 'sending' | 'working' | 'unread'
  /** How many are unread. */
  readonly count: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Of what is written here; another one is another program's. */
const VERSION = 1
/** Milliseconds after which nobody waits any more: each page would load the chat for it. */
const LIFE = 24 * 60 * 60_000

const STATES = ['sending', 'working', 'unread'] as const

function decode(entry: unknown): PendingAnswer | undefined {
  if (!isObject(entry)) return undefined
  const of = textIn(entry, 'of')
  const conversationId = textIn(entry, 'conversationId')
  const state = STATES.find((one) => one === entry['state'])
  const at = numberIn(entry, 'at')
  const count = numberIn(entry, 'count') ?? 0
  if (of === undefined || conversationId === undefined || !state || at === undefined) {
    return undefined
  }
  const age = Date.now() - at
  return age < LIFE && age > -LIFE ? { of, conversationId, state, count, at } : undefined
}

/** The answers of this browser's visitors that are at work or unread, on whichever page; the loader looks for them. */
export class PendingAnswers {
  readonly #store: KeyValueStore

  constructor(store: KeyValueStore = createKeyValueStore('')) {
    this.#store = store
  }

  get all(): readonly PendingAnswer[] {
    const kept = parseJson(this.#store.get(PENDING) ?? '')
    if (!isObject(kept) || kept['version'] !== VERSION) return []
    return listIn(kept, 'answers')
      .map(decode)
      .filter((answer) => answer !== undefined)
  }

  find(of: string, conversationId: string | undefined): PendingAnswer | undefined {
    return this.all.find((one) => one.of === of && one.conversationId === conversationId)
  }

  /** Keeps an answer in place of what was known of its conversation. */
  put(answer: Omit<PendingAnswer, 'at'>): void {
    const { of, conversationId } = answer
    const isOther = (one: PendingAnswer) => one.of !== of || one.conversationId !== conversationId
    this.#write([...this.all.filter(isOther), { ...answer, at: Date.now() }])
  }

  remove(isUnwanted: (answer: PendingAnswer) => boolean): void {
    this.#write(this.all.filter((answer) => !isUnwanted(answer)))
  }

  /** Takes away what cannot be read, and what is too old. */
  tidy(): void {
    this.#write(this.all)
  }

  #write(answers: readonly PendingAnswer[]): void {
    const text = answers.length === 0 ? undefined : JSON.stringify({ version: VERSION, answers })
    // Writing is told to every other tab.
    if (text === this.#store.get(PENDING)) return
    if (text === undefined) this.#store.remove(PENDING)
    else this.#store.set(PENDING, text)
  }
}
