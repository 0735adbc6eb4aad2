/**
 * One conversation and its file. Changes wait in a queue; those that pile up while the disk is busy are
 * applied one after the other and written together. Readers see only what the disk has.
 */
import { Low } from 'lowdb'
import type { AtomicFile } from './atomic-file.ts'
import type { FileStamp } from './file-system.ts'
import type { Change } from './record-changes.ts'
import type { ConversationRecord } from './records.ts'
import { storageError } from './storage-error.ts'

/** A record and the state of the file that holds it. */
export interface StoredConversation {
  readonly record: ConversationRecord
  readonly stamp: FileStamp
}

export interface ConversationFile {
  /** True while a change waits or the disk is asked. */
  readonly busy: boolean
  /** @throws ChatError `internal` when the disk fails. */
  read(): Promise<StoredConversation | undefined>
  /**
   * Resolves when the change would survive a power cut.
   * @throws ChatError `internal` when the disk fails, and whatever the change throws.
   */
  change<T>(change: Change<T>): Promise<T>
  /** Resolves when nothing waits any more. Never rejects. */
  idle(): Promise<void>
}

export interface ConversationFileOptions {
  readonly file: AtomicFile<ConversationRecord>
  /** Called before a file is made where there was none. */
  readonly prepareFolder: () => Promise<void>
  /** Told whatever is found on the disk or has been written there. */
  readonly onStored: (stored: StoredConversation | undefined) => void
  /** Told why a write failed, once for all who waited for it. */
  readonly onWriteFailed: (error: unknown) => void
}

interface WaitingChange {
  apply(current: ConversationRecord | undefined): ConversationRecord | undefined
  succeed(): void
  fail(error: unknown): void
}

export function createConversationFile(options: ConversationFileOptions): ConversationFile {
  const { file, prepareFolder, onStored, onWriteFailed } = options
  const low = new Low<ConversationRecord | null>(file, null)
  /** What the disk has, once it was asked; forgotten when a failed write leaves that unclear. */
  let known: { readonly stored: StoredConversation | undefined } | undefined
  let loading: Promise<StoredConversation | undefined> | undefined
  let waiting: WaitingChange[] = []
  let working: Promise<void> | undefined

  const learn = () => {
    const { stamp } = file
    const stored = low.data && stamp ? { record: low.data, stamp } : undefined
    known = { stored }
    onStored(stored)
    return stored
  }

  const readFile = async () => {
    try {
      // lowdb keeps its old data when there is no file.
      low.data = null
      await low.read()
      return learn()
    } catch (error) {
      throw storageError('The conversation could not be read', error)
    } finally {
      loading = undefined
    }
  }

  const load = async () => {
    if (known) return known.stored
    loading ??= readFile()
    return loading
  }

  const store = async (
    before: ConversationRecord | undefined,
    next: ConversationRecord | undefined,
  ) => {
    if (next === before) return
    try {
      if (!before) await prepareFolder()
      low.data = next ?? null
      // lowdb writes only data, never its absence.
      if (next) await low.write()
      else await file.write(null)
    } catch (error) {
      known = undefined
      onWriteFailed(error)
      throw storageError('The conversation could not be saved', error)
    }
    learn()
  }

  const applyAll = (before: ConversationRecord | undefined) => {
    const batch = waiting
    waiting = []
    const applied: WaitingChange[] = []
    let next = before
    for (const change of batch) {
      try {
        next = change.apply(next)
        applied.push(change)
      } catch (error) {
        change.fail(error)
      }
    }
    return { applied, next }
  }

  const work = async () => {
    while (waiting.length > 0) {
      let batch = waiting
      try {
        const before = (await load())?.record
        const { applied, next } = applyAll(before)
        batch = applied
        await store(before, next)
        for (const change of batch) change.succeed()
      } catch (error) {
        waiting = waiting.filter((change) => !batch.includes(change))
        for (const change of batch) change.fail(error)
      }
    }
    working = undefined
  }

  return {
    get busy() {
      return working !== undefined || loading !== undefined
    },
    read: load,
    change<T>(change: Change<T>) {
      return new Promise<T>((resolve, reject) => {
        let succeed = () => {}
        waiting.push({
          apply(current) {
            const { next, result } = change(current)
            succeed = () => resolve(result)
            return next
          },
          succeed: () => succeed(),
          fail: reject,
        })
        working ??= work()
      })
    },
    async idle() {
      await Promise.allSettled([working, loading])
    },
  }
}
