import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { FinishReason, Source } from '../../server/protocol/events.ts'
import type { StoredMessage } from '../api/decode-body.ts'
import { newId } from './id.ts'
import type { PageCall } from './page-call.ts'

/**
 * `sending`: the server has not said that it has it. `failed`: it did not get there.
 * `waiting`: an answer without a word yet. `streaming`: an answer that grows.
 */
export type MessageState = 'sending' | 'failed' | 'waiting' | 'streaming' | 'settled'

export type Role = 'user' | 'assistant'

/** One message of the conversation on the screen. Tokens go to its listeners, past the rest of the page. */
export class ChatMessage {
  /** Names the message on the screen; it stays the same while `id` becomes known. */
  readonly key = newId()
  readonly role: Role
  /** Tagged text in pieces; only ever appended to. */
  readonly chunks: string[]
  id: string | null = null
  /** Rises with every change of `chunks`. */
  version = 0
  state: MessageState
  sources: readonly Source[] = []
  finishReason: FinishReason | null = null
  feedback: FeedbackBody | null = null
  /** Calls of the page's tools in the turn that goes on. */
  calls: readonly PageCall[] = []
  /** An answer on the way takes this one's place. */
  replacing = false
  readonly #listeners = new Set<() => void>()

  constructor(role: Role, state: MessageState, text = '') {
    this.role = role
    this.state = state
    this.chunks = text === '' ? [] : [text]
  }

  static stored(stored: StoredMessage): ChatMessage {
    const { id, role, content, sources, finishReason, feedback } = stored
    const message = new ChatMessage(role, 'settled', content)
    return Object.assign(message, { id, sources, finishReason, feedback })
  }

  get text(): string {
    return this.chunks.join('')
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0
  }

  append(texts: readonly string[]): void {
    this.chunks.push(...texts)
    this.version += 1
    this.state = 'streaming'
    this.changed()
  }

  change(changes: {
    readonly state?: MessageState
    readonly id?: string
    readonly sources?: readonly Source[]
    readonly finishReason?: FinishReason | null
    readonly feedback?: FeedbackBody | null
    readonly calls?: readonly PageCall[]
    readonly replacing?: boolean
  }): void {
    Object.assign(this, changes)
    this.changed()
  }

  /** Calls the listener after every change; returns how to stop that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  private changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

/**
 * What the server has, in the objects already on the screen where those say the same, so that
 * loading again redraws nothing.
 */
export function mergeStored(
  shown: readonly ChatMessage[],
  stored: readonly StoredMessage[],
): readonly ChatMessage[] {
  const known = new Map(shown.map((message) => [message.id, message]))
  return stored.map((message) => {
    const present = known.get(message.id)
    if (!present || present.text !== message.content) return ChatMessage.stored(message)
    const { sources, finishReason, feedback } = message
    present.change({ state: 'settled', replacing: false, sources, finishReason, feedback })
    return present
  })
}
