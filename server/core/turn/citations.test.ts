import { describe, expect, it } from 'vitest'
import { growthOf } from '../../testing/growth.ts'
import { checkCitations } from './citations.ts'
import type { Passage } from '../ports/index.ts'

const passageOf = (text: string, documentTitle = 'Returns'): { readonly passage: Passage } => ({
  passage: {
    id: 'returns.md#1',
    documentTitle,
    url: null,
    creator: null,
    domain: null,
    section: 'Refunds',
    anchor: null,
    page: null,
    text,
  },
})

const PASSAGES = [
  passageOf(
    'Send linen back within 30 days. Nina Berg says “as good as new”. The fee is €1,234.50, and three parcels go by DHL.',
  ),
  passageOf('Wool comes back within two weeks.', 'Wool'),
  passageOf('Open Monday to Friday from 9 am to 5 pm, on Saturdays until 13:30; in 2024 100 days.'),
]

const check = (answer: string) => checkCitations(answer, PASSAGES)
const unproven = (answer: string) => check(answer).map((citation) => citation.unproven ?? [])

describe('what an answer cites', () => {
  it('has an entry for each number in the order of the text', () => {
    expect(check('Linen goes back. [2] Wool too [1]. Both do [1][2].')).toEqual([
      { number: 2 },
      { number: 1 },
      { number: 1 },
      { number: 2 },
    ])
  })

  it.each([
    'Linen [1, 2]',
    'Linen [1; 2]',
    'Linen [1-2]',
    'Linen [1–2]',
    'Linen 【1】【2】',
    'Linen [^1][^2]',
  ])('reads %j as both', (answer) => {
    expect(check(answer).map(({ number }) => number)).toEqual([1, 2])
  })

  it.each([
    ['a number that was not retrieved', 'Linen [4] and [0] and [99].'],
    ['an index in inline code', 'Take `parcels[1]` first.'],
    ['an index in a fence', '```js\nparcels[1]\n```'],
    ['an index in a fence that is still open', '~~~\nparcels[1]'],
    ['an index in a fence in a list', '- ```js\n  parcels[1]\n  ```'],
    ['a link', '[1](https://example.com)\n[1]: https://example.com'],
    ['thinking', '<think>It is in [1].</think>Linen.'],
  ])('has none for %s', (_name, answer) => {
    expect(check(answer)).toEqual([])
  })

  it('reads on behind code in a list', () => {
    const answer = '- ```js\n  parcels[2]\n  ```\n\nLinen [1].'
    expect(check(answer).map(({ number }) => number)).toEqual([1])
  })

  it('has none where nothing was retrieved', () => {
    expect(checkCitations('Linen [1].', [])).toEqual([])
  })
})

describe('a cited sentence', () => {
  it.each([
    'You can return linen within 30 days [1].',
    'You can return linen within **30** days. [1]',
    'Wool comes back within 2 weeks [2].',
    'It says “as good as new” [1].',
    'It says "As good, as new" [1].',
    'The fee is 1234.5 euros [1].',
    'The fee is 1.234,50 euros [1].',
    'Ask Nina Berg [1].',
    'The parcels go by DHL [1].',
    '3 parcels go [1].',
    '1. Send it back [1].',
    '12. Send it back [1].',
    'We paid 99 in 1999. Linen goes back within 30 days [1].',
    'See Refunds in Returns [1].',
    'Linen is fine, I think [1].',
    '٣٠ days [1]',
    'We are open Mon–Fri from 9:00 to 17:00 [3].',
    'On Saturdays until 1:30 pm [3].',
    'On 100 days in 2024 [3].',
    'Nach 30 Tagen kann man die Ware nicht mehr zum Händler bringen [1].',
  ])('is proven: %s', (answer) => {
    expect(unproven(answer)).toEqual([[]])
  })

  it.each([
    ['You can return linen within 60 days [1].', ['60']],
    ['Wool comes back within three weeks [2].', ['three']],
    ['It says “better than new” [1].', ['better than new']],
    ['Ask Carl Berg [1].', ['Carl Berg']],
    ['The parcels go by UPS [1].', ['UPS']],
    ['The fee is 12.345 euros, said Carl in 1999 [1].', ['12.345', '1999', 'Carl']],
    ['- Linen within 31 days [1]', ['31']],
    ['| 31 days | linen [1] |', ['31']],
    ['٤٠ days [1]', ['٤٠']],
    ['According to page 7 [1]: see there.', ['7']],
    ['We open on Sun at 8:00 [3].', ['8:00', 'Sun']],
  ])('is not: %s', (answer, expected) => {
    expect(unproven(answer)).toEqual([expected])
  })

  it('is held against all passages that are cited with it, and against no other', () => {
    expect(unproven('Linen in 30 days, wool in two weeks [1][2].')).toEqual([[], []])
    expect(unproven('Linen in 30 days [2], wool in two weeks [1].')).toEqual([['30'], ['two']])
  })

  it('is told no names where every word has a capital', () => {
    expect(unproven('Every Word Here Has One Capital Like This [1].')).toEqual([[]])
  })
})

describe('a hostile answer', () => {
  it('has no more entries than a reader could want', () => {
    expect(check('[1]'.repeat(60_000))).toHaveLength(500)
  })

  it.each([
    ['markers', (size: number) => '[1]'.repeat(size)],
    ['open markers', (size: number) => '[1, '.repeat(size)],
    ['backticks', (size: number) => '`'.repeat(size)],
    ['runs of backticks', (size: number) => '`` ` '.repeat(size)],
    ['quotes', (size: number) => `${'“a '.repeat(size)}[1]`],
    ['numbers', (size: number) => `${'1,111'.repeat(size)} [1]`],
    ['capitals', (size: number) => `${'Aa '.repeat(size)}[1]`],
    ['fences', (size: number) => '```\n~~~\n'.repeat(size)],
    ['spaces', (size: number) => `[1]${' '.repeat(size)}x`],
    ['brackets', (size: number) => '[['.repeat(size)],
  ])('of %s costs in proportion to its length', (_name, make) => {
    expect(growthOf(check, make, 4_000)).toBeLessThan(8)
  })
})
