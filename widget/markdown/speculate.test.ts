import { describe, expect, it } from 'vitest'
import { closeOpenMarkup, preview } from './speculate.ts'
import { readBlocks } from './read-blocks.ts'

const shows = (cases: Readonly<Record<string, string>>) => {
  for (const [written, shown] of Object.entries(cases)) {
    expect(closeOpenMarkup(written), JSON.stringify(written)).toBe(shown)
  }
}

describe('closeOpenMarkup', () => {
  it('closes emphasis that is open', () => {
    shows({
      'a **bold': 'a **bold**',
      'a **bold ': 'a **bold**',
      'a *italic te': 'a *italic te*',
      'a __bold': 'a __bold__',
      'a ~~gone': 'a ~~gone~~',
      '***both': '***both***',
      '**bold *and': '**bold *and***',
      '**bold*': '**bold**',
      '**done** and': '**done** and',
      '- **item': '- **item**',
      '# **head': '# **head**',
      'one\n\n**two': 'one\n\n**two**',
    })
  })

  it('leaves out marks that nothing follows yet', () => {
    shows({
      'a **': 'a ',
      'a *': 'a ',
      'a `': 'a ',
      'a ``': 'a ',
      'a [': 'a ',
      'a ![': 'a ',
      'a [1': 'a ',
      'a ~': 'a ',
      'a <sp': 'a ',
      'a <span class="x': 'a ',
      'a &am': 'a ',
      'a \\': 'a ',
      'a **[': 'a ',
    })
  })

  it('leaves marks alone that are text', () => {
    shows({
      '2 * 3': '2 * 3',
      snake_case: 'snake_case',
      '2*3': '2*3',
      'a < b': 'a < b',
      'Hello!': 'Hello!',
      '\\*not': '\\*not',
      '`a * b` c': '`a * b` c',
      'cite [1] and': 'cite [1] and',
      'cite [1]': 'cite [1]',
      '[see](https://example.org/a_b_(c)) then': '[see](https://example.org/a_b_(c)) then',
      '<https://example.org/_a> b': '<https://example.org/_a> b',
    })
  })

  it('closes code, and nothing inside it', () => {
    shows({ 'a `co': 'a `co`', 'a `**co': 'a `**co`', 'a ``x ` y': 'a ``x ` y``', '``x`': '``x``' })
  })

  it('shows the text of a link before its address is there', () => {
    shows({
      'a [text': 'a [text]()',
      'a [text]': 'a [text]()',
      'a [text](': 'a [text]()',
      'a [text](https://exam': 'a [text]()',
      'a **[text](htt': 'a **[text]()**',
      'a [**te': 'a [**te**]()',
      'a ![alt](https://exam': 'a [alt]()',
      'a ![al': 'a [al]()',
    })
  })

  it('holds back a line that is only marks so far', () => {
    shows({
      'text\n-': 'text',
      'text\n- ': 'text',
      'text\n==': 'text',
      '- a\n-': '- a',
      '- a\n  - ': '- a',
      '- a\n- [': '- a',
      '- a\n- [x] ': '- a',
      '- a\n- [x] b': '- a\n- [x] b',
      '#': '',
      '## ': '',
      '1.': '',
      '12': '',
      '``': '',
      'text\n---': 'text',
      'text\n``': 'text',
    })
  })

  it('shows a header row as a table at once', () => {
    shows({
      '| a | b': '| a | b |\n| - | - |',
      '| a | b |': '| a | b |\n| - | - |',
      '| a | b |\n|--': '| a | b |\n| - | - |',
      '| a | **b': '| a | **b** |\n| - | - |',
      '| a | b |\n': '| a | b |\n| - | - |',
      '| a | b |\n\n': '| a | b |\n\n',
      '|': '',
      '| a |\n|---|\n| **b': '| a |\n|---|\n| **b**',
      'a | b\n-|': 'a | b\n| - | - |',
      'a | b\n:--': 'a | b\n| - | - |',
      '> | a': '> | a |\n> | - |',
      '- x\n\n  | a |\n  |': '- x\n\n  | a |\n  | - |',
    })
  })

  it('takes no time over long runs of marks', () => {
    const began = performance.now()
    for (const text of ['* '.repeat(3_000), `- ${' '.repeat(20_000)}x`, '['.repeat(3_000)]) {
      closeOpenMarkup(text)
    }
    expect(performance.now() - began).toBeLessThan(1_000)
  })
})

describe('preview', () => {
  const show = (text: string) => preview(text, readBlocks(text))

  it('leaves code as it is, but for the start of its closing fence', () => {
    expect(show('```\na ** b [c')).toBe('```\na ** b [c')
    expect(show('- x\n  ```\n  a\n  ``')).toBe('- x\n  ```\n  a')
    expect(show('    a ** b')).toBe('    a ** b')
  })

  it('leaves out half a tag of an HTML block', () => {
    expect(show('<div>\ntext</di')).toBe('<div>\ntext')
  })
})
