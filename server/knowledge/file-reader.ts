import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FileReply, FileRequest, TextRequest } from './file-worker.ts'
import type { BinaryKind, Content, KnowledgeDocument } from './parse-document.ts'
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
