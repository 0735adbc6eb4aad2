import type { EarlierStrings } from './en/earlier.ts'
import type { StoredHintStrings } from './en/hints.ts'
import type { AccountStrings } from './en/account.ts'
import type { ErrorCode } from '../../server/protocol/events.ts'
import type { EditorStrings, FeedbackStrings } from './en/forms.ts'
import type { ContactStrings } from './en/contact.ts'
import type { TurnStrings } from './en/turns.ts'
import type { ExtrasStrings } from './en/composer.ts'
import type { DrawerStrings } from './en/conversations.ts'
import type { DisclosureStrings } from './en/owner.ts'
import type { AnswerStrings } from './en/answer.ts'
import type { TranscriptStrings } from './en/transcript.ts'

/**
 * `offline`: the browser has no network; `unreachable`: the server did not answer, or broke off;
 * `misconfigured`: what answered is no chat server.
 */
export type ApiErrorCode = ErrorCode | 'offline' | 'unreachable' | 'misconfigured'

/** What the server explains better than its code. */
type ToldByServer =
  | 'inference_misconfigured'
  | 'inference_length'
  | 'inference_filtered'
  | 'unreadable_file'

/** What only a server refuses or fails at. */
type ToldOfServer =
  | 'forbidden'
  | 'conflict'
  | 'rate_limited'
  | 'budget_exhausted'
  | 'method_not_allowed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'inference_error'
  | 'inference_unreachable'
  | 'inference_timeout'
  | 'inference_interrupted'
  | 'auth_unreachable'

export type RefusalStrings = Readonly<Record<ToldOfServer, string>>

/** Every word that the element says, in one language. */
export interface Strings {
  /** BCP 47. */
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly heading: string
  readonly launcher: { readonly open: string; readonly close: string }
  /** Added to the launcher's label. */
  readonly unread: (count: number) => string
  readonly newConversation: string
  /** Of the sound for new messages. The English ones come with its switch, see components/sound-switch.ts. */
  readonly sound?: { readonly mute: string; readonly unmute: string }
  /** Of the line on what answers. The English ones come with it, see owner/strings.ts. */
  readonly disclosure?: DisclosureStrings
  /** Of the bubble. The English ones come with the button, see components/size-switch.ts. */
  readonly size?: { readonly enlarge: string; readonly reduce: string }
  readonly close: string
  readonly messages: string
  readonly you: string
  readonly assistant: string
  readonly greeting: string
  readonly starters: string
  readonly jump: string
  /** Below what the reader sees, an answer grows. */
  readonly newText: string
  /** On the button above the oldest message that is loaded. The English ones come with that, see history/strings.ts. */
  readonly earlier?: EarlierStrings
  /** Of what can be kept. The English ones come with that, see transcript/strings.ts. */
  readonly transcript?: TranscriptStrings
  readonly loading: string
  readonly composer: {
    readonly label: string
    readonly placeholder: string
    readonly send: string
    readonly stop: string
    readonly think: string
    readonly thinkHint: string
    readonly search: string
    readonly searchHint: string
    readonly addFiles: string
    /** Why a message with files cannot be sent yet. */
    readonly unread: string
    readonly dictate: string
    /** Why there is nothing to send. */
    readonly empty: string
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
  readonly ratings: { readonly up: string; readonly down: string }
  /** The English ones of both come with the forms, see components/form-strings.ts. */
  readonly editor?: EditorStrings
  readonly feedback?: FeedbackStrings
  readonly waiting: {
    readonly sending: string
    readonly thinking: string
    readonly searching: string
    readonly writing: string
    /** Of a file; without a name, of what there is. */
    readonly reading: (name: string) => string
    readonly readSoFar: (done: number, total: number) => string
  }
  readonly notes: {
    readonly stopped: string
    readonly length: string
    readonly filtered: string
    readonly interrupted: string
    readonly unsent: string
    readonly editUnsent: string
    readonly offline: string
  }
  /** The English ones come with what says them, see answer/turn-strings.ts. */
  readonly turns?: TurnStrings
  /** The list of conversations, as its heading and its button call it. */
  readonly conversations: string
  /** Its other words. The English ones come with it, see drawer/strings.ts. */
  readonly drawer?: DrawerStrings
  /** Of signing in. The English ones come with its form, see accounts/strings.ts. */
  readonly account?: AccountStrings
  readonly banner: { readonly offline: string; readonly reconnecting: string }
  /** The other English ones come with the code that opens conversations, see state/hint-strings.ts. */
  readonly hints: {
    readonly gone: string
    readonly unanswered: string
    readonly unstopped: string
  } & Partial<StoredHintStrings>
  /** Read out by screen readers. */
  readonly status: { readonly answerDone: string }
  readonly errors: Readonly<Record<Exclude<ApiErrorCode, ToldByServer | ToldOfServer>, string>> & {
    /** In English, the server's own sentence. */
    readonly [Code in ToldByServer]?: string
  } & /** The English ones come with what reads refusals, see api/refusal.ts. */ Partial<RefusalStrings>
  /** Without a full stop: a button says it too. */
  readonly retryIn: (seconds: number) => string
  readonly answer: AnswerStrings
  /** The English ones come with what says them, see composer/extras.ts; every other language has its own. */
  readonly extras?: ExtrasStrings
  /** Of the ways to a person. The English ones come with them, see contact/strings.ts. */
  readonly contact?: ContactStrings
}
