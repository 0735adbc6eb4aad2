/** Bodies of dialect A and of the routes beside it, as they stand on the wire. */
import type { AnswerOutcome, Citation, FinishReason, Source } from './events.ts'

export interface ConversationBody {
  readonly id: string
  readonly user_id: string
  readonly title: string
  readonly model_tag: string
  readonly is_favorited: boolean
  /** ISO 8601, UTC. */
  readonly created_at: string
  readonly updated_at: string
}

export interface FeedbackBody {
  readonly rating: 'up' | 'down'
  readonly comment: string | null
}

/** Where a file can be read, on this server. */
export const attachmentPath = (id: string) => `/api/attachments/${id}`

/** A file that was sent with a message. */
export interface AttachmentBody {
  readonly id: string
  readonly filename: string
  readonly content_type: string
  readonly size_bytes: number
  /** A path on this server; needs the token like every other. */
  readonly download_url: string
}

export interface MessageBody {
  readonly id: string
  readonly conversation_id: string
  readonly role: 'user' | 'assistant'
  /** Tagged text, see tags.ts. */
  readonly content: string
  readonly token_count: number | null
  readonly model_tag: string | null
  readonly inference_time_ms: number | null
  readonly finish_reason: FinishReason | null
  readonly feedback: FeedbackBody | null
  readonly created_at: string
  readonly sources?: readonly Source[]
  readonly citations?: readonly Citation[]
  readonly outcome?: AnswerOutcome
  /** Questions that may follow the answer. */
  readonly suggestions?: readonly string[]
  readonly attachments?: readonly AttachmentBody[]
}

export interface ConversationWithMessagesBody extends ConversationBody {
  readonly messages: readonly MessageBody[]
  /** Whether there are older messages than these. */
  readonly has_more: boolean
  /** The turn that is running now, if one is. */
  readonly running_turn_id?: string
}

export interface ListedConversationBody extends ConversationBody {
  /** Of a search: the passage found; `null` when the title says it all. */
  readonly snippet?: string | null
}

export interface ConversationListBody {
  readonly items: readonly ListedConversationBody[]
  /** By UTC day, `YYYY-MM-DD`. */
  readonly grouped: Readonly<Record<string, readonly ListedConversationBody[]>>
  readonly limit: number
  readonly offset: number
  /** Asks for the page that follows; `null` when this is the last one. */
  readonly next_cursor: string | null
}

export interface GenerationOptionsBody {
  readonly temperature?: number | undefined
  readonly max_tokens?: number | undefined
  readonly top_k?: number | undefined
  readonly thinking_mode?: boolean | undefined
  readonly force_web_search?: boolean | undefined
}

/** A tool of the page that the model may call in this turn. */
export interface ClientToolBody {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface TurnBody extends GenerationOptionsBody {
  /** Whose documents are looked into first. */
  readonly creator?: string | undefined
  readonly client_tools?: readonly ClientToolBody[] | undefined
}

export interface RegenerateBody extends TurnBody {
  /** The last answer goes on where its length limit cut it off. */
  readonly continue?: boolean | undefined
}

/** A file to be sent with a message. */
export interface NewAttachmentBody {
  readonly filename: string
  readonly content_type: string
  /** Base64 with its padding. */
  readonly data_base64: string
}

export interface SendBody extends TurnBody {
  readonly content: string
  /** The id of the message of the visitor that this one replaces, with all that followed it. */
  readonly replaces?: string | undefined
  /** The id of a message of the visitor without an answer: it goes from its place to the end, and is asked again. */
  readonly repeats?: string | undefined
  /** Of the message that is replaced, the files that stay; all, where nothing is said. */
  readonly keep_attachments?: readonly string[] | undefined
  readonly attachments?: readonly NewAttachmentBody[] | undefined
}

/** Who runs a call: one of the pages that show the conversation. */
export interface ToolClaimBody {
  /** Names the page; the same page may claim again. */
  readonly claimant: string
}

/** What a tool of the page gave. */
export type ToolResultBody = ToolClaimBody &
  (
    | { readonly success: true; readonly output: unknown }
    | { readonly success: false; readonly error: string }
  )

/** `null` takes the rating back. */
export interface FeedbackRequestBody {
  readonly rating: 'up' | 'down' | null
  readonly comment?: string | null | undefined
}

export interface SessionBody {
  readonly token: string
  /** Seconds. */
  readonly expires_in: number
  readonly visitor_id: string
}

/** One of `GET /api/admin/users`; what is not known of somebody is `null`. */
export interface AdminUserBody {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
  readonly is_admin: boolean
  /** ISO 8601, UTC. */
  readonly first_seen_at: string | null
  readonly last_seen_at: string | null
  readonly conversation_count: number
  readonly message_count: number
  /** Who keeps the account (`local`: this server), or what the auth service says of it. */
  readonly provider: string | null
  readonly created_at: string | null
  readonly last_login_at: string | null
  /** Where the server has accounts of its own. */
  readonly username?: string | null
}

export interface AdminUsersBody {
  /** Who was seen last comes first. */
  readonly items: readonly AdminUserBody[]
  readonly totals: {
    readonly users: number
    readonly conversations: number
    readonly messages: number
  }
}

export type AuthMode = 'visitor' | 'local' | 'service' | 'jwt'

/** Which files a message may carry. */
export interface AttachmentLimitsBody {
  readonly images: boolean
  readonly text: boolean
  /** For their text. */
  readonly pdf: boolean
  readonly max_files: number
  /** Of all files of a message together. */
  readonly max_bytes: number
}

/** How visitors reach a person; what the owner has not set is `null`. */
export interface ContactWaysBody {
  readonly email: string | null
  /** Of a page. */
  readonly url: string | null
  readonly phone: string | null
  /** When somebody can be reached, in the owner's words. */
  readonly hours: string | null
  /** Whether `POST /api/contact` takes messages. */
  readonly form: boolean
}

/** What a visitor writes to the owner of the site. */
export interface NewContactBody {
  readonly message: string
  readonly email: string
  /** That the owner may keep it and answer. */
  readonly consent: true
  readonly conversation_id?: string | null | undefined
  /** The answer that the visitor came from; of that conversation. */
  readonly message_id?: string | null | undefined
  /** A field that people do not see: robots fill it in. */
  readonly website?: string | null | undefined
}

export interface ContactCreatedBody {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly created_at: string
}

/** Somebody, as far as the server knows; what it does not know is `null`. */
export interface PersonBody {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
}

/** One of `GET /api/admin/contacts`. */
export interface AdminContactBody extends ContactCreatedBody {
  readonly message: string
  /** Where the visitor awaits the answer. */
  readonly email: string
  readonly user: PersonBody
  /** What it was about, as it was then. */
  readonly conversation: {
    readonly id: string
    readonly title: string | null
    readonly question: string | null
    readonly message_id: string | null
  } | null
  /** How far it has come on its way to the webhook; `null` where there was none. */
  readonly delivery: {
    readonly state: 'pending' | 'delivered' | 'failed'
    readonly attempts: number
    readonly last_attempt_at: string | null
    readonly problem: string | null
  } | null
}

/** One of `GET /api/admin/conversations`: an answer that was rated or whose question needs a way on. */
export interface AdminAnswerBody {
  readonly conversation_id: string
  readonly title: string | null
  readonly user: PersonBody
  /** `null` when it is not there any more. */
  readonly question: string | null
  readonly message_id: string
  /** Tagged text, see tags.ts. */
  readonly answer: string
  readonly rating: 'up' | 'down' | null
  readonly comment: string | null
  readonly outcome: AnswerOutcome | null
  /** Of the answer: ISO 8601, UTC. */
  readonly created_at: string
}

export interface AdminAnswersBody {
  /** Newest first. */
  readonly items: readonly AdminAnswerBody[]
  readonly total: number
  readonly limit: number
  readonly offset: number
}

export interface AdminContactsBody {
  /** Newest first. */
  readonly items: readonly AdminContactBody[]
  readonly total: number
  readonly limit: number
  readonly offset: number
}

/** What a site may switch on and off in the chat; all but `model_settings` is on unless it says so. */
export const SWITCHES = [
  'think',
  'search',
  'attachments',
  'feedback',
  'commands',
  'model_settings',
  'microphone',
  'list',
  'copy',
  'regenerate',
  'edit',
  'download',
] as const

export type Switch = (typeof SWITCHES)[number]

/** Texts for visitors, in one language; what is left out is as it is for all. */
export interface SiteTextsBody {
  readonly title?: string | undefined
  readonly greeting?: string | undefined
  readonly starters?: readonly string[] | undefined
  readonly notice?: string | undefined
  readonly privacy_url?: string | undefined
  /** In place of those that `contact` has. */
  readonly contact_hours?: string | undefined
}

export interface WidgetConfigBody {
  /** Empty, as the greeting too: the element has its own words in the visitor's language. */
  readonly title: string
  readonly greeting: string
  readonly starters: readonly string[]
  /** Address of a picture in place of our mark. */
  readonly logo?: string | null
  /** A sentence on what this is; `ai`: the element says in the visitor's language that it is a machine. */
  readonly notice?: string | null
  readonly privacy_url?: string | null
  /** Texts that single languages have, by their tags (BCP 47). */
  readonly by_language?: Readonly<Record<string, SiteTextsBody>>
  readonly features: Readonly<Record<Switch | 'accounts' | 'knowledge', boolean>>
  /** `null`: none are taken. */
  readonly attachments?: AttachmentLimitsBody | null
  /** `null`: there is no way to a person. */
  readonly contact?: ContactWaysBody | null
  /** Whether the documents of the demo stand in for the owner's. */
  readonly stand_in?: boolean
  readonly auth_mode: AuthMode
  /** Unicode code points. */
  readonly max_message_length: number
  readonly locale: string
}
