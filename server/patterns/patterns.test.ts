import { describe, expect, it } from 'vitest'
import { createPatterns } from './index.ts'

async function* entriesOf(...texts: readonly string[]) {
  for (const [id, text] of texts.entries()) yield { id, texts: [text] }
}

const find = (pattern: string, ...texts: readonly string[]) =>
  createPatterns().find(pattern, entriesOf(...texts))

describe('a pattern', () => {
  it.each([
    ['colou?r', ['Colour', 'COLOR', 'colouur'], [0, 1]],
    ['^total: \\d+$', ['first\nTotal: 12', 'a total: 12'], [0]],
    ['straße|ÉTÉ', ['STRASSE', 'Straße', 'été'], [1, 2]],
    ['京.都', ['京の都', '京都'], [0]],
    ['🎉{2}', ['🎉🎉', '🎉'], [0]],
    ['', ['anything'], [0]],
    ['\ud800', ['half a \ud800', 'whole'], [0]],
    ['x', [], []],
  ])('%j finds what it matches', async (pattern, texts, found) => {
    expect(await find(pattern, ...texts)).toEqual(found)
  })

  it.each([
    '[',
    '(',
    '(?P<',
    'a{2,1}',
    'c++',
    '*',
    '\\1',
    '(?<=a)b',
    'a{1001}',
    '(a{100}){100}',
    '('.repeat(5_000),
  ])('that is none is refused with a sentence: %s', async (pattern) => {
    await expect(find(pattern, 'text')).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(/^Nothing has these words, .+[^.]\.$/),
    })
  })

  it('looks through all texts, however many there are', async () => {
    const texts = Array.from({ length: 600 }, (_, at) => `${'x'.repeat(1_000)} ${at}`)
    expect(await find('x 5.9$', ...texts)).toEqual([
      509, 519, 529, 539, 549, 559, 569, 579, 589, 599,
    ])
  })

  it.each([
    ['(a+)+$', `${'a'.repeat(50_000)}!`],
    ['(.*)*x', 'a'.repeat(50_000)],
    ['(a|a)*b', 'a'.repeat(50_000)],
    ['x'.repeat(10_000), 'x'.repeat(9_999)],
  ])('that hangs other engines is done: %.20s', async (pattern, text) => {
    // A busy machine may take many times as long as the usual patience, and it is done all the same.
    const patient = createPatterns({ patience: 100_000 })
    expect(await patient.find(pattern, entriesOf(text, 'nothing'))).toEqual([])
  })

  it('that takes too long is told so, and holds up nobody: others go on meanwhile', async () => {
    const patterns = createPatterns({ patience: 200 })
    let turns = 0
    const ticking = setInterval(() => (turns += 1), 1)
    const slow = Array.from({ length: 3 }, () =>
      patterns.find(
        '.{1000}.{1000}x',
        entriesOf(...Array.from({ length: 200 }, () => 'a'.repeat(20_000))),
      ),
    )
    const results = await Promise.allSettled(slow)
    clearInterval(ticking)
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { status: 400, message: expect.stringContaining('takes too long') },
      })
    }
    expect(turns).toBeGreaterThan(20)
    expect(await find('fern', 'A fern')).toEqual([0])
  })

  it('passes on what reading the texts throws', async () => {
    const broken = async function* () {
      yield { id: 1, texts: ['one'] }
      throw new Error('the disk')
    }
    await expect(createPatterns().find('x', broken())).rejects.toThrow('the disk')
  })
})
