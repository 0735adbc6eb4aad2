import type { ApiErrorCode } from '../api/api-error.ts'
import type { AnswerStrings } from '../parts/strings.ts'

/** Every word that the element says, in one language. */
export interface Strings {
  readonly heading: string
  readonly launcher: { readonly open: string; readonly close: string }
  /** Added to the launcher's label. */
  readonly unread: (count: number) => string
  readonly newConversation: string
  readonly close: string
  readonly messages: string
  readonly you: string
  readonly assistant: string
  readonly greeting: string
  readonly starters: string
  readonly jump: string
  readonly loading: string
  readonly composer: {
    readonly label: string
    readonly placeholder: string
    readonly send: string
    readonly stop: string
    readonly think: string
    readonly thinkHint: string
    readonly left: (count: number) => string
    readonly tooLong: (over: number, limit: number) => string
  }
  readonly actions: {
    readonly copy: string
    readonly copied: string
    readonly regenerate: string
    readonly tryAgain: string
    readonly edit: string
  }
  readonly editor: { readonly label: string; readonly cancel: string }
  readonly feedback: {
    readonly up: string
    readonly down: string
    readonly rated: string
    readonly commentUp: string
    readonly commentDown: string
    readonly skip: string
    readonly tooLong: (over: number, limit: number) => string
    readonly thanks: string
    readonly failed: (sentence: string) => string
  }
  readonly waiting: {
    readonly sending: string
    readonly thinking: string
    readonly searching: string
    readonly writing: string
  }
  readonly notes: {
    readonly stopped: string
    readonly length: string
    readonly filtered: string
    readonly interrupted: string
    readonly unsent: string
  }
  readonly banner: { readonly offline: string; readonly reconnecting: string }
  readonly hints: {
    readonly gone: string
    readonly busy: string
    readonly changed: string
    readonly replaced: string
    readonly unanswered: string
    readonly unstopped: string
  }
  /** Read out by screen readers. */
  readonly status: { readonly answerDone: string }
  readonly errors: Readonly<Record<ApiErrorCode, string>>
  /** Without a full stop: a button says it too. */
  readonly retryIn: (seconds: number) => string
  readonly answer: AnswerStrings
}
