/** How dialect A writes conversations and messages, and reads the ids of events. */
import { modelOf } from '../../core/metadata.ts'
import type { SaidMessage } from '../../core/conversations.ts'
import type { Attachment, Conversation } from '../../core/ports/index.ts'
import { attachmentPath } from '../../protocol/api.ts'
import type {
  AttachmentBody,
  ConversationBody,
  ConversationListBody,
  MessageBody,
} from './bodies.ts'
import { cursorOf } from './schemas.ts'

const UNTITLED = 'New conversation'

export function conversationBody(conversation: Conversation): ConversationBody {
  return {
    id: conversation.id,
    user_id: conversation.ownerId,
    title: conversation.title ?? UNTITLED,
    model_tag: modelOf(conversation),
    is_favorited: conversation.isFavorited,
    created_at: conversation.createdAt,
    updated_at: conversation.updatedAt,
  }
}

/** One of a list; of one that a search found, the passage and how well it fits. */
interface Listed {
  readonly conversation: Conversation
  readonly score: number
  readonly snippet?: string | null
}

export function conversationListBody(
  listed: readonly Listed[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
  hasMore: boolean,
): ConversationListBody {
  const items = listed.map(({ conversation, snippet }) => ({
    ...conversationBody(conversation),
    ...(snippet !== undefined && { snippet }),
  }))
  const grouped: ConversationListBody['grouped'] = {}
  for (const item of items) (grouped[item.updated_at.slice(0, 10)] ??= []).push(item)
  const last = hasMore ? listed.at(-1) : undefined
  return {
    items,
    grouped,
    limit,
    offset,
    next_cursor: last ? cursorOf({ score: last.score, ...last.conversation }) : null,
  }
}

/** Messages of a conversation; what the visitor said has its model and costs nothing, as in the reference. */
export function messageBodies(
  messages: readonly SaidMessage[],
  conversation: Conversation,
  basePath: string,
): MessageBody[] {
  const modelTag = modelOf(conversation)
  return messages.map((message) => {
    const body = messageBody(message, basePath)
    if (message.role !== 'user') return body
    return {
      ...body,
      token_count: body.token_count ?? 0,
      model_tag: body.model_tag ?? modelTag,
      inference_time_ms: body.inference_time_ms ?? 0,
    }
  })
}

/** `basePath` stands before the paths of files; see Exchange. */
export function messageBody(message: SaidMessage, basePath: string): MessageBody {
  return {
    id: message.id,
    conversation_id: message.conversationId,
    role: message.role,
    content: message.content,
    token_count: message.tokenCount,
    model_tag: message.modelTag,
    inference_time_ms: message.inferenceTimeMs,
    finish_reason: message.finishReason,
    feedback: message.feedback,
    created_at: message.createdAt,
    ...(message.sources.length > 0 && { sources: message.sources }),
    ...(message.citations && { citations: message.citations }),
    ...(message.outcome && { outcome: message.outcome }),
    ...(message.suggestions && { suggestions: message.suggestions }),
    ...(message.attachments && {
      attachments: message.attachments.map((file) => attachmentBody(file, basePath)),
    }),
  }
}

function attachmentBody(
  { id, filename, contentType, sizeBytes }: Attachment,
  basePath: string,
): AttachmentBody {
  return {
    id,
    filename,
    content_type: contentType,
    size_bytes: sizeBytes,
    download_url: basePath + attachmentPath(id),
  }
}

export interface EventPosition {
  readonly turnId: string
  readonly seq: number
}

/** Reads an event id (`<turn>.<n>`); `undefined` when it is none of ours. */
export function readEventId(id: string | undefined): EventPosition | undefined {
  const match = /^([0-9a-f-]{36})\.(\d{1,15})$/i.exec(id ?? '')
  return match?.[1] && match[2]
    ? { turnId: match[1].toLowerCase(), seq: Number(match[2]) }
    : undefined
}
