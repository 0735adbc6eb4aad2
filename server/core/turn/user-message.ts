/** The message that a turn begins with, and what it takes the place of. */
import { filesOf, MOST_FILE_BYTES, MOST_FILES } from '../attachments.ts'
import { ChatError } from '../errors.ts'
import type { Attachment, Message, Metadata, NewAttachment } from '../ports/index.ts'

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
  /** The user message that this one is, once more: it has no answer, and is asked again behind all others. */
  readonly repeats?: string | undefined
  readonly files?: readonly NewAttachment[] | undefined
  /** Of the message that it takes the place of, the files that stay; `undefined`: all of them, unless there are new ones. */
  readonly keepFiles?: readonly string[] | undefined
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

/**
 * @throws ChatError `not_found` when there is no such user message to replace, or none to repeat that has no answer;
 * `invalid_request` or `too_large` with the files that it cannot have
 */
export function placeQuestion(messages: readonly Message[], question: NewQuestion): Question {
  const { replaces, repeats, files, keepFiles, metadata, correlationId, ...given } = question
  const { kept, dropped } =
    repeats === undefined ? splitAt(messages, replaces) : takeOut(messages, repeats)
  const attachments = attachmentsOf(filesOf(dropped.slice(0, 1)), files, keepFiles)
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

/** What the message has of the files of the one before it, and of new ones. */
function attachmentsOf(
  before: readonly Attachment[],
  files: readonly NewAttachment[] | undefined,
  keepFiles: readonly string[] | undefined,
): readonly Attachment[] {
  const added = files?.map(withoutBytes) ?? []
  if (!keepFiles) return files ? added : before
  for (const [index, id] of keepFiles.entries()) {
    if (before.some((file) => file.id === id)) continue
    const path = `keep_attachments.${index}`
    const message = 'must be a file of the message that is replaced'
    throw new ChatError('invalid_request', `${path} ${message}.`, { errors: [{ path, message }] })
  }
  const all = [...before.filter(({ id }) => keepFiles.includes(id)), ...added]
  if (all.length > MOST_FILES) {
    const path = 'attachments'
    const message = `must be at most ${MOST_FILES} files with those that stay`
    throw new ChatError('invalid_request', `${path} ${message}.`, { errors: [{ path, message }] })
  }
  if (all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > MOST_FILE_BYTES) {
    throw new ChatError('too_large', 'The files are too large: 10 MiB in all is the limit.')
  }
  return all
}

/** A question that has an answer by now was asked again already. */
function takeOut(
  messages: readonly Message[],
  repeats: string,
): { readonly kept: readonly Message[]; readonly dropped: readonly Message[] } {
  const at = messages.findIndex(({ id, role }) => id === repeats && role === 'user')
  const next = messages.slice(at + 1).find(({ role }) => role !== 'system')
  if (at < 0 || next?.role === 'assistant') {
    throw new ChatError('not_found', 'There is no such message without an answer.')
  }
  return { kept: messages.toSpliced(at, 1), dropped: messages.slice(at, at + 1) }
}

function splitAt(
  messages: readonly Message[],
  replaces: string | undefined,
): { readonly kept: readonly Message[]; readonly dropped: readonly Message[] } {
  if (replaces === undefined) return { kept: messages, dropped: [] }
  const at = messages.findIndex(({ id, role }) => id === replaces && role === 'user')
  if (at < 0) throw new ChatError('not_found', 'There is no such message to replace.')
  return { kept: messages.slice(0, at), dropped: messages.slice(at) }
}
