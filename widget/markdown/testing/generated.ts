/** Answers for property tests: every construct, nested in one another, with words that hold no marks. */
import * as fc from 'fast-check'
import { CONSTRUCTS } from './samples.ts'

const WORDS = [
  'answer',
  'shipping',
  'the',
  'a',
  'returns',
  'Grüße',
  'über',
  '日本語',
  'time',
  'days',
]

const word = fc.constantFrom(...WORDS)
const words = (least: number, most: number) =>
  fc.array(word, { minLength: least, maxLength: most }).map((list) => list.join(' '))

const span = fc.oneof(
  { weight: 5, arbitrary: words(1, 6) },
  words(1, 3).map((text) => `**${text}**`),
  words(1, 3).map((text) => `*${text}*`),
  words(1, 2).map((text) => `***${text}***`),
  fc.tuple(words(1, 2), words(1, 2)).map(([a, b]) => `**${a} *${b}***`),
  words(1, 2).map((text) => `~~${text}~~`),
  words(1, 2).map((text) => `\`${text}\``),
  fc.tuple(words(1, 2), word).map(([text, path]) => `[${text}](https://example.org/${path})`),
  words(1, 2).map((text) => `[**${text}**](https://example.org/x "title")`),
  words(1, 2).map((text) => `![${text}](https://example.org/p.png)`),
)

/** A line of text; it starts with a word, so that no mark is taken for a list's. */
const line = fc
  .tuple(word, fc.array(span, { minLength: 1, maxLength: 4 }))
  .map(([first, spans]) => [first, ...spans].join(' '))

const paragraph = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'))

const codeLine = fc.constantFrom('let x = 1', '', '  if (x) {', '}', 'return x')

const fence = fc
  .tuple(
    fc.constantFrom('```', '~~~', '````'),
    fc.constantFrom('', 'ts', 'py'),
    fc.array(codeLine, { minLength: 1, maxLength: 5 }),
  )
  .map(([marks, language, lines]) => [`${marks}${language}`, ...lines, marks].join('\n'))

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

const table = fc
  .tuple(
    fc.array(words(1, 2), { minLength: 2, maxLength: 2 }),
    fc.array(fc.array(span, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 }),
  )
  .map(([head, rows]) => [row(head), '|---|:--|', ...rows.map(row)].join('\n'))

/** One whose rows have no pipes at their ends. */
const bareTable = fc
  .array(fc.array(words(1, 2), { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 3 })
  .map((rows) => ['| a | b |', '--|:-:', ...rows.map((cells) => cells.join(' | '))].join('\n'))

const heading = fc
  .tuple(fc.constantFrom('#', '##', '###'), line)
  .map(([marks, text]) => `${marks} ${text}`)

const indent = (text: string, by: string) => text.replaceAll(/^(?=.)/gm, by).slice(by.length)

/** Blocks one behind the other, in lists and quotes to a depth. */
const { document } = fc.letrec<{ block: string; list: string; quote: string; document: string }>(
  (tie) => ({
    block: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      paragraph,
      { weight: 2, arbitrary: fence },
      heading,
      table,
      bareTable,
      tie('list'),
      tie('quote'),
    ),
    list: fc
      .tuple(
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.tuple(line, fc.option(tie('block'))), { minLength: 1, maxLength: 4 }),
      )
      .map(([ordered, loose, items]) =>
        items
          .map(([text, inside], index) => {
            const marker = ordered ? `${index + 1}. ` : '- '
            const body = inside === null ? text : `${text}\n\n${inside}`
            return marker + indent(body, ' '.repeat(marker.length))
          })
          .join(loose ? '\n\n' : '\n'),
      ),
    quote: fc
      .array(tie('block'), { minLength: 1, maxLength: 2 })
      .map((blocks) => blocks.join('\n\n').replaceAll(/^/gm, '> ')),
    document: fc
      .array(tie('block'), { minLength: 1, maxLength: 6 })
      .map((blocks) => blocks.join('\n\n')),
  }),
)

/** A whole answer. */
export const answers: fc.Arbitrary<string> = document

const MARKUP = [
  ...[
    '<',
    '>',
    '</',
    '<i',
    '<s ',
    '<de',
    '="',
    "'",
    '<!--',
    '-->',
    '<?php ',
    '?>',
    '<![CDATA[',
    ']]>',
  ],
  ...[
    '<b>',
    '</b>',
    '<b and c>',
    '<a href="/x">',
    '<a>',
    '</a>',
    '<br>',
    '<T>',
    '<x y="',
    '<std::x>',
  ],
  ...['<script>', '</script>', '<style>', '</style>', '<answer>', '</answer>', '<!DOCTYPE html>'],
  ...['<div>', '</div>', '<details>', '</details>', '<summary>', '</summary>', '<pre>', '</pre>'],
  ...[
    '<ul>',
    '<li>',
    '</ul>',
    '<table><tr><td>',
    '</table>',
    '<p align="center">',
    '<https://a.b>',
  ],
  ...['<img src="/x.png" alt="y">', '<input type="checkbox">', '&lt;', '**', '`', '[x](', '$$'],
  ...['word', 'word', ' ', ' ', '\n', '\n', '\n\n', '\n- ', '\n> ', '\n# ', '\n| a |\n|-|\n| '],
]

/** Tags, halves of tags and what looks like them, in any order. */
export const markupAnswers: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...MARKUP), { minLength: 1, maxLength: 14 })
  .map((pieces) => pieces.join(''))

/** What stands between two constructs: they touch, or one begins a block, or stands in one. */
const JOINTS = [
  '',
  ' ',
  '\n',
  '\n\n',
  '\n\n',
  '\n- ',
  '\n  ',
  '\n   ',
  '\n1. ',
  '\n> ',
  '\n\t',
  '. ',
]

const construct = fc.constantFrom(...Object.values(CONSTRUCTS).flat())

/** Constructs of every kind, one in another or behind it. */
export const mixedAnswers: fc.Arbitrary<string> = fc
  .array(fc.tuple(construct, fc.constantFrom(...JOINTS), fc.constantFrom('', '', '  ', '> ')), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) =>
    parts.map(([text, joint, front]) => text.replaceAll(/^(?=.)/gm, front) + joint).join(''),
  )

/** Lengths of the pieces that it comes in, used over and over. */
export const pieceLengths = fc.array(fc.integer({ min: 1, max: 12 }), {
  minLength: 1,
  maxLength: 12,
})

/** The text in pieces of these lengths. */
export function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = []
  for (let at = 0, index = 0; at < text.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return pieces
}
