import { open } from 'node:fs/promises'
import type { FileReader } from './file-reader.ts'
import type { DocumentFields } from './front-matter.ts'
import {
  binaryKindOf,
  createDocument,
  parseDocument,
  type KnowledgeDocument,
} from './parse-document.ts'

const MIB = 1024 * 1024
/** Bytes; a longer text is a dump, not a document. */
const MOST_TEXT = 2 * MIB
/** Bytes of a PDF or DOCX file, which may have pictures. */
const MOST_BINARY = 20 * MIB

/** UTF-16 units of a text that is parsed away from the thread that serves. */
const LONG_TEXT = 100_000

/** Reads at most one byte more than allowed, so that a file growing under us stays bounded. */
async function readBytes(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, most) + 1)
    let length = 0
    while (size <= most && length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (size > most || length > most) throw new Error(`larger than ${most / MIB} MiB`)
    return buffer.subarray(0, length)
  } finally {
    await file.close()
  }
}

const CHARSET =
  /<meta[^>]{0,200}?\bcharset\s{0,9}=\s{0,9}["']?([\w:-]{2,40})|^\s{0,99}<\?xml[^>]{0,200}?\bencoding=["']([\w:-]{2,40})/i
/** Where a page says how it is written, in bytes from its beginning. */
const CHARSET_WITHIN = 1024

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** How a text is written: by its first bytes, and for HTML by what it says. */
function encodingOf(bytes: Uint8Array, isHtml: boolean): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (!isHtml || (bytes[0] === 0xef && bytes[1] === 0xbb)) return 'utf-8'
  const [, meta, xml] = CHARSET.exec(latin1(bytes.subarray(0, CHARSET_WITHIN))) ?? []
  const said = (meta ?? xml ?? 'utf-8').toLowerCase()
  // A page that can say so in single bytes is not written in pairs of them.
  return said.startsWith('utf-16') ? 'utf-8' : said
}

/** Bytes as the text they are. @throws Error whose message says why they are none */
export function decodeText(bytes: Uint8Array, name: string): string {
  const encoding = encodingOf(bytes, /\.html?$/i.test(name))
  let text
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error(`written in ${encoding}, which is not known`, { cause: error })
    throw new Error(encoding.startsWith('utf-') ? 'not UTF-8 text' : `not ${encoding} text`, {
      cause: error,
    })
  }
  if (text.includes('\0') || /^%PDF-\d/.test(text)) throw new Error('not text')
  return text
}

/** Reads a text file of at most `most` bytes. @throws Error whose message says why it cannot be read */
export async function readTextFile(path: string, name: string, most = MOST_TEXT): Promise<string> {
  return decodeText(await readBytes(path, most), name)
}

/** The bytes of a document, if it is not larger than its kind may be. @throws Error that says so */
export async function readFileBytes(path: string, name: string): Promise<Uint8Array> {
  return await readBytes(path, binaryKindOf(name) ? MOST_BINARY : MOST_TEXT)
}

interface NamedFile {
  readonly name: string
  readonly defaults: DocumentFields
  readonly origin: DocumentFields
}

/** Reads a document of any kind. @throws Error whose message says why it cannot be read */
export async function parseFile(
  { name, defaults, origin }: NamedFile,
  bytes: Uint8Array,
  files: FileReader,
): Promise<KnowledgeDocument> {
  const kind = binaryKindOf(name)
  if (kind === undefined) {
    const text = decodeText(bytes, name)
    if (text.length < LONG_TEXT) return parseDocument(name, text, defaults, origin)
    return await files.parse({ name, text, defaults, origin })
  }
  return createDocument(name, await files.read(kind, bytes), origin, defaults)
}
