import type { FeedbackBody } from '../../protocol/api.ts'
import type { AnswerOutcome, ErrorCode, FinishReason, Usage } from '../../protocol/events.ts'

/** How a turn went. */
export interface TurnOutcome {
  readonly ownerId: string
  readonly finishReason: FinishReason
  /** What came of the question, where that asks for a way on. */
  readonly outcome: AnswerOutcome | undefined
  /** What went wrong, where something did. */
  readonly errorCode: ErrorCode | undefined
  /** The model server ended its answer itself, even if there was nothing in it. */
  readonly isAnswered: boolean
  /** Token events of the answer. */
  readonly tokenCount: number
  readonly usage: Usage | undefined
  /** Of the prompt and the history that the model was sent. */
  readonly promptCharacters: number
  /** Milliseconds from the request. */
  readonly firstTokenMs: number | undefined
  readonly totalMs: number
}

/** Is told of every turn, and changes none. Never throws. */
export interface TurnObserver {
  turnStarted(): void
  turnEnded(outcome: TurnOutcome): void
}

/** Is told what visitors say of answers and write to the owner, and changes nothing. Never throws. */
export interface VisitorObserver {
  /** An answer has got a rating that it did not have. */
  answerRated(rating: FeedbackBody['rating']): void
  /** Somebody has written to the owner; what a robot wrote is not kept. */
  contactReceived(by: 'person' | 'robot'): void
  /** The webhook's receiver was asked once. */
  deliveryTried(outcome: 'delivered' | 'failed'): void
  /** An entry will not be sent any more. */
  deliveryGivenUp(): void
  /** So many entries are still to be delivered. */
  deliveriesWaiting(count: number): void
}

/** How a request was answered. */
export interface RequestOutcome {
  readonly method: string
  /** The pattern of the path (`/api/conversations/:id`), `files`, or `other` for what nobody serves. */
  readonly route: string
  readonly status: number
  /** Milliseconds until the answer was sent whole; of a stream, until its end. */
  readonly ms: number
}

/** Is told of every request, and changes none. Never throws. */
export interface RequestObserver {
  requestEnded(outcome: RequestOutcome): void
  /** A request could not be answered as asked. */
  requestFailed(code: ErrorCode): void
  streamOpened(): void
  streamClosed(): void
}
