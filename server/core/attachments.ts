/** Files of messages: to be read by their owners, and swept when nothing has them any more. */
import { ChatError } from './errors.ts'
import { findMessage } from './recent-messages.ts'
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
import { firstCodePoints } from '../text/code-points.ts'
import { isUtf8 } from 'node:buffer'
import { isTextName } from '../protocol/text-names.ts'

// What a file is: by what its sender says, and by its bytes.

/** The images that model servers take, by how their bytes begin, as hexadecimal digits. */
const IMAGES: readonly { readonly type: string; readonly begins: RegExp }[] = [
  { type: 'image/png', begins: /^89504e470d0a1a0a/ },
  { type: 'image/jpeg', begins: /^ffd8ff/ },
  { type: 'image/gif', begins: /^47494638(?:37|39)61/ },
  { type: 'image/webp', begins: /^52494646.{8}57454250/ },
]
const LONGEST_BEGINNING = 12

/** Texts whose type does not begin with `text/`; the suffixes are those of structured texts. */
const TEXT_TYPE =
  /^(?:text\/[\w.+-]{1,80}|application\/(?:[\w.-]{1,80}\+(?:json|xml|yaml)|json5?|jsonl|ndjson|x-ndjson|xml|ya?ml|x-ya?ml|toml|sql|graphql|rtf|javascript|x-javascript|ecmascript|typescript|x-typescript|x-sh|x-shellscript|x-httpd-php|x-php|x-python|x-perl|x-ruby|x-tex|x-latex|x-subrip|csv)|image\/svg\+xml)$/
/** What senders say that do not know. */
const UNKNOWN_TYPE = /^(?:application\/(?:octet-stream|unknown|x-unknown)|)$/

/** The bytes below a space that no text has: all but tab, line ends, page breaks, and what begins a colour. */
const NOT_IN_TEXT = Array.from({ length: 0x20 }, (_, byte) => byte).filter(
  (byte) => ![0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b].includes(byte),
)

interface KnownType {
  readonly kind: 'image' | 'text' | 'pdf'
  readonly contentType: string
}

/**
 * `undefined`: neither an image that models take, nor a PDF, nor a text in UTF-8. A text's name counts too: systems that have
 * Excel call a CSV file one of its tables.
 */
export function typeOfFile(declared: string, bytes: Uint8Array, name = ''): KnownType | undefined {
  const beginning = Buffer.from(bytes.subarray(0, LONGEST_BEGINNING)).toString('hex')
  const image = IMAGES.find(({ begins }) => begins.test(beginning))
  if (image) return { kind: 'image', contentType: image.type }
  if (isPdf(bytes)) return { kind: 'pdf', contentType: PDF_TYPE }
  const type = (declared.split(';')[0] ?? '').trim().toLowerCase()
  const isKnown = TEXT_TYPE.test(type)
  const mayBeText = isKnown || UNKNOWN_TYPE.test(type) || isTextName(name)
  if (!mayBeText || !isText(bytes)) return undefined
  return { kind: 'text', contentType: isKnown ? type : 'text/plain' }
}

const PDF_TYPE = 'application/pdf'
/** Bytes in which a PDF says that it is one; some programs write something of their own before that. */
const PDF_BEGINNING = 1_024

function isPdf(bytes: Uint8Array): boolean {
  const at = Buffer.from(bytes.subarray(0, PDF_BEGINNING)).toString('latin1').indexOf('%PDF-')
  // A text may speak of one.
  return at === 0 || (at > 0 && !isText(bytes))
}

/** Whether a stored file says that it is a PDF. */
export const isPdfType = (contentType: string) => contentType === PDF_TYPE

const ANY_TYPE = /^[a-z0-9][\w.+-]{0,99}\/[a-z0-9][\w.+-]{0,150}$/
const UNKNOWN = 'application/octet-stream'

/**
 * The type of any file: an image or a text by its bytes, the others by what their senders say. What calls
 * itself an image and is none would make a model server refuse the whole conversation.
 */
export function typeOfAnyFile(declared: string, bytes: Uint8Array): string {
  const known = typeOfFile(declared, bytes)
  if (known && known.kind !== 'pdf') return known.contentType
  const type = (declared.split(';')[0] ?? '').trim().toLowerCase()
  return ANY_TYPE.test(type) && !isImageType(type) ? type : UNKNOWN
}

/** Files that a browser shows or plays, and runs nothing of. */
const HARMLESS_TYPE =
  /^(?:audio\/[\w.-]+|video\/[\w.-]+|application\/(?:pdf|zip|gzip|msword|vnd\.[\w.-]+))$/

/** What a stored file is sent as: never as a type that a browser could run in this server's name. */
export function safeTypeOf(contentType: string): string {
  if (isImageType(contentType) || HARMLESS_TYPE.test(contentType)) return contentType
  return isTextType(contentType) ? 'text/plain; charset=utf-8' : UNKNOWN
}

/** Whether a stored file says that it is a text; see isText. */
export const isTextType = (contentType: string) => TEXT_TYPE.test(contentType)

/** Whether a stored file is one that is shown to a model as an image. */
export const isImageType = (contentType: string) => IMAGES.some(({ type }) => type === contentType)

/**
 * Whether the bytes are a text in UTF-8. Each byte is looked for by itself: that is done by the machine, and
 * quick for millions of them.
 */
export function isText(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(buffer) && !NOT_IN_TEXT.some((byte) => buffer.includes(byte))
}

/** Unicode code points of a name. */
const LONGEST_NAME = 120
/** Of its ending, the dot included; anything longer is no ending. */
const LONGEST_ENDING = 16

/** UTF-16 units of a given name that are looked at: the last ones, as folders stand before. */
const LONGEST_GIVEN = 4_000

/** Characters that nobody sees, or that turn what stands behind them around. */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu

/** A name as a person gave it, without folders and tricks; `file` when nothing is left. */
export function cleanFileName(given: string): string {
  const end = given.slice(-LONGEST_GIVEN)
  const bare = end.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const seen = bare.replaceAll(UNSEEN, '').replaceAll(/\s+/g, ' ').trim()
  if (/^\.*$/.test(seen)) return 'file'
  const ending = new RegExp(`\\.[^. ]{1,${LONGEST_ENDING - 1}}$`, 'u').exec(seen)?.[0] ?? ''
  const stem = seen.slice(0, seen.length - ending.length)
  const room = LONGEST_NAME - Array.from(ending).length
  return firstCodePoints(stem, room) + ending
}

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

export interface AttachmentsDependencies {
  readonly store: ConversationStore
  readonly attachments: AttachmentStore
}

export type Attachments = ReturnType<typeof createAttachments>

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
}) {
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
    get takesImages(): boolean {
      return takesFiles && (inference.takesImages ?? false)
    },
    /** PDFs are taken for their text. */
    takesPdf: takesFiles && texts !== undefined,
    /**
     * The files of a message as they may be stored.
     * @throws ChatError `too_large`; `unsupported_media_type` with the name of the file that is not taken;
     * `unreadable_file` with the place of a PDF that has no text to read
     */
    async receive(ownerId: string, given: readonly GivenFile[]): Promise<readonly NewAttachment[]> {
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
    /** The same of files of any type. @throws ChatError `too_large`; `unsupported_media_type` where none are taken */
    receiveAny: (given: readonly GivenFile[]) =>
      received(given, (_name, { contentType, bytes }) => typeOfAnyFile(contentType, bytes)),
    /** @throws ChatError `not_found`, also for somebody else's */
    async read(
      ownerId: string,
      id: string,
    ): Promise<{ readonly attachment: Attachment; readonly bytes: Uint8Array }> {
      const conversationId = await attachments.conversationOf(ownerId, id)
      // Asked first: an answer that is stored between the two is then among the messages.
      const coming = conversationId === undefined ? [] : (running?.filesOf(conversationId) ?? [])
      const place = conversationId === undefined ? undefined : { ownerId, conversationId }
      const isWanted = (file: Attachment) => file.id === id
      const message =
        place &&
        (await findMessage(store, place, (one) => one.attachments?.some(isWanted) ?? false))
      const attachment = [...coming, ...(message?.attachments ?? [])].find(isWanted)
      const bytes = attachment && place && (await attachments.read(place, id))
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
      // A folder may hold thousands of conversations, and whoever closes waits for this.
      cancellable.signal.throwIfAborted()
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
