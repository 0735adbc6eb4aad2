import { afterEach, describe, expect, it } from 'vitest'
import { makePdf } from '../testing/office-files.ts'
import { createPdfTexts, type PdfTexts } from './file-reader.ts'

const LINES = Array.from({ length: 40 }, (_, line) => ({
  text: `Line ${line} of a page that says nothing in many words, again and again.`,
  y: 760 - line * 15,
}))
const BOOK = makePdf(Array.from({ length: 200 }, () => LINES))
const NOTE = makePdf([[{ text: 'Hello.', y: 700 }]])

const file = (id: string, ownerId = 'ann') => ({ id, ownerId })

let texts: PdfTexts
afterEach(() => texts.close())

describe('the texts of PDFs', () => {
  it('are read away from the thread that serves', async () => {
    texts = createPdfTexts()
    const all = process.cpuUsage()
    const own = process.threadCpuUsage()
    await texts.text(file('book'), async () => BOOK)
    const { user, system } = process.cpuUsage(all)
    const here = process.threadCpuUsage(own)
    expect((here.user + here.system) / (user + system)).toBeLessThan(0.25)
  })

  it('are kept for the next turn', async () => {
    texts = createPdfTexts()
    expect(await texts.text(file('note'), async () => NOTE)).toBe('Hello.')
    const again = texts.text(file('note'), () => Promise.reject(new Error('read again')))
    expect(await again).toBe('Hello.')
  })

  it('are read where every page says the same', async () => {
    texts = createPdfTexts()
    const tickets = makePdf([1, 2].map((seat) => [{ text: `Admit one, seat ${seat}`, y: 700 }]))
    expect(await texts.text(file('tickets'), async () => tickets)).toContain('Admit one, seat 2')
  })

  it.each([
    ['too long', { patience: 1 }, BOOK, /^takes longer than 0\.001 seconds to read$/],
    [
      'too much text',
      { most: { pages: 500, characters: 1_000 } },
      BOOK,
      /^has more than 1000 char/,
    ],
    ['what is gone', {}, undefined, /^could not be read$/],
  ])('say why there are none: %s', async (_name, options, bytes, why) => {
    texts = createPdfTexts(options)
    await expect(texts.text(file('book'), async () => bytes)).rejects.toThrow(why)
    // The next one is read all the same.
    await texts.close()
    texts = createPdfTexts()
    expect(await texts.text(file('note'), async () => NOTE)).toBe('Hello.')
  })

  /** Begins to read a file of somebody, which takes until it is let go; `started` has the names in order. */
  const started: string[] = []
  const begin = (id: string, ownerId: string) => {
    const { promise, resolve } = Promise.withResolvers<Uint8Array>()
    const text = texts.text(file(id, ownerId), () => {
      started.push(id)
      return promise
    })
    return { text, letGo: () => resolve(NOTE) }
  }

  it('of one visitor hold up nobody else', async () => {
    texts = createPdfTexts()
    started.length = 0
    const own = ['a1', 'a2', 'a3', 'a4', 'a5'].map((id) => begin(id, 'ann'))
    await expect(begin('a6', 'ann').text).rejects.toMatchObject({ code: 'rate_limited' })
    for (const id of ['b1', 'b2']) {
      const other = begin(id, 'bo')
      other.letGo()
      expect(await other.text).toBe('Hello.')
    }
    expect(started).toEqual(['a1', 'b1', 'b2'])
    for (const { letGo, text } of own) {
      letGo()
      await text
    }
    expect(started).toEqual(['a1', 'b1', 'b2', 'a2', 'a3', 'a4', 'a5'])
  })

  it('are read in turns: who had none comes before who has another', async () => {
    texts = createPdfTexts()
    started.length = 0
    const all = [
      ...['a1', 'a2', 'a3'].map((id) => begin(id, 'ann')),
      ...['b1', 'b2'].map((id) => begin(id, 'bo')),
      ...['c1', 'd1'].map((id) => begin(id, id)),
    ]
    for (const { letGo } of all) letGo()
    await Promise.all(all.map(({ text }) => text))
    expect(new Set(started.slice(0, 4))).toEqual(new Set(['a1', 'b1', 'c1', 'd1']))
    expect(started).toHaveLength(7)
  })

  it('ask whoever comes to a long line to come again', async () => {
    texts = createPdfTexts()
    const waiting = Array.from({ length: 8 }, (_, at) => begin(`${at}`, `${at}`))
    await expect(begin('9', '9').text).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfter: 10,
    })
    // Who is here already may go on.
    const more = begin('more', '0')
    for (const { letGo } of [...waiting, more]) letGo()
    await Promise.all([...waiting, more].map(({ text }) => text))
    expect(await texts.text(file('9', '9'), async () => NOTE)).toBe('Hello.')
  })
})
