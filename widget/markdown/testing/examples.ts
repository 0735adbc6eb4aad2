/** Judges examples of Markdown: shown whole, cut everywhere, and against what the example says. */
import { parse } from 'marked'
import { answerStrings } from '../../words/en/answer.ts'
import { dress } from '../render/dress.ts'
import type { KeptTags } from '../grammar/index.ts'
import { htmlNodes } from '../render/render.ts'
import { createMarkdownStream } from '../stream/stream.ts'

export interface Example {
  readonly markdown: string
  readonly html: string
}

export interface Verdict {
  readonly problems: readonly string[]
  /** Shown as the grammar has it, and not as the example does. */
  readonly differs: boolean
  /** What it is shown as, where neither the example nor the grammar has it so. */
  readonly departure?: string
}

const options = { strings: answerStrings.markdown }

function show(pieces: Iterable<string>): HTMLElement {
  const container = document.createElement('div')
  const stream = createMarkdownStream(container, options)
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
  container.normalize()
  return container
}

/** Pieces of one to nine characters, the same for the same seed. */
function* piecesOf(text: string, seed: number): Generator<string> {
  let state = seed
  for (let at = 0; at < text.length;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const length = 1 + ((state >>> 16) % 9)
    yield text.slice(at, at + length)
    at += length
  }
}

function* waysToCut(text: string): Generator<readonly [string, Iterable<string>]> {
  for (let at = 1; at < text.length; at += 1) {
    yield [`cut at ${at}`, [text.slice(0, at), text.slice(at)]]
  }
  yield ['character by character', text]
  for (let seed = 1; seed <= 8; seed += 1) yield [`at random, ${seed}`, [...piecesOf(text, seed)]]
}

/** The document that HTML stands for, without what a reader does not see: white space and such. */
function plain(root: Node): string {
  if (root instanceof Text) {
    return root.parentElement?.closest('pre')
      ? root.data.trimEnd()
      : root.data.replaceAll(/\s+/g, ' ')
  }
  const inside = [...root.childNodes].map(plain).join('')
  if (!(root instanceof Element)) return inside
  // What the chat says of code, and of an image that it does not load, is no part of the document.
  if (root.matches('.code-header, .kind')) return ''
  const name = root.localName
  // Every line of an answer is one on the screen; an example has white space there.
  if (name === 'br') return ' '
  // A parser opens a link again that was never closed; a link to nowhere is text.
  if (name === 'a' && (inside.trim() === '' || !root.hasAttribute('href'))) return inside
  if (name === 'div' || name === 'pre' || name === 'thead' || name === 'tbody') return inside.trim()
  const kept = ['href', 'start', 'align', 'title']
    .filter((attribute) => root.hasAttribute(attribute))
    .map((attribute) => ` ${attribute}=${root.getAttribute(attribute)?.trim()}`)
  const isInline = root.matches('a, b, i, em, strong, del, code, span, sub, sup, kbd')
  return `<${name}${kept.join('')}>${isInline ? inside : inside.trim()}</>`
}

const simplified = (root: Node) =>
  plain(root)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?(<[^>]*>) ?/g, '$1')
    .replaceAll(/<(?:b|i|em|strong)><\/>/g, '')
    .trim()

/** HTML as it would be shown. */
const shownHtml = (html: string, kept: KeptTags = 'all') =>
  simplified(dress(htmlNodes(html, kept), options))

const asMarked = (markdown: string) => shownHtml(parse(markdown, { async: false, gfm: true }))

/** Cells of a table's row between pipes. */
const cells = (row: string) => row.split('|').length

/**
 * What our dialect reads otherwise, as CommonMark has it: an item that stands further in than the one above
 * belongs to it, and a table's delimiters may be too few.
 */
const inDialect = (markdown: string) =>
  markdown
    .replaceAll(/^ {2,3}(?=[-*+] )/gm, '    ')
    .replaceAll(/^(\|.*\|)\n(\|[-:| ]*\|[-:| ]*\|)$/gm, (_, header: string, row: string) => {
      const missing = Math.max(0, cells(header) - cells(row))
      return `${header}\n${row}${' --- |'.repeat(missing)}`
    })

/** Everything that is wrong with how an example is shown. */
export function judgeExample({ markdown, html }: Example): Verdict {
  const whole = show([markdown])
  const problems: string[] = []
  for (const [how, pieces] of waysToCut(markdown)) {
    if (!show(pieces).isEqualNode(whole)) problems.push(`${how}: ends in another document`)
  }
  const shown = simplified(whole)
  const differs = shown !== shownHtml(html) && shown !== shownHtml(html, 'none')
  // What looks like a tag and is none opens no block, and one tilde is text: both are read as though
  // they were escaped.
  const escaped = markdown.replaceAll(/<|(?<!~)~(?!~)/g, String.raw`\$&`)
  const others = [markdown, escaped, inDialect(markdown)].map(asMarked)
  if (!differs || others.includes(shown)) return { problems, differs }
  return { problems, differs, departure: `shown as ${shown}, expected ${shownHtml(html)}` }
}
