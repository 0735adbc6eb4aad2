/**
 * One conversation and its file. Changes wait in a queue; those that pile up while the disk is busy are
 * applied one after the other and written together: as a line of the journal, while the file follows
 * later. Only what begins or ends a conversation goes to the file at once. Readers see only what the disk
 * has.
 */
import { Low } from 'lowdb'
import type { Message, NewestMessages, NewestMessagesQuery } from '../core/ports/index.ts'
import type { ConversationDisk } from './conversation-disk.ts'
import type { Checkpoints, Reduced, Unsaved } from './journal/checkpoints.ts'
import { createInTurn, type FileStamp, storageError } from './disk/file-system.ts'
import type { Journal } from './journal/journal.ts'
import { type Change, type ConversationRecord, isEnoughFor } from './records.ts'
import { deltaBetween, losesText } from './journal/journal-lines.ts'

/** A record and the state of the file that holds it; none while the file is behind. */
export interface StoredConversation {
  readonly record: ConversationRecord
  readonly stamp: FileStamp | undefined
}

export interface ConversationFile extends Unsaved, Reduced {
  /** True while a change waits, the disk is asked, or the file is behind. */
  readonly busy: boolean
  /** Of a long conversation the newest messages alone. @throws ChatError `internal` when the disk fails. */
  read(): Promise<StoredConversation | undefined>
  /** With all messages. @throws ChatError `internal` when the disk fails. */
  readWhole(): Promise<ConversationRecord | undefined>
  /**
   * `undefined` when there is no such message to be before.
   * @throws ChatError `internal` when the disk fails.
   */
  readNewest(query: NewestMessagesQuery): Promise<NewestMessages | undefined>
  /**
   * Resolves when the change would survive a power cut. `onWritten` is called before, with what the
   * change gave, when it would survive the end of the process; when the disk fails after that, the change
   * is taken back.
   * @throws ChatError `internal` when the disk fails, and whatever the change throws.
   */
  change<T>(change: Change<T>, onWritten?: (result: T) => void): Promise<T>
  /** What is no longer in the conversation leaves everything else too that has it, a little later. */
  forgetLost(): void
  /** Resolves when nothing waits any more. Never rejects. */
  idle(): Promise<void>
  /** Waits as idle does; from then on the file is not touched until it is told how to go on. */
  hold(): Promise<HeldFile>
}

export interface HeldFile {
  release(): void
  /** The file is gone. */
  forget(): void
}

export interface ConversationFileOptions {
  readonly ownerId: string
  readonly id: string
  readonly file: ConversationDisk
  readonly journal: Journal
  readonly checkpoints: Checkpoints
  /** Called before a file is made where there was none. */
  readonly prepareFolder: () => Promise<void>
  /** Told whatever is found on the disk or has been written there, and what was known before. */
  readonly onStored: (
    stored: StoredConversation | undefined,
    before: StoredConversation | undefined,
  ) => void
  /** Takes what is kept of it for searches off the disk. */
  readonly forgetWords: () => Promise<void>
  /** Told why a write failed, once for all who waited for it. */
  readonly onWriteFailed: (error: unknown) => void
}

export function createConversationFile(options: ConversationFileOptions): ConversationFile {
  const { ownerId, id, file, journal, checkpoints, prepareFolder, onStored } = options
  const low = new Low<ConversationRecord | null>(file, null)
  /** What the disk has, once it was asked; forgotten when a failed write leaves that unclear. */
  let known: { readonly stored: StoredConversation | undefined } | undefined
  let loading: Promise<StoredConversation | undefined> | undefined
  /** A line on its way into the journal. */
  let appending: Promise<void> | undefined
  /** The file is written by a change itself. */
  let replacing: Promise<void> | undefined
  let saving: Promise<void> | undefined
  let held: PromiseWithResolvers<void> | undefined
  /** The journal says more than there is, and so may what searches keep. */
  let isReduced = false
  let readers = 0
  /** A turn has begun and not ended: the answer comes soon, and is written together with its question. */
  let isInTurn = false

  /** What is read and written there goes one after the other: what a reader looks for stays where it is. */
  const inTurn = createInTurn()

  const learn = (stored: StoredConversation | undefined) => {
    const before = known?.stored
    known = { stored }
    onStored(stored, before)
    return stored
  }

  const readFile = async () => {
    try {
      // lowdb keeps its old data when there is no file.
      low.data = null
      await low.read()
      return learn(low.data ? { record: low.data, stamp: file.stamp } : undefined)
    } catch (error) {
      throw storageError('The conversation could not be read', error)
    } finally {
      loading = undefined
    }
  }

  const load = async () => {
    if (known) return known.stored
    loading ??= inTurn(readFile)
    return loading
  }

  /** Reads what only the file has. */
  const readMore = async <T>(
    read: (record: ConversationRecord) => Promise<T>,
  ): Promise<T | undefined> => {
    readers += 1
    try {
      await load()
      return await inTurn(async () => {
        const record = known?.stored?.record
        return record && (await read(record))
      })
    } catch (error) {
      throw storageError('The conversation could not be read', error)
    } finally {
      readers -= 1
    }
  }

  const withOlder = async ({ older, ...record }: ConversationRecord) => {
    if (!older) return record
    const before = await file.readOlder({ ...record, older })
    return { ...record, messages: [...before, ...record.messages] }
  }

  /** All messages stay in memory until a change that is made of them is written. */
  const loadWhole = () =>
    readMore(async (record) => {
      const whole = await withOlder(record)
      file.rebase(whole)
      known = { stored: { record: whole, stamp: known?.stored?.stamp } }
      return whole
    })

  const isBehind = () => known?.stored !== undefined && known.stored.stamp === undefined

  const write = async (record: ConversationRecord) => {
    low.data = record
    await low.write()
    return { record, stamp: file.stamp }
  }

  /** What is written may leave the memory. */
  const learnSaved = ({ record, stamp }: StoredConversation) => {
    learn({ record: file.settle(record), stamp })
  }

  const forgetLines = async () => {
    const stored = known?.stored
    // Else half of the conversation would be left if the rest did not come about.
    if (stored && isBehind()) learn(await write(stored.record))
    await journal.forget([{ owner: ownerId, id }])
  }

  const begin = async (next: ConversationRecord) => {
    await prepareFolder()
    learn(await write({ ...next, revision: journal.nextRevision(next.revision) }))
  }

  const end = async () => {
    // Once the file is gone, nobody can ask for this again.
    await forgetLines()
    await options.forgetWords()
    // lowdb writes only data, never its absence.
    await file.write(null)
    learn(undefined)
  }

  /** Begins or ends the conversation. */
  const replace = async (next: ConversationRecord | undefined) => {
    await Promise.allSettled([saving])
    try {
      await inTurn(() => (next ? begin(next) : end()))
    } catch (error) {
      // What the file lacks is nowhere else but here; it is then written anew.
      if (!isBehind()) known = undefined
      throw error
    } finally {
      replacing = undefined
    }
  }

  const append = async (
    before: ConversationRecord,
    changed: ConversationRecord,
    onWritten: () => void,
  ) => {
    const next = { ...changed, revision: journal.nextRevision(before.revision) }
    const delta = deltaBetween(before, next)
    try {
      await journal.append({ owner: ownerId, id, delta }, onWritten)
      learn({ record: next, stamp: undefined })
      if (losesText(before, delta)) conversation.forgetLost()
    } finally {
      appending = undefined
    }
  }

  const store = async (
    before: ConversationRecord | undefined,
    next: ConversationRecord | undefined,
    onWritten: () => void,
  ) => {
    if (next === before) return
    try {
      if (before && next) {
        checkpoints.expect(conversation)
        appending = append(before, next, onWritten)
        await appending
      } else {
        replacing = replace(next)
        await replacing
      }
    } catch (error) {
      options.onWriteFailed(error)
      throw storageError('The conversation could not be saved', error)
    }
  }

  const queue = createChangeQueue({
    load: async () => (await load())?.record,
    loadWhole,
    store,
  })

  const saveNow = async () => {
    try {
      await inTurn(async () => {
        const stored = known?.stored
        if (!stored || stored.stamp) return
        const saved = await write(stored.record)
        // Whatever has become of the turn, its end is not waited for a second time.
        isInTurn = false
        // A line that came meanwhile is not in the file.
        if (known?.stored?.record === saved.record) learnSaved(saved)
      })
    } finally {
      saving = undefined
    }
  }

  const conversation: ConversationFile = {
    get busy() {
      const isUsed = queue.busy || loading !== undefined || saving !== undefined || readers > 0
      return isUsed || isReduced || isBehind()
    },
    get isUnsaved() {
      return appending !== undefined || isBehind()
    },
    get isInTurn() {
      // What was taken away leaves the file as soon as it leaves the journal.
      return isInTurn && !isReduced
    },
    read: load,
    readWhole: () => readMore(withOlder),
    async readNewest(query) {
      const record = (await load())?.record
      if (!record) return undefined
      const loaded = newestIn(record, query)
      if (loaded !== 'older') return loaded
      return await readMore((current) => newestOf(current, query, file))
    },
    change(change, onWritten) {
      if (change.turn) isInTurn = change.turn === 'begins'
      return queue.change(change, onWritten)
    },
    forgetLost() {
      isReduced = true
      checkpoints.expectLoss(conversation)
    },
    async takeForgotten() {
      isReduced = false
      const left = await readMore(withOlder)
      return left && { owner: ownerId, id, left }
    },
    async idle() {
      await Promise.allSettled([queue.idle(), loading, saving])
      await inTurn(async () => {})
    },
    async save() {
      // The line may be in that part of the journal which goes once the file is saved.
      await Promise.allSettled([appending])
      while (replacing ?? held) await Promise.allSettled([replacing, held?.promise])
      saving ??= saveNow()
      await saving
    },
    async hold() {
      const holding = Promise.withResolvers<void>()
      held = holding
      await conversation.idle()
      const release = () => {
        held = undefined
        holding.resolve()
      }
      return {
        release,
        forget() {
          known = { stored: undefined }
          release()
        },
      }
    },
  }
  return conversation
}

// Pages of messages.

const pageOf = (found: readonly Message[], limit: number): NewestMessages => ({
  messages: found.slice(Math.max(0, found.length - limit)),
  hasMore: found.length > limit,
})

/** The page, as far as the messages in memory tell; `older`: the file has to be asked. */
function newestIn(
  { messages, older = 0 }: ConversationRecord,
  { limit, before }: NewestMessagesQuery,
): NewestMessages | 'older' | undefined {
  const at = before === undefined ? messages.length : messages.findIndex(({ id }) => id === before)
  // One more than there are to be tells that there are older ones.
  if (older > 0 && at <= limit) return 'older'
  return at < 0 ? undefined : pageOf(messages.slice(0, at), limit)
}

async function newestOf(
  record: ConversationRecord,
  query: NewestMessagesQuery,
  file: ConversationDisk,
): Promise<NewestMessages | undefined> {
  const loaded = newestIn(record, query)
  if (loaded !== 'older') return loaded
  const { limit, before } = query
  const { messages } = record
  const at = before === undefined ? messages.length : messages.findIndex(({ id }) => id === before)
  const page = at < 0 ? { limit: limit + 1, before } : { limit: limit + 1 - at }
  const older = await file.readOlderPage(record, page)
  return older && pageOf([...older, ...messages.slice(0, Math.max(0, at))], limit)
}

// Changes of one record that wait for the disk. Those that have piled up are stored together.

interface ChangeQueueOptions {
  readonly load: () => Promise<ConversationRecord | undefined>
  /** The same with all messages. */
  readonly loadWhole: () => Promise<ConversationRecord | undefined>
  /** May call `onWritten` before it is done. */
  readonly store: (
    before: ConversationRecord | undefined,
    next: ConversationRecord | undefined,
    onWritten: () => void,
  ) => Promise<void>
}

interface WaitingChange {
  readonly looksFor: readonly string[]
  apply(current: ConversationRecord | undefined): ConversationRecord | undefined
  written(): void
  succeed(): void
  fail(error: unknown): void
}

function createChangeQueue({ load, loadWhole, store }: ChangeQueueOptions) {
  let waiting: WaitingChange[] = []
  let working: Promise<void> | undefined

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
        let before = await load()
        // Looked at in the step in which all that wait are applied: others may have come while it was loaded.
        while (
          before &&
          !isEnoughFor(
            before,
            waiting.flatMap(({ looksFor }) => looksFor),
          )
        ) {
          before = await loadWhole()
        }
        const { applied, next } = applyAll(before)
        batch = applied
        await store(before, next, () => {
          for (const change of batch) change.written()
        })
        for (const change of batch) change.succeed()
      } catch (error) {
        waiting = waiting.filter((change) => !batch.includes(change))
        for (const change of batch) change.fail(error)
      }
    }
    working = undefined
  }

  return {
    /** True while a change waits. */
    get busy() {
      return working !== undefined
    },
    /** Resolves when the change is stored. @throws what the change throws, or the storing. */
    change<T>(change: Change<T>, onWritten?: (result: T) => void) {
      return new Promise<T>((resolve, reject) => {
        let outcome: { readonly result: T } | undefined
        waiting.push({
          looksFor: change.looksFor ?? [],
          apply(current) {
            const { next, result } = change(current)
            outcome = { result }
            return next
          },
          written() {
            if (outcome) onWritten?.(outcome.result)
          },
          succeed() {
            if (outcome) resolve(outcome.result)
          },
          fail: reject,
        })
        working ??= work()
      })
    },
    /** Resolves when nothing waits any more. Never rejects. */
    async idle() {
      await working
    },
  }
}
