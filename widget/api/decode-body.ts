/** Answers of the server that are no streams, reduced to what the element needs. */
import type {
  AttachmentLimitsBody,
  AuthMode,
  FeedbackBody,
  WidgetConfigBody,
} from '../../server/protocol/api.ts'
import type { Attachment } from '../state/attachments.ts'
import { FINISH_REASONS, type FinishReason, type Source } from '../../server/protocol/events.ts'
import { ApiError } from './api-error.ts'
import { isObject, listIn, numberIn, oneOf, textIn, type JsonObject } from './check.ts'
import { decodeSources } from './decode-event.ts'

export interface StoredMessage {
  readonly id: string
  readonly role: 'user' | 'assistant'
  /** Tagged text. */
  readonly content: string
  readonly finishReason: FinishReason | null
  readonly feedback: FeedbackBody | null
  readonly sources: readonly Source[]
  readonly attachments: readonly Attachment[]
}

export interface ConversationSummary {
  readonly id: string
  readonly title: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}

export interface StoredConversation extends ConversationSummary {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[]
  /** The server has older messages than these. */
  readonly hasMore: boolean
  /** The turn that was running when the server answered. */
  readonly runningTurnId: string | null
}

export interface Session {
  readonly token: string
  /** Seconds. */
  readonly expiresIn: number
}

const AUTH_MODES = ['visitor', 'local', 'service', 'jwt'] satisfies readonly AuthMode[]
const ROLES = ['user', 'assistant'] as const
const RATINGS = ['up', 'down'] as const

const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new ApiError('internal')
  return value
}

const objectOf = (body: unknown): JsonObject => required(isObject(body) ? body : undefined)

export function decodeSession(body: unknown): Session {
  const session = objectOf(body)
  return {
    token: required(textIn(session, 'token')),
    expiresIn: numberIn(session, 'expires_in') ?? 0,
  }
}

export function decodeSummary(body: unknown): ConversationSummary {
  const summary = objectOf(body)
  return {
    id: required(textIn(summary, 'id')),
    title: textIn(summary, 'title') ?? '',
    updatedAt: textIn(summary, 'updated_at') ?? '',
  }
}

function decodeFeedback(body: unknown): FeedbackBody | null {
  const rating = isObject(body) ? oneOf(RATINGS, body['rating']) : undefined
  if (!isObject(body) || rating === undefined) return null
  return { rating, comment: textIn(body, 'comment') ?? null }
}

function decodeAttachment(body: unknown): readonly Attachment[] {
  const id = isObject(body) ? textIn(body, 'id') : undefined
  if (!isObject(body) || id === undefined) return []
  const name = textIn(body, 'filename') ?? id
  const type = textIn(body, 'content_type') ?? ''
  return [{ id, name, type, size: numberIn(body, 'size_bytes') ?? 0 }]
}

function decodeMessage(body: unknown): readonly StoredMessage[] {
  if (!isObject(body)) return []
  const id = textIn(body, 'id')
  const role = oneOf(ROLES, body['role'])
  const content = textIn(body, 'content')
  if (id === undefined || role === undefined || content === undefined) return []
  const finishReason = oneOf(FINISH_REASONS, body['finish_reason']) ?? null
  const feedback = decodeFeedback(body['feedback'])
  const sources = decodeSources(listIn(body, 'sources'))
  const attachments = listIn(body, 'attachments').flatMap(decodeAttachment)
  return [{ id, role, content, finishReason, feedback, sources, attachments }]
}

export function decodeConversation(body: unknown): StoredConversation {
  const conversation = objectOf(body)
  return {
    ...decodeSummary(body),
    messages: listIn(conversation, 'messages').flatMap(decodeMessage),
    hasMore: conversation['has_more'] === true,
    runningTurnId: textIn(conversation, 'running_turn_id') ?? null,
  }
}

function decodeLimits(limits: unknown): AttachmentLimitsBody | null {
  if (!isObject(limits)) return null
  return {
    images: limits['images'] === true,
    text: limits['text'] === true,
    max_files: numberIn(limits, 'max_files') ?? 5,
    max_bytes: numberIn(limits, 'max_bytes') ?? 10 * 1024 ** 2,
  }
}

export function decodeConfig(body: unknown): WidgetConfigBody {
  const config = objectOf(body)
  const features = config['features']
  const limit = numberIn(config, 'max_message_length') ?? 0
  const has = (name: string) => isObject(features) && features[name] === true
  return {
    title: textIn(config, 'title') ?? '',
    greeting: textIn(config, 'greeting') ?? '',
    starters: listIn(config, 'starters').filter((starter) => typeof starter === 'string'),
    features: {
      think: has('think'),
      search: has('search'),
      attachments: has('attachments'),
      feedback: has('feedback'),
      accounts: has('accounts'),
      knowledge: has('knowledge'),
    },
    attachments: decodeLimits(config['attachments']),
    auth_mode: oneOf(AUTH_MODES, config['auth_mode']) ?? 'visitor',
    // Where nothing may be sent there is no chat.
    max_message_length: limit > 0 ? limit : 8000,
    locale: textIn(config, 'locale') ?? '',
  }
}
