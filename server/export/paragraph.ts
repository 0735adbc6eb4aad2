/** Sets a paragraph: where its lines break, and in which order its words stand on them. Lengths are points. */
import createBidi from 'bidi-js'
import type { Run } from './document.ts'
import type { Fonts, GlyphRun } from './fonts.ts'

export interface Setting {
  readonly size: number
  /** All of it. */
  readonly bold?: boolean
  readonly mono?: boolean
  /** Otherwise the text's own. */
  readonly direction?: 'ltr' | 'rtl'
}

/** A piece of a line in one style. */
export interface Word {
  readonly run: Run
  readonly glyphs: readonly GlyphRun[]
  readonly width: number
}

/** A word and how far its left end is from that of the line. */
export interface PlacedWord extends Word {
  readonly x: number
}

export interface Line {
  /** As they are read. */
  readonly words: readonly PlacedWord[]
  readonly width: number
  /** It begins at the right. */
  readonly isRightToLeft: boolean
}

/** A word where it was written, with the level of the bidirectional algorithm: odd runs from right to left. */
interface Written extends Word {
  readonly level: number
  readonly isSpace: boolean
}

const bidi = createBidi()
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

export const isRightToLeftText = (text: string): boolean =>
  RIGHT_TO_LEFT.test(text) &&
  bidi.getEmbeddingLevels(text.slice(0, 1_000)).paragraphs[0]?.level === 1

const wordSegmenter = new Intl.Segmenter('en', { granularity: 'word' })
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const PLAIN = /^[\u0020-\u007e]*$/
/** Words beyond this may break anywhere: UTF-16 units. */
const LONG = 48
/** Scripts without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3001-\u303f\uff00-\uffef]/u
/** What no line begins with, and what none ends with. */
const NEVER_FIRST =
  /^[\p{Pe}\p{Pf}!%),.:;?\]}\u00bb\u2026\u3001\u3002\u3005\u303b\u309d\u309e\u30fb-\u30fe\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\uff01\uff05\uff0c\uff0e\uff1a\uff1b\uff1f\u0e2f\u0e46\u0eaf\u0ec6]/u
const NEVER_LAST = /[\p{Ps}\p{Pi}([{\u00ab\u300c\u300e$\u00a5\u20ac]$/u

/** A text in parts between which a line may break; spaces end a part. */
function breakable(text: string): readonly string[] {
  const parts = PLAIN.test(text) ? (text.match(/[^ -]*[ -]+|[^ -]+/g) ?? []) : unspacedParts(text)
  return parts.flatMap((part) => (part.length > LONG ? graphemesOf(part) : part))
}

const graphemesOf = (text: string) => [...graphemes.segment(text)].map(({ segment }) => segment)

function unspacedParts(text: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  for (const { segment } of wordSegmenter.segment(text)) {
    const isUnspaced = UNSPACED.test(part.slice(-1)) || UNSPACED.test(segment.slice(0, 1))
    const mayBreak = isUnspaced && !NEVER_FIRST.test(segment) && !NEVER_LAST.test(part)
    const isSpace = segment.trim() === ''
    if (part !== '' && !isSpace && (mayBreak || /\s$/.test(part))) {
      parts.push(part)
      part = ''
    }
    part += segment
  }
  if (part !== '') parts.push(part)
  return parts
}

/** A width too small for anything is widened to one character a line. */
export function layOut(
  fonts: Fonts,
  runs: readonly Run[],
  width: number,
  setting: Setting,
): readonly Line[] {
  return hardLines(runs).flatMap((line) => softLines(fonts, line, width, setting))
}

/** What stands between two line ends that were written. */
function hardLines(runs: readonly Run[]): readonly (readonly Run[])[] {
  const lines: Run[][] = [[]]
  for (const run of runs) {
    const [first = '', ...more] = run.text.replaceAll('\t', '    ').split('\n')
    lines.at(-1)?.push({ ...run, text: first })
    for (const text of more) lines.push([{ ...run, text }])
  }
  return lines
}

function softLines(
  fonts: Fonts,
  runs: readonly Run[],
  width: number,
  setting: Setting,
): readonly Line[] {
  const text = runs.map((run) => run.text).join('')
  const levels =
    setting.direction === 'rtl' || RIGHT_TO_LEFT.test(text)
      ? bidi.getEmbeddingLevels(text, setting.direction)
      : undefined
  const isRightToLeft = levels?.paragraphs[0]?.level === 1
  const write = writer(fonts, runs, levels?.levels, setting)
  const lines: Line[] = []
  let line: Written[] = []
  let used = 0
  const endLine = () => {
    lines.push(placed(line, isRightToLeft))
    line = []
    used = 0
  }
  const put = (written: readonly Written[]) => {
    line.push(...written)
    used += widthOf(written)
  }
  let at = 0
  for (const part of breakable(text)) {
    const written = write(at, at + part.length)
    const needed = widthOf(withoutLastSpace(written))
    if (needed > width - used && line.length > 0) endLine()
    if (needed <= width) put(written)
    else {
      let from = at
      for (const grapheme of graphemesOf(part)) {
        const one = write(from, from + grapheme.length)
        from += grapheme.length
        if (widthOf(withoutLastSpace(one)) > width - used && line.length > 0) endLine()
        put(one)
      }
    }
    at += part.length
  }
  endLine()
  return lines
}

const widthOf = (written: readonly Written[]) => written.reduce((sum, word) => sum + word.width, 0)

function withoutLastSpace(written: readonly Written[]): readonly Written[] {
  const end = written.findLastIndex(({ isSpace }) => !isSpace)
  return written.slice(0, end + 1)
}

/** Makes the words between two places of a text whose parts have styles; the places only ever rise. */
function writer(
  fonts: Fonts,
  runs: readonly Run[],
  levels: Uint8Array | undefined,
  { size, bold: allBold = false, mono: allMono = false }: Setting,
) {
  const ends: number[] = []
  let length = 0
  for (const run of runs) ends.push((length += run.text.length))
  let current = 0

  return (from: number, to: number): readonly Written[] => {
    const written: Written[] = []
    let at = from
    while (at < to) {
      while ((ends[current] ?? length) <= at && current < runs.length - 1) current += 1
      const run = runs[current]
      if (!run) break
      const start = (ends[current] ?? length) - run.text.length
      const level = levels?.[at] ?? 0
      const isSpace = run.text.charAt(at - start) === ' '
      let end = at + 1
      const isSame = (place: number) =>
        (levels?.[place] ?? 0) === level && (run.text.charAt(place - start) === ' ') === isSpace
      const most = Math.min(to, ends[current] ?? length)
      while (end < most && isSame(end)) end += 1
      const style = { bold: allBold || run.bold === true, mono: allMono || run.code === true }
      const glyphs = fonts.shape(run.text.slice(at - start, end - start), style, level % 2 === 1)
      const width = (glyphs.reduce((sum, one) => sum + one.width, 0) * size) / 1_000
      written.push({ run, glyphs, width, level, isSpace })
      at = end
    }
    return written
  }
}

/** The words of a line in their places: rule L2 of the bidirectional algorithm. */
function placed(line: readonly Written[], isRightToLeft: boolean): Line {
  const written = withoutLastSpace(line)
  const order = [...written]
  for (let level = Math.max(0, ...written.map((word) => word.level)); level > 0; level -= 1) {
    let from = 0
    while (from < order.length) {
      let to = from
      while ((order[to]?.level ?? -1) >= level) to += 1
      order.splice(from, to - from, ...order.slice(from, to).toReversed())
      from = to + 1
    }
  }
  const places = new Map<Written, number>()
  let width = 0
  for (const word of order) {
    places.set(word, width)
    width += word.width
  }
  // Drawn as they are read, they are also found and copied so.
  const words = written.map((word) => ({ ...word, x: places.get(word) ?? 0 }))
  return { words, width, isRightToLeft }
}
