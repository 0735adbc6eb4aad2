import { parseTagged } from '../protocol/tags.ts'
import { sentencesOf } from './sentences.ts'

/** A piece of a passage that can be quoted alone. */
export interface Quotable {
  readonly kind: 'sentence' | 'item' | 'code'
  /** As it stands in the passage. */
  readonly text: string
  /** Markdown that shows that text and does nothing else. */
  readonly markdown: string
}

const FENCE = /^(`{3,})[^\n`]*\n[\s\S]*?\n\1$/gm
/** What Markdown, HTML, tagged text or a citation would read as its own. */
const SPECIAL = /[\\*[\]~|$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu

function escapeProse(text: string): string {
  return text
    .replaceAll('`', '’')
    .replaceAll(/\[(\d{1,3})\]/g, '($1)')
    .replaceAll(SPECIAL, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/^(\s*)([-+>#=]|\d{1,9}[.)](?=\s))/, '$1\\$2')
    .replace(/^(\s*)\\(\d+)([.)])/, '$1$2\\$3')
}

/** Where inline code starts and ends: a run of backticks up to the next one of the same length. */
function codeSpans(text: string): readonly (readonly [start: number, end: number])[] {
  const runs = [...text.matchAll(/`+/g)]
  const spans: (readonly [number, number])[] = []
  let position = 0
  for (const [index, opener] of runs.entries()) {
    if (opener.index < position) continue
    const closer = runs.slice(index + 1).find((run) => run[0].length === opener[0].length)
    if (!closer) continue
    position = closer.index + closer[0].length
    spans.push([opener.index, position])
  }
  return spans
}

/** Somebody else's text as Markdown that shows it as it is; inline code stays code. */
export function quoteMarkdown(text: string): string {
  let markdown = ''
  let position = 0
  for (const [start, end] of codeSpans(text)) {
    markdown += escapeProse(text.slice(position, start)) + text.slice(start, end)
    position = end
  }
  return markdown + escapeProse(text.slice(position))
}

/** Whether a reader of tagged text would see nothing but text. */
const isOnlyText = (markdown: string) =>
  parseTagged(markdown).every((segment) => segment.kind === 'text')

/** What stands before an item of a list, indented in a list within a list. */
const MARKER = /^ *(?:-|\d{1,9}\.) /

function lineQuotables(line: string): Quotable[] {
  const marker = MARKER.exec(line)
  if (marker) {
    const text = line.slice(marker[0].length).trim()
    return [{ kind: 'item', text, markdown: quoteMarkdown(text) }]
  }
  return sentencesOf(line).map((text) => ({
    kind: 'sentence',
    text,
    markdown: quoteMarkdown(text),
  }))
}

const proseQuotables = (prose: string) =>
  prose
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap(lineQuotables)

/** The pieces of a passage in order; what could be taken for a tag even when quoted is left out. */
export function quotablesOf(passageText: string): readonly Quotable[] {
  const quotables: Quotable[] = []
  let position = 0
  for (const fence of passageText.matchAll(FENCE)) {
    quotables.push(...proseQuotables(passageText.slice(position, fence.index)))
    quotables.push({ kind: 'code', text: fence[0], markdown: fence[0] })
    position = fence.index + fence[0].length
  }
  quotables.push(...proseQuotables(passageText.slice(position)))
  return quotables.filter(({ markdown }) => isOnlyText(markdown))
}
