import { afterEach, describe, expect, it } from 'vitest'
import { makePdf } from '../testing/office-files.ts'
import { createPdfTexts, type PdfTexts } from './attached-pdf.ts'

const LINES = Array.from({ length: 40 }, (_, line) => ({
  text: `Line ${line} of a page that says nothing in many words, again and again.`,
  y: 760 - line * 15,
}))
const BOOK = makePdf(Array.from({ length: 200 }, () => LINES))
const NOTE = makePdf([[{ text: 'Hello.', y: 700 }]])

let texts: PdfTexts
afterEach(() => texts.close())

describe('the texts of PDFs', () => {
  it('are read away from the thread that serves', async () => {
    texts = createPdfTexts()
    const all = process.cpuUsage()
    const own = process.threadCpuUsage()
    await texts.text('book', async () => BOOK)
    const { user, system } = process.cpuUsage(all)
    const here = process.threadCpuUsage(own)
    expect((here.user + here.system) / (user + system)).toBeLessThan(0.25)
  })

  it('are kept for the next turn', async () => {
    texts = createPdfTexts()
    expect(await texts.text('note', async () => NOTE)).toBe('Hello.')
    const again = texts.text('note', () => Promise.reject(new Error('read again')))
    expect(await again).toBe('Hello.')
  })

  it('are read where every page says the same', async () => {
    texts = createPdfTexts()
    const tickets = makePdf([1, 2].map((seat) => [{ text: `Admit one, seat ${seat}`, y: 700 }]))
    expect(await texts.text('tickets', async () => tickets)).toContain('Admit one, seat 2')
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
    await expect(texts.text('book', async () => bytes)).rejects.toThrow(why)
    // The next one is read all the same.
    await texts.close()
    texts = createPdfTexts()
    expect(await texts.text('note', async () => NOTE)).toBe('Hello.')
  })

  it('ask whoever comes to a long line to come again', async () => {
    texts = createPdfTexts()
    const waiting = Array.from({ length: 8 }, (_, at) => texts.text(`${at}`, async () => NOTE))
    await expect(texts.text('9', async () => NOTE)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfter: 10,
    })
    await Promise.all(waiting)
    expect(await texts.text('9', async () => NOTE)).toBe('Hello.')
  })
})
