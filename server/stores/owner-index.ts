/**
 * The list of one owner's conversations. The conversation files are the truth: when the index is first
 * needed, every file is compared with what the index file says of it, and only files that differ are read.
 */
import { join } from 'node:path'
import type { ConversationPage, ListPage, ThreadsPage } from '../core/ports/index.ts'
import type { StoreContext } from './disk/atomic-file.ts'
import type { StoredConversation } from './conversation-file.ts'
import {
  createConversationOrder,
  type ConversationOrder,
  type IndexEntry,
} from './conversation-order.ts'
import type { FileStamp } from './disk/file-system.ts'
import { forEachOf } from './disk/for-each-of.ts'
import { INDEX_FILE_NAME, isSameStamp, readIndexFile, writeIndexFile } from './index-file.ts'
import { conversationIdOf } from './disk/store-paths.ts'
import { storageError } from './disk/storage-error.ts'

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
  const { files, temporaryNames, logger } = context
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
      if (temporaryNames.isLeftover(name)) return removeLeftover(name)
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
      await writeIndexFile(context, indexPath, from.entries())
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
