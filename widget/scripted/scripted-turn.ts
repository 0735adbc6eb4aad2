import { newId } from '../state/id.ts'

interface StoredAnswer {
  readonly id: string
  readonly role: 'assistant'
  readonly content: string
  readonly finish_reason: string
}

const encoder = new TextEncoder()

/** A turn whose events the test feeds, with any number of readers. */
export class ScriptedTurn {
  readonly id = newId()
  readonly messageId = newId()
  running = true
  text = ''
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
      const text = `id: ${this.id}.${this.#log.length + 1}\ndata: ${JSON.stringify(event)}\n\n`
      this.#log.push(text)
      return text
    })
    for (const reader of this.#readers) reader.enqueue(encoder.encode(texts.join('')))
  }

  token(...texts: readonly string[]): void {
    this.text += texts.join('')
    this.emit(...texts.map((token) => ({ token })))
  }

  fail(code: string, retryable = true): void {
    this.emit({ error: 'raw words of a server', code, retryable })
    this.done('error', this.text !== '')
  }

  done(finishReason = 'stop', isStored = true): void {
    if (!this.running) return
    this.running = false
    const { messageId: id, text: content } = this
    if (isStored) {
      this.#store({ id, role: 'assistant', content, finish_reason: finishReason })
    }
    this.emit({ done: true, message_id: id, finish_reason: finishReason })
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
    return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  }
}
