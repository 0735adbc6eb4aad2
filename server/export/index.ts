/** Conversations as files to keep: Markdown here, PDF and DOCX in threads of their own. Begin here. */
import { extname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ChatError } from '../core/errors.ts'
import type { ExportedConversation, Exporter, Message } from '../core/ports/index.ts'
import type { WorkerReply, WorkerRequest, WrittenHere } from './worker.ts'
import { closingOf } from '../text/markdown.ts'
import { entryOf, headOf, type LinkList, type Run } from './document.ts'

/** TypeScript in the sources, JavaScript in the product. */
const WORKER = new URL(`worker${extname(import.meta.url)}`, import.meta.url)
/** Milliseconds for one file. */
const PATIENCE = 120_000
/** Megabytes for the objects of a worker. */
const MEMORY = 512
/** Files that are written at once, and those that may wait for their turn: of all owners, of one. */
const AT_ONCE = 2
const MOST_WAITING = 16
const MOST_OF_ONE = 3
/** UTF-16 units that are handed over at a time. */
const BATCH = 250_000
/** Seconds after which asking again may help. */
const BUSY = 10

const NAMES: Readonly<Record<WrittenHere, string>> = { pdf: 'PDF', docx: 'Word' }

const tooLarge = (format: WrittenHere, cause: string) =>
  new ChatError(
    'too_large',
    `This conversation is too long for a ${NAMES[format]} file. Please take Markdown or JSON.`,
    { cause },
  )

/** Messages in batches of about equal length. */
function* batchesOf(messages: readonly Message[]): Generator<readonly Message[]> {
  let batch: Message[] = []
  let length = 0
  for (const message of messages) {
    batch.push(message)
    length += message.content.length + 1_000
    if (length < BATCH) continue
    yield batch
    batch = []
    length = 0
  }
  yield batch
}

/** `patience`: milliseconds for one file. */
export function createExporter({ patience = PATIENCE } = {}): Exporter {
  const running = new Set<Worker>()
  const waiting: (() => void)[] = []
  const byOwner = new Map<string, number>()
  let isClosed = false

  /** Files that are being written, or are just about to be. */
  let turns = 0

  /** Resolves when it is this one's turn. */
  async function takeTurn(): Promise<void> {
    if (turns < AT_ONCE) {
      turns += 1
      return
    }
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
    })
  }

  /** Whoever waits longest takes the place of the one that is done. */
  function passTurn(): void {
    const next = waiting.shift()
    if (next) next()
    else turns -= 1
  }

  async function writeInWorker(
    format: WrittenHere,
    { messages, ...rest }: ExportedConversation,
  ): Promise<Uint8Array> {
    // Nothing of the environment: there are secrets in it. And its words are no log of ours.
    const worker = new Worker(WORKER, {
      ...{ name: 'export', env: {}, execArgv: [], stdout: true, stderr: true },
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
    })
    worker.stdout.resume()
    worker.stderr.resume()
    running.add(worker)
    const post = (request: WorkerRequest) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
      worker.postMessage(request)
    }
    const replied = answerOf(worker, patience)
    try {
      for (const batch of batchesOf(messages)) {
        post({ kind: 'messages', messages: batch })
        await setImmediate()
      }
      post({ kind: 'write', format, exported: rest })
      const reply = await replied
      if (reply === 'too much') throw tooLarge(format, 'time or memory')
      if ('reason' in reply) throw new Error(`a ${NAMES[format]} file failed: ${reply.reason}`)
      return reply.bytes
    } finally {
      running.delete(worker)
      await worker.terminate()
    }
  }

  return {
    async write(format, exported) {
      if (format === 'markdown') return markdownOf(exported)
      const { ownerId } = exported.conversation
      const own = byOwner.get(ownerId) ?? 0
      if (own >= MOST_OF_ONE || waiting.length >= MOST_WAITING) {
        const sentence = 'Several files are being made just now. Please try again in a moment.'
        throw new ChatError('rate_limited', sentence, { retryAfter: BUSY })
      }
      byOwner.set(ownerId, own + 1)
      try {
        await takeTurn()
        try {
          if (isClosed) throw new ChatError('interrupted', 'The server is stopping.')
          return await writeInWorker(format, exported)
        } finally {
          passTurn()
        }
      } finally {
        const left = (byOwner.get(ownerId) ?? 1) - 1
        if (left === 0) byOwner.delete(ownerId)
        else byOwner.set(ownerId, left)
      }
    },
    async close() {
      isClosed = true
      await Promise.all([...running].map(async (worker) => await worker.terminate()))
    },
  }
}

/** What a worker says in the end; never rejected. */
const answerOf = (worker: Worker, patience: number) =>
  new Promise<WorkerReply | 'too much'>((resolve) => {
    const late = setTimeout(resolve, patience, 'too much' as const)
    const settle = (reply: WorkerReply | 'too much') => {
      clearTimeout(late)
      resolve(reply)
    }
    worker.once('message', settle)
    worker.once('error', (error: Error) => {
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      settle(isMemory ? 'too much' : { reason: error.message })
    })
    worker.once('exit', () => settle({ reason: 'its thread has ended' }))
  })

/* A conversation as a Markdown file, message by message, so that a long one is never whole in memory twice. */

/** Text that is to stand in Markdown as it is. */
const literal = (text: string) =>
  text.replaceAll(/[\\`*_{}[\]<>#|~&]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ')

/** In pointed brackets an address may hold whatever an address may. */
const linkOf = ({ text, href }: Run) =>
  href === undefined
    ? literal(text)
    : `[${literal(text)}](<${href.replaceAll(/[<>\n\\]/g, encodeURIComponent)}>)`

const listOf = ({ name, links }: LinkList) => [
  `**${name}**`,
  links.map((link) => `- ${linkOf(link)}`).join('\n'),
]

/** Text that closes what it leaves open: what follows is not part of it. */
function closed(text: string): string {
  const end = closingOf(text)
  return end === '' ? text : `${text}\n${end}`
}

/** The file, piece by piece. */
export function* markdownOf(exported: ExportedConversation): Generator<string> {
  const { title, facts, metadata } = headOf(exported.conversation)
  const head = [
    `# ${literal(title)}`,
    facts.map(({ name, value }) => `- **${name}:** ${literal(value)}`).join('\n'),
    ...(metadata === undefined ? [] : ['**Metadata**', `\`\`\`json\n${metadata}\n\`\`\``]),
  ]
  yield `${head.join('\n\n')}\n`
  for (const message of exported.messages) {
    const { sender, time, text, note, lists } = entryOf(message, exported)
    const parts = [
      '---',
      `## ${literal(sender)} · ${time}`,
      ...(text.trim() === '' ? [] : [closed(text.replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd())]),
      ...(note === undefined ? [] : [`*${literal(note)}*`]),
      ...lists.flatMap(listOf),
    ]
    yield `\n${parts.join('\n\n')}\n`
  }
}
