/**
 * The encoder that comes with the product: English, no service, no download. Here it has its worker thread and
 * its queue; `encoder.ts` is what turns a text into a vector.
 */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Embedder, Logger } from '../../core/ports.ts'

/** The version after the slash is ours: it changes when the same text gets another vector. */
const NAME = 'universal-sentence-encoder-lite-1/3'

/** About what the worker is given at once, and a visitor's question waits for; one text goes whole. */
const BATCH_CHARACTERS = 500

interface Request {
  readonly texts: readonly string[]
  /** Those that are there already. */
  readonly vectors: Float32Array[]
  readonly resolve: (vectors: readonly Float32Array[]) => void
  readonly reject: (error: unknown) => void
}

function nextBatch({ texts, vectors }: Request): readonly string[] {
  let end = vectors.length
  let characters = 0
  do {
    characters += texts[end]?.length ?? 0
    end++
  } while (end < texts.length && characters + (texts[end]?.length ?? 0) <= BATCH_CHARACTERS)
  return texts.slice(vectors.length, end)
}

/** TypeScript in the sources, JavaScript in the product. */
const WORKER = new URL(`worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Starts its worker with the first text, and again with the first one after it has died. A process stays alive
 * for texts that wait, but not for a worker that has nothing to do.
 */
export function createBuiltinEmbedder({ logger }: { readonly logger?: Logger } = {}): Embedder {
  const urgent = new Set<Request>()
  const others = new Set<Request>()
  let worker: Worker | undefined
  /** For whom the worker is at work; they may have gone meanwhile. */
  let current: Request | undefined
  let isClosed = false

  function fail(error: Error): void {
    worker = undefined
    current = undefined
    for (const queue of [urgent, others]) {
      for (const { reject } of queue) reject(error)
      queue.clear()
    }
  }

  function startWorker(): Worker {
    // Nothing of the environment: there are secrets in it.
    const started = new Worker(WORKER, { name: 'encoder', env: {}, execArgv: [] })
    started.on('message', (vectors: readonly Float32Array[]) => {
      if (worker !== started) return
      if (current) receive(current, vectors)
      current = undefined
      proceed()
    })
    const stop = (cause?: unknown) => {
      if (worker !== started) return
      logger?.error({ err: cause }, 'the encoder has stopped; the next text starts it again')
      fail(new Error('The encoder has stopped.', { cause }))
    }
    started.once('error', stop)
    started.once('exit', () => stop())
    return started
  }

  function receive(request: Request, vectors: readonly Float32Array[]): void {
    request.vectors.push(...vectors)
    if (request.vectors.length < request.texts.length) return
    forget(request)
    request.resolve(request.vectors)
  }

  function forget(request: Request): void {
    urgent.delete(request)
    others.delete(request)
  }

  function proceed(): void {
    if (current) return
    const next = urgent.values().next().value ?? others.values().next().value
    if (!next) {
      worker?.unref()
      return
    }
    worker ??= startWorker()
    worker.ref()
    current = next
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage(nextBatch(next))
  }

  return {
    name: NAME,

    async embed(texts, { signal, urgent: isUrgent = false }) {
      signal.throwIfAborted()
      if (isClosed) throw new Error('The encoder is closed.')
      if (texts.length === 0) return []
      const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>()
      const request = { texts, vectors: [], resolve, reject }
      const queue = isUrgent ? urgent : others
      queue.add(request)
      const abort = () => {
        forget(request)
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort)
      proceed()
      try {
        return await promise
      } finally {
        signal.removeEventListener('abort', abort)
      }
    },

    async close() {
      isClosed = true
      const closing = worker
      fail(new Error('The encoder is closed.'))
      await closing?.terminate()
    },
  }
}
