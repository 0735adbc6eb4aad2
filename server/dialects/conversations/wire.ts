/** How dialect A writes conversations and messages, and reads the ids of events. */
import { modelOf } from '../../core/metadata.ts'
import type { SaidMessage } from '../../core/conversations.ts'
import type { Attachment, Conversation, FoundConversation } from '../../core/ports/index.ts'
import {
  attachmentPath,
  type AttachmentBody,
  type ConversationBody,
  type ConversationListBody,
  type MessageBody,
} from '../../protocol/api.ts'
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

interface Page {
  readonly limit: number
  readonly offset: number
}

function listBody<Item extends ConversationBody>(items: readonly Item[], page: Page) {
  const grouped: Record<string, Item[]> = {}
  for (const item of items) (grouped[item.updated_at.slice(0, 10)] ??= []).push(item)
  return { items, grouped, limit: page.limit, offset: page.offset }
}

export function conversationListBody(
  conversations: readonly Conversation[],
  page: Page,
  hasMore: boolean,
): ConversationListBody {
  const last = hasMore ? conversations.at(-1) : undefined
  return {
    ...listBody(conversations.map(conversationBody), page),
    next_cursor: last ? cursorOf({ score: 0, ...last }) : null,
  }
}

/** What a search found; the same as a list, each with the passage that was found. */
export function foundListBody(
  found: readonly FoundConversation[],
  page: Page,
  hasMore: boolean,
): ConversationListBody {
  const items = found.map(({ conversation, snippet }) => ({
    ...conversationBody(conversation),
    snippet,
  }))
  const last = hasMore ? found.at(-1) : undefined
  return {
    ...listBody(items, page),
    next_cursor: last ? cursorOf({ score: last.score, ...last.conversation }) : null,
  }
}

/** Messages of a conversation; what the visitor said has its model and costs nothing, as in the reference. */
export function messageBodies(
  messages: readonly SaidMessage[],
  conversation: Conversation,
  basePath: string,
): readonly MessageBody[] {
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
