/** How dialect C writes threads and messages. */
import { textIn } from '../../core/conversation-text.ts'
import { attachmentPath } from '../../protocol/api.ts'
import type { Conversation, Message } from '../../core/ports/index.ts'
import type { ThreadBody, ThreadMessageBody } from './schemas.ts'

export function threadBody(conversation: Conversation): ThreadBody {
  return {
    id: conversation.id,
    owner_id: conversation.ownerId,
    title: conversation.title,
    summary: conversation.summary ?? null,
    metadata: conversation.metadata ?? {},
    is_deleted: conversation.deletedAt !== undefined,
    created_at: conversation.createdAt,
    updated_at: conversation.updatedAt,
    deleted_at: conversation.deletedAt ?? null,
  }
}

export interface ShownMessage {
  readonly ownerId: string
  /** Its answer is being written, which nothing on the disk says, so that no server that was killed leaves it so. */
  readonly isRunning: boolean
  /** Stands before the paths of files; see Exchange. */
  readonly basePath: string
}

/** A message of a thread. */
export function threadMessageBody(
  message: Message,
  { ownerId, isRunning, basePath }: ShownMessage,
): ThreadMessageBody {
  return {
    id: message.id,
    thread_id: message.conversationId,
    sender_id: message.role === 'user' ? ownerId : message.role,
    sender_type: message.role,
    status: isRunning ? 'processing' : statusOf(message),
    text: message.role === 'assistant' ? textIn(message.content) : message.content,
    metadata: message.metadata ?? {},
    tokens_count: message.tokenCount,
    error_code: message.errorCode ?? null,
    correlation_id: message.correlationId ?? null,
    attachments: (message.attachments ?? []).map((file) => ({
      id: file.id,
      filename: file.filename,
      content_type: file.contentType,
      size_bytes: file.sizeBytes,
      download_url: basePath + attachmentPath(file.id),
      data_base64: null,
      created_at: message.createdAt,
    })),
    created_at: message.createdAt,
    updated_at: message.updatedAt ?? message.createdAt,
  }
}

const statusOf = ({ status, finishReason }: Message) =>
  status ?? (finishReason === 'error' ? 'error' : 'ready')
