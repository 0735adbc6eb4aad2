/** What a file is: by what its sender says, and by its bytes. */
import { isUtf8 } from 'node:buffer'
import { isTextName } from '../protocol/text-names.ts'

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

export interface KnownType {
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
