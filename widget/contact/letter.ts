/** What a visitor writes to a person: kept until it is sent, and sent once. */
import { ApiError } from '../api/api-error.ts'
import { isObject, parseJson, textIn } from '../api/check.ts'
import type { ChatClient } from '../api/client.ts'
import type { KeyValueStore } from '../api/key-value-store.ts'
import { newId } from '../conversation/chat-message.ts'

/** What it is about, as far as the server knows of that. */
export interface Subject {
  readonly conversation_id: string | null
  readonly message_id: string | null
}

interface Words {
  readonly message: string
  readonly email: string
}

/** The same words again are the same letter to the server. */
interface Dispatch extends Words {
  readonly key: string
}

/** Milliseconds that the server has for its answer. */
const LONGEST_WAIT = 30_000

/** One letter of a conversation, as the browser keeps it. */
export class Letter {
  readonly #store: KeyValueStore
  readonly #name: string
  #dispatch: Dispatch | undefined
  words: Words | undefined

  constructor(store: KeyValueStore, conversationId: string | undefined) {
    this.#store = store
    this.#name = `contact:${conversationId ?? 'new'}`
    const kept = parseJson(store.get(this.#name) ?? '')
    if (!isObject(kept)) return
    this.words = wordsIn(kept)
    const dispatch = kept['dispatch']
    const words = isObject(dispatch) && wordsIn(dispatch)
    const key = isObject(dispatch) && textIn(dispatch, 'key')
    if (words && key) this.#dispatch = { ...words, key }
  }

  keep(words: Words): void {
    this.words = words
    this.#save()
  }

  forget(): void {
    this.words = undefined
    this.#dispatch = undefined
    this.#store.remove(this.#name)
  }

  /** Makes it ready for sending; false when it was before, with these words. */
  seal(words: Words): boolean {
    const before = this.#dispatch
    if (before?.message === words.message && before.email === words.email) return false
    this.#dispatch = { ...words, key: newId() }
    this.#save()
    return true
  }

  /** Sends what was sealed. `website`: what stands in the field that people do not see. @throws ApiError */
  async send(client: ChatClient, subject: Subject, website: string): Promise<void> {
    if (!this.#dispatch) throw new ApiError('internal')
    const { key, message, email } = this.#dispatch
    const { conversation_id, message_id } = subject
    const post = async (about: Partial<Subject>) =>
      client.request('/api/contact', {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: { message, email, consent: true, website, ...about },
        signal: AbortSignal.timeout(LONGEST_WAIT),
      })
    const isAbout = conversation_id !== null
    try {
      await post(isAbout ? { conversation_id, ...(message_id !== null && { message_id }) } : {})
    } catch (error) {
      // The conversation is gone, perhaps: who writes may be answered all the same.
      if (!isAbout || !(error instanceof ApiError) || error.status !== 404) throw error
      await post({})
    }
  }

  #save(): void {
    const kept = { ...this.words, dispatch: this.#dispatch }
    this.#store.set(this.#name, JSON.stringify(kept))
  }
}

function wordsIn(kept: Readonly<Record<string, unknown>>): Words {
  return { message: textIn(kept, 'message') ?? '', email: textIn(kept, 'email') ?? '' }
}
