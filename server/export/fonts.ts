/**
 * Fonts for PDF files: which one has a character, and what HarfBuzz makes of a text in it. They come with
 * packages, cut by script, so that only what a text needs is unpacked; for scripts beyond those, the system's.
 */
import { readFile, readdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  Blob,
  Buffer as ShapeBuffer,
  Direction,
  Face,
  Feature,
  Font,
  shape,
  Variation,
} from 'harfbuzzjs'
import decompress from 'woff2-encoder/decompress'
import { z } from 'zod'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

/** A font in one weight, as it goes into a file. */
export interface FontFace {
  /** What pages of the file call it. */
  readonly name: string
  readonly bytes: Uint8Array
  /** On the axis `wght`; `undefined` when it has none. */
  readonly weight: number | undefined
  readonly font: Font
  /** Glyphs that were drawn, each with the text it stands for; their codes in the file count from 1. */
  readonly used: { readonly id: number; readonly text: string }[]
  readonly codes: Map<string, number>
}

/** Lengths are thousandths of the font's size. */
export interface Glyph {
  /** In the file. */
  readonly code: number
  /** What the font says. */
  readonly width: number
  /** How far the pen goes here. */
  readonly advance: number
  readonly dx: number
  readonly dy: number
}

/** Glyphs of one face from left to right. */
export interface GlyphRun {
  /** `undefined`: no font has these characters. */
  readonly face: FontFace | undefined
  readonly glyphs: readonly Glyph[]
  readonly width: number
  /** In reading order, where the glyphs alone do not tell it. */
  readonly text: string | undefined
}

export interface TextStyle {
  readonly bold: boolean
  readonly mono: boolean
}

export interface Fonts {
  /** Text that runs in one direction. */
  shape(text: string, style: TextStyle, isRightToLeft: boolean): readonly GlyphRun[]
  /** Those that something was drawn with. */
  faces(): readonly FontFace[]
  /** Characters that no font has. */
  readonly missing: ReadonlySet<string>
}

const REGULAR = 400
const BOLD = 700
/** Codes have 16 bits. */
const MOST_CODES = 65_000
/** A box in place of a character. */
const BOX: Glyph = { code: 0, width: 700, advance: 700, dx: 0, dy: 0 }
/** Texts whose glyphs are remembered, and UTF-16 units of one. */
const MOST_SHAPED = 20_000
const LONGEST_SHAPED = 64

type Kind = 'sans' | 'mono' | 'emoji' | 'symbols'

/** Packages in which a character is looked for, in this order; each has Latin letters of its own. */
const PACKAGES: readonly { readonly name: string; readonly kind: Kind }[] = [
  { name: 'jetbrains-mono', kind: 'mono' },
  { name: 'noto-sans-devanagari', kind: 'sans' },
  { name: 'noto-sans-arabic', kind: 'sans' },
  { name: 'noto-sans-jp', kind: 'sans' },
  { name: 'noto-emoji', kind: 'emoji' },
]
/** Parts of a package with signs, among which there are letters of another design. */
const SYMBOLS = /^(?:math|symbols)$/

/** A font of a package that has some of its characters. */
interface Slice {
  readonly kind: Kind
  readonly path: string
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

/** A font that is unpacked, in the weights that were asked for. */
interface Loaded {
  readonly regular: FontFace
  readonly bold: FontFace
}

/** What a package says of its parts. */
const UnicodeRanges = z.record(z.string(), z.string())

/** `U+0-7f,U+a0` */
const rangesOf = (text: string) =>
  text.split(',').map((range): [number, number] => {
    const [from = '', to = from] = range.trim().slice(2).split('-')
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
  })

/** What a package has; nothing when it is not there. */
async function slicesOf({ name, kind }: (typeof PACKAGES)[number]): Promise<readonly Slice[]> {
  try {
    const place = import.meta.resolve(`@fontsource-variable/${name}/unicode.json`)
    const unicode = UnicodeRanges.parse(JSON.parse(await readFile(fileURLToPath(place), 'utf8')))
    return Object.entries(unicode).map(([subset, ranges]) => {
      const file = `files/${name}-${subset.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`
      return {
        kind: SYMBOLS.test(subset) ? 'symbols' : kind,
        path: fileURLToPath(new URL(file, place)),
        ranges: rangesOf(ranges),
      }
    })
  } catch {
    // It was left out of this installation: the system's fonts stand in.
    return []
  }
}

const hasCharacter = ({ ranges }: Slice, point: number) =>
  ranges.some(([from, to]) => from <= point && point <= to)

/** Characters that are never drawn by themselves. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Variation_Selector}]/u
const EMOJI = /\p{Emoji_Presentation}/u
const PLAIN = /^[\u0020-\u007e]*$/
const AS_EMOJI = '\ufe0f'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Makes ready what these texts need. Never fails for a font that is not there. */
export async function loadFonts(texts: Iterable<string>): Promise<Fonts> {
  const needed = new Set<string>(' ')
  for (const text of texts) for (const character of text) needed.add(character)
  const slices = (await Promise.all(PACKAGES.map(slicesOf))).flat()
  const loaded = new Map<string, Promise<Loaded>>()
  const faces: FontFace[] = []

  const faceOf = (bytes: Uint8Array, weight: number): FontFace => {
    const face = new Face(new Blob(bytes))
    const isVariable = 'wght' in face.getAxisInfos()
    const font = new Font(face)
    font.setScale(1_000, 1_000)
    if (isVariable) font.setVariations([new Variation('wght', weight)])
    const made = {
      name: `F${faces.length}`,
      bytes,
      weight: isVariable ? weight : undefined,
      font,
      used: [],
      codes: new Map(),
    }
    faces.push(made)
    return made
  }
  const bothOf = (bytes: Uint8Array): Loaded => ({
    regular: faceOf(bytes, REGULAR),
    bold: faceOf(bytes, BOLD),
  })
  const load = (path: string) => {
    const known =
      loaded.get(path) ?? readFile(path).then(async (file) => bothOf(await decompress(file)))
    loaded.set(path, known)
    return known
  }

  /** The first font that has it, of the kinds in their order. */
  const find = async (character: string, kinds: readonly Kind[]): Promise<Loaded | undefined> => {
    const point = character.codePointAt(0) ?? 0
    for (const kind of kinds) {
      for (const slice of slices) {
        if (slice.kind !== kind || !hasCharacter(slice, point)) continue
        const there = await load(slice.path)
        if (there.regular.font.nominalGlyph(point)) return there
      }
    }
    return undefined
  }

  const byKind = {
    sans: new Map<string, Loaded>(),
    mono: new Map<string, Loaded>(),
    emoji: new Map<string, Loaded>(),
  }
  const missing = new Set<string>()
  for (const character of needed) {
    if (UNSEEN.test(character)) continue
    const kinds: readonly Kind[] = EMOJI.test(character)
      ? ['emoji', 'sans']
      : ['sans', 'mono', 'symbols', 'emoji']
    const sans = await find(character, kinds)
    if (sans) byKind.sans.set(character, sans)
    else missing.add(character)
    const mono = await find(character, ['mono'])
    if (mono) byKind.mono.set(character, mono)
    const emoji = needed.has(AS_EMOJI) ? await find(character, ['emoji']) : undefined
    if (emoji) byKind.emoji.set(character, emoji)
  }
  for await (const { bytes, characters } of systemFontsFor(missing)) {
    const system = bothOf(bytes)
    for (const character of characters) byKind.sans.set(character, system)
  }

  /** What draws a grapheme. */
  const fontFor = (grapheme: string, { mono }: TextStyle): Loaded | undefined => {
    const [first = ''] = grapheme
    const asEmoji = grapheme.includes(AS_EMOJI) ? byKind.emoji.get(first) : undefined
    return asEmoji ?? (mono ? byKind.mono.get(first) : undefined) ?? byKind.sans.get(first)
  }

  const buffer = new ShapeBuffer()
  const plainFeatures = [new Feature('liga', 0), new Feature('calt', 0)]
  const shaped = new Map<string, readonly GlyphRun[]>()

  function shapeIn(
    face: FontFace,
    text: string,
    { mono }: TextStyle,
    isRightToLeft: boolean,
  ): GlyphRun {
    buffer.reset()
    buffer.addText(text)
    buffer.setDirection(isRightToLeft ? Direction.RTL : Direction.LTR)
    buffer.guessSegmentProperties()
    shape(face.font, buffer, mono ? plainFeatures : [])
    const infos = buffer.getGlyphInfos()
    const positions = buffer.getGlyphPositions()
    const read = textsOf(
      text,
      infos.map(({ cluster }) => cluster),
      isRightToLeft,
    )
    let width = 0
    const glyphs = infos.map(({ codepoint: id }, index): Glyph => {
      const { xAdvance: advance = 0, xOffset: dx = 0, yOffset: dy = 0 } = positions[index] ?? {}
      width += advance
      const code = codeOf(face, id, read[index] ?? NO_TEXT)
      return { code, width: face.font.glyphHAdvance(id), advance, dx, dy }
    })
    const isPlain = !isRightToLeft && infos.every(({ cluster }, index) => cluster === index)
    return { face, glyphs, width, text: isPlain ? undefined : text }
  }

  function shapeAll(text: string, style: TextStyle, isRightToLeft: boolean): readonly GlyphRun[] {
    const visible = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    const parts: { loaded: Loaded | undefined; text: string }[] = []
    const pieces = PLAIN.test(visible)
      ? [visible]
      : [...graphemes.segment(visible)].map(({ segment }) => segment)
    for (const piece of pieces) {
      const last = parts.at(-1)
      const isUnseen = UNSEEN.test(Array.from(piece)[0] ?? '')
      const found = isUnseen ? last?.loaded : fontFor(piece, style)
      if (isUnseen && !found) continue
      if (last && last.loaded === found) last.text += piece
      else parts.push({ loaded: found, text: piece })
    }
    const runs = parts.map((part): GlyphRun => {
      if (part.loaded) {
        const face = style.bold ? part.loaded.bold : part.loaded.regular
        return shapeIn(face, part.text, style, isRightToLeft)
      }
      const boxes = [...graphemes.segment(part.text)].map(() => BOX)
      return {
        face: undefined,
        glyphs: boxes,
        width: boxes.length * BOX.advance,
        text: undefined,
      }
    })
    return isRightToLeft ? runs.toReversed() : runs
  }

  return {
    missing,
    faces: () => faces.filter(({ used }) => used.length > 0),
    shape(text, style, isRightToLeft) {
      const key = `${style.bold ? 'b' : ''}${style.mono ? 'm' : ''}${isRightToLeft ? '<' : '>'}${text}`
      const known = shaped.get(key)
      if (known) return known
      const runs = shapeAll(text, style, isRightToLeft)
      if (shaped.size >= MOST_SHAPED) shaped.clear()
      if (text.length <= LONGEST_SHAPED) shaped.set(key, runs)
      return runs
    },
  }
}

/** Stands for a glyph that draws a part of what another one stands for: nobody sees or reads it. */
const NO_TEXT = '\u2060'

/**
 * The part of the text that each glyph stands for, so that it can be found in the file and copied. A cluster has
 * its characters on its glyphs one by one, the last of them with what is left.
 */
function textsOf(
  text: string,
  clusters: readonly number[],
  isRightToLeft: boolean,
): readonly string[] {
  const starts = [...new Set(clusters)].toSorted((a, b) => a - b)
  const texts = clusters.map(() => NO_TEXT)
  for (const [index, start] of starts.entries()) {
    const places = clusters.flatMap((cluster, place) => (cluster === start ? [place] : []))
    if (isRightToLeft) places.reverse()
    const characters = Array.from(text.slice(start, starts[index + 1]))
    for (const [at, place] of places.entries()) {
      const isLast = at === places.length - 1
      const own = characters.slice(at, isLast ? undefined : at + 1).join('')
      if (own !== '') texts[place] = own
    }
  }
  return texts
}

/** The code of a glyph with that text in a file. */
function codeOf({ codes, used }: FontFace, id: number, text: string): number {
  const key = `${id} ${text}`
  const known = codes.get(key)
  if (known !== undefined) return known
  // Where there is no room left, the glyph is right at least.
  if (used.length >= MOST_CODES) return codes.get(String(id)) ?? 0
  // 0 is for what is not there.
  const code = used.length + 1
  used.push({ id, text })
  codes.set(key, code)
  if (!codes.has(String(id))) codes.set(String(id), code)
  return code
}

/* The system's fonts, for characters that no font of ours has. */

const FOLDERS = [
  '/usr/share/fonts',
  '/usr/local/share/fonts',
  join(homedir(), '.fonts'),
  join(homedir(), '.local/share/fonts'),
  '/System/Library/Fonts',
  '/Library/Fonts',
  'C:\\Windows\\Fonts',
]
/** Files that are looked into at most, bytes of one, and milliseconds for all. */
const MOST_FILES = 300
const LARGEST = 40_000_000
const PATIENCE = 5_000

/** Fonts that fit plain text come first: Noto's, which are made for one script each, before others. */
const rank = (path: string) => {
  const name = basename(path).toLowerCase()
  const isStyled = /bold|italic|oblique|mono|condensed|light|thin|black|serif/.test(name)
  return (isStyled ? 2 : 0) + (name.startsWith('noto') ? 0 : 1)
}

async function fontFiles(): Promise<readonly string[]> {
  const lists = await Promise.all(
    FOLDERS.map(async (folder) => {
      try {
        const names = await readdir(folder, { recursive: true })
        return names.map((name) => join(folder, name))
      } catch {
        // A folder of another system.
        return []
      }
    }),
  )
  const files = lists.flat().filter((path) => /\.tt[fc]$/i.test(path))
  return files.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_FILES)
}

/** A font with the characters that it adds. */
interface SystemFont {
  readonly bytes: Uint8Array
  readonly characters: readonly string[]
}

/** Takes out of `missing` what it finds. */
async function* systemFontsFor(missing: Set<string>): AsyncGenerator<SystemFont> {
  const until = performance.now() + PATIENCE
  const files = missing.size === 0 ? [] : await fontFiles()
  for (const path of files) {
    if (missing.size === 0 || performance.now() > until) return
    const font = await readFont(path)
    const characters = [...missing].filter((character) => font?.has(character.codePointAt(0) ?? 0))
    if (!font || characters.length === 0) continue
    for (const character of characters) missing.delete(character)
    yield { bytes: font.bytes, characters }
  }
}

/** `undefined` for a file that cannot be read, or whose outlines are not TrueType's. */
async function readFont(path: string) {
  try {
    if ((await stat(path)).size > LARGEST) return undefined
    const bytes = new Uint8Array(await readFile(path))
    const face = new Face(new Blob(bytes))
    if (!face.referenceTable('glyf')) return undefined
    const points = new Set(face.collectUnicodes())
    return { bytes, has: (point: number) => points.has(point) }
  } catch {
    // Broken, or no business of ours.
    return undefined
  }
}
