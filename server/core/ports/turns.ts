/** Ports of the turn log, and of those who are told how turns and requests went. */
import type {
  TurnEvent,
  AnswerOutcome,
  ErrorCode,
  FinishReason,
  Usage,
} from '../../protocol/events.ts'
import type { ToolResult } from './inference.ts'
import type { Cancellable } from './system.ts'
import type { FeedbackBody } from '../../protocol/api.ts'

export interface LoggedTurn {
  readonly turnId: string
  readonly conversationId: string
  readonly running: boolean
  /** How many events there are so far: the number of the newest. */
  readonly events: number
}

/** Somebody who reads a turn while it is written. Neither method may throw. */
export interface TurnFollower {
  /**
   * Gets what was appended together. The first event of a turn has the number 1, and these go on from
   * `firstSeq`. False: takes no more until it resumes.
   */
  events(batch: readonly TurnEvent[], firstSeq: number): boolean
  /** The turn has ended and everything of it was given, or there is no such turn. */
  end(): void
}

/** A follower's place in a turn. It counts as a reader until it stops, also while it takes no more. */
export interface TurnReader {
  /** Goes on behind the last event that a follower took which then took no more. */
  resume(): void
  /** The reader has left: its follower is not called again. */
  stop(): void
}

/** What must be known of a turn to end it for a server that has died. */
export interface TurnNote {
  readonly ownerId: string
  readonly conversationId: string
  /** What it answers. */
  readonly userMessageId: string
  /** The id that its answer gets. */
  readonly messageId: string
  readonly modelTag: string
  /** Milliseconds since 1970: when the request came. */
  readonly startedAt: number
  /** The answer that a whole new one takes the place of, or that it goes on with: it stays when there is none. */
  readonly keeps: string | undefined
}

/** A turn that its server does not write any more, given to one of the others. */
export interface OrphanedTurn {
  readonly turnId: string
  readonly conversationId: string
  /** `undefined`: it had not begun to count. */
  readonly note: TurnNote | undefined
  /** All of it that has come this far. */
  readonly events: readonly TurnEvent[]
}

/** Which call a page means, and which page it is. */
export interface ClientToolReference {
  readonly conversationId: string
  readonly callId: string
  readonly claimant: string
}

/** What one server asks of the one that writes a turn. */
export type TurnRequest =
  | { readonly kind: 'stop' }
  | { readonly kind: 'claim_tool'; readonly call: ClientToolReference }
  | {
      readonly kind: 'answer_tool'
      readonly call: ClientToolReference
      readonly result: ToolResult
    }

/** Done, or why not: in words for whoever has asked. */
export type TurnReply =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly code: ErrorCode; readonly message: string }

/** Whoever writes a turn, and hears of it. Neither method may throw. */
export interface TurnKeeper {
  asked(request: TurnRequest): Promise<TurnReply>
  /** Another server has ended the turn, since nothing was heard of this one: nothing of it may be stored any more. */
  lost(): void
}

/** Where one turn is written; gotten once, as every token goes through it. */
export interface TurnWriter {
  /** Does nothing once the turn has ended. */
  append(events: readonly TurnEvent[]): void
}

/**
 * The one thing that readers of a turn read. A slow or gone reader never slows the writer.
 * Ended turns stay readable for some minutes.
 */
export interface TurnLog {
  /** Claims the conversation for a turn; only one runs at a time. */
  begin(
    turnId: string,
    conversationId: string,
  ): Promise<
    { readonly started: true } | { readonly started: false; readonly runningTurnId: string }
  >
  /**
   * Of a turn that has begun and counts from now on: what others need to end it if this server dies, and who answers
   * for it until its end.
   */
  keep(note: TurnNote & { readonly turnId: string }, keeper: TurnKeeper): Promise<void>
  /**
   * Asks the server that writes a turn, which may be this one. `undefined`: nobody writes it, or that server did not
   * answer in time.
   */
  ask(turnId: string, request: TurnRequest): Promise<TurnReply | undefined>
  /**
   * Turns that the servers which wrote them have left, from now on this server's to write and to end. Each is given
   * once, to one server.
   */
  orphans(): Promise<readonly OrphanedTurn[]>
  /** Of a turn that has begun; what is written to one that is not known is dropped. */
  writer(turnId: string): TurnWriter
  /** Resolves when everything appended can be read and the conversation is free for the next turn. */
  end(turnId: string): Promise<void>
  /** Gives up a claim as though `begin` had never been called. */
  abandon(turnId: string): Promise<void>
  /**
   * Calls back with everything after `afterSeq` (0: all), then with what comes, until the turn ends, the
   * follower takes no more, or the reader stops. Callbacks and no promises: this is what every token of
   * every reader costs.
   */
  follow(turnId: string, afterSeq: number, follower: TurnFollower): TurnReader
  /** Resolves to true when nobody reads the turn any more or it has ended, to false when the signal aborts before. */
  left(turnId: string, options: Cancellable): Promise<boolean>
  find(turnId: string): Promise<LoggedTurn | undefined>
  /** The running or most recently ended turn of a conversation. */
  latest(conversationId: string): Promise<LoggedTurn | undefined>
  /** Drops the ended turns of a conversation that is erased. */
  forget(conversationId: string): Promise<void>
  close(): Promise<void>
}

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
