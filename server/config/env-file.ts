/**
 * The text of a file `.env`, read as Node's `parseEnv` and dotenv read it, but for one thing: a line that
 * they would pass over, or take for something else than what it was written for, is a problem.
 */
import { isUtf8 } from 'node:buffer'

// Files that people write settings in, as their editors save them: UTF-8 or UTF-16, with a mark or without.

type DecodedText =
  /** Lines end in `\n`, whatever they end in in the file; there is no byte-order mark. */
  | { readonly kind: 'text'; readonly text: string }
  /** What is wrong with a line, as a sentence without its subject. */
  | { readonly kind: 'problem'; readonly line: number; readonly problem: string }

const LINE_END = /\r\n|\r|\n/

/** Marks that begin a file; the longer ones first, because one begins like another. */
const MARKS = [
  { encoding: 'UTF-32', mark: [0xff, 0xfe, 0, 0] },
  { encoding: 'UTF-32', mark: [0, 0, 0xfe, 0xff] },
  { encoding: 'UTF-8', mark: [0xef, 0xbb, 0xbf] },
  { encoding: 'UTF-16LE', mark: [0xff, 0xfe] },
  { encoding: 'UTF-16BE', mark: [0xfe, 0xff] },
] as const

/** For a file without a mark: ASCII in UTF-16 has a zero in every pair of bytes, on one side. */
function guessEncoding(bytes: Uint8Array): (typeof MARKS)[number]['encoding'] {
  let first = 0
  let second = 0
  for (let index = 0; index < bytes.length; index += 1) {
    if (bytes[index] !== 0) continue
    if (index % 2 === 0) first += 1
    else second += 1
  }
  // Letters of other scripts have fewer, and some on the other side; a stray zero is no sign.
  const isPlain = (many: number, few: number) => many > bytes.length / 8 && few <= many / 4
  if (isPlain(second, first)) return 'UTF-16LE'
  return isPlain(first, second) ? 'UTF-16BE' : 'UTF-8'
}

/** The text of a file; bytes that are no text are a problem, never a replacement character. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte))
  const encoding = marked?.encoding ?? guessEncoding(bytes)
  const content = Buffer.from(bytes.subarray(marked?.mark.length ?? 0))
  const firstBad = (text: string, isGood: (line: string) => boolean): DecodedText => {
    const line = text.split(LINE_END).findIndex((part) => !isGood(part)) + 1
    return { kind: 'problem', line, problem: `is no text in ${encoding}; save the file as UTF-8` }
  }

  if (encoding === 'UTF-32') {
    const problem = 'is written in UTF-32, which is not read here; save the file as UTF-8'
    return { kind: 'problem', line: 1, problem }
  }
  if (encoding === 'UTF-8') {
    if (isUtf8(content)) return withoutZeros(content.toString('utf8'))
    return firstBad(content.toString('latin1'), (line) => isUtf8(Buffer.from(line, 'latin1')))
  }
  const whole = content.subarray(0, content.length - (content.length % 2))
  const text = (encoding === 'UTF-16BE' ? whole.swap16() : whole).toString('utf16le')
  if (!text.isWellFormed()) return firstBad(text, (line) => line.isWellFormed())
  if (whole.length === content.length) return withoutZeros(text)
  // Half a character is left at the end.
  const problem = `ends within a character of ${encoding}; save the file as UTF-8`
  return { kind: 'problem', line: text.split(LINE_END).length, problem }
}

function withoutZeros(text: string): DecodedText {
  const lines = text.split(LINE_END)
  const line = lines.findIndex((content) => content.includes('\0')) + 1
  if (line === 0) return { kind: 'text', text: lines.join('\n') }
  const problem = 'holds a zero character, as no text does; save the file as UTF-8'
  return { kind: 'problem', line, problem }
}

/** Something to say about a line; values never stand in it. */
export interface LineNote {
  readonly line: number
  /** A sentence without its subject, the line, and without its full stop. */
  readonly text: string
}

export interface Assignment {
  readonly line: number
  readonly name: string
  readonly value: string
  /** Lines of a quoted value that look like assignments themselves. */
  readonly within: readonly { readonly line: number; readonly name: string }[]
}

export interface ParsedEnv {
  /** In the order of the file; the last one of a name counts. */
  readonly assignments: readonly Assignment[]
  /** Lines that are not understood. */
  readonly problems: readonly LineNote[]
  /** Lines that are understood, perhaps otherwise than they were meant. */
  readonly warnings: readonly LineNote[]
}

const NAME = /^[A-Za-z_][\w.-]*$/
/** An `export` before the name is passed over, as a shell's file has it. */
const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([^=]+?)[ \t]*=/
const COMMENT = /^[ \t]*(?:#|$)/
/** Also a line of characters that only look like nothing. */
const BLANK = /^[\s\u200b\u2060]*$/
/** Where only some programs end a line: what an editor shows on a line of its own is still part of this one. */
const OTHER_LINE_END = /([\v\f\u0085\u2028\u2029])[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=/
const STRAIGHT_QUOTE = /^["'`]/
const TYPOGRAPHIC_QUOTE = /^[“”„‟‘’‚‛«»‹›＂＇]/
/** Spaces that are none, and characters without a width; not those that scripts and emoji are joined with. */
const INVISIBLE =
  '[\\u00a0\\u00ad\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff]'
const INVISIBLE_EDGE = new RegExp(`^${INVISIBLE}|${INVISIBLE}$`)

/** Reads a text whose lines end in `\n`. */
export function parseEnvText(text: string): ParsedEnv {
  const assignments: Assignment[] = []
  const problems: LineNote[] = []
  const warnings: LineNote[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length;) {
    const current = lines[index] ?? ''
    index += 1
    const line = index
    const otherEnd = OTHER_LINE_END.exec(current)?.[1]
    if (otherEnd !== undefined) {
      const what = `goes on after ${describe(otherEnd)}, which ends a line in some editors only`
      problems.push({ line, text: `${what}; put what follows it on a line of its own` })
      continue
    }
    if (COMMENT.test(current) || BLANK.test(current)) continue
    const start = ASSIGNMENT.exec(current)
    const name = start?.[1] ?? ''
    const problem = start ? nameProblem(name) : noAssignment(current)
    if (problem !== undefined) {
      problems.push({ line, text: problem })
      continue
    }
    const value = readValue(current.slice(start?.[0].length), () => lines.slice(index))
    if (value.kind === 'problem') {
      problems.push({ line, text: `sets ${name}, ${value.text}` })
      continue
    }
    if (value.hasTouchingHash) {
      const hint = 'what follows # is a comment; put the value in quotes if it belongs to it'
      warnings.push({ line, text: `sets ${name}: ${hint}` })
    }
    const within = lines.slice(index, index + value.lines - 1).flatMap((content, offset) => {
      const inner = ASSIGNMENT.exec(content)?.[1]
      return inner === undefined ? [] : [{ line: line + 1 + offset, name: inner }]
    })
    assignments.push({ line, name, value: value.text, within })
    index += value.lines - 1
  }
  return { assignments, problems, warnings }
}

type Value =
  | {
      readonly kind: 'value'
      readonly text: string
      /** How many lines it takes. */
      readonly lines: number
      /** A comment follows without a space. */
      readonly hasTouchingHash: boolean
    }
  | { readonly kind: 'problem'; readonly text: string }

/** The value that begins after the `=`, and may go on in the lines below. */
function readValue(rest: string, below: () => readonly string[]): Value {
  const first = rest.replace(/^[ \t]+/, '')
  const quote = STRAIGHT_QUOTE.exec(first)?.[0]
  if (quote !== undefined) return readQuoted([first, ...below()].join('\n'), quote)
  if (TYPOGRAPHIC_QUOTE.test(first)) {
    const text = `whose value begins with the quote ${first[0]}; write " or '`
    return { kind: 'problem', text: `${text}, also around a value that this quote belongs to` }
  }
  const [bare = ''] = rest.split('#', 1)
  const text = trim(bare)
  const invisible = INVISIBLE_EDGE.exec(text)?.[0]
  if (invisible !== undefined) {
    const what = `whose value begins or ends with ${describe(invisible)}, which cannot be seen`
    return { kind: 'problem', text: `${what}; take it out, or put quotes around the whole` }
  }
  const hasTouchingHash = bare.length < rest.length && !/[ \t]$/.test(bare)
  return { kind: 'value', text, lines: 1, hasTouchingHash }
}

function readQuoted(text: string, quote: string): Value {
  const end = text.indexOf(quote, 1)
  if (end === -1) return { kind: 'problem', text: `whose quote ${quote} is never closed` }
  const inside = text.slice(1, end)
  const count = inside.split('\n').length
  const [after = ''] = text.slice(end + 1).split('\n', 1)
  if (!COMMENT.test(after)) {
    const where = count === 1 ? 'the line' : 'a line below'
    const hint = 'put quotes around the whole, of a kind that does not stand in it'
    const problem = `whose quote ${quote} is closed before the end of ${where}; ${hint}`
    return { kind: 'problem', text: problem }
  }
  const value = quote === '"' ? inside.replaceAll('\\n', '\n') : inside
  return { kind: 'value', text: value, lines: count, hasTouchingHash: false }
}

const trim = (text: string) => text.replaceAll(/^[ \t]+|[ \t]+$/g, '')

function noAssignment(line: string): string {
  return /^[ \t]*(?:export[ \t]+)?["']?[\w.-]+["']?[ \t]*:/.test(line)
    ? 'has a colon where an = belongs; write NAME=value'
    : 'is no assignment; write NAME=value, or begin a comment with #'
}

function nameProblem(name: string): string | undefined {
  if (NAME.test(name)) return undefined
  const wrong = /[^\w.-]/u.exec(name)?.[0] ?? name.slice(0, 1)
  const where = wrong === name.slice(0, 1) ? 'begins with' : 'holds'
  return `has a name before its = that ${where} ${describe(wrong)}; names are letters, digits and _`
}

/** A character that may be invisible, in words. */
function describe(character: string): string {
  if (character === ' ') return 'a space'
  if (/^[!-~]$/.test(character)) return character
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')
  return `the character U+${code}`
}
