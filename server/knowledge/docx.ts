/** The text of DOCX files. */
import { inflateRawSync } from 'node:zlib'
import { decodeEntities } from '../text/entities.ts'
import type { Content } from './blocks.ts'
import { htmlBlocks } from './html-blocks.ts'
import { parseHtml } from './html-tree.ts'

/** Bytes that the parts of a document may have when they are unpacked. */
const MOST_UNPACKED = 64 * 1024 * 1024
/** How many times their size parts may unpack to, from a megabyte on: prose comes to ten, tables to forty. */
const MOST_RATIO = 100
const SMALL = 1024 * 1024
const MOST_PARTS = 10_000

const DIRECTORY_END = 0x06_05_4b_50
const DIRECTORY_ENTRY = 0x02_01_4b_50
/** Of the file format of ZIP, APPNOTE 4.3.12 and 4.3.16. */
const DIRECTORY_END_LENGTH = 22
const DIRECTORY_ENTRY_LENGTH = 46
const LONGEST_COMMENT = 65_535
const LOCAL_HEADER_LENGTH = 30
const DEFLATED = 8

interface Part {
  readonly name: string
  readonly isDeflated: boolean
  readonly packed: Buffer
  /** As the directory says; whoever made it may lie. */
  readonly size: number
}

/** The parts that a ZIP file lists, none of them unpacked. */
function partsOf(file: Buffer): Part[] {
  const earliest = Math.max(0, file.length - DIRECTORY_END_LENGTH - LONGEST_COMMENT)
  let end = file.length - DIRECTORY_END_LENGTH
  while (end >= earliest && file.readUInt32LE(end) !== DIRECTORY_END) end -= 1
  if (end < earliest) throw new Error('no DOCX file')
  const count = file.readUInt16LE(end + 10)
  if (count > MOST_PARTS) throw new Error('a DOCX file of too many parts')
  const parts: Part[] = []
  let at = file.readUInt32LE(end + 16)
  for (let index = 0; index < count; index += 1) {
    if (file.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('a damaged DOCX file')
    const packedSize = file.readUInt32LE(at + 20)
    const nameEnd = at + DIRECTORY_ENTRY_LENGTH + file.readUInt16LE(at + 28)
    const header = file.readUInt32LE(at + 42)
    const start =
      header + LOCAL_HEADER_LENGTH + file.readUInt16LE(header + 26) + file.readUInt16LE(header + 28)
    parts.push({
      name: file.toString('utf8', at + DIRECTORY_ENTRY_LENGTH, nameEnd),
      isDeflated: file.readUInt16LE(at + 10) === DEFLATED,
      packed: file.subarray(start, start + packedSize),
      size: file.readUInt32LE(at + 24),
    })
    at = nameEnd + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return parts
}

const tooLarge = () => new Error('a DOCX file that unpacks to more than it may (a ZIP bomb?)')

/** Unpacks a part as far as allowed, whatever its size is said to be. */
function unpack({ isDeflated, packed }: Part, room: number): Buffer {
  if (!isDeflated) return packed
  const limit = Math.min(room, Math.max(SMALL, MOST_RATIO * packed.length))
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, limit) })
  } catch (error) {
    const isTooLong = error instanceof RangeError
    throw isTooLong ? tooLarge() : new Error('a damaged DOCX file', { cause: error })
  }
}

/** Checks that all parts together unpack to what may be read, and gives the document's own title. */
function check(file: Buffer): { readonly title: string | undefined } {
  const parts = partsOf(file)
  const said = parts.reduce((sum, { size }) => sum + size, 0)
  if (said > MOST_UNPACKED) throw tooLarge()
  let room = MOST_UNPACKED
  let title: string | undefined
  for (const part of parts) {
    const content = unpack(part, room)
    room -= content.length
    if (room < 0) throw tooLarge()
    if (part.name === 'docProps/core.xml') {
      const [, written = ''] = /<dc:title>([^<]*)<\/dc:title>/.exec(content.toString('utf8')) ?? []
      title = decodeEntities(written).trim() || undefined
    }
  }
  if (!parts.some(({ name }) => name === 'word/document.xml' || name === '_rels/.rels')) {
    throw new Error('no DOCX file')
  }
  return { title }
}

/** Word's old format, and what it locks with a password, are in a container of another kind. */
const OLD_CONTAINER = Buffer.from('d0cf11e0a1b11ae1', 'hex')

/** The text of a DOCX file. @throws Error whose message says why it cannot be read */
export async function readDocx(bytes: Uint8Array): Promise<Content> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.subarray(0, OLD_CONTAINER.length).equals(OLD_CONTAINER)) {
    throw new Error('locked with a password, or in Word’s old format')
  }
  const { title } = check(buffer)
  const { default: mammoth } = await import('mammoth')
  try {
    const { value } = await mammoth.convertToHtml(
      { buffer },
      {
        styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
        convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
      },
    )
    // Marks in a Word file are nothing that a link to it could name.
    const blocks = htmlBlocks(parseHtml(value)).map((block) =>
      block.kind === 'heading' ? { ...block, id: undefined } : block,
    )
    return { title, blocks }
  } catch (error) {
    throw new Error('a damaged DOCX file', { cause: error })
  }
}
