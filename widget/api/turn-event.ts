import type {
  CitationsEvent,
  ErrorCode,
  FinishReason,
  ProgressEvent,
  SourcesEvent,
  SuggestionsEvent,
  TokenEvent,
  TurnStartEvent,
} from '../../server/protocol/events.ts'
import type { JsonObject } from './check.ts'

/** Something for the page's tools, as the server wrote it: see decode-tool-event.ts. */
export interface PageToolEvent {
  readonly type: 'page_tool'
  readonly wire: JsonObject
}

/** What happens in a turn, reduced to what the element needs. */
export type WidgetEvent =
  | Omit<TurnStartEvent, 'turn_id'>
  | TokenEvent
  | SourcesEvent
  | CitationsEvent
  | ProgressEvent
  | SuggestionsEvent
  | PageToolEvent
  | {
      readonly type: 'error'
      readonly code: ErrorCode
      readonly retryable: boolean
      /** In the server's words. */
      readonly detail?: string
      /** Seconds until asking again makes sense. */
      readonly retryAfter?: number
    }
  | {
      readonly type: 'done'
      readonly finish_reason: FinishReason
      /** An `AnswerOutcome`, or one that later servers know. */
      readonly outcome?: string | undefined
      /** Another conversation than the one that was asked. */
      readonly conversation_id?: string | undefined
    }
