import { beforeAll, describe, expect, it } from 'vitest'
import { outlineOfBlocks, outlineOfText } from '../testing/outline.ts'
import { readBlocks } from './read-blocks.ts'
import { readInline } from './read-inline.ts'
import { markOpen, preview } from './open-tail.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

beforeAll(async () => {
  await loadGrammars()
})

/** What is shown of a text that is still being written. */
function shown(text: string): string {
  const blocks = readBlocks(preview(text, readBlocks(text, false)), false)
  markOpen(text, blocks)
  const textOf = (inside: string, isOpen?: boolean) =>
    outlineOfText(readInline(inside, new Map(), isOpen)).trimEnd()
  return outlineOfBlocks(blocks, textOf).replaceAll('\n', '⏎')
}

const shows = (cases: Readonly<Record<string, string>>) => {
  for (const [written, expected] of Object.entries(cases)) {
    expect(shown(written), JSON.stringify(written)).toBe(expected)
  }
}

describe('what is half written', () => {
  it('closes emphasis that is open', () => {
    shows({
      'a **bold': 'p:a <strong>bold</>',
      'a **bold ': 'p:a <strong>bold</>',
      'a *italic te': 'p:a <em>italic te</>',
      'a __bold': 'p:a <strong>bold</>',
      'a ~~gone': 'p:a <del>gone</>',
      '***both': 'p:<em><strong>both</></>',
      '**bold *and': 'p:<strong>bold <em>and</></>',
      '**bold*': 'p:<strong>bold</>',
      '***both*': 'p:<em><strong>both</></>',
      '**bold *and*': 'p:<strong>bold <em>and</></>',
      '~~gone~': 'p:<del>gone</>',
      '**done** and': 'p:<strong>done</> and',
      '- **item': 'list(item(p:<strong>item</>))',
      '# **head': 'h1:<strong>head</>',
      'one\n\n**two': 'p:one p:<strong>two</>',
      'one **two\nthree': 'p:one <strong>two<br>⏎three</>',
      '> **quoted': 'quote(p:<strong>quoted</>)',
    })
  })

  it('leaves out marks that nothing follows yet', () => {
    for (const mark of [
      '**',
      '*',
      '`',
      '``',
      '[',
      '![',
      '[1',
      '~',
      '【4',
      '【4:0†sou',
      '\ue200cite\ue202tu',
      '<sp',
      '<span class="x',
      '&am',
    ]) {
      shows({ [`a ${mark}`]: 'p:a' })
    }
    shows({ 'a \\': 'p:a', 'a **[': 'p:a', 'a **`': 'p:a', 'a **~~': 'p:a' })
  })

  it('leaves marks alone that are text', () => {
    shows({
      '2 * 3': 'p:2 * 3',
      snake_case: 'p:snake_case',
      '2*3': 'p:2*3',
      'a < b': 'p:a < b',
      'Hello!': 'p:Hello!',
      '\\*not': 'p:«*»not',
      '`a * b` c': 'p:<code>a * b</> c',
      'cite [1] and': 'p:cite [1] and',
      'cite [1]': 'p:cite [1]',
      '[see](/a_b_(c)) then': 'p:<link /a_b_(c)>see</> then',
      '<https://example.org/_a> b': 'p:<link https://example.org/_a>«https://example.org/_a»</> b',
    })
  })

  it('closes nothing in text that has ended', () => {
    shows({
      'a **b\n\n': 'p:a **b',
      '# a **b\n': 'h1:a **b',
      '| **a |\n|-|\n| b': 'table(**a/b)',
      '|a|\n|-|\n| **b |': 'table(a/**b)',
    })
  })

  it('closes code, and nothing inside it', () => {
    shows({
      'a `co': 'p:a <code>co</>',
      'a `**co': 'p:a <code>**co</>',
      'a ``x ` y': 'p:a <code>x ` y</>',
      'a ``x`': 'p:a <code>x</>',
      '``x`` y': 'p:<code>x</> y',
    })
  })

  it('shows the text of a link before its address is there, and a link with its address', () => {
    for (const link of ['[text', '[text]']) shows({ [`a ${link}`]: 'p:a text' })
    for (const link of [
      ...[
        '[text](',
        '[text](https://exam',
        '[text](/a_(b)',
        '[text](https://a.b/c d',
        '[text](</a b',
      ],
      ...['[text](/a "tit', "[text](b 'tit"],
    ]) {
      shows({ [`a ${link}`]: 'p:a <link >text</>' })
    }
    shows({
      'a **[text](htt': 'p:a <strong><link >text</></>',
      'a [**te': 'p:a <strong>te</>',
      'a ![alt](https://exam': 'p:a <link >alt</>',
      'a ![al': 'p:a al',
    })
  })

  it('makes no link of a bracket that only opens', () => {
    const words = 'one of these, or of those that were named when all this began, or any other one'
    shows({
      [`Take [${words}`]: `p:Take ${words}`,
      [`Take [${words} too`]: `p:Take [${words} too`,
      'Take [this] one': 'p:Take [this] one',
      'Take [this](and that': 'p:Take [this](and that',
      'x[i](f(x) + 1': 'p:x[i](f(x) + 1',
      '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13': 'p:1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13',
    })
  })

  it('holds back no sentence about what opens a comment, nor one with a bare sign', () => {
    const words =
      'and so on, for longer than any comment goes in an answer, until anybody at all closes it'
    shows({
      'a <!-- x': 'p:a',
      [`Type <!-- to begin, ${words}`]: `p:Type <!-- to begin, ${words}`,
      'If i <k then it goes': 'p:If i «<k then it goes»',
      'Let a <b, c and d, and e': 'p:Let a <b, c and d, and e',
      'a <b c and d': 'p:a «<b c and d»',
    })
  })

  it('shows what somebody says behind a name in brackets within a few characters', () => {
    shows({
      'Talk:\n\n[Ann]: Good mo': 'p:Talk: p:[Ann]: Good mo',
      '[Ann]: go': '',
      '[ref]: https:/': '',
      '[ref]: https://a': 'def:ref=https://a',
    })
  })

  it('holds back a line that is only marks so far', () => {
    for (const line of ['-', '- ', '==', '---', '``', '>  -', '#', '1.', '12']) {
      shows({ [line]: '', [`text\n${line}`]: 'p:text' })
    }
    shows({
      '- a\n-': 'list(item(p:a))',
      '- a\n  - ': 'list(item(p:a))',
      '- a\n- [': 'list(item(p:a))',
      '- a\n- [x] ': 'list(item(p:a))',
      '- a\n- [x] b': 'list(item(p:a) item(p:[x] b))',
    })
  })

  it('shows a header row as a table at once', () => {
    shows({
      '| a | b': 'table(a|b)',
      '| a | b |': 'table(a|b)',
      '| a | b |\n|--': 'table(a|b)',
      '| a | **b': 'table(a|<strong>b</>)',
      '| a | b |\n': 'table(a|b)',
      '| a | b |\n\n': 'p:| a | b |',
      '|': '',
      '| a |\n|---|\n| **b': 'table(a/<strong>b</>)',
      'a | b\n-|': 'table(a|b)',
      'a | b\n:--': 'table(a|b)',
      '> | a': 'quote(table(a))',
      '- x\n\n  | a |\n  |': 'loose(item(p:x table(a)))',
    })
  })

  it('leaves code as it is, but for the start of its closing fence', () => {
    shows({
      '```\na ** b [c': 'code:a ** b [c',
      '- x\n  ```\n  a\n  ``': 'list(item(p:x code:a))',
      '    a ** b': 'code-:a ** b',
    })
  })

  it('leaves out half a formula', () => {
    for (const formula of ['\\(a_i', '$\\frac{a', '$x^', '$$E'])
      shows({ [`so ${formula}`]: 'p:so' })
    shows({
      '$a*b$ and **b': 'p:<math>a*b</> and <strong>b</>',
      'it costs $5': 'p:it costs $5',
      'in $HOME there': 'p:in $HOME there',
      'so\n\n$$\nx': 'p:so',
      'so\n\n\\[\nx\n\ny': 'p:so',
      'so \\begin{aligned} x &= 1 \\\\': 'p:so',
      'so \\beg': 'p:so',
      '- a\n- $$\n  x': 'list(item(p:a))',
    })
  })

  it('shows what is no formula once that is clear', () => {
    shows({
      'in Make $$ mean': 'p:in Make $$ mean',
      '$$ mean': 'p:$$ mean',
      '$$ – f': 'p:$$ – f',
      'hotels ($$)': 'p:hotels ($$)',
      'so \\( is an': 'p:so «(» is an',
      'so \\[ is an': 'p:so «[» is an',
      '$$\nthis is a line of te': 'p:$$<br>⏎this is a line of te',
      '$$\nx\n\nBut ': 'p:$$<br>⏎x p:But',
      '$x^ is what you ty': 'p:$x^ is what you ty',
      '\\begin{itemize}': 'p:\\begin{itemize}',
      'if 人均$$左右': 'p:if 人均$$左右',
    })
  })
})
