/** How dialect A writes conversations and messages, and reads the ids of events. */
import type { Conversation, Message } from '../../core/ports.ts'
import type { ConversationBody, ConversationListBody, MessageBody } from '../../protocol/api.ts'

const UNTITLED = 'New conversation'

export function conversationBody(conversation: Conversation): ConversationBody {
  return {
    id: conversation.id,
    user_id: conversation.ownerId,
    title: conversation.title ?? UNTITLED,
    model_tag: conversation.modelTag,
    is_favorited: conversation.isFavorited,
    created_at: conversation.createdAt,
    updated_at: conversation.updatedAt,
  }
}

export function conversationListBody(
  conversations: readonly Conversation[],
  page: { readonly limit: number; readonly offset: number },
): ConversationListBody {
  const items = conversations.map(conversationBody)
  const grouped: Record<string, ConversationBody[]> = {}
  for (const item of items) (grouped[item.updated_at.slice(0, 10)] ??= []).push(item)
  return { items, grouped, limit: page.limit, offset: page.offset }
}

export function messageBody(message: Message): MessageBody {
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
