/** How dialect C writes threads and messages. */
import { textIn } from '../../core/conversation-text.ts'
import { attachmentPath } from '../../protocol/api.ts'
import type { Conversation, Message } from '../../core/ports/index.ts'

export interface ThreadBody {
  readonly id: string
  readonly owner_id: string
  readonly title: string | null
  readonly summary: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  readonly is_deleted: boolean
  readonly created_at: string
  readonly updated_at: string
  readonly deleted_at: string | null
}

export interface ThreadAttachmentBody {
  readonly id: string
  readonly filename: string
  readonly content_type: string
  readonly size_bytes: number
  readonly download_url: string
  /** The bytes are behind the address alone. */
  readonly data_base64: null
  readonly created_at: string
}

export interface ThreadMessageBody {
  readonly id: string
  readonly thread_id: string
  /** The owner's id, or `assistant` or `system`. */
  readonly sender_id: string
  readonly sender_type: Message['role']
  readonly status: NonNullable<Message['status']>
  readonly text: string
  readonly metadata: Readonly<Record<string, unknown>>
  /** `null` where nobody has counted. */
  readonly tokens_count: number | null
  readonly error_code: string | null
  readonly correlation_id: string | null
  readonly attachments: readonly ThreadAttachmentBody[]
  readonly created_at: string
  readonly updated_at: string
}

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
