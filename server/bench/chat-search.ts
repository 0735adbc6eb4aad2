/** How long it takes to find something in the chats of somebody who has very many, and what that costs others. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { z } from 'zod'
import type { ConversationStore, Message } from '../core/ports/index.ts'
import { createLogger } from '../log.ts'
import { createJsonFileStore } from '../stores/json-conversations.ts'
import { conversationFileName, ownerRef, storePaths } from '../stores/disk/paths.ts'
import { type Effort, figure, type Measurement } from './report.ts'
import { median, percentile } from './statistics.ts'

const MANY = 100_000
const FEW = 100
/** Messages of one conversation, and words of a message. */
const MESSAGES = 20
const WORDS = 60
const VOCABULARY = 150_000
const APPENDS = 100
/** Searches that do not count: the compiler is busy. */
const COMPILING = 5
const SEED = 12
/** Milliseconds without a search after which the store gives its memory back here. */
const KEPT_FOR = 200

const BIG = 'has-many'
const SMALL = 'has-few'

setFlagsFromString('--expose-gc')
const collectGarbage = z
  .custom<() => void>((value) => typeof value === 'function')
  .parse(runInNewContext('gc'))

/** Bytes. */
export function memoryNow(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The same numbers each time, 0 to 1 (a linear congruential generator). */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Texts of invented words, few of which are common (Zipf). */
export function createWriter() {
  const random = numbersFrom(SEED)
  const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ')
  const word = (rank: number) => {
    let left = rank
    let text = ''
    do {
      text += syllables[left % syllables.length] ?? ''
      left = Math.floor(left / syllables.length)
    } while (left > 0)
    return text
  }
  const anyRank = () => Math.floor(VOCABULARY ** random())
  const words = (count: number) => Array.from({ length: count }, () => word(anyRank()))
  return { word, words, text: () => `${words(WORDS).join(' ')}.` }
}

export type Writer = ReturnType<typeof createWriter>

export const time = (at: number) => new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString()

export const messageOf = (conversationId: string, content: string, at: number): Message => ({
  id: randomUUID(),
  conversationId,
  role: at % 2 === 0 ? 'user' : 'assistant',
  content,
  tokenCount: null,
  modelTag: null,
  inferenceTimeMs: null,
  finishReason: null,
  feedback: null,
  sources: [],
  createdAt: time(at),
})

/** Writes files as the store has them: storing so many messages one by one takes most of an hour. */
async function fill(directory: string, ownerId: string, count: number, writer: Writer) {
  const folder = join(storePaths(directory).conversations, ownerRef(ownerId).folder)
  await mkdir(folder, { recursive: true })
  const ids: string[] = []
  for (let start = 0; start < count; start += MESSAGES) {
    const id = randomUUID()
    ids.push(id)
    const messages = Array.from({ length: Math.min(MESSAGES, count - start) }, (_, at) =>
      messageOf(id, writer.text(), start + at),
    )
    const conversation = {
      id,
      ownerId,
      title: writer.words(6).join(' '),
      renamed: false,
      modelTag: 'default',
      isFavorited: false,
      createdAt: time(start),
      updatedAt: time(start + messages.length),
    }
    const record = { version: 1, revision: 0, conversation, messages, turnKeys: [] }
    await writeFile(join(folder, conversationFileName(id)), JSON.stringify(record))
  }
  return ids
}

/** Milliseconds that each search takes, what it takes of a processor, and the longest that nothing else could happen. */
async function timeSearches(
  store: ConversationStore,
  ownerId: string,
  queries: readonly string[],
): Promise<{ readonly times: readonly number[]; readonly cpu: number; readonly blocked: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const times: number[] = []
  const cpuBefore = process.cpuUsage()
  for (const query of queries) {
    const start = performance.now()
    await store.search(ownerId, { query, limit: 20, offset: 0 })
    times.push(performance.now() - start)
  }
  delay.disable()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { times, cpu: (user + system) / 1_000 / queries.length, blocked: delay.max / 1e6 }
}

async function timeAppends(
  store: ConversationStore,
  ownerId: string,
  ids: readonly string[],
  writer: Writer,
) {
  const times: number[] = []
  // Read once, so that all are in memory.
  for (const id of ids) await store.messages(ownerId, id)
  for (let count = 0; count < APPENDS; count += 1) {
    const id = ids[count % ids.length] ?? ''
    const message = messageOf(id, writer.text(), MANY + count)
    const start = performance.now()
    await store.addMessage(ownerId, id, { message })
    times.push(performance.now() - start)
  }
  return median(times)
}

export const timed = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export async function measureChatSearch({
  requests,
}: Pick<Effort, 'requests'>): Promise<Measurement> {
  const directory = await mkdtemp(join(tmpdir(), 'samosa-chat-search-'))
  const logger = createLogger('warn')
  const open = (keptFor?: number) =>
    createJsonFileStore({
      directory,
      logger,
      ...(keptFor !== undefined && { searched: { keptFor } }),
    })
  const writer = createWriter()
  /** Common, rare, several, a part of one, and a single letter. */
  const kinds = {
    'a common word': () => writer.word(50),
    'a rare word': () => writer.words(1)[0] ?? '',
    'three words': () => writer.words(3).join(' '),
    'a part of words': () => writer.word(3_000).slice(1),
    'one letter': () => 'z',
  }
  const queriesOf = (kind: () => string, count: number) => Array.from({ length: count }, kind)
  try {
    const many = await fill(directory, BIG, MANY, writer)
    const few = await fill(directory, SMALL, FEW, writer)
    let store = await open()
    await store.list(BIG, { limit: 1, offset: 0 })
    const alone = await timeSearches(store, SMALL, queriesOf(kinds['a rare word'], requests))
    const before = memoryNow()
    const counting = await timeSearches(store, BIG, ['samosa'])
    const memory = memoryNow() - before
    const figures: { kind: string; p50: number; p95: number; cpu: number; blocked: number }[] = []
    for (const [kind, query] of Object.entries(kinds)) {
      await timeSearches(store, BIG, queriesOf(query, COMPILING))
      const { times, cpu, blocked } = await timeSearches(store, BIG, queriesOf(query, requests))
      figures.push({ kind, p50: median(times), p95: percentile(times, 0.95), cpu, blocked })
    }
    const beside = await timeSearches(store, SMALL, queriesOf(kinds['a rare word'], requests))
    const appendFew = await timeAppends(store, SMALL, few, writer)
    const appendMany = await timeAppends(store, BIG, many.slice(0, few.length), writer)
    const after = await timeSearches(store, BIG, ['samosa'])
    await store.close()
    store = await open(KEPT_FOR)
    await store.list(BIG, { limit: 1, offset: 0 })
    const empty = memoryNow()
    const first = await timeSearches(store, BIG, ['samosa'])
    await new Promise((resolve) => setTimeout(resolve, KEPT_FOR * 3))
    const idle = memoryNow() - empty
    const removed = await timed(() => store.remove(BIG, many[0] ?? ''))
    await store.close()
    const firstOf = ({ times, cpu, blocked }: Awaited<ReturnType<typeof timeSearches>>) => [
      figure(times[0] ?? NaN, 0),
      '',
      figure(cpu, 0),
      figure(blocked),
    ]
    const row = (name: string, ...values: readonly string[]) =>
      [name, ...values, '', '', ''].slice(0, 5)
    return {
      name: `A search in ${figure(MANY, 0)} messages of one user`,
      table: [
        ['', 'p50 ms', 'p95 ms', 'CPU ms', 'loop blocked, ms'],
        ...figures.map(({ kind, p50, p95, cpu, blocked }) => [
          kind,
          figure(p50),
          figure(p95),
          figure(cpu),
          figure(blocked),
        ]),
        row('the first of all, counting every word', ...firstOf(counting)),
        row('the first after a restart', ...firstOf(first)),
        row(`after ${APPENDS} messages`, ...firstOf(after)),
        row(`somebody with ${FEW}, alone`, figure(median(alone.times))),
        row(`somebody with ${FEW}, beside`, figure(median(beside.times))),
        row(`adding a message, with ${FEW}`, figure(appendFew, 2)),
        row(`adding a message, with ${figure(MANY, 0)}`, figure(appendMany, 2)),
        row('deleting a conversation', figure(removed)),
        row('memory, MB', figure(memory / 1e6)),
        row('memory after a while, MB', figure(idle / 1e6)),
      ],
      budgets: [
        {
          what: 'a search, median of all kinds',
          value: median(figures.map(({ p50 }) => p50)),
          unit: 'ms',
          atMost: 50,
        },
        {
          what: 'adding a message, against one with few',
          value: appendMany / appendFew,
          unit: '×',
          atMost: 1.5,
        },
        {
          what: 'somebody else’s search, against alone',
          value: median(beside.times) / median(alone.times),
          unit: '×',
          atMost: 1.5,
        },
        { what: 'memory given back', value: 1 - idle / memory, unit: '', atLeast: 0.9 },
      ],
      figures: { figures, counting, first, after, alone: median(alone.times), memory, idle },
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
