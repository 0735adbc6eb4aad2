import { withoutForeignCitations } from '../../server/protocol/citation-marks.ts'
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

/** At the end of a text: what may become a sentence's end with what comes. */
const MAY_END = /[.!?…؟۔।॥"'”’»)\]\s]/
/** Characters of it. */
const LONGEST_END = 100
const CODE = /(?<!`)(`+)(?!`)([^`]+)\1(?!`)/g
/** A pair around whole words, in the marks that Markdown has for it. */
const EMPHASIS =
  /(^|[^\p{L}\p{N}*_~])(\*{1,3}|_{1,3}|~~)([^\s*_~](?:[^*~\n]{0,300}[^\s*~])?)\2(?![\p{L}\p{N}*_~])/gmu

/** Emphasis in emphasis, as deep as people write it. */
const DEEPEST = 4

function withoutEmphasis(text: string): string {
  let less = text
  for (let depth = 0; depth < DEEPEST; depth += 1) less = less.replaceAll(EMPHASIS, '$1$3')
  return less
}

/** Links, and images, which may stand in links. */
const LINK = /!?\[([^[\]]*)\]\((?:[^()]|\([^()]*\))*\)/g

const withoutLinks = (text: string) => text.replaceAll(LINK, '$1').replaceAll(LINK, '$1')

/** Code is read as it stands, the text around it without its marks. */
const inlinePlain = (text: string) =>
  text
    .split(CODE)
    // The pattern's groups come between: text, fence, code, text, …
    .map((part, index) => (index % 3 === 0 ? withoutEmphasis(part) : index % 3 === 2 ? part : ''))
    .join('')

/** The number of a note. */
const NOTE = /\[\^[^\][\s]+\]:?/g

const tableRow = (line: string) => (/^[\s|:-]+$/.test(line) ? '' : line.replaceAll('|', ' '))

/** Without the marks of Markdown, which nobody wants read out; all other characters stay. */
function plain(markdown: string, startsLine: boolean): string {
  // Marks of a line are none in its middle.
  const text = withoutForeignCitations(startsLine ? markdown : `.${markdown}`)
  const lines = text
    .replaceAll(/^[ \t]{0,3}(?:`{3,}|~{3,}).*$/gm, '')
    .replaceAll(/^[ \t]*\|.*$/gm, tableRow)
  const read = inlinePlain(
    withoutLinks(lines.replaceAll(NOTE, '')).replaceAll(
      /^[ \t]{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm,
      '',
    ),
  )
  return (startsLine ? read : read.slice(1)).replaceAll(/\s+/g, ' ').trim()
}

/** Reads text alone: thinking and tools are shown, and not read out. */
export function createSentenceReader(): SentenceReader {
  const parser = createTagReader()
  const kinds: SegmentKind[] = []
  /** In pieces, what is known to hold no sentence's end, and what may. */
  let begun: string[] = []
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
      const sentences = cut > 0 ? begun.join('') + waiting.slice(0, cut) : ''
      if (cut > 0) begun = []
      let searched = waiting.length
      const least = Math.max(cut, searched - LONGEST_END)
      while (searched > least && MAY_END.test(waiting.charAt(searched - 1))) searched -= 1
      begun.push(waiting.slice(cut, searched))
      waiting = waiting.slice(searched)
      return readOut(sentences)
    },
    end() {
      take(parser.end())
      const rest = begun.join('') + waiting
      begun = []
      waiting = ''
      return readOut(rest)
    },
  }
}
