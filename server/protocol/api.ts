/** Bodies of dialect A and of the routes beside it, as they stand on the wire. */
import type { ErrorCode, FinishReason, Source } from './events.ts'

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
}

export interface ConversationWithMessagesBody extends ConversationBody {
  readonly messages: readonly MessageBody[]
  /** The turn that is running now, if one is. */
  readonly running_turn_id?: string
}

export interface ConversationListBody {
  readonly items: readonly ConversationBody[]
  /** By UTC day, `YYYY-MM-DD`. */
  readonly grouped: Readonly<Record<string, readonly ConversationBody[]>>
  readonly limit: number
  readonly offset: number
}

export interface GenerationOptionsBody {
  readonly temperature?: number | undefined
  readonly max_tokens?: number | undefined
  readonly top_k?: number | undefined
  readonly thinking_mode?: boolean | undefined
  readonly force_web_search?: boolean | undefined
}

export interface SendBody extends GenerationOptionsBody {
  readonly content: string
}

export interface SessionBody {
  readonly token: string
  /** Seconds. */
  readonly expires_in: number
  readonly visitor_id: string
}

export type AuthMode = 'visitor' | 'local' | 'service' | 'jwt'

export interface WidgetConfigBody {
  readonly title: string
  readonly greeting: string
  readonly starters: readonly string[]
  readonly features: {
    readonly think: boolean
    readonly search: boolean
    readonly attachments: boolean
    readonly feedback: boolean
    readonly accounts: boolean
    readonly knowledge: boolean
  }
  readonly auth_mode: AuthMode
  /** Unicode code points. */
  readonly max_message_length: number
  readonly locale: string
}

/** RFC 9457 problem details, with what this server adds. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code?: ErrorCode
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  readonly turn_id?: string
}
