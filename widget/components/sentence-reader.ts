import type { SegmentKind } from '../../server/protocol/tags.ts'
import { createTagReader } from '../parts/tag-reader.ts'

/** Turns a growing answer into sentences for reading aloud. */
export interface SentenceReader {
  /** What the answer is in the middle of; nothing while there is nothing of it. */
  readonly kind: SegmentKind | undefined
  /** Completed sentences since the last call, or an empty string. */
  read(text: string): string
  /** What is left when the answer is over. */
  end(): string
}

/** Where a sentence ends: before a space, after a full-width mark at once, and with a paragraph. */
const SENTENCE_END = /[.!?…؟۔।॥]["'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|\n\s*\n/g

const CODE = /(`+)([^`]+)\1/g
/** A pair around whole words, in the marks that Markdown has for it. */
const EMPHASIS =
  /(^|[^\p{L}\p{N}*_~])(\*{1,3}|_{1,3}|~~)([^\s*_~](?:[^*~\n]*[^\s*~])?)\2(?![\p{L}\p{N}*_~])/gmu

const withoutEmphasis = (text: string): string => {
  const less = text.replaceAll(EMPHASIS, '$1$3')
  return less === text ? text : withoutEmphasis(less)
}

/** Code is read as it stands, the text around it without its marks. */
const inlinePlain = (text: string) =>
  text
    .split(CODE)
    // The pattern's groups come between: text, fence, code, text, …
    .map((part, index) => (index % 3 === 0 ? withoutEmphasis(part) : index % 3 === 2 ? part : ''))
    .join('')

const tableRow = (line: string) => (/^[\s|:-]+$/.test(line) ? '' : line.replaceAll('|', ' '))

/** Without the marks of Markdown, which nobody wants read out; all other characters stay. */
function plain(markdown: string, startsLine: boolean): string {
  // Marks of a line are none in its middle.
  const text = startsLine ? markdown : `.${markdown}`
  const read = inlinePlain(
    text
      .replaceAll(/^\s{0,3}(?:`{3,}|~{3,}).*$/gm, '')
      .replaceAll(/^\s*\|.*$/gm, tableRow)
      .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, ''),
  )
  return (startsLine ? read : read.slice(1)).replaceAll(/\s+/g, ' ').trim()
}

/** Reads text alone: thinking and tools are shown, and not read out. */
export function createSentenceReader(): SentenceReader {
  const parser = createTagReader()
  const kinds: SegmentKind[] = []
  let waiting = ''
  let startsLine = true

  const take = (changes: ReturnType<typeof parser.push>) => {
    for (const change of changes) {
      if (change.type === 'open') kinds[change.index] = change.kind
      else if (change.type === 'append' && kinds[change.index] === 'text') waiting += change.text
    }
  }

  const readOut = (text: string) => {
    const words = plain(text, startsLine)
    if (text !== '') startsLine = text.endsWith('\n')
    return words
  }

  return {
    get kind() {
      return kinds.at(-1)
    },
    read(text) {
      take(parser.push(text))
      let cut = 0
      for (const end of waiting.matchAll(SENTENCE_END)) cut = end.index + end[0].length
      const sentences = waiting.slice(0, cut)
      waiting = waiting.slice(cut)
      return readOut(sentences)
    },
    end() {
      take(parser.end())
      const rest = waiting
      waiting = ''
      return readOut(rest)
    },
  }
}
