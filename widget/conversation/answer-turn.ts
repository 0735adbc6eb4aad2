import { ApiError } from '../api/api-error.ts'
import type { WidgetEvent } from '../api/decode-event.ts'
import { ChatMessage } from './chat-message.ts'

/** One turn on the screen: the message that was sent, the answer that grows, the one it replaces. */
export class AnswerTurn {
  /** Absent when the turn was started elsewhere, or answers again. */
  readonly user: ChatMessage | undefined
  /** Stays until the new answer begins, and comes back when that fails. */
  readonly previous: ChatMessage | undefined
  /** What an edited message takes the place of; comes back when the server did not get it. */
  readonly replaced: readonly ChatMessage[]
  readonly answer: ChatMessage
  /** The answer goes on behind what it has said already: see continued-turn.ts. */
  readonly continues: true | undefined
  /** The server said something, so it has the request. */
  acknowledged = false
  start: Extract<WidgetEvent, { type: 'start' }> | undefined
  done: Extract<WidgetEvent, { type: 'done' }> | undefined
  error: ApiError | undefined

  constructor(parts: {
    readonly user?: ChatMessage
    readonly previous?: ChatMessage | undefined
    readonly replaced?: readonly ChatMessage[]
    readonly continued?: ChatMessage
  }) {
    this.answer = parts.continued ?? new ChatMessage('assistant', 'waiting')
    this.continues = parts.continued && true
    this.user = parts.user
    this.previous = parts.previous
    this.replaced = parts.replaced ?? []
  }

  /** Why there is no whole answer, once the turn is over. */
  get failure(): ApiError | undefined {
    const isInterrupted = this.done?.finish_reason === 'interrupted'
    return this.error ?? (isInterrupted ? new ApiError('interrupted') : undefined)
  }

  /** Takes events in. */
  apply(events: readonly WidgetEvent[]): void {
    const texts: string[] = []
    for (const event of events) {
      switch (event.type) {
        case 'start':
          this.start = event
          this.answer.id = event.message_id
          this.user?.change({ id: event.user_message_id })
          break
        case 'sources':
          this.answer.change({ sources: event.sources })
          break
        case 'citations':
          this.answer.change({ citations: event.citations })
          break
        case 'progress':
          if (texts.length > 0) this.answer.append(texts.splice(0))
          this.answer.change({ progress: event, pauses: true })
          break
        case 'token':
          texts.push(event.text)
          break
        // See page-tool-runner.ts.
        case 'page_tool':
          break
        case 'error':
          this.error = new ApiError(event.code, event)
          break
        case 'done':
          this.done = event
          break
        case 'suggestions':
          this.answer.change({ suggestions: event.suggestions })
          break
      }
    }
    this.acknowledged = true
    if (this.user?.state !== 'settled') this.user?.change({ state: 'settled' })
    if (texts.length > 0) this.answer.append(texts)
  }

  /** The conversation with this turn in it, while it goes on. */
  place(messages: readonly ChatMessage[]): readonly ChatMessage[] {
    const waiting = this.answer.isEmpty
    if (waiting) this.previous?.change({ replacing: true })
    const others = this.others(messages).filter(
      (message) => message.id === null || message.id !== this.start?.message_id,
    )
    return [
      ...others,
      ...(this.user ? [this.user] : []),
      ...(waiting && this.previous ? [this.previous] : []),
      this.answer,
    ]
  }

  /** The conversation when the turn is over, however it went. */
  settle(messages: readonly ChatMessage[]): readonly ChatMessage[] {
    const { answer, previous, user, error, done } = this
    const failed = error !== undefined || done === undefined
    answer.change({
      state: 'settled',
      finishReason: done?.finish_reason ?? 'error',
      outcome: done?.outcome,
    })
    previous?.change({ replacing: false })
    // The server keeps no blanks of a turn that failed.
    const isEmpty = answer.isEmpty || (failed && answer.text.trim() === '')
    const keepsPrevious = previous !== undefined && (failed || isEmpty)
    const last = keepsPrevious ? previous : isEmpty ? undefined : answer
    return [
      ...this.others(messages),
      ...(this.acknowledged ? [] : this.replaced),
      ...(user ? [user] : []),
      ...(last ? [last] : []),
    ]
  }

  private others(messages: readonly ChatMessage[]): readonly ChatMessage[] {
    const { user, previous, answer, start } = this
    return messages.filter(
      (message) =>
        message !== user &&
        message !== previous &&
        message !== answer &&
        !this.replaced.includes(message) &&
        // The server had it already: the same send came a second time.
        (user === undefined || message.id === null || message.id !== start?.user_message_id),
    )
  }
}
