/** A conversation as the server keeps it, reduced to what the element needs. */
import type { FeedbackBody } from '../../server/protocol/api.ts'
import {
  FINISH_REASONS,
  type Citation,
  type FinishReason,
  type Source,
} from '../../server/protocol/events.ts'
import { isObject, listIn, numberIn, oneOf, textIn } from './check.ts'
import { objectOf, decodeId } from './decode-body.ts'
import { decodeCitations, decodeSources, decodeSuggestions } from './decode-event.ts'

/** A file of a message: of one that was sent, or of one that is being written. */
export interface Attachment {
  readonly name: string
  /** Media type. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  /** Its name on the server, once that has told. */
  readonly id?: string
  /** While the page that it came from is there. */
  readonly file?: File
}

/** A conversation, without its messages. */
export interface ConversationSummary {
  readonly id: string
  readonly title: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}

export function decodeSummary(body: unknown): ConversationSummary {
  const summary = objectOf(body)
  return {
    id: decodeId(body),
    title: textIn(summary, 'title') ?? '',
    updatedAt: textIn(summary, 'updated_at') ?? '',
  }
}

export interface StoredMessage {
  readonly id: string
  readonly role: 'user' | 'assistant'
  /** Tagged text. */
  readonly content: string
  readonly finishReason: FinishReason | null
  readonly feedback: FeedbackBody | null
  readonly sources: readonly Source[]
  readonly citations: readonly Citation[]
  /** An `AnswerOutcome`, or one that later servers know. */
  readonly outcome: string | undefined
  /** Questions that may follow. */
  readonly suggestions: readonly string[]
  readonly attachments: readonly Attachment[]
  /** `null` where the server says no time. */
  readonly createdAt: Date | null
}

export interface StoredConversation extends ConversationSummary {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[]
  /** The server has older messages than these. */
  readonly hasMore: boolean
  /** The turn that was running when the server answered. */
  readonly runningTurnId: string | null
}

const ROLES = ['user', 'assistant'] as const
const RATINGS = ['up', 'down'] as const

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

function decodeTime(text: string | undefined): Date | null {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? null : date
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
  const citations = decodeCitations(listIn(body, 'citations'))
  const outcome = textIn(body, 'outcome')
  const attachments = listIn(body, 'attachments').flatMap(decodeAttachment)
  const createdAt = decodeTime(textIn(body, 'created_at'))
  const suggestions = decodeSuggestions(listIn(body, 'suggestions'))
  const given = { finishReason, feedback, attachments, createdAt }
  return [{ id, role, content, ...given, sources, citations, outcome, suggestions }]
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
