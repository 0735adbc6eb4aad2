/** Files that take long to read are read in workers, which may be ended. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'
import { ChatError } from '../core/errors.ts'
import type { FileTexts } from '../core/ports/index.ts'
import type { FileReply, FileRequest, TextRequest } from './file-worker.ts'
import type { Content } from './blocks.ts'
import type { BinaryKind, KnowledgeDocument } from './parse-document.ts'
import type { PdfLimits } from './pdf.ts'

/** TypeScript in the sources, JavaScript in the product. */
const WORKER = new URL(`file-worker${extname(import.meta.url)}`, import.meta.url)
/** Milliseconds for one file. */
const PATIENCE = 60_000
/** Megabytes for the objects of the worker. */
const MEMORY = 512
/** Bytes that the process may grow by while a file is read: what is unpacked counts for no worker. */
const GROWTH = 1_000_000_000
/** Milliseconds between two looks at it. */
const WATCH = 200
/** Milliseconds after which a worker that has nothing to do ends: it costs memory. */
const IDLE = 2_000

const TOO_MUCH_MEMORY = 'takes too much memory to read'
const UNFINISHED = 'was not read to its end'

type Failure = Extract<FileReply, { readonly reason: string }>

export interface FileReader {
  /** @throws Error whose message says why the file cannot be read */
  read(kind: BinaryKind, bytes: Uint8Array): Promise<Content>
  /** The text of a PDF, within limits. @throws Error whose message goes on behind the file's name */
  pdfText(bytes: Uint8Array, most: PdfLimits): Promise<string>
  /** @throws Error as read does */
  parse(text: Omit<TextRequest, 'kind'>): Promise<KnowledgeDocument>
  /** Ends the worker; what is being read is not read to its end. */
  close(): Promise<void>
}

/**
 * Reads PDF and DOCX files and long texts one by one in a worker, which starts with the first one. A file that takes too long
 * or too much memory ends the worker, and the next one gets a new one.
 */
export function createFileReader({ patience = PATIENCE } = {}): FileReader {
  let worker: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined
  let isClosed = false

  const start = () => {
    // Nothing of the environment: there are secrets in it. And its words are no log of ours.
    const started = new Worker(WORKER, {
      ...{ name: 'documents', env: {}, execArgv: [], stdout: true, stderr: true },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    })
    started.stdout.resume()
    started.stderr.resume()
    // The process lives as long as somebody waits for a file.
    started.unref()
    return started
  }

  const end = async () => {
    const ended = worker
    worker = undefined
    await ended?.terminate()
  }

  const ask = (running: Worker, request: FileRequest) =>
    new Promise<FileReply>((resolve) => {
      const before = process.memoryUsage.rss()
      const settle = (reply: FileReply) => {
        clearTimeout(late)
        clearInterval(watch)
        running.off('message', settle).off('error', failWith).off('exit', failAtExit)
        resolve(reply)
      }
      const fail = (reason: string) => settle({ reason, isFatal: true })
      const failWith = (error: Error) => {
        const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        fail(isMemory ? TOO_MUCH_MEMORY : `cannot be read (${error.message})`)
      }
      const failAtExit = () => fail(UNFINISHED)
      const late = setTimeout(
        fail,
        patience,
        `takes longer than ${patience / 1_000} seconds to read`,
      )
      const watch = setInterval(() => {
        if (process.memoryUsage.rss() - before > GROWTH) fail(TOO_MUCH_MEMORY)
      }, WATCH)
      running.on('message', settle).on('error', failWith).on('exit', failAtExit)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      running.postMessage(request)
    })

  async function readNow(request: FileRequest): Promise<Exclude<FileReply, Failure>> {
    if (isClosed) throw new Error(UNFINISHED)
    clearTimeout(idle)
    worker ??= start()
    const reply = await ask(worker, request)
    // What was given up may still be at work.
    if ('isFatal' in reply) await end()
    else idle = setTimeout(() => void end(), IDLE).unref()
    if ('reason' in reply) throw new Error(reply.reason)
    return reply
  }

  const inLine = (request: FileRequest) => {
    const reply = last.then(() => readNow(request))
    last = reply.catch(() => undefined)
    return reply
  }

  return {
    async read(kind, bytes) {
      const reply = await inLine({ kind, bytes })
      if ('content' in reply) return reply.content
      throw new Error(UNFINISHED)
    },
    async pdfText(bytes, most) {
      const reply = await inLine({ kind: 'pdf text', bytes, most })
      if ('text' in reply) return reply.text
      throw new Error(UNFINISHED)
    },
    async parse(text) {
      const reply = await inLine({ kind: 'text', ...text })
      if ('document' in reply) return reply.document
      throw new Error(UNFINISHED)
    },
    async close() {
      isClosed = true
      await end()
    },
  }
}

// The text of PDFs that visitors send: read in workers, within limits, and kept for the turns that follow.

const MOST_OF_PDF = { pages: 500, characters: 2_000_000 }
/** Milliseconds for one file, from when it is its turn. */
const PDF_PATIENCE = 20_000
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

export function createPdfTexts({ most = MOST_OF_PDF, patience = PDF_PATIENCE } = {}): PdfTexts {
  const readers = Array.from({ length: READERS }, () => createFileReader({ patience }))
  const inTurn = createLine(readers)
  // A text without words counts as well: the library wants a size of at least one.
  const texts = new LRUCache<string, string>({
    maxSize: MOST_KEPT,
    sizeCalculation: ({ length }) => length + 1,
  })

  return {
    async text({ id, ownerId }, read) {
      const known = texts.get(id)
      if (known !== undefined) return known
      return await inTurn(ownerId, async (reader) => {
        const bytes = await read()
        if (!bytes) throw new Error('could not be read')
        const text = await reader.pdfText(bytes, most)
        texts.set(id, text)
        return text
      })
    },
    async close() {
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
