import { beforeAll, expect, it } from 'vitest'
import { outlineOfBlocks, outlineOfText } from '../testing/outline.ts'
import { readBlocks } from './read-blocks.ts'
import { readInline } from './read-inline.ts'
import type { BlockToken, InlineToken } from './tokens.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

beforeAll(async () => {
  await loadGrammars()
})

const inText = (tokens: readonly InlineToken[]): string[] =>
  tokens.flatMap((token) => {
    if (typeof token === 'string') return []
    if (token.type === 'math') return [`${token.display ? '$$' : '$'}${token.text}`]
    return 'tokens' in token ? inText(token.tokens) : []
  })

const inRun = (text: string) => inText(readInline(text, new Map()))

const formulasIn = (tokens: readonly BlockToken[]): string[] =>
  tokens.flatMap((token) => {
    if (token.type === 'math') return [`$$${token.text ?? ''}`]
    if (token.type === 'list') return token.items.flatMap((item) => formulasIn(item.tokens))
    if (token.type === 'quote') return formulasIn(token.tokens)
    if (token.type === 'table') return [token.header, ...token.rows].flat().flatMap(inRun)
    return token.type === 'paragraph' ? inRun(token.text) : []
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
  ['函数$g(t)$在此单调', ['$g(t)$']],
  ['若$b<1$，则$\\log b$为负；（$m\\le 2$）。', ['$b<1$', '$\\log b$', '$m\\le 2$']],
  ['関数$y=x^2$のグラフ、행렬$A$의 값', ['$y=x^2$', '$A$']],
  ['ค่าของ$x_1$คือ', ['$x_1$']],
  ['the $m$th row, the $(k+1)$st, an $r$-tuple and all $p$s', ['$m$', '$(k+1)$', '$r$', '$p$']],
  ['with $ \\omega $ and $ \\phi_1 $, so $ a = b $', ['$ \\omega $', '$ \\phi_1 $', '$ a = b $']],
  ['GitHub has $`y^3`$ too', ['$y^3$']],
  ['on $[0, 1)$, $]0, 1[$ and $(a, b]$', ['$[0, 1)$', '$]0, 1[$', '$(a, b]$']],
  ['$$p = \\text{fee} + \\$3$$', ['$$p = \\text{fee} + \\$3$$']],
  ['$$f(x) = \\text{0 if $x<0$}$$', ['$$f(x) = \\text{0 if $x<0$}$$']],
  ['It is\n\\[ y \\]\nand \\[ 17 \\] then.', ['$$ y $$', '$$ 17 $$']],
  ['Well, \\(b\\) is $$c$$, or $$d = 1$$. So', ['$b$', '$$c$$', '$$d = 1$$']],
  ['$$Total Cost = Fixed Cost + Rent$$', ['$$Total Cost = Fixed Cost + Rent$$']],
  ['$|u|$ of $P(A|B)$ in $\\{n | n>1\\}$', ['$|u|$', '$P(A|B)$', '$\\{n | n>1\\}$']],
  [
    '| of | is |\n|-|-|\n| $|u|$ | size |\n| \\(P(a|b)\\) | $p(c | d)$ |',
    ['$|u|$', '$P(a|b)$', '$p(c | d)$'],
  ],
  ['$F=-kx$ and $-kx$', ['$F=-kx$', '$-kx$']],
  [
    'CO$_2$ and H$_2$O, kg m$^{-2}$, 20$^\\circ$C, Na$^+$',
    ['$_2$', '$_2$', '$^{-2}$', '$^\\circ$', '$^+$'],
  ],
  [
    '7 $\\mu$m, $\\sim$8, 3$\\times$3, TNF$\\alpha$, IL-1$\\beta_1$s, $x \\in ]0,1]$, $]0, 1]$',
    [
      ...['$\\mu$', '$\\sim$', '$\\times$', '$\\alpha$', '$\\beta_1$'],
      ...['$x \\in ]0,1]$', '$]0, 1]$'],
    ],
  ],
  ['\\( dx \\), \\(abc\\) and \\[ ABC \\]', ['$ dx $', '$abc$', '$$ ABC $$']],
])('finds all formulas in %j', (text, found) => {
  // Both marks, to see what is between them.
  expect(formulas(text).map((tex) => tex.replace(/^(\$+)([^]*)$/, '$1$2$1'))).toEqual(found)
})

it.each([
  ['$$\nu = 2\n$$.\n\nThen.', 'math:⏎u = 2⏎ p:Then.'],
  ['$$\nu = v\n$$,\nwhere **u** is', 'math:⏎u = v⏎ p:where **u** is'],
  ['$$\nu\n\nv\n$$\n\nThen.', 'math:⏎u⏎⏎v⏎ p:Then.'],
  ['\\[\nu\n\nv\n\\]\nThen.', 'math:⏎u⏎⏎v⏎ p:Then.'],
  ['$$\nfee = \\$3\n$$', 'math:⏎fee = \\$3⏎'],
  ['\\[ 17 \\]', 'math: 17 '],
  ['$$ u $$', 'math: u '],
  ['- $$\n  - u\n  $$\n- b', 'list(item(math:⏎- u⏎) item(p:b))'],
  ['> $$\n> u\n> $$\n> b', 'quote(math:⏎u⏎ p:b)'],
  [
    '\\begin{aligned} u &= 1 \\\\ v &= 2 \\end{aligned}',
    'math:\\begin{aligned} u &= 1 \\\\ v &= 2 \\end{aligned}',
  ],
  [
    '\\begin{cases}\n\\begin{cases}\n1\n\\end{cases}\n\\end{cases}.',
    'math:\\begin{cases}⏎\\begin{cases}⏎1⏎\\end{cases}⏎\\end{cases}',
  ],
])('reads %j as a formula on lines of its own', (text, outline) => {
  expect(outlineOfBlocks(readBlocks(text)).replaceAll('\n', '⏎')).toBe(outline)
})

it.each([
  ['$$\nu\n$$ with **words**\nbehind', '<math>⏎u⏎</> with <strong>words</><br>⏎behind'],
  ['so\n$$\n- u\n\nv\n$$ is', 'so<br>⏎<math>⏎- u⏎⏎v⏎</> is'],
  [
    'The \\begin{pmatrix}1\\\\2\\end{pmatrix} here',
    'The <math>\\begin{pmatrix}1\\\\2\\end{pmatrix}</> here',
  ],
])('keeps %j one paragraph', (text, outline) => {
  const [token, ...others] = readBlocks(text)
  expect(others).toEqual([])
  const shown = token?.type === 'paragraph' ? outlineOfText(readInline(token.text, new Map())) : ''
  expect(shown.replaceAll('\n', '⏎')).toBe(outline)
})

it.each([
  '$5 and $10',
  '$5, or US$10',
  'US$5$',
  'from $5-$10',
  '$20 to 30$ a month',
  '5$ or 10$, 20 $ et 30 $ par mois',
  'Between $1,000 and 2,000$ (or $3k/$4k)',
  'Income ($) and spending ($) per year',
  '[$] and ($), "$" or \'$\'; “$” – ‘$’',
  'Signs: $, €, £ and $; also ¥/$/€.',
  '€5 = $6, £7 = $8 and 9$ = 8€',
  '$5 = 4€ or 6$',
  '$10–15$ or $20 – 25$',
  '$-linked bonds and $-linked loans; ($-based)/($-backed)',
  'R$ 5 e R$ 10, A$7/NZ$8, C$ 9 (HK$ 70, NT$ 200)',
  '$USD - US$ rates',
  '**$5** and **$6**, **7$**',
  '价格是$5，原价$8；花了$5或者6$。',
  '用$符号和$符号，以及$和¥。',
  '美元（$）和人民币（¥）、$20=¥140，另付$30',
  'ราคา$5ถึง$10 หรือ 20$ ต่อ 30$',
  '価格は$5から$10です。約$5〜10$です。',
  'Cafés: A ($$), B ($$$), C ($$).',
  'From $$ to $$$ in summer, $$ in winter.',
  'Cost: $$ / $$$ / $$$$',
  '$$ (fair), $$ (still fair), $$–$$$',
  '$ – low\n$$ – middle\n$$$ – high\n\nEnd.',
  '$$ – middle\n$$ – also middle\n- item\n$$ x',
  '- $ low\n- $$ middle\n- $$$ high',
  '- $$\n- $$$\n\n$$',
  '人均$$，$$以上',
  'a | b\n-|-\n$$ | fair\n$$$ | high',
  '| a | b |\n|-|-|\n| $5 | $6 |\n| 5$ | 6$ |\n| $x | y$ |',
  '$HOME and $PATH',
  '$HOME/$USER and $HOME:$PATH',
  'only $ here',
  '$ x $',
  '$(pwd) and $(date); $(a)$(b)',
  'Use $(this) or $("p"); $.ajax/$.get, $.each(a, $.noop)',
  '${a}${b}, ${HOME}/$X, ${x} and ${y}$',
  'PHP $a->b, $c["d"], $_GET["e"]/$_POST["f"]; $a.$b',
  'Perl $_ and @$_, @$x, %$y, $#a, $x{$y}, $0-$9',
  '$$ is the process id, $! and $? too; kill $$',
  '$$name and $$other; $$a=$$b',
  'regex ($|\\s) or (^|$), ^a$ or ^b$, ^\\d+$|^\\w+$, /^a$/ and /b$/',
  's/a$/b$/ and foo$bar$baz',
  "awk '{print $1}' or '{print $NF}' on $2",
  'f <$> a <*> b <$> c',
  'Ke$ha and A$AP; M$ and $M',
  '\\\\srv\\C$\\Users\\ann and \\\\srv\\D$\\Data; $env:a\\bin;$env:b, a[$], b[$]',
  '$AAPL, $MSFT and $BTC/$ETH',
  '`$x$` and `\\(y\\)`',
  'costs $5 `code$` here',
  '```\n$$x$$\n```',
  '\\$x\\$',
  '\\(\\)',
  '\\[an aside\\]',
  '\\[1\\] and \\[x\\], \\[sic\\] \\[ sic \\] \\[a_b\\](/c)',
  'Formula \\( is an escaped bracket, and \\) closes it',
  '\\begin{itemize}\n\\item a\n\\end{itemize}',
  'Use \\begin{aligned} to open and \\end{aligned} to close',
  '```tex\n\\begin{aligned} x \\end{aligned}\n```',
  '$$\nThis is what never closes and goes on\n- a\n$$',
])('takes no formula from %j, and keeps its dollars', (text) => {
  expect(formulas(text).join('')).toBe('')
  const [tokens, dollars] = [readBlocks(text), text.replaceAll(/[^$]/g, '')]
  const shown = outlineOfBlocks(tokens, (inside) => outlineOfText(readInline(inside, new Map())))
  expect(shown.replaceAll(/[^$]/g, '')).toBe(dollars)
})

it('is not hung on a mark that never closes', () => {
  expect(readBlocks('$$\nx\n\n# Title').map(({ type }) => type)).toEqual(['paragraph', 'heading'])
  expect(outlineOfBlocks(readBlocks('- $$\n  x\n- b'))).toBe('list(item(p:$$\nx) item(p:b))')
  expect(outlineOfBlocks(readBlocks('so\n\\[\nx ='))).toBe('p:so\n\\[\nx =')
})
