import {
  EVENT_STREAM_HEADERS,
  writeEvent,
  type AnswerOutcome,
  type FinishReason,
} from '../../../server/protocol/events.ts'

import { isObject, listIn } from '../../api/check.ts'
import { newId } from '../../conversation/chat-message.ts'

/** What of an answer is stored when its turn ends. */
export interface StoredAnswer {
  readonly id: string
  readonly content: string
  readonly finish_reason: FinishReason
  readonly outcome?: AnswerOutcome
  readonly suggestions?: readonly string[]
}

const encoder = new TextEncoder()

/** What the real server says where the element has it said by the server. */
const SENTENCES: Readonly<Record<string, string>> = {
  inference_length:
    'The length limit was used up before an answer came, perhaps by thinking. Please ask for less at once.',
  inference_filtered: 'A content filter withheld the answer. Please ask in other words.',
}

/** A turn whose events the test feeds, with any number of readers. */
export class ScriptedTurn {
  readonly id = newId()
  /** Told at the end, and stored. */
  outcome: AnswerOutcome | undefined
  readonly messageId = newId()
  running = true
  text = ''
  /** What the pages' tools gave. */
  readonly results: object[] = []
  #suggestions: readonly string[] | undefined
  readonly #calls = new Map<string, { readonly tool: string; claimant: unknown }>()
  readonly #log: string[] = []
  readonly #readers = new Set<ReadableStreamDefaultController<Uint8Array>>()
  readonly #store: (answer: StoredAnswer) => void

  constructor(userMessageId: string, store: (answer: StoredAnswer) => void) {
    this.#store = store
    this.emit({ turn_id: this.id, user_message_id: userMessageId, message_id: this.messageId })
  }

  get readers(): number {
    return this.#readers.size
  }

  emit(...events: readonly object[]): void {
    const texts = events.map((event) => {
      if (isObject(event) && 'suggestions' in event) {
        this.#suggestions = listIn(event, 'suggestions').filter((one) => typeof one === 'string')
      }
      const text = writeEvent(this.id, this.#log.length + 1, JSON.stringify(event))
      this.#log.push(text)
      return text
    })
    for (const reader of this.#readers) reader.enqueue(encoder.encode(texts.join('')))
  }

  token(...texts: readonly string[]): void {
    this.text += texts.join('')
    this.emit(...texts.map((token) => ({ token })))
  }

  /** Calls a tool of the page, as the model would; returns the call's id. */
  call(tool: string, args: object = {}, timeout_ms = 60_000): string {
    const call_id = newId()
    this.#calls.set(call_id, { tool, claimant: null })
    this.token(`<|python_start|>${JSON.stringify({ tool, arguments: args })}<|python_end|>`)
    this.emit({ tool_request: { call_id, tool, arguments: args, timeout_ms } })
    return call_id
  }

  /** What a page says of a call: the status of the answer. */
  answerCall(call_id: string, isResult: boolean, body: unknown): 204 | 404 | 409 {
    const call = this.#calls.get(call_id)
    const { claimant, ...result } = isObject(body) ? body : {}
    if (!this.running || !call) return 404
    if (call.claimant !== null && call.claimant !== claimant) return 409
    if (!isResult) {
      if (call.claimant === claimant) return 204
      call.claimant = claimant
      this.emit({ tool_progress: { call_id, state: 'claimed', claimant } })
      return 204
    }
    this.#calls.delete(call_id)
    this.results.push(result)
    this.emit({ tool_progress: { call_id, state: 'settled', claimant } })
    const written = JSON.stringify({ tool: call.tool, output: null, error: null, ...result })
    this.token(`<|output_start|>${written}<|output_end|>`)
    return 204
  }

  fail(code: string, retryable = true, finishReason: FinishReason = 'error'): void {
    this.emit({ error: SENTENCES[code] ?? 'raw words of a server', code, retryable })
    this.done(finishReason, this.text.trim() !== '')
  }

  done(finishReason: FinishReason = 'stop', isStored = true): void {
    if (!this.running) return
    this.running = false
    const { messageId: id, text: content, outcome } = this
    const needs = outcome && { outcome }
    if (isStored) {
      const suggestions = finishReason === 'stop' ? this.#suggestions : undefined
      const offered = suggestions && { suggestions }
      this.#store({ id, content, finish_reason: finishReason, ...needs, ...offered })
    }
    this.emit({ done: true, message_id: id, finish_reason: finishReason, ...needs })
    for (const reader of this.#readers) reader.close()
    this.#readers.clear()
  }

  /** Breaks every connection; the turn goes on. */
  cut(): void {
    for (const reader of this.#readers) reader.error(new TypeError('network error'))
    this.#readers.clear()
  }

  response(lastEventId: string | null, signal: AbortSignal | undefined): Response {
    const after = Number(lastEventId?.split('.').at(-1) ?? 0)
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const missed = this.#log.slice(after).join('')
        if (missed !== '') controller.enqueue(encoder.encode(missed))
        if (!this.running) return controller.close()
        this.#readers.add(controller)
        signal?.addEventListener('abort', () => {
          if (this.#readers.delete(controller)) controller.error(signal.reason)
        })
      },
    })
    return new Response(body, { headers: EVENT_STREAM_HEADERS })
  }
}
