/**
 * Regular expressions from users. The engine takes a time that grows with the text alone (RE2), and yet a long
 * pattern makes it long: a thread of its own does the work, and is ended when it takes too long.
 */
import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ChatError } from '../core/errors.ts'
import type { Patterns } from '../core/ports/index.ts'
import type { PatternReply, PatternRequest } from './worker.ts'

/** Milliseconds that the thread may take for all texts of one search, its start not counted. */
const PATIENCE = 10_000
/** Threads at once; further searches wait. */
const MOST_THREADS = 2
/** UTF-16 units of texts that the thread gets at once. */
const BATCH = 250_000
/** Megabytes that a pattern may take. */
const MOST_MEMORY = 256

/** TypeScript in the sources, JavaScript in the product. */
const WORKER = new URL(`worker${extname(import.meta.url)}`, import.meta.url)

interface Entry<Id> {
  readonly id: Id
  readonly texts: readonly string[]
}

/** `patience` in milliseconds, for tests. */
export function createPatterns({ patience = PATIENCE } = {}): Patterns {
  let free = MOST_THREADS
  const waiting: (() => void)[] = []

  const inThread = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }

  return {
    find: (pattern, entries) =>
      inThread(async () => {
        const thread = startThread(patience)
        try {
          await thread.ask({ pattern })
          const found = []
          for await (const batch of batchesOf(entries)) {
            const { matches = [] } = await thread.ask({ texts: batch.map(({ texts }) => texts) })
            for (const [at, { id }] of batch.entries()) if (matches[at]) found.push(id)
          }
          return found
        } finally {
          await thread.end()
        }
      }),
  }
}

async function* batchesOf<Id>(entries: AsyncIterable<Entry<Id>>): AsyncGenerator<Entry<Id>[]> {
  let batch: Entry<Id>[] = []
  let length = 0
  for await (const entry of entries) {
    batch.push(entry)
    length += entry.texts.reduce((sum, text) => sum + text.length, 0)
    if (length < BATCH) continue
    yield batch
    batch = []
    length = 0
  }
  if (batch.length > 0) yield batch
}

const tooMuch = () =>
  new ChatError(
    'invalid_request',
    'This pattern takes too long to look for. Please make it shorter or simpler.',
    { status: 400 },
  )

function startThread(patience: number) {
  // Nothing of the environment: there are secrets in it.
  const worker = new Worker(WORKER, {
    name: 'patterns',
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY },
  })
  const ready = once(worker, 'message')
  let left = patience
  return {
    /** @throws ChatError 400 */
    async ask(request: PatternRequest): Promise<Extract<PatternReply, { kind: 'done' }>> {
      await ready
      const { promise, resolve, reject } = Promise.withResolvers<PatternReply>()
      const timer = setTimeout(() => reject(tooMuch()), left)
      // A thread that has used up its memory ends by itself.
      const fail = () => reject(tooMuch())
      worker.once('message', resolve).once('error', fail)
      const begun = performance.now()
      try {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
        worker.postMessage(request)
        const reply = await promise
        if (reply.kind === 'done') return reply
        throw new ChatError(
          'invalid_request',
          `Nothing has these words, and they are no regular expression: ${reply.problem}.`,
          { status: 400 },
        )
      } finally {
        left -= performance.now() - begun
        clearTimeout(timer)
        worker.off('message', resolve).off('error', fail)
      }
    },
    async end() {
      await worker.terminate()
    },
  }
}
