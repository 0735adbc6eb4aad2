/** The message that a turn begins with, and what it takes the place of. */
import { filesOf, MOST_FILE_BYTES, MOST_FILES } from '../attachments.ts'
import { ChatError, invalidField } from '../errors.ts'
import type { Attachment, Message, Metadata, NewAttachment, Inference } from '../ports/index.ts'
import { countCodePoints } from '../../text/code-points.ts'
import type { TurnSettings } from '../settings.ts'

/** Where a message is to stand, and with which files. */
export interface QuestionPlace {
  /** The user message that this one takes the place of; it goes, with all that followed it. */
  readonly replaces?: string | undefined
  /** The user message without an answer that this one is, once more: it goes from its place to the end. */
  readonly repeats?: string | undefined
  /** Files that stand beside the text; `undefined` keeps those of the message that is replaced. */
  readonly files?: readonly NewAttachment[] | undefined
  /** The files of the message that is replaced that stay; all, where nothing is said. */
  readonly keepFiles?: readonly string[] | undefined
}

interface NewQuestion extends QuestionPlace {
  readonly id: string
  readonly conversationId: string
  readonly content: string
  readonly metadata?: Metadata | undefined
  readonly correlationId?: string | undefined
  /** ISO 8601, UTC. */
  readonly createdAt: string
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
    throw invalidField(
      `keep_attachments.${index}`,
      'must be a file of the message that is replaced',
    )
  }
  const all = [...before.filter(({ id }) => keepFiles.includes(id)), ...added]
  if (all.length > MOST_FILES) {
    throw invalidField('attachments', `must be at most ${MOST_FILES} files with those that stay`)
  }
  if (all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > MOST_FILE_BYTES) {
    throw new ChatError('too_large', 'The files are too large: 10 MiB in all is the limit.')
  }
  return all
}

type Place = Pick<Question, 'kept' | 'dropped'>

/** A question that has an answer by now was asked again already. */
function takeOut(messages: readonly Message[], repeats: string): Place {
  const at = messages.findIndex(({ id, role }) => id === repeats && role === 'user')
  const next = messages.slice(at + 1).find(({ role }) => role !== 'system')
  if (at < 0 || next?.role === 'assistant') {
    throw new ChatError('not_found', 'There is no such message without an answer.')
  }
  return { kept: messages.toSpliced(at, 1), dropped: messages.slice(at, at + 1) }
}

function splitAt(messages: readonly Message[], replaces: string | undefined): Place {
  if (replaces === undefined) return { kept: messages, dropped: [] }
  const at = messages.findIndex(({ id, role }) => id === replaces && role === 'user')
  if (at < 0) throw new ChatError('not_found', 'There is no such message to replace.')
  return { kept: messages.slice(0, at), dropped: messages.slice(at) }
}

// How long a message may be for a model server that counts the prompt as part of it.

type Limited = Pick<Inference, 'messageLimit'>

/** Between the prompt and what the visitor says. */
const JOINT = '\n\n'.length
/** Milliseconds that a message waits until it is known which server is to get it. */
const PATIENCE = 2_000
/** Code points that fit in any case. */
const SHORT = 1_000

/**
 * Unicode code points that a visitor's message may have. The longer one of the two prompts counts: a visitor may
 * have the same message answered again with thinking. Infinity where the model server sets no limit, and where a
 * prompt leaves no room at all: that is no fault of a message, and the adapter says whose it is.
 */
export function longestMessage(
  { messageLimit }: Limited,
  { direct, think }: TurnSettings['prompts'],
): number {
  if (messageLimit === undefined) return Number.POSITIVE_INFINITY
  const prompt = Math.max(countCodePoints(direct), countCodePoints(think))
  const left = messageLimit - (prompt === 0 ? 0 : prompt + JOINT)
  return left > 0 ? left : Number.POSITIVE_INFINITY
}

/** Code points that are left for more of the prompt beside a message of this length. */
export const roomBeside = (content: string, inference: Limited, prompts: TurnSettings['prompts']) =>
  longestMessage(inference, prompts) - countCodePoints(content) - JOINT

/** @throws ChatError `invalid_request` with the name of the field that holds the text */
export function checkLength(content: string, longest: number, field: string): void {
  // A code point has at least one unit: no need to count what is short.
  if (content.length <= longest || countCodePoints(content) <= longest) return
  throw invalidField(
    field,
    `must have at most ${longest} characters, which this model server takes`,
  )
}

/** Resolves when it is known what the model server takes, or cannot be known now. Never rejects. */
export async function learnLimit(inference: Inference, content: string): Promise<void> {
  if (content.length > SHORT) await learn(inference, PATIENCE)
}

/** The same, for as many milliseconds at most. */
export async function learn({ learn: ask }: Inference, patience: number): Promise<void> {
  try {
    await ask?.({ signal: AbortSignal.timeout(patience) })
  } catch {
    // Whoever asks it something is told why.
  }
}
