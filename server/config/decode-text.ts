/** Files that people write settings in, as their editors save them: UTF-8 or UTF-16, with a mark or without. */
import { isUtf8 } from 'node:buffer'

export type DecodedText =
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
