/**
 * The list of one owner's conversations. The conversation files are the truth. When the list is first needed and
 * nothing has come to the folder since the index was written, the index is believed, and its files are compared with
 * it behind the answer; otherwise they are compared first. Only files that differ are read.
 */
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ConversationPage, ListPage, ThreadsPage, Conversation } from '../core/ports/index.ts'
import { type StoreContext, replaceFile } from './disk/atomic-file.ts'
import type { StoredConversation } from './conversation-file.ts'
import { type FileStamp, storageError, forEachOf } from './disk/file-system.ts'
import { conversationIdOf } from './disk/paths.ts'
import { countMessages, indexEntrySchema } from './records.ts'

/** Entries handled in one go; about a millisecond, so that streams of other visitors do not stall. */
const SLICE = 500

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

/** Of an owner's conversations, those in which nothing has changed from a time on. */
export interface Unchanged {
  readonly ids: readonly string[]
  /** When the oldest of the others changed last: milliseconds since 1970, `Infinity` where there are none. */
  readonly oldestOther: number
}

type ConversationOrder = Awaited<ReturnType<typeof createConversationOrder>>

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

type TimeOf = (entry: PlacedEntry) => number

const placeOf = (entry: PlacedEntry, timeOf: TimeOf): Place => ({
  at: timeOf(entry),
  id: entry.conversation.id,
})

/** Oldest first. Short runs are sorted and then merged, a slice at a time. */
async function sorted(entries: readonly PlacedEntry[], timeOf: TimeOf): Promise<PlacedEntry[]> {
  const order = (a: PlacedEntry, b: PlacedEntry) =>
    timeOf(a) - timeOf(b) || (a.conversation.id < b.conversation.id ? -1 : 1)
  let runs: PlacedEntry[][] = []
  for (let start = 0; start < entries.length; start += SLICE) {
    runs.push(entries.slice(start, start + SLICE).toSorted(order))
    await setImmediate()
  }
  while (runs.length > 1) {
    const merged: PlacedEntry[][] = []
    for (let pair = 0; pair < runs.length; pair += 2) {
      merged.push(await merge(runs[pair] ?? [], runs[pair + 1] ?? [], order))
    }
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  order: (a: T, b: T) => number,
): Promise<T[]> {
  const merged: T[] = []
  let [inLeft, inRight] = [0, 0]
  while (merged.length < left.length + right.length) {
    const [a, b] = [left[inLeft], right[inRight]]
    if (a !== undefined && (b === undefined || order(a, b) <= 0)) {
      merged.push(a)
      inLeft += 1
    } else if (b !== undefined) {
      merged.push(b)
      inRight += 1
    }
    if (merged.length % (10 * SLICE) === 0) await setImmediate()
  }
  return merged
}

/** One order of entries: oldest first, so that what changed moves to the end, where moving is cheap. Takes entries over that are in order. */
function createSorted(entries: PlacedEntry[], timeOf: TimeOf) {
  /** Where a place is, or would be. */
  const position = (place: Place) => {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = entries[middle]
      if (other && compare(placeOf(other, timeOf), place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    entries,
    position,
    add: (entry: PlacedEntry) => void entries.splice(position(placeOf(entry, timeOf)), 0, entry),
    remove: (entry: PlacedEntry) => void entries.splice(position(placeOf(entry, timeOf)), 1),
  }
}

const isLiving = ({ conversation }: IndexEntry) => conversation.deletedAt === undefined

/** Whether a list of threads shows it to those who ask for no others. */
const isBegun = (entry: IndexEntry) =>
  isLiving(entry) && entry.conversation.title !== null && entry.messages > 0

const byUpdateTime = ({ at }: PlacedEntry) => at
const byCreationTime = ({ createdAt }: PlacedEntry) => createdAt

/** In slices, so that nobody waits while a hundred thousand are put in order. */
export async function createConversationOrder(initial: Iterable<IndexEntry> = []) {
  const byId = new Map<string, PlacedEntry>()
  for (const entry of initial) {
    byId.set(entry.conversation.id, placed(entry))
    if (byId.size % SLICE === 0) await setImmediate()
  }
  const all = [...byId.values()]
  const byUpdate = createSorted(await sorted(all.filter(isLiving), byUpdateTime), byUpdateTime)
  const byCreation = createSorted(await sorted(all, byCreationTime), byCreationTime)
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
    /** What has not changed from a time on, deleted ones too, and when the oldest of the others did. */
    unchangedSince(time: number): Unchanged {
      const ids: string[] = []
      let oldestOther = Infinity
      for (const { at, conversation } of byId.values()) {
        if (at < time) ids.push(conversation.id)
        else oldestOther = Math.min(oldestOther, at)
      }
      return { ids, oldestOther }
    },
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
/** Its first line; an entry a line follows, and then what closes the JSON value. */
const INDEX_BEGINNING = '{"version":1,"entries":['

function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedMs === b.modifiedMs
}

/** The entry that a line of the index file holds; nothing when it makes no sense. */
function entryOf(line: string): IndexEntry | undefined {
  try {
    const value: unknown = JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line)
    return indexEntrySchema.safeParse(value).data
  } catch {
    return undefined
  }
}

/** What the index file says, by conversation id. Line by line: to parse all at once would hold up everybody else. */
async function readIndexFile(
  { files }: StoreContext,
  path: string,
): Promise<ReadonlyMap<string, IndexEntry>> {
  const entries = new Map<string, IndexEntry>()
  const found = await files.read(path)
  let count = 0
  for (const line of linesOf(found?.bytes ?? new Uint8Array())) {
    if (count === 0 && line !== INDEX_BEGINNING) break
    const entry = entryOf(line)
    if (entry) entries.set(entry.conversation.id, entry)
    count += 1
    if (count % SLICE === 0) await setImmediate()
  }
  return entries
}

const NEW_LINE = 10

function* linesOf(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder()
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(NEW_LINE, start)
    const end = found < 0 ? bytes.length : found
    yield decoder.decode(bytes.subarray(start, end))
    start = end + 1
  }
}

/** One entry a line. Each slice is written before the next is made. */
async function* indexText(entries: Iterable<IndexEntry>): AsyncGenerator<string> {
  let slice = INDEX_BEGINNING
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
  /** Looks at every entry. @throws ChatError `internal` when the disk fails. */
  unchangedSince(time: number): Promise<Unchanged>
  /** For the end: writes what is not written yet. Never rejects: the index file is only a cache. */
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

/** Files looked at together while a list is waited for. */
const LOOKS_AT_ONCE = 16
/** Conversations from which on the index is believed; comparing fewer takes a few milliseconds. */
const LONG_LIST = 1_000
/** Files of a long list that are compared all the same. */
const SAMPLE = 20
/** Few, while nobody waits: what visitors do meanwhile comes first. */
const CHECKS_AT_ONCE = 2
/** The name of the index and the folder that gets it change together, but not at the same tick of the clock. */
const SAME_MOMENT_MS = 10

/** No file has it: an entry of which the file was behind is looked up again. */
const NO_STAMP: FileStamp = { inode: 0, size: 0, modifiedMs: 0 }

const toEntry = ({ record, stamp }: StoredConversation): IndexEntry => ({
  conversation: record.conversation,
  messages: countMessages(record),
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
  /** Nothing is begun any more. */
  let ended = false
  /** Files are compared with a list that is in use. */
  let checking: Promise<void> | undefined
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

  /**
   * Of a long list: nothing has come to the folder or left it since the index was written, which names all that there
   * is and is no copy, where every file would be another one.
   */
  const isUpToDate = async (
    ids: ReadonlyMap<string, string>,
    believed: ReadonlyMap<string, IndexEntry>,
  ) => {
    if (ids.size < LONG_LIST || ids.size !== believed.size) return false
    const [written, changed] = [await files.changedAt(indexPath), await files.stamp(folder)]
    if (!written || !changed || changed.modifiedMs > written + SAME_MOMENT_MS) return false
    let looks = 0
    for (const [id, name] of ids) {
      const entry = believed.get(id)
      if (!entry) return false
      looks += 1
      if (looks > SAMPLE || isUnsaved(id)) continue
      const stamp = await files.stamp(join(folder, name))
      if (!stamp || !isSameStamp(stamp, entry.stamp)) return false
    }
    return true
  }

  /** The entries of files, those that are believed where a file is as they say. */
  const lookAtAll = async (
    ids: Iterable<[id: string, name: string]>,
    believed: ReadonlyMap<string, IndexEntry>,
  ) => {
    const entries: IndexEntry[] = []
    await forEachOf([...ids], LOOKS_AT_ONCE, async ([id, name]) => {
      const entry = await lookAt(id, name, believed.get(id))
      if (entry) entries.push(entry)
    })
    return entries
  }

  const readFolder = async () => {
    const names = await files.list(folder)
    const ids = new Map<string, string>()
    for (const [count, name] of names.entries()) {
      if (count % (10 * SLICE) === 0) await setImmediate()
      const id = conversationIdOf(name)
      if (id !== undefined) ids.set(id, name)
      else if (isLeftover(name)) await removeLeftover(name)
    }
    const believed = names.includes(INDEX_FILE_NAME)
      ? await readIndexFile(context, indexPath)
      : new Map<string, IndexEntry>()
    if (!(await isUpToDate(ids, believed))) {
      if (ids.size !== believed.size) dirty = true
      return createConversationOrder(await lookAtAll(ids, believed))
    }
    // What is in the journal alone is in no file yet.
    const behind: [id: string, name: string][] = []
    for (const [id, name] of ids) if (isUnsaved(id)) behind.push([id, name])
    const list = await createConversationOrder(believed.values())
    for (const entry of await lookAtAll(behind, believed)) list.set(entry)
    checking = check(list, ids)
    return list
  }

  /** What has been changed in place, by hand or by a crash between two writes, is found a little later. */
  const check = async (believed: ConversationOrder, ids: ReadonlyMap<string, string>) => {
    await setImmediate()
    await forEachOf([...ids], CHECKS_AT_ONCE, async ([id, name]) => {
      const entry = believed.get(id)
      if (ended || discarded || !entry) return
      try {
        const stamp = await files.stamp(join(folder, name))
        // Of one that has been changed meanwhile the list was told.
        if ((stamp && isSameStamp(stamp, entry.stamp)) || believed.get(id) !== entry) return
        if (isUnsaved(id)) return
        apply(believed, id, await readConversation(id))
      } catch (error) {
        logger.error(
          { file: join(folder, name), err: error },
          'a conversation could not be checked',
        )
      }
    })
    checking = undefined
    schedule()
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
      const isMoving = loading ?? flushing ?? checking
      return isMoving !== undefined || (order !== undefined && dirty)
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
    async unchangedSince(time) {
      return (await loadOnce()).unchangedSince(time)
    },
    async flush() {
      ended = true
      await Promise.allSettled([loading])
      await Promise.allSettled([checking])
      await flush()
    },
    async discard() {
      discarded = true
      clearTimeout(timer)
      await Promise.allSettled([loading, flushing])
      await Promise.allSettled([checking])
    },
  }
}
