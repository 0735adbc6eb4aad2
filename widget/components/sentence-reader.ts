import { createTagParser, type SegmentKind } from '../../server/protocol/tags.ts'

/** Turns a growing answer into sentences for reading aloud. */
export interface SentenceReader {
  /** Completed sentences since the last call, or an empty string. */
  read(text: string): string
  /** What is left when the answer is over. */
  end(): string
}

const SENTENCE_END = /[.!?…。！？](?:["'”’)\]]*)(?=\s)|\n\s*\n/g

/** Without the marks of Markdown, which nobody wants read out. */
const plain = (markdown: string) =>
  markdown
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, '')
    .replaceAll(/[*_`~|]+/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** Reads text alone: thinking and tools are shown, and not read out. */
export function createSentenceReader(): SentenceReader {
  const parser = createTagParser()
  const kinds: SegmentKind[] = []
  let waiting = ''

  const take = (changes: ReturnType<typeof parser.push>) => {
    for (const change of changes) {
      if (change.type === 'open') kinds[change.index] = change.kind
      else if (change.type === 'append' && kinds[change.index] === 'text') waiting += change.text
    }
  }

  return {
    read(text) {
      take(parser.push(text))
      let cut = 0
      for (const end of waiting.matchAll(SENTENCE_END)) cut = end.index + end[0].length
      const sentences = waiting.slice(0, cut)
      waiting = waiting.slice(cut)
      return plain(sentences)
    },
    end() {
      take(parser.end())
      const rest = waiting
      waiting = ''
      return plain(rest)
    },
  }
}
