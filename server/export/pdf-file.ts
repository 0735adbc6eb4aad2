/** The objects of a PDF file (ISO 32000-1): text in embedded fonts, lines, links. Lengths are points. */
import { deflateSync } from 'node:zlib'
import type { FontFace } from './fonts.ts'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** What the file says of itself. */
export interface FileFacts {
  readonly title: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly changedAt: string
}

export interface PdfFile {
  readonly width: number
  readonly height: number
  /** Text drawn by operators of a content stream, and where its links lie. */
  addPage(content: string, links: readonly LinkArea[]): void
  addFont(face: FontFace, subset: Uint8Array): void
  /** The whole file; nothing can be added afterwards. */
  end(facts: FileFacts): Uint8Array
}

export interface LinkArea {
  readonly url: string
  /** Left, bottom, right and top, from the page's lower left corner. */
  readonly box: readonly [number, number, number, number]
}

const CATALOG = 1
const PAGES = 2
const RESOURCES = 3
const INFO = 4
/** Every mark of a PDF of version 1.7, and the four bytes that say it is no text. */
const HEADER = Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')

const hex4 = (value: number) => value.toString(16).padStart(4, '0').toUpperCase()

const utf16 = (text: string) => {
  let hex = ''
  for (let at = 0; at < text.length; at += 1) hex += hex4(text.charCodeAt(at))
  return hex
}

/** A text that a reader shows. */
export const textString = (text: string) => `<FEFF${utf16(text)}>`

/** An address, in the characters that an address has. */
const addressString = (url: string) =>
  `(${encodeURI(decodeURISafely(url)).replaceAll(/[\\()]/g, String.raw`\$&`)})`

function decodeURISafely(url: string): string {
  try {
    return decodeURI(url)
  } catch {
    // A percent sign that encodes nothing.
    return url.replaceAll(/[^\u0021-\u007e]/g, '')
  }
}

/** `D:20261130141530Z` */
const dateString = (iso: string) => `(D:${iso.replaceAll(/[^\d]/g, '').slice(0, 14)}Z)`

/** Where the text of a code is looked up when a reader searches or copies. */
function toUnicode({ used }: FontFace): string {
  const lines = used.map(({ text }, index) => `<${hex4(index + 1)}> <${utf16(text)}>`)
  const blocks: string[] = []
  for (let at = 0; at < lines.length; at += 100) {
    const some = lines.slice(at, at + 100)
    blocks.push(`${some.length} beginbfchar\n${some.join('\n')}\nendbfchar`)
  }
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange',
    ...blocks,
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n')
}

/** An empty file with pages of that size. */
export function createPdfFile(width: number, height: number): PdfFile {
  const chunks: Uint8Array[] = [HEADER]
  let length = HEADER.length
  const places = new Map<number, number>()
  let next = INFO + 1
  const pages: number[] = []
  const fonts: string[] = []

  const append = (bytes: Uint8Array) => {
    chunks.push(bytes)
    length += bytes.length
  }
  const write = (id: number, body: string) => {
    places.set(id, length)
    append(Buffer.from(`${id} 0 obj\n${body}\nendobj\n`, 'latin1'))
  }
  const add = (body: string) => {
    const id = next
    next += 1
    write(id, body)
    return id
  }
  const addStream = (bytes: Uint8Array, entries = '') => {
    const packed = deflateSync(bytes, { level: 3 })
    const id = next
    next += 1
    places.set(id, length)
    const head = `<< /Length ${packed.length} /Filter /FlateDecode ${entries}>>`
    append(Buffer.from(`${id} 0 obj\n${head}\nstream\n`, 'latin1'))
    append(packed)
    append(Buffer.from('\nendstream\nendobj\n', 'latin1'))
    return id
  }

  return {
    width,
    height,
    addPage(content, links) {
      const stream = addStream(Buffer.from(content, 'latin1'))
      const areas = links.map(({ url, box }) =>
        add(
          `<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [${box.map(number).join(' ')}] /A << /S /URI /URI ${addressString(url)} >> >>`,
        ),
      )
      const annotations = areas.length === 0 ? '' : ` /Annots [${references(areas)}]`
      pages.push(
        add(
          `<< /Type /Page /Parent ${PAGES} 0 R /MediaBox [0 0 ${width} ${height}] /Resources ${RESOURCES} 0 R /Contents ${stream} 0 R${annotations} >>`,
        ),
      )
    },
    addFont(face, subset) {
      const { name, font, used } = face
      const program = addStream(subset, `/Length1 ${subset.length} `)
      const { ascender, descender } = font.hExtents()
      // A name of six letters in front says that it is a subset.
      const base = `/${subsetTag(fonts.length)}+Samosa-${name}`
      const descriptor = add(
        `<< /Type /FontDescriptor /FontName ${base} /Flags 4 /FontBBox [-1000 -1000 3000 2000] /ItalicAngle 0 /Ascent ${ascender} /Descent ${descender} /CapHeight ${ascender} /StemV 80 /FontFile2 ${program} 0 R >>`,
      )
      const widths = used.map(({ id }) => font.glyphHAdvance(id)).join(' ')
      const glyphs = Buffer.alloc((used.length + 1) * 2)
      for (const [index, { id }] of used.entries()) glyphs.writeUInt16BE(id, (index + 1) * 2)
      const map = addStream(glyphs)
      const descendant = add(
        `<< /Type /Font /Subtype /CIDFontType2 /BaseFont ${base} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor ${descriptor} 0 R /CIDToGIDMap ${map} 0 R /DW 1000 /W [1 [${widths}]] >>`,
      )
      const unicode = addStream(Buffer.from(toUnicode(face), 'latin1'))
      const id = add(
        `<< /Type /Font /Subtype /Type0 /BaseFont ${base} /Encoding /Identity-H /DescendantFonts [${descendant} 0 R] /ToUnicode ${unicode} 0 R >>`,
      )
      fonts.push(`/${name} ${id} 0 R`)
    },
    end({ title, createdAt, changedAt }) {
      write(RESOURCES, `<< /Font << ${fonts.join(' ')} >> >>`)
      write(PAGES, `<< /Type /Pages /Count ${pages.length} /Kids [${references(pages)}] >>`)
      write(
        CATALOG,
        `<< /Type /Catalog /Pages ${PAGES} 0 R /ViewerPreferences << /DisplayDocTitle true >> >>`,
      )
      write(
        INFO,
        `<< /Title ${textString(title)} /Creator (Samosa Chat) /CreationDate ${dateString(createdAt)} /ModDate ${dateString(changedAt)} >>`,
      )
      const start = length
      const table = Array.from({ length: next - 1 }, (_, index) => {
        const place = places.get(index + 1) ?? 0
        return `${String(place).padStart(10, '0')} 00000 n \n`
      })
      append(
        Buffer.from(
          `xref\n0 ${next}\n0000000000 65535 f \n${table.join('')}trailer\n<< /Size ${next} /Root ${CATALOG} 0 R /Info ${INFO} 0 R >>\nstartxref\n${start}\n%%EOF\n`,
          'latin1',
        ),
      )
      return Buffer.concat(chunks)
    },
  }
}

const references = (ids: readonly number[]) => ids.map((id) => `${id} 0 R`).join(' ')

/** As content streams write numbers. */
export const number = (value: number): string => String(Math.round(value * 100) / 100)

const subsetTag = (index: number) =>
  Array.from({ length: 6 }, (_, place) =>
    String.fromCharCode(65 + (Math.floor(index / 26 ** (5 - place)) % 26)),
  ).join('')

/** Glyphs as operators draw them; `size` is the font's. They begin where the text matrix is. */
export function drawGlyphs(
  glyphs: readonly {
    readonly code: number
    readonly width: number
    readonly advance: number
    readonly dx: number
    readonly dy: number
  }[],
  size: number,
): string {
  let operators = ''
  let row = ''
  let codes = ''
  let rise = 0
  /** Thousandths of the size that the pen is short of where it should be. */
  let behind = 0
  const endCodes = () => {
    if (codes !== '') row += `<${codes}>`
    codes = ''
  }
  const endRow = () => {
    endCodes()
    if (row !== '') operators += `[${row}] TJ\n`
    row = ''
  }
  for (const { code, width, advance, dx, dy } of glyphs) {
    if (dy !== rise) {
      endRow()
      operators += `${number((dy * size) / 1_000)} Ts\n`
      rise = dy
    }
    const shift = Math.round(behind + dx)
    if (shift !== 0) {
      endCodes()
      row += `${-shift}`
    }
    codes += hex4(code)
    behind += advance - width - shift
  }
  endRow()
  return rise === 0 ? operators : `${operators}0 Ts\n`
}

/* Cuts a font down to the glyphs that a file draws, by HarfBuzz's own program for that. */

/** What of WebAssembly is used here; the server's types have none of it. */
declare const WebAssembly: {
  readonly instantiate: (
    bytes: Uint8Array,
  ) => Promise<{ readonly instance: { readonly exports: HarfBuzzSubset } }>
}

/** Places are addresses in its memory. */
interface HarfBuzzSubset {
  readonly memory: { readonly buffer: ArrayBuffer }
  _initialize(): void
  malloc(bytes: number): number
  free(at: number): void
  hb_blob_create(at: number, bytes: number, mode: number, data: number, destroy: number): number
  hb_blob_destroy(blob: number): void
  hb_blob_get_data(blob: number, length: number): number
  hb_blob_get_length(blob: number): number
  hb_face_create(blob: number, index: number): number
  hb_face_destroy(face: number): void
  hb_face_reference_blob(face: number): number
  hb_set_add(set: number, value: number): void
  hb_subset_input_create_or_fail(): number
  hb_subset_input_destroy(input: number): void
  hb_subset_input_glyph_set(input: number): number
  hb_subset_input_set_flags(input: number, flags: number): void
  hb_subset_input_pin_axis_location(input: number, face: number, axis: number, at: number): number
  hb_subset_input_pin_all_axes_to_default(input: number, face: number): number
  hb_subset_or_fail(face: number, input: number): number
}

const WRITABLE = 2
/** No hints, which are for small screens; glyphs keep their numbers, which pages are written with. */
const FLAGS = 0x1 | 0x2
const WEIGHT_AXIS = 0x77676874

/** @throws Error when HarfBuzz cannot read the font */
export async function createFontSubset(): Promise<(face: FontFace) => Uint8Array> {
  const place = fileURLToPath(import.meta.resolve('harfbuzzjs/dist/harfbuzz-subset.wasm'))
  const { exports: harfbuzz } = (await WebAssembly.instantiate(await readFile(place))).instance
  harfbuzz._initialize()

  return ({ bytes, weight, used }) => {
    const at = harfbuzz.malloc(bytes.length)
    new Uint8Array(harfbuzz.memory.buffer).set(bytes, at)
    const blob = harfbuzz.hb_blob_create(at, bytes.length, WRITABLE, 0, 0)
    const face = harfbuzz.hb_face_create(blob, 0)
    harfbuzz.hb_blob_destroy(blob)
    const input = harfbuzz.hb_subset_input_create_or_fail()
    harfbuzz.hb_subset_input_set_flags(input, FLAGS)
    harfbuzz.hb_subset_input_pin_all_axes_to_default(input, face)
    if (weight !== undefined) {
      harfbuzz.hb_subset_input_pin_axis_location(input, face, WEIGHT_AXIS, weight)
    }
    const glyphs = harfbuzz.hb_subset_input_glyph_set(input)
    for (const { id } of used) harfbuzz.hb_set_add(glyphs, id)
    const subset = harfbuzz.hb_subset_or_fail(face, input)
    harfbuzz.hb_subset_input_destroy(input)
    if (subset === 0) throw new Error('a font could not be cut down')
    const result = harfbuzz.hb_face_reference_blob(subset)
    const from = harfbuzz.hb_blob_get_data(result, 0)
    const cut = new Uint8Array(harfbuzz.memory.buffer).slice(
      from,
      from + harfbuzz.hb_blob_get_length(result),
    )
    harfbuzz.hb_blob_destroy(result)
    harfbuzz.hb_face_destroy(subset)
    harfbuzz.hb_face_destroy(face)
    harfbuzz.free(at)
    return cut
  }
}
