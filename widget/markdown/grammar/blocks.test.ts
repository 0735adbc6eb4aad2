import { beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, countSettled } from './open-tail.ts'
import { definitionsIn, labelsIn } from './links.ts'
import { readBlocks } from './read-blocks.ts'
import { SAMPLES } from '../testing/samples.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

beforeAll(loadGrammars)

const settledOf = (source: string) => {
  const blocks = blocksOf(source)
  return blocks.slice(0, countSettled(blocks, source)).map(({ raw }) => raw.trimEnd())
}

describe('countSettled', () => {
  it('keeps the last block open', () => {
    expect(settledOf('One\n\nTwo\n')).toEqual(['One'])
    expect(settledOf('One\n\n')).toEqual([])
  })

  it('waits for the whole first line of the next block', () => {
    expect(settledOf('One\n\nTwo')).toEqual([])
    expect(settledOf('- a\n\n-')).toEqual([])
  })

  it('settles what is in front of a block that needs no blank line', () => {
    expect(settledOf('Text\n# Heading\n')).toEqual(['Text'])
    expect(settledOf('# Heading\nText\n')).toEqual(['# Heading'])
    expect(settledOf('Text\n```js\ncode')).toEqual(['Text'])
    expect(settledOf('Text\n- item\n')).toEqual(['Text'])
  })

  it('keeps a list open over blank lines and indented text', () => {
    expect(settledOf('- a\n\n  b\n\n- c\n')).toEqual([])
    expect(settledOf('- a\n\nText\n')).toEqual(['- a'])
  })

  it('keeps a definition open while its title may follow', () => {
    expect(settledOf('[a]: /url "title\n# heading\n')).toEqual([])
    expect(settledOf('[a]: /url\n\n"no title"\n')).toEqual(['[a]: /url'])
  })

  it('keeps an HTML element together until it closes', () => {
    expect(settledOf('<details>\n\nText\n\nMore\n')).toEqual([])
    expect(settledOf('<details>\n\nText\n\n</details>\n\nAfter\n')).toHaveLength(1)
  })

  it('lets an HTML element that never closes take in only so much', () => {
    const blocks = blocksOf(`<div>\n\n${'A paragraph of text.\n\n'.repeat(1_000)}`)
    expect(blocks.length).toBeGreaterThan(100)
    expect(blocks[0]?.raw.length).toBeLessThan(8_100)
  })

  it('never settles what a further text would change', () => {
    for (const text of SAMPLES.map((sample) => sample.replaceAll('\r\n', '\n'))) {
      const whole = blocksOf(text).map(({ raw }) => raw.trimEnd())
      for (let cut = 1; cut < text.length; cut += 1) {
        const settled = settledOf(text.slice(0, cut))
        expect(settled, `${JSON.stringify(text)} cut at ${cut}`).toEqual(
          whole.slice(0, settled.length),
        )
      }
    }
  })
})

describe('blocksOf', () => {
  it('gives each block the offset that it has in the source', () => {
    for (const text of SAMPLES.map((sample) => sample.replaceAll('\r\n', '\n'))) {
      for (const { start, raw } of blocksOf(text)) {
        expect(text.slice(start, start + raw.length)).toBe(raw)
      }
    }
  })
})

describe('link reference definitions', () => {
  it('are found at any depth, the first of a label counting', () => {
    const tokens = readBlocks('[A]: /a\n\n> - [b]: /b "B"\n\n[a]: /late\n')
    expect([...definitionsIn(tokens)]).toEqual([
      ['a', { href: '/a' }],
      ['b', { href: '/b', title: 'B' }],
    ])
  })

  it('end with their paragraph', () => {
    expect(definitionsIn(readBlocks('[a]: /url "open\n\nmore"\n'))).toEqual(new Map())
  })

  it('are looked for where their label stands, whatever its case and spaces', () => {
    expect(labelsIn('see [Multi\n> WORD] here')).toEqual(new Set(['multi word']))
    expect(labelsIn('multi word without brackets')).toEqual(new Set())
    expect(labelsIn('[a [b][c\\]d] e]')).toEqual(new Set(['b', 'c\\]d']))
  })
})
