/** The text of PDFs that visitors send: read in a worker, within limits, and kept for the turns that follow. */
import { ChatError } from '../core/errors.ts'
import type { FileTexts } from '../core/ports.ts'
import { createFileReader } from './file-reader.ts'

const MOST = { pages: 500, characters: 2_000_000 }
/** Milliseconds for one file. */
const PATIENCE = 20_000
/** Files that wait to be read; whoever comes then is asked to come again. */
const LONGEST_LINE = 8
/** Seconds after which that makes sense. */
const COME_AGAIN = 10
/** UTF-16 units of all texts that are kept. */
const MOST_KEPT = 8_000_000

export type PdfTexts = FileTexts & {
  /** Ends the worker. */
  close(): Promise<void>
}

export function createPdfTexts({ most = MOST, patience = PATIENCE } = {}): PdfTexts {
  const files = createFileReader({ patience })
  /** The one that was asked for last stands last. */
  const texts = new Map<string, string>()
  let kept = 0
  let waiting = 0

  const keep = (id: string, text: string) => {
    texts.set(id, text)
    kept += text.length
    for (const [oldest, { length }] of texts) {
      if (kept <= MOST_KEPT || oldest === id) break
      texts.delete(oldest)
      kept -= length
    }
  }

  return {
    async text(id, read) {
      const known = texts.get(id)
      if (known !== undefined) {
        texts.delete(id)
        texts.set(id, known)
        return known
      }
      if (waiting >= LONGEST_LINE) {
        throw new ChatError(
          'rate_limited',
          'Many files are being read right now. Please try again in a moment.',
          { retryAfter: COME_AGAIN },
        )
      }
      waiting += 1
      try {
        const bytes = await read()
        if (!bytes) throw new Error('could not be read')
        const text = await files.pdfText(bytes, most)
        if (!texts.has(id)) keep(id, text)
        return text
      } finally {
        waiting -= 1
      }
    },
    close: () => files.close(),
  }
}
