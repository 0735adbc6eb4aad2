import { expect, it } from 'vitest'
import { readBlocks } from './read-blocks.ts'
import { readInline } from './read-inline.ts'
import type { BlockToken, InlineToken } from './tokens.ts'

const inText = (tokens: readonly InlineToken[]): string[] =>
  tokens.flatMap((token) => {
    if (typeof token === 'string') return []
    if (token.type === 'math') return [`${token.display ? '$$' : '$'}${token.text}`]
    return 'tokens' in token ? inText(token.tokens) : []
  })

const formulasIn = (tokens: readonly BlockToken[]): string[] =>
  tokens.flatMap((token) => {
    if (token.type === 'math') return [`$$${token.text ?? ''}`]
    if (token.type === 'list') return token.items.flatMap((item) => formulasIn(item.tokens))
    if (token.type === 'quote') return formulasIn(token.tokens)
    return token.type === 'paragraph' ? inText(readInline(token.text, new Map())) : []
  })

const formulas = (text: string) => formulasIn(readBlocks(text))

it.each([
  ['so $x^2 + y_1$ is', '$x^2 + y_1'],
  ['$x$', '$x'],
  ['**bold $a*b*c$**', '$a*b*c'],
  ['$\\$5$ is TeX', '$\\$5'],
  ['($n$)', '$n'],
  ['inline $$E = mc^2$$ here', '$$E = mc^2'],
  ['round \\(a_i\\) ones', '$a_i'],
  ['square \\[a^2\\] ones', '$$a^2'],
  ['$$\nx = 1\n+ 2\n- 3\n$$\n', '$$\nx = 1\n+ 2\n- 3\n'],
  ['As follows:\n\\[\n# x\n\\]\nand on', '$$\n# x\n'],
  ['1. item\n\n   $$\n   a\n   $$\n', '$$\na\n'],
  ['> $y$', '$y'],
])('finds the formula in %j', (text, formula) => {
  expect(formulas(text)).toEqual([formula])
})

it.each([
  '$5 and $10',
  '$5, or US$10',
  'US$5$',
  'from $5-$10',
  '$20 to 30$ a month',
  '$HOME and $PATH',
  '$HOME/$USER',
  'only $ here',
  '$ x $',
  '`$x$` and `\\(y\\)`',
  '```\n$$x$$\n```',
  '\\$x\\$',
  '\\(\\)',
  '\\[an aside\\]',
])('takes no formula from %j', (text) => {
  expect(formulas(text).join('')).toBe('')
})

it('is not hung on a mark that never closes', () => {
  expect(readBlocks('$$\nx\n\n# Title').map(({ type }) => type)).toEqual(['paragraph', 'heading'])
})
