/** What is drawn of a growing text is counted: not the time, which tells of the machine. */
import { answerStrings } from '../words/en/answer.ts'
import { sanitizer } from './render/raw-html.ts'
import { createMarkdownStream, longBlocks } from './stream/stream.ts'
import { loadGrammars } from '../testing/scripted/load-grammars.ts'

/** Four times the text costs four times as much, or sixteen where it is drawn anew with every piece. */
const LINEAR = 8
const PIECE = 12

/** Calls of `append` while something is done, and the characters that they were given. */
function drawnBy(work: () => void): number {
  const { append } = Element.prototype
  let drawn = 0
  Element.prototype.append = function count(...nodes) {
    drawn += 1
    for (const node of nodes) drawn += typeof node === 'string' ? node.length : 1
    append.apply(this, nodes)
  }
  try {
    work()
  } finally {
    Element.prototype.append = append
  }
  return drawn
}

function follow(text: string): void {
  const container = document.createElement('div')
  const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
  for (let at = 0; at < text.length; at += PIECE) {
    stream.append(text.slice(at, at + PIECE))
    stream.render()
  }
  stream.end()
}

const numbered = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('')

/** Texts of about so many lines of ten characters. */
const TEXTS: Readonly<Record<string, (size: number) => string>> = {
  'a paragraph of many lines': (size) => 'some words\n'.repeat(size),
  'a line without an end': (size) => 'some words '.repeat(size),
  'a word without an end': (size) => 'word'.repeat(size * 2),
  'text in bold that never closes': (size) => `**${'some words '.repeat(size)}`,
  'brackets that never close': (size) => '[some (words '.repeat(size),
  'a quote': (size) => '> some words\n'.repeat(size),
  'quotes in a quote': (size) => `> a\n${'> > words\n'.repeat(size)}`,
  'a list': (size) => '- an item\n'.repeat(size),
  'a list in an item': (size) => `1. a\n${'   - an item\n'.repeat(size)}`,
  'paragraphs in an item': (size) => `- a\n${'\n  words\n'.repeat(size)}`,
  'lazy lines of an item': (size) => `- a\n${'some words\n'.repeat(size)}`,
  'a table': (size) => `| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(size)}`,
  'a table behind a line of text': (size) =>
    `As follows:\n| a |\n|---|\n${'| some |\n'.repeat(size)}`,
  code: (size) => `\`\`\`\n${'some code\n'.repeat(size)}`,
  'a line of code without an end': (size) => `\`\`\`\n${'some code '.repeat(size)}`,
  'indented code': (size) => '    code\n'.repeat(size),
  'code in an item': (size) => `- a\n  \`\`\`\n${'  code\n'.repeat(size)}`,
  'an HTML block': (size) => `<div>\n${'some words\n'.repeat(size)}`,
  'an HTML element that never closes': (size) => `<details>\n\n${'some words\n\n'.repeat(size)}`,
  'a comment that never closes': (size) => `<!--\n${'some words\n'.repeat(size)}`,
  'a formula that never closes': (size) => `$$\n${'some words\n'.repeat(size)}`,
  'formulas that are none': (size) => '$$\nsome\n\n'.repeat(size),
  definitions: (size) => numbered(size, (index) => `[a${index}]: /x\n`),
  'references, and then definitions': (size) =>
    numbered(size, (index) => `See [a${index}].\n\n`) +
    numbered(size, (index) => `[a${index}]: /x\n`),
  'definitions, and then references': (size) =>
    numbered(size, (index) => `[a${index}]: /x\n\n`) + numbered(size, (index) => `[a${index}]\n\n`),
  'a list of references, and then definitions': (size) =>
    `${numbered(size, (index) => `- [a${index}]\n`)}\n${numbered(size, (index) => `[a${index}]: /x\n\n`)}`,
  'a paragraph of references, and then definitions': (size) =>
    `${numbered(size, (index) => `[a${index}] `)}\n\n${numbered(size, (index) => `[a${index}]: /x\n\n`)}`,
  'a wide table of short rows': (size) =>
    `${'|a'.repeat(size / 2)}|\n${'|-'.repeat(size / 2)}|\n${'|b|\n'.repeat(size / 2)}`,
}

describe('a Markdown stream', () => {
  before(async () => {
    await Promise.all([sanitizer.load(), loadGrammars()])
    await longBlocks.load()
  })

  for (const [name, make] of Object.entries(TEXTS)) {
    it(`draws no more for each piece the longer it gets: ${name}`, () => {
      const size = 500
      const some = drawnBy(() => follow(make(size)))
      const more = drawnBy(() => follow(make(4 * size)))
      const growth = more / some
      if (growth >= LINEAR) throw new Error(`${growth.toFixed(1)} times as much: ${some}, ${more}`)
    })
  }
})
