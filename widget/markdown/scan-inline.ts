/** Finds the marks that are open at the end of a run of Markdown text. */

import { inlineFormula, opensFormula } from './math.ts'

export interface InlineScan {
  /** Where the text to show ends: what follows is half a mark. */
  readonly end: number
  /** Ranges to leave out: start and length. */
  readonly skipped: readonly (readonly [number, number])[]
  /** What closes the open marks. */
  readonly closers: string
}

interface OpenMark {
  readonly mark: string
  readonly at: number
  length: number
}

const COMPLETE_TAG =
  /^<(?:[a-z][a-z0-9+.-]*:[^\s<>]*|\/?[a-z][^<>]*|!--[\s\S]*?--|[^\s<>]+@[^\s<>]+)>/i
const CODE_SPAN = /(`+)(?!`)[^]*?[^`]\1(?!`)/y
const HALF_TAG = /^<(?:[a-z/!?][^<>]*)?$/i
const HALF_ENTITY = /&#?[a-z0-9]{0,10}$/i
/** A citation, a footnote or a task's box in the making: nothing to show yet. */
const NOTHING_YET = /^(?:\^?\d{0,3}|[xX ]?)$/
const CITATION = /^\^?\d{1,3}$/
const WORD = /[\p{L}\p{N}]/u

const runLength = (text: string, at: number) => {
  const mark = text.charAt(at)
  let length = 1
  while (text.charAt(at + length) === mark) length += 1
  return length
}

/** Where a link's destination that starts at `at` closes, or -1. */
function destinationEnd(text: string, at: number): number {
  let depth = 0
  for (let index = at; index < text.length; index += 1) {
    const character = text.charAt(index)
    if (character === '\\') index += 1
    else if (character === '(') depth += 1
    else if (character === ')' && depth-- === 0) return index
  }
  return -1
}

export function scanInline(text: string): InlineScan {
  const open: OpenMark[] = []
  const brackets: number[] = []
  const skipped: [number, number][] = []
  let end = text.length
  let code = ''
  /** Where a link opens that is to be closed, or -1. */
  let link = -1

  const emphasis = (at: number) => {
    const mark = text.charAt(at)
    const length = runLength(text, at)
    const before = text.charAt(at - 1)
    const after = text.charAt(at + length)
    if (mark === '~' && length !== 2) {
      if (after === '') end = at
      return length
    }
    const inWord = WORD.test(before) && WORD.test(after)
    let left = length
    if (/\S/.test(before) && !(mark === '_' && inWord)) {
      for (let index = open.length - 1; left > 0 && index >= 0; index -= 1) {
        const opener = open[index]
        if (opener?.mark !== mark) continue
        const used = Math.min(opener.length, left)
        opener.length -= used
        left -= used
        open.length = opener.length > 0 ? index + 1 : index
      }
    }
    if (left === 0) return length
    if (after === '') end = at + (length - left)
    else if (/\S/.test(after) && !(inWord && (mark === '_' || left === 1))) {
      open.push({ mark, at, length: left })
    }
    return length
  }

  const codeSpan = (at: number) => {
    CODE_SPAN.lastIndex = at
    const span = CODE_SPAN.exec(text)
    if (span) return span[0].length
    const length = runLength(text, at)
    const inside = text.slice(at + length)
    if (inside.trim() === '' || /^`+$/.test(inside)) end = at
    else {
      const half = /`+$/.exec(inside)?.[0].length ?? 0
      end = text.length - (half < length ? half : 0)
      code = '`'.repeat(length)
    }
    return text.length - at
  }

  /** Where a link starts, or an image. */
  const startOf = (opening: number) => (text.charAt(opening - 1) === '!' ? opening - 1 : opening)

  const showLink = (opening: number) => {
    link = opening
    const start = startOf(opening)
    if (start < opening) skipped.push([start, 1])
  }

  const closeBracket = (at: number) => {
    const opening = brackets.pop()
    if (opening === undefined) return 1
    const next = text.charAt(at + 1)
    const label = text.slice(opening + 1, at)
    if (next === '(') {
      const close = destinationEnd(text, at + 2)
      if (close >= 0) return close + 1 - at
    } else if (next !== '' || CITATION.test(label) || NOTHING_YET.test(label)) {
      return 1
    }
    showLink(opening)
    end = Math.min(end, at)
    return text.length - at
  }

  for (let at = 0; at < text.length;) {
    const character = text.charAt(at)
    if (character === '\\' || character === '$') {
      const before = text.charAt(at - 1)
      const formula = inlineFormula(text.slice(at), before)
      if (formula) {
        at += formula.raw.length
        continue
      }
      if (opensFormula(text.slice(at), before)) {
        end = Math.min(end, at)
        break
      }
    }
    if (character === '\\') {
      if (at === text.length - 1) end = at
      at += 2
    } else if (character === '`') at += codeSpan(at)
    else if (character === '*' || character === '_' || character === '~') at += emphasis(at)
    else if (character === '[') {
      brackets.push(at)
      at += 1
    } else if (character === ']') at += closeBracket(at)
    else if (character === '!' && at === text.length - 1) {
      at += 1
    } else if (character === '<') {
      const rest = text.slice(at)
      const tag = COMPLETE_TAG.exec(rest)?.[0]
      if (!tag && HALF_TAG.test(rest)) {
        end = Math.min(end, at)
        break
      }
      at += tag?.length ?? 1
    } else at += 1
  }

  /** Marks that nothing follows are not shown. */
  const dropEmptyMarks = () => {
    for (let last = open.at(-1); last; last = open.at(-1)) {
      if (last.at + last.length < text.slice(0, end).trimEnd().length) return
      end = last.at
      open.pop()
    }
  }

  if (code === '') {
    dropEmptyMarks()
    const entity = HALF_ENTITY.exec(text.slice(0, end))
    if (entity) end = entity.index
  }
  const opening = brackets.at(-1)
  if (opening !== undefined && link < 0) {
    if (NOTHING_YET.test(text.slice(opening + 1, end))) {
      end = Math.min(end, startOf(opening))
      dropEmptyMarks()
    } else showLink(opening)
  }
  const closing = open.map(({ mark, at, length }) => ({ at, marks: mark.repeat(length) }))
  if (link >= 0) closing.push({ at: link, marks: ']()' })
  const innermostFirst = closing.toSorted((one, other) => other.at - one.at)
  return { end, skipped, closers: code + innermostFirst.map(({ marks }) => marks).join('') }
}
