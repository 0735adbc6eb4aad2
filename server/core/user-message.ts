/** The message that a turn begins with, and what it takes the place of. */
import { filesOf } from './attachments.ts'
import { ChatError } from './errors.ts'
import type { Attachment, Message, Metadata, NewAttachment } from './ports.ts'

export interface NewQuestion {
  readonly id: string
  readonly conversationId: string
  readonly content: string
  readonly metadata?: Metadata | undefined
  readonly correlationId?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** The user message that this one takes the place of. */
  readonly replaces?: string | undefined
  /** `undefined`: those of the message that it takes the place of. */
  readonly files?: readonly NewAttachment[] | undefined
}

export interface Question {
  readonly userMessage: Message
  /** What stays before it. */
  readonly kept: readonly Message[]
  /** What goes with the message that it takes the place of. */
  readonly dropped: readonly Message[]
  /** Files of those that nothing has any more. */
  readonly droppedFiles: readonly Attachment[]
}

/** @throws ChatError `not_found` when there is no such user message to replace */
export function placeQuestion(messages: readonly Message[], question: NewQuestion): Question {
  const { replaces, files, metadata, correlationId, ...given } = question
  const { kept, dropped } = splitAt(messages, replaces)
  const attachments = files ? files.map(withoutBytes) : filesOf(dropped.slice(0, 1))
  const userMessage: Message = {
    ...given,
    role: 'user',
    tokenCount: null,
    modelTag: null,
    inferenceTimeMs: null,
    finishReason: null,
    feedback: null,
    sources: [],
    ...(attachments.length > 0 && { attachments }),
    ...(metadata && { metadata }),
    ...(correlationId !== undefined && { correlationId }),
  }
  const droppedFiles = filesOf(dropped).filter((file) => !attachments.includes(file))
  return { userMessage, kept, dropped, droppedFiles }
}

export const withoutBytes = ({
  id,
  filename,
  contentType,
  sizeBytes,
}: NewAttachment): Attachment => ({
  id,
  filename,
  contentType,
  sizeBytes,
})

function splitAt(
  messages: readonly Message[],
  replaces: string | undefined,
): { readonly kept: readonly Message[]; readonly dropped: readonly Message[] } {
  if (replaces === undefined) return { kept: messages, dropped: [] }
  const at = messages.findIndex(({ id, role }) => id === replaces && role === 'user')
  if (at < 0) throw new ChatError('not_found', 'There is no such message to replace.')
  return { kept: messages.slice(0, at), dropped: messages.slice(at) }
}
