import type { WidgetEvent } from '../api/decode-event.ts'
import { AnswerTurn } from './answer-turn.ts'
import { ChatMessage } from './chat-message.ts'

/** A turn in which the last answer goes on, in the message that it has. Its events tell the whole answer. */
export class ContinuedTurn extends AnswerTurn {
  readonly #before: string
  readonly #earlier: ChatMessage
  /** What has come of that which was there before. */
  #repeated = ''
  #isNew = false

  constructor(answer: ChatMessage) {
    super({ continued: answer })
    this.#before = answer.text
    this.#earlier = Object.assign(new ChatMessage('assistant', 'settled', answer.text), {
      id: answer.id,
      sources: answer.sources,
      citations: answer.citations,
      finishReason: answer.finishReason,
    })
    answer.change({ state: 'streaming', pauses: true, finishReason: null })
  }

  /** Takes events in; of the text, what follows. */
  override apply(events: readonly WidgetEvent[]): void {
    super.apply(this.#isNew ? events : events.flatMap((event) => this.#newOf(event)))
  }

  /** When the rest did not come, what was there before stays. */
  override settle(messages: readonly ChatMessage[]): readonly ChatMessage[] {
    const { answer, failure, done } = this
    const settled = super.settle(messages)
    if (done && !failure) return settled
    this.#earlier.feedback = answer.feedback
    return settled.map((message) => (message === answer ? this.#earlier : message))
  }

  #newOf(event: WidgetEvent): readonly WidgetEvent[] {
    if (event.type !== 'token') return [event]
    this.#repeated += event.text
    const { length } = this.#before
    if (this.#repeated.length < length) return []
    this.#isNew = true
    const text = this.#repeated.slice(length)
    return text === '' ? [] : [{ type: 'token', text }]
  }
}
