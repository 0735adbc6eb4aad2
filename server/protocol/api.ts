/**
 * Bodies of dialect A and of the routes beside it that server and widget share, as they stand on the wire. Those that
 * the server alone writes are described where they are written, in the dialects.
 */
export interface FeedbackBody {
  readonly rating: 'up' | 'down'
  readonly comment: string | null
}

/** Where a file can be read, on this server. */
export const attachmentPath = (id: string) => `/api/attachments/${id}`

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
