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
import { citationsIn, sourcesIn, suggestionsIn } from './decode-event.ts'

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

function decodeFeedback(feedback: unknown): FeedbackBody | null {
  if (!isObject(feedback)) return null
  const rating = oneOf(['up', 'down'] as const, feedback['rating'])
  return rating ? { rating, comment: textIn(feedback, 'comment') ?? null } : null
}

function decodeAttachment(attachment: unknown): readonly Attachment[] {
  if (!isObject(attachment)) return []
  const id = textIn(attachment, 'id')
  if (id === undefined) return []
  const name = textIn(attachment, 'filename') ?? id
  const type = textIn(attachment, 'content_type') ?? ''
  return [{ id, name, type, size: numberIn(attachment, 'size_bytes') ?? 0 }]
}

function decodeMessage(message: unknown): readonly StoredMessage[] {
  if (!isObject(message)) return []
  const id = textIn(message, 'id')
  const role = oneOf(['user', 'assistant'] as const, message['role'])
  const content = textIn(message, 'content')
  if (id === undefined || role === undefined || content === undefined) return []
  const createdAt = new Date(textIn(message, 'created_at') ?? '')
  return [
    {
      id,
      role,
      content,
      finishReason: oneOf(FINISH_REASONS, message['finish_reason']) ?? null,
      feedback: decodeFeedback(message['feedback']),
      sources: sourcesIn(message),
      citations: citationsIn(message),
      outcome: textIn(message, 'outcome'),
      suggestions: suggestionsIn(message),
      attachments: listIn(message, 'attachments').flatMap(decodeAttachment),
      createdAt: Number.isNaN(createdAt.getTime()) ? null : createdAt,
    },
  ]
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
