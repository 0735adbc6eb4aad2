/** One message as the page holds it (`ChatMessage`), with its files and the calls of the page's tools. */
import type { Attachment } from '../api/decode-conversation.ts'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { Citation, FinishReason, Source } from '../../server/protocol/events.ts'
import type { StepEvent } from '../api/decode-event.ts'

/** A call of one of the page's tools, as the visitor sees it. */
export interface PageToolCall {
  readonly id: string
  readonly tool: string
  readonly title: string | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  /**
   * `waiting`: nobody here can run it; it can be refused all the same. `asking`: the visitor must allow it.
   * `elsewhere`: another page has it. `over`: there is nothing more to do about it.
   */
  readonly state: 'waiting' | 'asking' | 'running' | 'elsewhere' | 'over'
  /**
   * Why the visitor's answer to the question did not get through. `busy`: the server takes no more just now.
   * `failed`: it cannot be reached, or failed itself.
   */
  readonly problem: 'busy' | 'failed' | undefined
  readonly allow: () => void
  readonly deny: () => void
}

/** A file that goes with the next message. */
export interface DraftFile extends Attachment {
  readonly file: File
  /** How much of it is read, 0 to 1. */
  read: number
  /** Base64, once it is read. */
  data: string | undefined
}

/** A random UUID, also on pages without HTTPS, where `crypto.randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const hex = Array.from(bytes, (byte, index) => {
    // Version 4, variant 10 (RFC 9562).
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte
    return marked.toString(16).padStart(2, '0')
  })
  const part = (from: number, to: number) => hex.slice(from, to).join('')
  return [part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 16)].join('-')
}

/**
 * `sending`: the server has not said that it has it. `failed`: it did not get there. `offline`: it goes there when there is a network.
 * `waiting`: an answer without a word yet. `streaming`: an answer that grows.
 */
export type MessageState = 'sending' | 'failed' | 'offline' | 'waiting' | 'streaming' | 'settled'

/** A part of the answer is complete, and the next one has not begun. */
const ENDS_PART = /(?:<\/think>|<\|output_end\|>)\s*$/
/** The end of a part, and white space behind it. */
const LONGEST_END = 32

function endOf(chunks: readonly string[]): string {
  let end = ''
  for (let at = chunks.length - 1; at >= 0 && end.length < LONGEST_END; at -= 1) {
    end = (chunks[at] ?? '').slice(-LONGEST_END) + end
  }
  return end
}

export type Role = 'user' | 'assistant'

/** One message of the conversation on the screen. Tokens go to its listeners, past the rest of the page. */
export class ChatMessage {
  /** Names the message on the screen; it stays the same while `id` becomes known. */
  readonly key = newId()
  readonly role: Role
  /** Tagged text in pieces; only ever appended to, and one piece in the end. */
  readonly chunks: string[]
  id: string | null = null
  createdAt: Date | null = new Date()
  /** Rises with every change of `chunks`. */
  version = 0
  state: MessageState
  sources: readonly Source[] = []
  /** What the server says of the citations in it. */
  citations: readonly Citation[] = []
  finishReason: FinishReason | null = null
  /** Where the visitor needs a way on: an `AnswerOutcome`, or one that later servers know. */
  outcome: string | undefined
  feedback: FeedbackBody | null = null
  attachments: readonly Attachment[] = []
  /** How much of it has left for the server, 0 to 1, where that takes a while. */
  uploaded: number | undefined
  /** Questions that may follow. */
  suggestions: readonly string[] = []
  /** It takes the place of another one. */
  isEdit = false
  /** What is to be in its place, and was not sent. */
  edit: string | undefined
  /** What the server does for it, until the next word. */
  progress: StepEvent | undefined
  /** What was begun is complete, and nothing has been said since: a tool gave its result, say. */
  pauses = false
  /** Calls of the page's tools in the turn that goes on. */
  calls: readonly PageToolCall[] = []
  /** An answer on the way takes this one's place. */
  replacing = false
  readonly #listeners = new Set<() => void>()

  constructor(role: Role, state: MessageState, text = '') {
    this.role = role
    this.state = state
    this.chunks = text === '' ? [] : [text]
  }

  get text(): string {
    return this.chunks.join('')
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0
  }

  /** The answer ended in the middle, and nobody wanted that. */
  get brokeOff(): boolean {
    return this.finishReason === 'error' || this.finishReason === 'interrupted'
  }

  append(texts: readonly string[]): void {
    this.chunks.push(texts.join(''))
    this.version += 1
    this.progress = undefined
    this.pauses = ENDS_PART.test(endOf(this.chunks))
    this.state = 'streaming'
    this.changed()
  }

  /** Holds the text in one piece, once all who show it have read it to its end. */
  join(): void {
    if (this.chunks.length > 1) this.chunks.splice(0, this.chunks.length, this.text)
  }

  change(
    changes: Partial<Omit<ChatMessage, 'key' | 'role' | 'chunks' | 'version' | 'text' | 'isEmpty'>>,
  ): void {
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
