/** Files of messages: to be read by their owners, and swept when nothing has them any more. */
import { cleanFileName } from './attachment-name.ts'
import { isPdfType, typeOfAnyFile, typeOfFile } from './attachment-type.ts'
import { ChatError } from './errors.ts'
import type {
  Attachment,
  AttachmentPlace,
  AttachmentStore,
  Cancellable,
  ConversationStore,
  FileTexts,
  Inference,
  Logger,
  Message,
  NewAttachment,
} from './ports/index.ts'

/** Files of one message. */
export const MOST_FILES = 5
/** Bytes of all files of a message together. */
export const MOST_FILE_BYTES = 10 * 1024 * 1024

/** A file as its sender gives it. */
export interface GivenFile {
  readonly filename: string
  /** What its sender says it is. */
  readonly contentType: string
  readonly bytes: Uint8Array
}

export interface Attachments {
  readonly takesFiles: boolean
  readonly takesImages: boolean
  /** PDFs are taken for their text. */
  readonly takesPdf: boolean
  /**
   * The files of a message as they may be stored.
   * @throws ChatError `too_large`; `unsupported_media_type` with the name of the file that is not taken;
   * `unreadable_file` with the place of a PDF that has no text to read
   */
  receive(ownerId: string, given: readonly GivenFile[]): Promise<readonly NewAttachment[]>
  /** The same of files of any type. @throws ChatError `too_large`; `unsupported_media_type` where none are taken */
  receiveAny(given: readonly GivenFile[]): readonly NewAttachment[]
  /** @throws ChatError `not_found`, also for somebody else's */
  read(
    ownerId: string,
    id: string,
  ): Promise<{ readonly attachment: Attachment; readonly bytes: Uint8Array }>
}

export interface AttachmentsDependencies {
  readonly store: ConversationStore
  readonly attachments: AttachmentStore
}

/** What a message says is there: a file that no message has is nobody's. */
export function createAttachments({
  store,
  attachments,
  takesFiles,
  running,
  inference,
  texts,
  createId,
}: AttachmentsDependencies & {
  /** False: none come in any more; those that are there can be read. */
  readonly takesFiles: boolean
  /** Files of answers that are being written stand in no message yet. */
  readonly running?: { filesOf(conversationId: string): readonly Attachment[] }
  readonly inference: Pick<Inference, 'takesImages'>
  /** Reads PDFs; without it, none are taken. */
  readonly texts?: FileTexts | undefined
  readonly createId: () => string
}): Attachments {
  /** `typeOf` may refuse one. */
  const received = (
    given: readonly GivenFile[],
    typeOf: (name: string, file: GivenFile) => string,
  ): readonly NewAttachment[] => {
    if (!takesFiles && given.length > 0) {
      const sentence = 'Files are not taken here: send the text alone, please.'
      throw new ChatError('unsupported_media_type', sentence)
    }
    const size = given.reduce((sum, { bytes }) => sum + bytes.length, 0)
    if (size > MOST_FILE_BYTES) {
      throw new ChatError('too_large', 'The files are too large: 10 MiB in all is the limit.')
    }
    return given.map((file) => {
      const { bytes } = file
      const filename = cleanFileName(file.filename)
      const contentType = typeOf(filename, file)
      return { id: createId(), filename, contentType, sizeBytes: bytes.length, bytes }
    })
  }

  return {
    takesFiles,
    // Asked each time: what a model server can do may be learned late.
    get takesImages() {
      return takesFiles && (inference.takesImages ?? false)
    },
    takesPdf: takesFiles && texts !== undefined,
    async receive(ownerId, given) {
      const files = received(given, (name, { contentType, bytes }) => {
        const type = typeOfFile(contentType, bytes, name)
        if (!type || (type.kind === 'pdf' && !texts)) {
          throw notTaken(name, { images: inference.takesImages ?? false, pdf: texts !== undefined })
        }
        if (type.kind === 'image' && !inference.takesImages) {
          throw new ChatError('unsupported_media_type', `${name}: images are not taken here.`)
        }
        return type.contentType
      })
      for (const [index, { id, filename, contentType, bytes }] of files.entries()) {
        if (!texts || !isPdfType(contentType)) continue
        try {
          await texts.text({ id, ownerId }, async () => bytes)
        } catch (error) {
          throw error instanceof ChatError ? error : unreadable(index, filename, error)
        }
      }
      return files
    },
    receiveAny: (given) =>
      received(given, (_name, { contentType, bytes }) => typeOfAnyFile(contentType, bytes)),
    async read(ownerId, id) {
      const conversationId = await attachments.conversationOf(ownerId, id)
      // Asked first: an answer that is stored between the two is then among the messages.
      const coming = conversationId === undefined ? [] : (running?.filesOf(conversationId) ?? [])
      const messages = conversationId && (await store.messages(ownerId, conversationId))
      const attachment = messages
        ? [...coming, ...filesOf(messages)].find((file) => file.id === id)
        : undefined
      const bytes =
        attachment && conversationId
          ? await attachments.read({ ownerId, conversationId }, id)
          : undefined
      if (!attachment || !bytes) throw new ChatError('not_found', 'There is no such file.')
      return { attachment, bytes }
    },
  }
}

function notTaken(
  name: string,
  takes: { readonly images: boolean; readonly pdf: boolean },
): ChatError {
  const taken = [
    'texts in UTF-8',
    ...(takes.pdf ? ['PDF'] : []),
    ...(takes.images ? ['images (PNG, JPEG, GIF, WebP)'] : []),
  ]
  const last = taken.pop() ?? ''
  const all = taken.length > 0 ? `${taken.join(', ')} and ${last}` : last
  return new ChatError(
    'unsupported_media_type',
    `${name}: this kind of file is not taken; ${all} are.`,
  )
}

/** Why the text of a file cannot be had. */
function unreadable(index: number, name: string, cause: unknown): ChatError {
  const why = cause instanceof Error ? cause.message : 'could not be read'
  const errors = [{ path: `attachments.${index}`, message: why }]
  return new ChatError('unreadable_file', `${name} ${why}.`, { errors, cause })
}

/** `undefined` for what is no base64 with its padding. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='))
  const bytes = Buffer.from(text, 'base64')
  // What is no base64 is passed over in decoding, and then missing.
  return text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding
    ? bytes
    : undefined
}

/** Every file that the messages have. */
export const filesOf = (messages: readonly Message[]): readonly Attachment[] =>
  messages.flatMap(({ attachments = [] }) => attachments)

/** Removes files whose messages are gone already; that it fails is no reason for the caller to fail. */
export async function discardFiles(
  { attachments, logger }: { readonly attachments?: AttachmentStore; readonly logger: Logger },
  { ownerId, conversationId }: AttachmentPlace,
  gone: readonly Pick<Attachment, 'id'>[],
): Promise<void> {
  if (!attachments || gone.length === 0) return
  try {
    const ids = gone.map(({ id }) => id)
    await attachments.remove({ ownerId, conversationId }, ids)
  } catch (error) {
    // Nobody can read them any more; the next start sweeps them.
    logger.warn({ conversationId, cause: error }, 'files of messages could not be removed')
  }
}

/** Erases what a killed server has left without a message, beside everything else. Never throws. */
export async function sweepAttachments(
  { store, attachments, logger }: AttachmentsDependencies & { readonly logger: Logger },
  cancellable: Cancellable,
): Promise<void> {
  try {
    await attachments.sweep(async ({ ownerId, conversationId }) => {
      const messages = (await store.messages(ownerId, conversationId)) ?? []
      return new Set(filesOf(messages).map(({ id }) => id))
    }, cancellable)
  } catch (error) {
    // They take room and no more; the next start tries again.
    if (!cancellable.signal.aborted) {
      logger.error({ err: error }, 'files without a message could not be removed')
    }
  }
}
