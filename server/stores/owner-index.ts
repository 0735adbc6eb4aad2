/**
 * The list of one owner's conversations. The conversation files are the truth: when the index is first
 * needed, every file is compared with what the index file says of it, and only files that differ are read.
 */
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ConversationPage, ListPage, ThreadsPage, Conversation } from '../core/ports/index.ts'
import { type StoreContext, createAtomicFile, replaceFile } from './disk/atomic-file.ts'
import type { StoredConversation } from './conversation-file.ts'
import { type FileStamp, storageError, forEachOf } from './disk/file-system.ts'
import { conversationIdOf } from './disk/paths.ts'
import { indexEntrySchema, indexRecordSchema } from './records.ts'

// The conversations of one owner, always in order, so that neither a change nor a page sorts
// anything.

export interface IndexEntry {
  readonly conversation: Conversation
  /** How many it has. */
  readonly messages: number
  readonly stamp: FileStamp
}

interface PlacedEntry extends IndexEntry {
  /** `updatedAt` in milliseconds. */
  readonly at: number
  /** The same of `createdAt`. */
  readonly createdAt: number
}

type ConversationOrder = ReturnType<typeof createConversationOrder>

const placed = ({ conversation, messages, stamp }: IndexEntry): PlacedEntry => ({
  conversation,
  messages,
  stamp,
  at: Date.parse(conversation.updatedAt),
  createdAt: Date.parse(conversation.createdAt),
})

interface Place {
  readonly at: number
  readonly id: string
}

/** Oldest first. Ids break ties, so that pages of one list fit together. */
function compare(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

/** One order of entries: oldest first, so that what changed moves to the end, where moving is cheap. */
function createSorted(initial: readonly PlacedEntry[], timeOf: (entry: PlacedEntry) => number) {
  const placeOf = (entry: PlacedEntry): Place => ({
    at: timeOf(entry),
    id: entry.conversation.id,
  })
  const entries = initial.toSorted((a, b) => compare(placeOf(a), placeOf(b)))

  /** Where a place is, or would be. */
  const position = (place: Place) => {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = entries[middle]
      if (other && compare(placeOf(other), place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    entries,
    position,
    add: (entry: PlacedEntry) => void entries.splice(position(placeOf(entry)), 0, entry),
    remove: (entry: PlacedEntry) => void entries.splice(position(placeOf(entry)), 1),
  }
}

const isLiving = ({ conversation }: IndexEntry) => conversation.deletedAt === undefined

/** Whether a list of threads shows it to those who ask for no others. */
const isBegun = (entry: IndexEntry) =>
  isLiving(entry) && entry.conversation.title !== null && entry.messages > 0

export function createConversationOrder(initial: Iterable<IndexEntry> = []) {
  const byId = new Map<string, PlacedEntry>()
  for (const entry of initial) byId.set(entry.conversation.id, placed(entry))
  const all = [...byId.values()]
  const byUpdate = createSorted(all.filter(isLiving), ({ at }) => at)
  const byCreation = createSorted(all, ({ createdAt }) => createdAt)
  let messages = byUpdate.entries.reduce((sum, entry) => sum + entry.messages, 0)

  const remove = (id: string) => {
    const entry = byId.get(id)
    if (!entry) return false
    byId.delete(id)
    byCreation.remove(entry)
    if (!isLiving(entry)) return true
    messages -= entry.messages
    byUpdate.remove(entry)
    return true
  }

  return {
    /** How many there are, deleted ones too. */
    get size() {
      return byId.size
    },
    /** How many are not deleted. */
    get living() {
      return byUpdate.entries.length
    },
    /** How many those have. */
    get messages() {
      return messages
    },
    get: (id: string): IndexEntry | undefined => byId.get(id),
    set(entry: IndexEntry) {
      const added = placed(entry)
      remove(entry.conversation.id)
      byId.set(entry.conversation.id, added)
      byCreation.add(added)
      if (!isLiving(added)) return
      messages += added.messages
      byUpdate.add(added)
    },
    delete: remove,
    ids: () => [...byId.keys()],
    /** In no special order; goes on sensibly when there are changes meanwhile. */
    entries: (): Iterable<IndexEntry> => byId.values(),
    /** Newest `updatedAt` first; no deleted ones. */
    page({ limit, offset, after }: ListPage) {
      const { length } = byUpdate.entries
      const older = after
        ? byUpdate.position({ at: Date.parse(after.updatedAt), id: after.id })
        : length
      const end = Math.max(0, older - offset)
      const start = Math.max(0, end - limit)
      const entries = byUpdate.entries.slice(start, end).toReversed()
      return { items: entries.map(({ conversation }) => conversation), hasMore: start > 0 }
    },
    /** Newest `createdAt` first; see ConversationStore. Looks at every entry. */
    threadsPage({ limit, offset, includeDeleted }: ThreadsPage): ConversationPage {
      const { entries } = byCreation
      const shown = includeDeleted ? entries : entries.filter(isBegun)
      const end = Math.max(0, shown.length - offset)
      const start = Math.max(0, end - limit)
      return {
        items: shown
          .slice(start, end)
          .toReversed()
          .map(({ conversation }) => conversation),
        total: shown.length,
        hasMore: start > 0,
      }
    },
  }
}

// The index of one owner as a file. It is a cache: whatever is wrong with it, the conversations
// tell.

export const INDEX_FILE_NAME = 'index.json'

/** Entries handled in one go; about a millisecond, so that streams of other visitors do not stall. */
const SLICE = 500

function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedMs === b.modifiedMs
}

/** What the index file says, by conversation id; entries that make no sense are left out. */
async function readIndexFile(
  context: StoreContext,
  path: string,
): Promise<ReadonlyMap<string, IndexEntry>> {
  const record = await createAtomicFile(context, path, indexRecordSchema).read()
  const entries = new Map<string, IndexEntry>()
  for (const [count, value] of (record?.entries ?? []).entries()) {
    if (count % SLICE === SLICE - 1) await setImmediate()
    const entry = indexEntrySchema.safeParse(value)
    if (entry.success) entries.set(entry.data.conversation.id, entry.data)
  }
  return entries
}

/** One entry a line. Each slice is written before the next is made. */
async function* indexText(entries: Iterable<IndexEntry>): AsyncGenerator<string> {
  let slice = '{"version":1,"entries":['
  let count = 0
  for (const { conversation, messages, stamp } of entries) {
    slice += `${count === 0 ? '' : ','}\n${JSON.stringify({ conversation, messages, stamp })}`
    count += 1
    if (count % SLICE > 0) continue
    yield slice
    slice = ''
    await setImmediate()
  }
  yield `${slice}\n]}\n`
}

export interface OwnerIndex {
  /** True while it is being loaded or has something to write. */
  readonly busy: boolean
  /** Tells what is on the disk now; free when nobody has asked for the list. */
  note(id: string, stored: StoredConversation | undefined): void
  /** @throws ChatError `internal` when the disk fails. */
  page(page: ListPage): Promise<ConversationPage>
  /** @throws ChatError `internal` when the disk fails. */
  threadsPage(page: ThreadsPage): Promise<ConversationPage>
  /** @throws ChatError `internal` when the disk fails. */
  ids(): Promise<readonly string[]>
  /** @throws ChatError `internal` when the disk fails. */
  totals(): Promise<{ readonly conversations: number; readonly messages: number }>
  /** Writes what is not written yet. Never rejects: the index file is only a cache. */
  flush(): Promise<void>
  /** Resolves when nothing is going on any more; nothing is ever written after the call. */
  discard(): Promise<void>
}

export interface OwnerIndexOptions {
  readonly context: StoreContext
  readonly folder: string
  readonly readConversation: (id: string) => Promise<StoredConversation | undefined>
  /** Whether the file is older than what `readConversation` gives. */
  readonly isUnsaved: (id: string) => boolean
  /** How long changes are collected before an index of so many entries is written, in milliseconds. */
  readonly flushDelay: (entries: number) => number
}

/** Files looked at together while an index is loaded. */
const LOOKS_AT_ONCE = 16

/** No file has it: an entry of which the file was behind is looked up again. */
const NO_STAMP: FileStamp = { inode: 0, size: 0, modifiedMs: 0 }

const toEntry = ({ record, stamp }: StoredConversation): IndexEntry => ({
  conversation: record.conversation,
  messages: record.messages.length,
  stamp: stamp ?? NO_STAMP,
})

export function createOwnerIndex(options: OwnerIndexOptions): OwnerIndex {
  const { context, folder, readConversation, isUnsaved, flushDelay } = options
  const { files, isLeftover, logger } = context
  const indexPath = join(folder, INDEX_FILE_NAME)
  let order: ConversationOrder | undefined
  let loading: Promise<ConversationOrder> | undefined
  /** What was told while the index was being loaded; it is newer than what the loading finds. */
  const noted = new Map<string, StoredConversation | undefined>()
  let dirty = false
  let discarded = false
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | undefined

  const removeLeftover = async (name: string) => {
    try {
      await files.remove(join(folder, name))
    } catch (error) {
      logger.warn({ file: join(folder, name), err: error }, 'a leftover file could not be removed')
    }
  }

  /** The entry of a file, or nothing when the file cannot be read now: the others still count. */
  const lookAt = async (id: string, name: string, believed: IndexEntry | undefined) => {
    try {
      if (believed && !isUnsaved(id)) {
        const stamp = await files.stamp(join(folder, name))
        if (stamp && isSameStamp(stamp, believed.stamp)) return believed
      }
      dirty = true
      const stored = await readConversation(id)
      return stored && toEntry(stored)
    } catch (error) {
      logger.error(
        { file: join(folder, name), err: error },
        'a conversation is missing in the list',
      )
      return undefined
    }
  }

  const readFolder = async () => {
    const names = await files.list(folder)
    const believed = names.includes(INDEX_FILE_NAME)
      ? await readIndexFile(context, indexPath)
      : new Map<string, IndexEntry>()
    const entries: IndexEntry[] = []
    let found = 0
    await forEachOf(names, LOOKS_AT_ONCE, async (name) => {
      if (isLeftover(name)) return removeLeftover(name)
      const id = conversationIdOf(name)
      if (id === undefined) return undefined
      found += 1
      const entry = await lookAt(id, name, believed.get(id))
      if (entry) entries.push(entry)
      return undefined
    })
    if (found !== believed.size) dirty = true
    return createConversationOrder(entries)
  }

  const apply = (to: ConversationOrder, id: string, stored: StoredConversation | undefined) => {
    if (!stored) {
      if (to.delete(id)) dirty = true
      return
    }
    const known = to.get(id)
    if (known && stored.stamp && isSameStamp(known.stamp, stored.stamp)) return
    to.set(toEntry(stored))
    // Worth a new index once the file has it too.
    if (stored.stamp) dirty = true
  }

  const write = async (from: ConversationOrder) => {
    try {
      await replaceFile(context, indexPath, indexText(from.entries()))
    } catch (error) {
      logger.warn({ file: indexPath, err: error }, 'an index could not be saved; it is made again')
    } finally {
      flushing = undefined
    }
  }

  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    while (flushing) await flushing
    if (!order || !dirty || discarded) return
    dirty = false
    flushing = write(order)
    await flushing
    schedule()
  }

  const schedule = () => {
    if (!order || !dirty || discarded || timer || flushing) return
    timer = setTimeout(() => void flush(), flushDelay(order.size)).unref()
  }

  const load = async () => {
    try {
      const loaded = await readFolder()
      for (const [id, stored] of noted) apply(loaded, id, stored)
      order = loaded
      schedule()
      return loaded
    } catch (error) {
      throw storageError('The list of conversations could not be read', error)
    } finally {
      noted.clear()
      loading = undefined
    }
  }

  const loadOnce = async () => {
    if (order) return order
    loading ??= load()
    return loading
  }

  return {
    get busy() {
      return loading !== undefined || flushing !== undefined || (order !== undefined && dirty)
    },
    note(id, stored) {
      if (order) {
        apply(order, id, stored)
        schedule()
      } else if (loading) {
        noted.set(id, stored)
      }
    },
    async page(page) {
      const loaded = await loadOnce()
      return { ...loaded.page(page), total: loaded.living }
    },
    async threadsPage(page) {
      return (await loadOnce()).threadsPage(page)
    },
    async ids() {
      return (await loadOnce()).ids()
    },
    async totals() {
      const { living, messages } = await loadOnce()
      return { conversations: living, messages }
    },
    async flush() {
      await Promise.allSettled([loading])
      await flush()
    },
    async discard() {
      discarded = true
      clearTimeout(timer)
      await Promise.allSettled([loading, flushing])
    },
  }
}
