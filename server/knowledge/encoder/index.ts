/**
 * The encoder that comes with the product: English, no service, no download. Here it has its threads and
 * their queue; `encoder.ts` is what turns a text into a vector.
 */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Embedder, Logger } from '../../core/ports/index.ts'
import { firstShare, MOST_THREADS, type Share } from './transformer.ts'

/** The version after the slash is ours: it changes when the same text gets another vector. */
const NAME = 'universal-sentence-encoder-lite-1/3'

/** About what a thread is given at once, and a visitor's question waits for; one text goes whole. */
const BATCH_CHARACTERS = 250
/** Megabytes for what a thread makes and soon forgets: pieces of texts, and their vectors. */
const YOUNG_GENERATION = 4

interface Request {
  readonly texts: readonly string[]
  /** How many of them have been given to a thread, and how many have their vectors. */
  given: number
  done: number
  readonly vectors: Float32Array[]
  readonly resolve: (vectors: readonly Float32Array[]) => void
  readonly reject: (error: unknown) => void
}

/** A thread, and what it is at work on; those who asked may have gone meanwhile. */
interface Thread {
  readonly worker: Worker
  readonly share: Share
  /** A request, and where its vectors go. */
  task: { readonly request: Request; readonly start: number } | undefined
  /** It has answered: the weights are there. */
  isLoaded: boolean
}

function takeBatch(request: Request): readonly string[] {
  const { texts, given } = request
  let end = given
  let characters = 0
  do {
    characters += texts[end]?.length ?? 0
    end++
  } while (end < texts.length && characters + (texts[end]?.length ?? 0) <= BATCH_CHARACTERS)
  request.given = end
  return texts.slice(given, end)
}

const firstOf = (queue: ReadonlySet<Request>): Request | undefined => queue.values().next().value

/** TypeScript in the sources, JavaScript in the product. */
const WORKER = new URL(`worker${extname(import.meta.url)}`, import.meta.url)

/**
 * Starts a thread with the first text, and again with the first one after it has died; a second one, where the
 * machine has the cores, when documents wait. Both use the same weights and give the same vectors. A process
 * stays alive for texts that wait, but not for threads that have nothing to do.
 * @param options.threads how many there are at most, up to 2
 */
export function createBuiltinEmbedder({
  logger,
  threads: most = availableParallelism(),
}: {
  readonly logger?: Logger
  readonly threads?: number
} = {}): Embedder {
  /** Of which some texts have not been given to a thread. */
  const urgent = new Set<Request>()
  const others = new Set<Request>()
  /** All that have not been answered. */
  const open = new Set<Request>()
  const threads: Thread[] = []
  let isClosed = false

  async function stop(reason: Error): Promise<void> {
    for (const { reject } of open) reject(reason)
    for (const requests of [urgent, others, open]) requests.clear()
    await Promise.all(threads.splice(0).map(async ({ worker }) => worker.terminate()))
  }

  function startThread(): Thread {
    const [first] = threads
    const share: Share = first
      ? { ...first.share, thread: threads.length, isFilled: true }
      : firstShare()
    const worker = new Worker(WORKER, {
      name: 'encoder',
      // Nothing of the environment: there are secrets in it.
      env: {},
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
    })
    const thread: Thread = { worker, share, task: undefined, isLoaded: false }
    threads.push(thread)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    worker.postMessage(share)
    worker.on('message', (vectors: readonly Float32Array[]) => {
      if (!threads.includes(thread)) return
      thread.isLoaded = true
      if (thread.task) receive(thread.task, vectors)
      thread.task = undefined
      proceed()
    })
    const hasStopped = (cause?: unknown) => {
      if (!threads.includes(thread)) return
      logger?.error({ err: cause }, 'the encoder has stopped; the next text starts it again')
      // What one leaves half done is of no use to the other.
      void stop(new Error('The encoder has stopped.', { cause }))
    }
    worker.once('error', hasStopped)
    worker.once('exit', () => hasStopped())
    return thread
  }

  function receive(
    { request, start }: NonNullable<Thread['task']>,
    vectors: readonly Float32Array[],
  ): void {
    for (const [index, vector] of vectors.entries()) request.vectors[start + index] = vector
    request.done += vectors.length
    if (request.done < request.texts.length) return
    open.delete(request)
    request.resolve(request.vectors)
  }

  /** One that can take texts at once. */
  function freeThread(isUrgent: boolean): Thread | undefined {
    const idle = threads.find(({ task }) => !task)
    if (idle || threads.length === 0) return idle ?? startThread()
    const isWorthAnother = !isUrgent && threads.every(({ isLoaded }) => isLoaded)
    return isWorthAnother && threads.length < Math.min(most, MOST_THREADS)
      ? startThread()
      : undefined
  }

  function proceed(): void {
    for (;;) {
      const isUrgent = urgent.size > 0
      const request = firstOf(urgent) ?? firstOf(others)
      const thread = request && freeThread(isUrgent)
      if (!thread) break
      thread.task = { request, start: request.given }
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      thread.worker.postMessage(takeBatch(request))
      if (request.given === request.texts.length) leaveQueue(request)
    }
    for (const { worker, task } of threads) {
      if (task) worker.ref()
      else worker.unref()
    }
  }

  function leaveQueue(request: Request): void {
    urgent.delete(request)
    others.delete(request)
  }

  return {
    name: NAME,

    async embed(texts, { signal, urgent: isUrgent = false }) {
      signal.throwIfAborted()
      if (isClosed) throw new Error('The encoder is closed.')
      if (texts.length === 0) return []
      const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>()
      const request = { texts, given: 0, done: 0, vectors: [], resolve, reject }
      const queue = isUrgent ? urgent : others
      queue.add(request)
      open.add(request)
      const abort = () => {
        leaveQueue(request)
        open.delete(request)
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
      await stop(new Error('The encoder is closed.'))
    },
  }
}
