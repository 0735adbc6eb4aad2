/** words: what the chat says, as types; the English words are in en/, a file for each other language beside them. */
import type { ErrorCode } from '../../server/protocol/events.ts'

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
  | 'not_found'
  | 'invalid_request'
  | 'malformed_json'
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
  | 'storage_unreachable'

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
  /** Of the sound for new messages. The English ones come with its switch, see en/switches.ts. */
  readonly sound?: { readonly mute: string; readonly unmute: string }
  /** Of the line on what answers. The English ones come with it, see en/owner.ts. */
  readonly disclosure?: DisclosureStrings
  /** Of the bubble. The English ones come with the button, see en/switches.ts. */
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
  /** On the button above the oldest message that is loaded. The English ones come with that, see en/earlier.ts. */
  readonly earlier?: EarlierStrings
  /** Of what can be kept. The English ones come with that, see en/transcript.ts. */
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
  /** The English ones come with the buttons, see en/turns.ts. */
  readonly ratings?: RatingStrings
  /** The English ones of both come with the forms, see en/forms.ts. */
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
  /** The English ones come with what says them, see en/turns.ts. */
  readonly turns?: TurnStrings
  /** The list of conversations, as its heading and its button call it. */
  readonly conversations: string
  /** Its other words. The English ones come with it, see en/conversations.ts. */
  readonly drawer?: DrawerStrings
  /** Of signing in. The English ones come with its form, see en/account.ts. */
  readonly account?: AccountStrings
  readonly banner: { readonly offline: string; readonly reconnecting: string }
  /** The other English ones come with the code that opens conversations, see en/hints.ts. */
  readonly hints: {
    readonly gone: string
    readonly unanswered: string
    readonly unstopped: string
  } & Partial<StoredHintStrings>
  /** Read out by screen readers. */
  /** What only screen readers say. The English words come with what says them, see en/status.ts. */
  readonly status?: StatusStrings
  readonly errors: Readonly<Record<Exclude<ApiErrorCode, ToldByServer | ToldOfServer>, string>> & {
    /** In English, the server's own sentence. */
    readonly [Code in ToldByServer]?: string
  } & /** The English ones come with what reads refusals, see api/refusal.ts. */ Partial<RefusalStrings>
  /** Without a full stop: a button says it too. */
  readonly retryIn: (seconds: number) => string
  readonly answer: AnswerStrings
  /** The English ones come with what says them, see composer/extras.ts; every other language has its own. */
  readonly extras?: ExtrasStrings
  /** Of the ways to a person. The English ones come with them, see en/contact.ts. */
  readonly contact?: ContactStrings
}

/** The words of a language that comes when it is asked for: with all that English has in several chunks. */
export type Catalogue = Required<Strings> & {
  readonly answer: Required<AnswerStrings>
  readonly errors: Required<Strings['errors']>
  readonly hints: Required<Strings['hints']>
}

/** Words of signing in, in the visitor's language. */
export interface AccountStrings {
  readonly signIn: string
  readonly username: string
  readonly password: string
  readonly show: string
  readonly hide: string
  readonly signingIn: string
  /** The server does not know them any more. */
  readonly again: string
  /** A message was sent before. */
  readonly waits: string
  /** Who has no account learns where they come from. */
  readonly operator: string
  readonly incomplete: string
  readonly wrong: string
  readonly tooMany: string
  /** A page asks to sign in where no user has a name. */
  readonly noAccounts: string
}

/** Words in rendered Markdown. */
export interface MarkdownStrings {
  readonly copyCode: string
  readonly codeCopied: string
  /** Name of a code block's scrollable region; `language` may be empty. */
  readonly codeRegion: (language: string) => string
  readonly tableRegion: string
  readonly taskDone: string
  readonly taskOpen: string
  /** Stands before the link to an image that is not loaded. */
  readonly image: string
}

/** Words on the cards of tools, in the visitor's language. */
export interface ToolStrings {
  readonly searchedWeb: (query: string) => string
  readonly searchingDocuments: (query: string) => string
  readonly searchedDocuments: (query: string) => string
  readonly calculating: (expression: string) => string
  readonly calculated: (expression: string) => string
  readonly usedTool: (name: string) => string
  /** What was tried, and did not work or has no result. */
  readonly notSearchedWeb: (query: string) => string
  readonly notSearchedDocuments: (query: string) => string
  readonly notCalculated: (expression: string) => string
  readonly notUsedTool: (name: string) => string
  readonly toolRunning: string
  readonly toolDone: string
  readonly toolFailed: string
  /** The answer ended before the tool did. */
  readonly toolUnanswered: string
  readonly wantsTool: (title: string) => string
  /** A call that waits for the visitor's permission. */
  readonly toolAsking: string
  /** A call that another window of the visitor's runs. */
  readonly toolElsewhere: string
  /** A call of a tool that the page here does not offer. */
  readonly toolWaiting: string
  /** A call that the visitor said no to. */
  readonly toolDenied: string
  /** The visitor's answer did not get through: too many requests, or no server. */
  readonly toolRefused: { readonly busy: string; readonly failed: string }
  readonly allowTool: string
  readonly denyTool: string
  readonly showAll: string
  readonly toolArguments: string
  readonly toolResult: string
  readonly resultCount: (count: number) => string
}

/** Words of what an answer rests on, in the visitor's language. */
export interface SourceStrings {
  readonly sources: string
  /** Name of a citation's button. */
  readonly showSource: (number: number, title: string) => string
  /** Name of the button that opens a source's passage. */
  readonly showPassage: (number: number) => string
  /** What was found for the question and is not in the answer. */
  readonly alsoFound: string
  /** Of a document that has pages. */
  readonly page: (number: number) => string
  readonly open: string
  /** What an answer says with this source, and its passage does not; the words follow. */
  readonly notFound: string
}

/** Words in an answer, in the visitor's language. */
export interface AnswerStrings {
  readonly markdown: MarkdownStrings
  readonly thinking: string
  /** Thinking whose time was not measured. */
  readonly thought: string
  readonly thoughtFor: (seconds: number) => string
  /** How long something has been going on. */
  readonly elapsed: (seconds: number) => string
  readonly searchingWeb: (query: string) => string
  readonly usingTool: (name: string) => string
  /** A call whose name is not known yet, or a result without a call. */
  readonly unnamedTool: string
  /** The English ones of both come with what says them, see en/tools.ts and en/sources.ts. */
  readonly tools?: ToolStrings
  readonly cited?: SourceStrings
}

/** Words of what the composer can do beyond text, in the visitor's language. */
export interface ExtrasStrings {
  /** Bytes as people say them. */
  readonly size: (bytes: number) => string
  readonly files: {
    /** What may be added, before anybody tries. */
    readonly hint: (kinds: FileKinds, most: number, size: string) => string
    readonly list: string
    readonly drop: string
    readonly reading: (name: string) => string
    readonly remove: (name: string) => string
    readonly sending: string
    readonly download: (name: string) => string
    readonly notDownloaded: (name: string, why: string) => string
    /** Why the message cannot be sent yet. */
    readonly needText: string
  }
  /** Why a file was not added. */
  readonly refused: {
    readonly tooMany: (most: number) => string
    readonly tooLarge: (size: string) => string
    readonly empty: (name: string) => string
    readonly kind: (name: string, kinds: FileKinds) => string
    readonly unreadable: (name: string) => string
  }
  readonly settings: {
    readonly list: string
    readonly temperature: (value: number) => string
    readonly top_k: (value: number) => string
    readonly remove: (setting: string) => string
  }
  readonly commands: {
    readonly list: string
    /** Said when the list opens, and when it gets shorter. */
    readonly count: (count: number) => string
    /** What each does, by its name. */
    readonly does: Readonly<Record<CommandName, string>>
    readonly unknown: (name: string) => string
    readonly range: (name: string, least: number, most: number, whole: boolean) => string
    readonly onOff: string
    readonly extra: (name: string) => string
    readonly isSet: (setting: string) => string
    readonly cleared: string
    readonly thinks: (on: boolean) => string
    readonly cannotThink: string
    /** Below the list that `/help` shows. */
    readonly slashText: string
  }
  readonly voice: {
    readonly stop: string
    /** Who hears it. */
    readonly heardBy: string
    readonly listening: string
    readonly denied: string
    readonly unheard: string
    readonly noMicrophone: string
    readonly failed: string
  }
  readonly followUps: string
  /** Above questions that may do in place of one without an answer. */
  readonly nearest: string
}

/** A command, as visitors write it behind a slash. */
export type CommandName = 'temperature' | 'topk' | 'think' | 'person' | 'clear' | 'help'

/** Which files are taken. */
export interface FileKinds {
  readonly images: boolean
  readonly text: boolean
  readonly pdf: boolean
}

/** Words of the ways to a person, in the visitor's language. */
export interface ContactStrings {
  /** Where somebody has asked for a person. */
  readonly title: string
  /** Below an answer that was none, or no good one. */
  readonly lead: string
  readonly email: string
  readonly phone: string
  readonly page: string
  readonly newTab: string
  readonly write: string
  readonly form: {
    readonly message: string
    readonly email: string
    readonly consent: string
    readonly privacy: string
    readonly send: string
    readonly close: string
    readonly sending: string
    readonly noMessage: string
    readonly tooLong: (over: number, limit: number) => string
    readonly badMessage: string
    readonly noEmail: string
    readonly badEmail: string
    readonly noConsent: string
    /** Why it was not sent; what was written is kept. */
    readonly unsent: (sentence: string) => string
    readonly tooMany: string
    /** The server takes no messages. */
    readonly closed: string
  }
  /** `email`: where the answer goes. */
  readonly sent: (email: string) => string
}

/** Words of the list of conversations, in the visitor's language. */
export interface DrawerStrings {
  readonly close: string
  readonly search: string
  readonly clear: string
  readonly today: string
  readonly yesterday: string
  /** Two to seven days ago. */
  readonly week: string
  readonly month: (date: Date, isThisYear: boolean) => string
  readonly loading: string
  readonly empty: string
  readonly nothing: (query: string) => string
  /** Read out when a search has found so many; `more`: at least so many. */
  readonly found: (count: number, more: boolean) => string
  readonly download: (title: string) => string
  /** Read out while a file is made, and when it is there. */
  readonly preparing: string
  readonly downloaded: string
  readonly rename: (title: string) => string
  readonly title: string
  readonly remove: (title: string) => string
  readonly removed: (title: string) => string
  readonly removedMany: (count: number) => string
  readonly undo: string
  readonly restored: string
  readonly signOut: string
  readonly notRenamed: (sentence: string) => string
  readonly notRemoved: (title: string, sentence: string) => string
  readonly notDownloaded: (title: string, sentence: string) => string
  /** Why a PDF or a Word file cannot be had. */
  readonly tooLong: string
}

/** Words on the button above the oldest message that is loaded, in the visitor's language. */
export interface EarlierStrings {
  readonly more: string
  readonly loading: string
  readonly failed: string
}

/** Words of the form that changes a question, in the visitor's language. */
export interface EditorStrings {
  readonly label: string
  readonly cancel: string
  /** What an edit does to what came after the message. */
  readonly replaces: string
  /** Why an edit cannot be sent. */
  readonly unchanged: string
  readonly empty: string
  readonly busy: string
}

/** Words of what comes after a rating. */
export interface FeedbackStrings {
  readonly rated: string
  readonly commentUp: string
  readonly commentDown: string
  readonly skip: string
  readonly tooLong: (over: number, limit: number) => string
  readonly thanks: string
  readonly failed: (sentence: string) => string
}

/** What a visitor reads when a conversation that is opened again is not what it was. */
export interface StoredHintStrings {
  /** A text is sent while an answer is on its way that was asked for elsewhere. */
  readonly busy: string
  /** An answer is asked for again while another one is on its way. */
  readonly running: string
  readonly changed: string
  readonly replaced: string
  readonly files: string
}

/** Words of the line on what answers, and on privacy. */
export interface DisclosureStrings {
  /** Where a law or the site wants it said. */
  readonly ai: string
  /** The link to the site's page. */
  readonly privacy: string
}

/** All that stands on cards. */
export type ToolWords = AnswerStrings & ToolStrings

/** Words of what can be kept of a conversation, in the visitor's language. */
export interface TranscriptStrings {
  readonly download: string
  /** The choice that opens the browser's own dialog, which also makes a PDF. */
  readonly print: string
}

/** Words of questions that wait or got no answer, and of answers that go on, in the visitor's language. */
export interface TurnStrings {
  /** The list of messages that wait. */
  readonly queue: string
  /** Why one waits. */
  readonly waitsForAnswer: string
  readonly waitsForVisitor: string
  readonly sendNow: string
  /** Puts one that waits back into the text field. */
  readonly takeBack: string
  /** Below a question. */
  readonly unanswered: string
  /** On the button below an answer that reached its length limit. */
  readonly goOn: string
}

/** Words on the buttons that rate an answer. */
export interface RatingStrings {
  readonly up: string
  readonly down: string
}

/** What a screen reader says of an answer. */
export interface StatusStrings {
  readonly answerDone: string
}
