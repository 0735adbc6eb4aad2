/** What a store takes for everyday work as it fills: with more conversations, and with longer ones. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Conversation, ConversationStore, Message } from '../core/ports/index.ts'
import { createLogger } from '../log.ts'
import { createConversationDisk } from '../stores/conversation-disk.ts'
import { createStoreContext } from '../stores/disk/atomic-file.ts'
import { forEachOf } from '../stores/disk/file-system.ts'
import { createJsonFileStore } from '../stores/json-conversations.ts'
import { openFilling } from '../stores/postgres/filling.ts'
import { openPostgresStores } from '../stores/postgres/index.ts'
import { anyConversationRecord, type ConversationRecord, writeRecord } from '../stores/records.ts'
import { startPostgres, whyNoPostgres } from '../testing/database-servers.ts'
import { conversationFileName, ownerRef, storePaths } from '../stores/disk/paths.ts'
import { createWriter, memoryNow, messageOf, time, timed, type Writer } from './chat-search.ts'
import { type Budget, type Effort, figure, type Measurement } from './report.ts'
import { median } from './statistics.ts'

const OWNER = 'grows'
/** Messages of a conversation where it is their number that grows. */
const FEW_MESSAGES = 2
/** Characters of a message where it is the conversation that grows. */
const LONG_TEXT = 2_000
const APPENDS = 50
/** Conversations of a first round that does not count. */
const WARM_UP = 100
/** Files that are written at once. */
const BATCH = 64
/** As somebody types it: what is found narrows with each letter. */
const TYPED = ['d', 'di', 'dif', 'difo']

interface Filled {
  readonly conversation: Conversation
  readonly messages: readonly Message[]
}

/** A store that can be filled from outside, and opened again and again. */
interface GrowingStore {
  fill(filled: Iterable<Filled>): Promise<void>
  open(): Promise<ConversationStore>
  remove(): Promise<void>
}

interface Backend {
  readonly name: string
  /** An empty one. */
  create(): Promise<GrowingStore>
}

const logger = createLogger('warn')

const recordOf = ({ conversation, messages }: Filled): ConversationRecord => ({
  version: 1,
  revision: 0,
  conversation,
  messages,
  turnKeys: [],
})

/** Writes files as the store has them, those of short conversations without waiting for the disk: storing each through the journal takes most of an hour. */
const jsonFiles: Backend = {
  name: 'JSON files',
  async create() {
    const directory = await mkdtemp(join(tmpdir(), 'samosa-growth-'))
    const write = async (folder: string, { conversation, messages }: Filled) => {
      const record = recordOf({ conversation, messages })
      const path = join(folder, conversationFileName(conversation.id))
      const file = createConversationDisk(
        createStoreContext({ logger }),
        path,
        anyConversationRecord,
      )
      if (messages.length > FEW_MESSAGES) await file.write(record)
      else await writeFile(path, writeRecord(record))
    }
    return {
      async fill(filled) {
        const folder = join(storePaths(directory).conversations, ownerRef(OWNER).folder)
        await mkdir(folder, { recursive: true })
        let batch: Promise<void>[] = []
        for (const each of filled) {
          batch.push(write(folder, each))
          if (batch.length < BATCH) continue
          await Promise.all(batch)
          batch = []
        }
        await Promise.all(batch)
      },
      open: () => createJsonFileStore({ directory, logger }),
      remove: () => rm(directory, { recursive: true, force: true }),
    }
  },
}

/** On a server of its own; as `samosa-chat migrate-data` fills it. */
const postgres: Backend = {
  name: 'PostgreSQL',
  async create() {
    // As safe as it is where it is used.
    const server = await startPostgres({ settings: ['fsync=on', 'full_page_writes=on'] })
    const { url } = server
    return {
      async fill(filled) {
        const filling = await openFilling({ url, source: 'bench', logger })
        const next = filled[Symbol.iterator]()
        await forEachOf(Array.from({ length: BATCH }), BATCH, async () => {
          for (let each = next.next(); !each.done; each = next.next()) {
            await filling.conversation(recordOf(each.value))
          }
        })
        await filling.finish()
        await filling.close()
      },
      async open() {
        const { conversations, drafts } = await openPostgresStores({
          url,
          logger,
          attachmentBytes: 0,
        })
        return {
          ...conversations,
          async close() {
            await drafts.close()
            await conversations.close()
          },
        }
      },
      remove: () => server.stop(),
    }
  },
}

const BACKENDS: readonly Backend[] = [jsonFiles, ...(whyNoPostgres() ? [] : [postgres])]

function* conversationsOf(
  ids: readonly string[],
  { messages, text, writer }: { messages: number; text: () => string; writer: Writer },
): Generator<Filled> {
  for (const [index, id] of ids.entries()) {
    const start = index * messages
    const conversation = {
      id,
      ownerId: OWNER,
      title: writer.words(6).join(' '),
      renamed: false,
      modelTag: 'default',
      isFavorited: false,
      createdAt: time(start),
      updatedAt: time(start + messages),
    }
    const said = Array.from({ length: messages }, (_, at) => messageOf(id, text(), start + at))
    yield { conversation, messages: said }
  }
}

const newIds = (count: number) => Array.from({ length: count }, () => randomUUID())

/** Milliseconds of all processors. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** Milliseconds for which nothing else could happen, at most. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.max / 1e6
}

/** What a page of a conversation shows when it is opened. */
const newest = (store: ConversationStore, id: string) =>
  store.newestMessages(OWNER, id, { limit: 30 })

async function appendTime(store: ConversationStore, id: string, writer: Writer, from: number) {
  const times: number[] = []
  for (let count = 0; count < APPENDS; count += 1) {
    const message = messageOf(id, writer.text(), from + count)
    times.push(await timed(() => store.addMessage(OWNER, id, { message })))
  }
  return median(times)
}

async function withStore<Value>(
  { create }: Backend,
  filled: Iterable<Filled>,
  use: (growing: GrowingStore) => Promise<Value>,
): Promise<Value> {
  const growing = await create()
  try {
    await growing.fill(filled)
    return await use(growing)
  } finally {
    await growing.remove()
  }
}

/** With that many conversations of one owner. */
async function measureMany(backend: Backend, count: number) {
  const writer = createWriter()
  const ids = newIds(count)
  const filled = conversationsOf(ids, { messages: FEW_MESSAGES, text: writer.text, writer })
  return withStore(backend, filled, async ({ open }) => {
    const list = (store: ConversationStore) => store.list(OWNER, { limit: 30, offset: 0 })
    // Everything that is made at a first list is there when the store starts again.
    const first = await open()
    const anew = await timed(() => list(first))
    await first.close()
    const before = memoryNow()
    const times = { start: 0, firstList: 0, list: 0, open: 0, append: 0, search: 0, letter: 0 }
    let store = first
    try {
      const stall = await longestStall(async () => {
        times.start = await timed(async () => {
          store = await open()
        })
        times.firstList = await timed(() => list(store))
        times.list = await timed(() => list(store))
        times.open = await timed(() => newest(store, ids.at(-1) ?? ''))
        times.append = await appendTime(store, ids[0] ?? '', writer, count * FEW_MESSAGES)
        const letters: number[] = []
        for (const query of TYPED) {
          letters.push(await timed(() => store.search(OWNER, { query, limit: 20, offset: 0 })))
        }
        times.search = letters[0] ?? Number.NaN
        times.letter = Math.max(...letters.slice(1))
      })
      // Collecting garbage for this figure would be the longest stall of all.
      return { count, anew, ...times, memory: memoryNow() - before, stall }
    } finally {
      await store.close()
    }
  })
}

/** With one conversation of that many messages. */
async function measureLong(backend: Backend, count: number) {
  const writer = createWriter()
  const text = () =>
    writer
      .words(LONG_TEXT / 4)
      .join(' ')
      .slice(0, LONG_TEXT)
  const [id = ''] = newIds(1)
  return withStore(
    backend,
    conversationsOf([id], { messages: count, text, writer }),
    async (growing) => {
      const reader = await growing.open()
      const open = await cpuOf(() => newest(reader, id))
      await reader.close()
      const store = await growing.open()
      await newest(store, id)
      const turn = await cpuOf(async () => {
        for (const at of [count, count + 1]) {
          await store.addMessage(OWNER, id, { message: messageOf(id, text(), at) })
        }
        // What is written behind the answer belongs to it.
        await store.close()
      })
      return { count, open, turn }
    },
  )
}

async function measureBackend(backend: Backend, { conversations, messages }: Effort['growth']) {
  // Does not count: the compiler is busy, and would make whatever comes later look cheap.
  await measureMany(backend, WARM_UP)
  const many: Awaited<ReturnType<typeof measureMany>>[] = []
  for (const count of conversations) many.push(await measureMany(backend, count))
  const long: Awaited<ReturnType<typeof measureLong>>[] = []
  for (const count of messages) long.push(await measureLong(backend, count))
  return { name: backend.name, many, long }
}

type Grown = Awaited<ReturnType<typeof measureBackend>>

function budgetsOf({ name, many, long }: Grown): readonly Budget[] {
  const [least, most, longest] = [many[0], many.at(-1), long.at(-1)]
  if (!least || !most || !longest) return []
  const at = figure(most.count, 0)
  const ms = (what: string, value: number, atMost: number) => ({
    what: `${name}: ${what}`,
    value,
    unit: 'ms',
    atMost,
  })
  return [
    {
      what: `${name}: append at ${at}, against that at ${figure(least.count, 0)}`,
      value: most.append / least.append,
      unit: '×',
      atMost: 1.3,
    },
    ms(`start-up at ${at}`, most.start, 1_000),
    ms(`first list after a restart at ${at}`, most.firstList, 500),
    ...many
      .filter(({ count }) => count === 10_000)
      .map(({ letter }) => ms('every further letter of a search at 10,000', letter, 100)),
    ms(`CPU to open ${figure(longest.count, 0)} messages`, longest.open, 100),
    ms('longest stall of the event loop', Math.max(...many.map(({ stall }) => stall)), 50),
  ]
}

function rowsOf({ name, many, long }: Grown): readonly (readonly string[])[] {
  return [
    ...many.map((each) => [
      `${name}, ${figure(each.count, 0)} conversations`,
      figure(each.start),
      figure(each.anew),
      figure(each.firstList),
      figure(each.list),
      figure(each.open),
      figure(each.append, 2),
      figure(each.search),
      figure(each.letter),
      figure(each.memory / 1e6),
      figure(each.stall),
      '',
      '',
    ]),
    ...long.map(({ count, open, turn }) => [
      `${name}, ${figure(count, 0)} messages`,
      ...Array.from({ length: 10 }, () => ''),
      figure(open),
      figure(turn),
    ]),
  ]
}

const COLUMNS = [
  'milliseconds',
  'start',
  'list, no index',
  'first list',
  'list',
  'open',
  'append',
  'search',
  'next letter',
  'memory, MB',
  'stall',
  'open, CPU',
  'turn, CPU',
]

export async function measureGrowth({ growth }: Pick<Effort, 'growth'>): Promise<Measurement> {
  const grown: Grown[] = []
  for (const backend of BACKENDS) grown.push(await measureBackend(backend, growth))
  return {
    name: ['A store that grows', whyNoPostgres()].filter(Boolean).join('. '),
    table: [COLUMNS, ...grown.flatMap(rowsOf)],
    budgets: grown.flatMap(budgetsOf),
    figures: grown,
  }
}
