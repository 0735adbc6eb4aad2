/** How dialect A writes conversations, messages and turn events. */
import type { Conversation, Message } from '../../core/ports.ts'
import type { ConversationBody, ConversationListBody, MessageBody } from '../../protocol/api.ts'
import type { TokenEvent, TurnEvent } from '../../protocol/events.ts'

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

/** Server-sent events, numbered on from `firstSeq`. */
export type WriteEvents = (events: readonly TurnEvent[], firstSeq: number) => string

/**
 * Writes events of one turn. The same event always gives the same bytes, whoever reads it: resuming
 * depends on it.
 */
export function createEventWriter(turnId: string): WriteEvents {
  const prefix = `id: ${turnId}.`
  let extra: TokenEvent['extra']
  let extraText = '}'

  /** Most of what is ever written. Further keys are mostly those of the token before. */
  const tokenText = (event: TokenEvent): string => {
    if (event.extra !== extra) {
      ;({ extra } = event)
      const text = JSON.stringify(extra ?? {})
      extraText = text === '{}' ? '}' : `,${text.slice(1)}`
    }
    return `{"token":${JSON.stringify(event.text)}${extraText}`
  }

  return (events, firstSeq) => {
    let text = ''
    let seq = firstSeq
    for (const event of events) {
      const data = event.type === 'token' ? tokenText(event) : JSON.stringify(eventData(event))
      text += `${prefix}${seq}\ndata: ${data}\n\n`
      seq += 1
    }
    return text
  }
}

function eventData(event: Exclude<TurnEvent, TokenEvent>): Record<string, unknown> {
  switch (event.type) {
    case 'start': {
      const { turn_id, user_message_id, message_id } = event
      return { turn_id, user_message_id, message_id }
    }
    case 'sources':
      return { sources: event.sources }
    case 'title':
      return { title: event.title }
    case 'tool_request': {
      const { type: _, ...request } = event
      return { tool_request: request }
    }
    case 'tool_progress': {
      const { type: _, ...progress } = event
      return { tool_progress: progress }
    }
    case 'error':
      return { error: event.message, code: event.code, retryable: event.retryable }
    case 'done': {
      const { type: _, ...rest } = event
      return { done: true, ...rest }
    }
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
