/** The text of PDFs that visitors send: read in workers, within limits, and kept for the turns that follow. */
import { ChatError } from '../core/errors.ts'
import type { FileTexts } from '../core/ports/index.ts'
import { createFileReader, type FileReader } from './file-reader.ts'

const MOST = { pages: 500, characters: 2_000_000 }
/** Milliseconds for one file, from when it is its turn. */
const PATIENCE = 20_000
/** Files that are read at the same time, each of another visitor: one that takes long leaves room for the others. */
const READERS = 2
/** Visitors who have files here; whoever comes then is asked to come again. */
const LONGEST_LINE = 8
/** Files of one visitor that are here: as many as a message may have. */
const MOST_OWN = 5
/** Seconds after which coming again makes sense. */
const COME_AGAIN = 10
/** UTF-16 units of all texts that are kept. */
const MOST_KEPT = 8_000_000

export type PdfTexts = FileTexts & {
  /** Ends the workers. */
  close(): Promise<void>
}

/** Somebody who waits for a reader. */
interface Waiting {
  readonly ownerId: string
  readonly start: (reader: FileReader) => void
}

/** Hands readers out: one at most to each owner, and to whoever has had none for longest. */
function createLine(readers: readonly FileReader[]) {
  const free = [...readers]
  const served = new Set<string>()
  let line: Waiting[] = []

  const goOn = () => {
    const next = line.find(({ ownerId }) => !served.has(ownerId))
    const reader = next && free.pop()
    if (!reader) return
    served.add(next.ownerId)
    line = line.filter((waiting) => waiting !== next)
    next.start(reader)
  }

  const check = (ownerId: string) => {
    const waiting = [...served, ...line.map((one) => one.ownerId)]
    const own = waiting.filter((one) => one === ownerId).length
    if (own > 0 ? own >= MOST_OWN : new Set(waiting).size >= LONGEST_LINE) {
      throw new ChatError(
        'rate_limited',
        own > 0
          ? 'Many of your files are being read right now. Please try again in a moment.'
          : 'Many files are being read right now. Please try again in a moment.',
        { retryAfter: COME_AGAIN },
      )
    }
  }

  /** @throws ChatError `rate_limited`; what the work throws */
  return async function inTurn<T>(
    ownerId: string,
    work: (reader: FileReader) => Promise<T>,
  ): Promise<T> {
    check(ownerId)
    const reader = await new Promise<FileReader>((start) => {
      line.push({ ownerId, start })
      goOn()
    })
    try {
      return await work(reader)
    } finally {
      free.push(reader)
      served.delete(ownerId)
      const isOwn = (waiting: Waiting) => waiting.ownerId === ownerId
      // What else the same owner has waits behind everybody.
      line = [...line.filter((waiting) => !isOwn(waiting)), ...line.filter(isOwn)]
      goOn()
    }
  }
}

export function createPdfTexts({ most = MOST, patience = PATIENCE } = {}): PdfTexts {
  const readers = Array.from({ length: READERS }, () => createFileReader({ patience }))
  const inTurn = createLine(readers)
  /** The one that was asked for last stands last. */
  const texts = new Map<string, string>()
  let kept = 0

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
    async text({ id, ownerId }, read) {
      const known = texts.get(id)
      if (known !== undefined) {
        texts.delete(id)
        texts.set(id, known)
        return known
      }
      return await inTurn(ownerId, async (reader) => {
        const bytes = await read()
        if (!bytes) throw new Error('could not be read')
        const text = await reader.pdfText(bytes, most)
        if (!texts.has(id)) keep(id, text)
        return text
      })
    },
    async close() {
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
