/** Turns the numbers of sources in an answer's text, `[1]` say, into marks that open them. */
import type { Citation, Source } from '../../server/protocol/events.ts'
import { make } from '../ui/make.ts'
import { safeUrl } from '../markdown/grammar/index.ts'
import { defaultEndpoint } from '../conversation/connection.ts'
import { sourceWords } from '../words/en/sources.ts'
import type { AnswerStrings } from '../words/strings.ts'

/** `[1]`, `[1, 2]`, `[1-3]` and what models write in their place: `[^1]`, `【1】`, `【1†source】`. */
const CITED =
  /[[【［]\s*(\^?\d{1,3}(?:\s*[-–—,;、，；]\s*\^?\d{1,3})*)\s*(?:†[^\]】］]*)?[\]】］](?<!\[\^\d+\](?=:))/g
const RANGE = /^(\d+)\s*[-–—]\s*(\d+)$/
/** Nobody reads as many sources behind one sentence. */
const LONGEST_RANGE = 20
const NOT_INSIDE = 'a, button, code, pre, .math'
/** What a citation belongs to, where it is not known to which sentence. */
const BLOCKS = 'p, li, td, th, h1, h2, h3, h4, h5, h6, summary, blockquote'

/** Pages of the manual, which the server itself has, wherever it is on this site. */
const MANUAL = /^\/knowledge\/[a-z\d-]+\.html/

/** What a click on a source opens: its passage, else its document. */
export function addressOf({ open_url, url }: Source): string | undefined {
  const address = safeUrl(open_url ?? '') ?? safeUrl(url ?? '')
  const home = defaultEndpoint()
  const isBelow = home.startsWith(`${location.origin}/`)
  return isBelow && address && MANUAL.test(address) ? home + address : address
}

/** The numbers of `1, 3-5`; none where one of them can be no source's: `[0, 1]` is something else. */
function numbersIn(list: string): readonly number[] {
  const numbers = list.split(/[,;、，；]/).flatMap((entry) => {
    const [, first = entry, last = first] = RANGE.exec(entry.trim()) ?? []
    const length = Number(last) - Number(first) + 1
    if (length < 1 || length > LONGEST_RANGE) return [0]
    return Array.from({ length }, (_, index) => Number(first) + index)
  })
  return numbers.includes(0) ? [] : numbers
}

function createMark(source: Source, strings: AnswerStrings): HTMLElement {
  const address = addressOf(source)
  const mark = make(address === undefined ? 'button' : 'a', String(source.number))
  if (mark instanceof HTMLAnchorElement) {
    mark.href = address ?? ''
    mark.target = '_blank'
    mark.rel = 'noopener noreferrer nofollow'
  } else {
    mark.type = 'button'
    mark.setAttribute('aria-haspopup', 'dialog')
    mark.setAttribute('aria-expanded', 'false')
  }
  mark.className = 'citation'
  mark.dataset['source'] = String(source.number)
  mark.setAttribute('aria-label', sourceWords(strings).showSource(source.number, source.title))
  return mark
}

/** What follows a space, kept on the line of the words before it: a line never begins with a number. */
function bound(mark: Node | string): HTMLElement {
  const span = make('span', '\u00a0', mark)
  span.className = 'bound'
  return span
}

/** Puts marks into the text; numbers that no source has stay text. */
export function citeSources(
  root: DocumentFragment,
  sources: readonly Source[],
  strings: AnswerStrings,
): void {
  if (sources.length === 0) return
  const byNumber = new Map(sources.map((source) => [source.number, source]))
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  while (walker.nextNode()) {
    const node = walker.currentNode
    if (node instanceof Text && /[[【［]/.test(node.data)) texts.push(node)
  }
  for (const text of texts) {
    if (text.parentElement?.closest(NOT_INSIDE)) continue
    const pieces: (string | Node)[] = []
    let from = 0
    for (const match of text.data.matchAll(CITED)) {
      const numbers = numbersIn(match[1]?.replaceAll('^', '') ?? '')
      if (!numbers.some((number) => byNumber.has(number))) continue
      const marks = numbers.map((number) => {
        const source = byNumber.get(number)
        return source ? createMark(source, strings) : `[${number}]`
      })
      const before = text.data.slice(from, match.index)
      const [first = '', ...others] = marks
      if (before.endsWith(' ')) pieces.push(before.slice(0, -1), bound(first), ...others)
      else pieces.push(before, ...marks)
      from = match.index + match[0].length
    }
    if (pieces.length > 0) text.replaceWith(...pieces, text.data.slice(from))
  }
}

/** Whether something of the answer's text stands in what the citation belongs to. */
const standsBy = (mark: Element, words: string) =>
  (mark.closest(BLOCKS)?.textContent ?? '').includes(words.replaceAll(/["“”]/g, ''))

/**
 * What each mark's passage does not have of its sentence. The marks are matched with `citations` number
 * by number, in their order; where they are not as many, by the words that stand around them.
 */
export function unprovenOf(
  marks: readonly HTMLElement[],
  citations: readonly Citation[],
): readonly (readonly string[])[] {
  return marks.map((mark) => {
    const isSame = (other: HTMLElement) => other.dataset['source'] === mark.dataset['source']
    const same = marks.filter(isSame)
    const checked = citations
      .filter(({ number }) => String(number) === mark.dataset['source'])
      .map(({ unproven = [] }) => unproven)
    if (checked.length === same.length) return checked[same.indexOf(mark)] ?? []
    return [...new Set(checked.flat())].filter((words) => standsBy(mark, words))
  })
}
