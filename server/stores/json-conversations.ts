/**
 * Keeps conversations as JSON files, one per conversation:
 *
 *     <directory>/conversations/<hash of the owner>/owner.json            whose folder it is
 *     <directory>/conversations/<hash of the owner>/<conversation>.json   the truth, a moment later
 *     <directory>/conversations/<hash of the owner>/index.json            a cache for listing
 *     <directory>/journal/<number>.jsonl                                  what the files lack yet, or copies of them
 *     <directory>/answers.jsonl                                           a cache of which answers were rated
 *
 * What a conversation's file says is in `conversation-disk.ts`. One process at a time may use a directory. It is told in the order open, read, change, erase; what one conversation
 * does with its file is in `conversation-file.ts`.
 */
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ChatError } from '../core/errors.ts'
import type {
  ConversationStore,
  NotedAnswer,
  NotedAnswersPage,
  NotedAnswersQuery,
  OwnerTotals,
} from '../core/ports/index.ts'
import type { AnswerPlace, ReadAll } from './answer-index.ts'
import { createStoreContext, type StoreOptions } from './disk/atomic-file.ts'
import { createCheckpoints } from './journal/checkpoints.ts'
import {
  createConversationDisk,
  type LongConversations,
  parseConversation,
} from './conversation-disk.ts'
import { type ConversationFile, createConversationFile } from './conversation-file.ts'
import { createConversationSearcher } from './conversation-search.ts'
import { explainFailure, forEachOf } from './disk/file-system.ts'
import { createOwnerFolders, createRecentlyUsed } from './owner-folders.ts'
import {
  addMessageToRecord,
  type Change,
  createRecord,
  isTurnKeyAlive,
  livingRecord,
  removeRecord,
  removeUnchanged,
  setFeedbackInRecord,
  updateMessageInRecord,
  updateProviderThreadInRecord,
  updateRecord,
  conversationRecordSchema,
} from './records.ts'
import { openFolders, probe } from './open-store.ts'
import {
  canonicalId,
  conversationFileName,
  conversationIdOf,
  type OwnerRef,
  ownerRef,
  storePaths,
} from './disk/paths.ts'

export interface JsonFileStoreOptions extends StoreOptions {
  /** Conversations kept in memory; those with something to write stay, whatever the number. */
  readonly conversationLimit?: number
  /** Owners whose list is kept in memory. */
  readonly ownerLimit?: number
  readonly long?: LongConversations
  /** How long changes of a list of so many entries are collected, in milliseconds. */
  readonly indexFlushDelay?: (entries: number) => number
  /** How long changes are in the journal only, in milliseconds. */
  readonly saveDelay?: number
  /** Bytes of journal with which nothing more is taken. */
  readonly journalLimit?: number
  /** Bytes of journal in one file. */
  readonly segmentLength?: number
  /** Of what searches keep: bytes in memory, for how many milliseconds, and from how many counts on the disk. */
  readonly searched?: {
    readonly kept?: number
    readonly keptFor?: number
    readonly savedFrom?: number
  }
}

/** So much journal stands for a disk that takes lines and no files. */
const MOST_JOURNAL = 64 * 1024 * 1024

/** Conversations that are read together for one page. */
const READS_AT_ONCE = 8

/** Writing the list takes longer the longer it is; so it happens as much less often. */
const flushDelayFor = (entries: number) => 1000 + entries

/**
 * Opens the store; makes the directory where there is none.
 * @throws ChatError `internal`, naming the directory, when it cannot be written to.
 */
export async function createJsonFileStore(
  options: JsonFileStoreOptions,
): Promise<ConversationStore> {
  const { directory, journalLimit = MOST_JOURNAL } = options
  const context = createStoreContext(options)
  const { files, logger, clock } = context
  const paths = storePaths(resolve(directory))
  const { journal, answers, reduced } = await openFolders(context, paths, options)
  const checkpoints = createCheckpoints({
    journal,
    logger,
    delay: options.saveDelay ?? 1000,
    saveIndex: () => answers.save(),
    async forgetWords(forgotten) {
      const byOwner = Map.groupBy(forgotten, ({ owner }) => owner)
      const forgetting = [...byOwner].map(([ownerId, lost]) => {
        const ids = lost.map(({ id }) => id)
        return searcher.forget(ownerRef(ownerId), ids)
      })
      await Promise.all(forgetting)
    },
  })
  const conversations = createRecentlyUsed<ConversationFile>(
    options.conversationLimit ?? 500,
    (file) => !file.busy,
  )
  let closing: Promise<void> | undefined

  const pathOf = ({ folder }: OwnerRef, id: string) =>
    join(paths.conversations, folder, conversationFileName(id))

  /** Takes no place in memory: a search reads far more than is used again. */
  const readForSearch = async (owner: OwnerRef, id: string) => {
    const open = conversations.peek(`${owner.folder}/${id}`)
    if (open) return livingRecord(await open.readWhole())
    const found = await files.read(pathOf(owner, id))
    const schema = conversationRecordSchema(owner.id, id)
    return found && livingRecord((await parseConversation(found.bytes, schema)).value)
  }

  const searcher = createConversationSearcher({
    context,
    folderOf: ({ folder }) => join(paths.conversations, folder),
    readMessages: async (owner, id) => (await readForSearch(owner, id))?.messages,
    ...options.searched,
  })

  const openConversation = (owner: OwnerRef, id: string) =>
    conversations.get(`${owner.folder}/${id}`, () => {
      const path = pathOf(owner, id)
      return createConversationFile({
        ownerId: owner.id,
        id,
        journal,
        checkpoints,
        file: createConversationDisk(
          context,
          path,
          conversationRecordSchema(owner.id, id),
          options.long,
        ),
        prepareFolder: () => owners.make(owner),
        onStored(stored, before) {
          owners.note(owner, id, stored)
          // What was written says what it said before; its newest messages are fewer.
          if (stored && stored.record.revision === before?.record.revision) return
          answers.note(owner.id, id, stored?.record, before?.record)
        },
        forgetWords: () => searcher.forget(owner, [id]),
        onWriteFailed(error) {
          owners.distrust(owner)
          logger.error({ file: path, err: error }, 'a conversation could not be saved')
        },
      })
    })

  const owners = createOwnerFolders({
    context,
    paths,
    limit: options.ownerLimit ?? 1000,
    flushDelay: options.indexFlushDelay ?? flushDelayFor,
    readConversation: (owner, id) => openConversation(owner, id).read(),
    isUnsaved: (owner, id) => conversations.peek(`${owner.folder}/${id}`)?.isUnsaved ?? false,
    forgetLines: ({ id }) => journal.forget([{ owner: id }]),
    async holdConversations({ folder }) {
      const all = [...conversations.entries()].filter(([key]) => key.startsWith(`${folder}/`))
      const held = await Promise.all(all.map(([, file]) => file.hold()))
      return {
        release() {
          for (const file of held) file.release()
        },
        forget() {
          for (const file of held) file.forget()
          for (const [key] of all) conversations.delete(key)
        },
      }
    },
  })

  for (const { owner, id } of reduced) {
    const file = openConversation(ownerRef(owner), id)
    if (await file.read()) file.forgetLost()
  }

  /** Waits until nobody erases the owner's folder; `use` is called in the same step as the last look. */
  const withOwner = async <T>(ownerId: string, use: (owner: OwnerRef) => Promise<T>) => {
    const owner = ownerRef(ownerId)
    let erasing = owners.erasing(owner)
    while (erasing) {
      await erasing
      erasing = owners.erasing(owner)
    }
    if (closing) throw new ChatError('interrupted', 'The server is stopping. Please try again.')
    return use(owner)
  }

  const withConversation = async <T>(
    ownerId: string,
    id: string,
    use: (file: ConversationFile, owner: OwnerRef) => Promise<T>,
    otherwise: T,
  ) => {
    const canonical = canonicalId(id)
    if (canonical === undefined) return otherwise
    return withOwner(ownerId, (owner) => use(openConversation(owner, canonical), owner))
  }

  const readAny = async (ownerId: string, id: string) =>
    withConversation(ownerId, id, async (file) => (await file.read())?.record, undefined)

  const read = async (ownerId: string, id: string) => livingRecord(await readAny(ownerId, id))

  const ownerTotals = async () => {
    const found: OwnerTotals[] = []
    await explainFailure('The owners of conversations could not be listed', () =>
      owners.forEach(async ({ id }) => {
        const totals = await withOwner(id, (owner) => owners.index(owner).totals())
        if (totals.conversations > 0) found.push({ ownerId: id, ...totals })
      }),
    )
    return found
  }

  /** All that an owner has, newest first. */
  const allOf = async (owner: OwnerRef) =>
    (await owners.index(owner).page({ limit: Infinity, offset: 0 })).items

  /** One that cannot be read must not cost the others. */
  const readOrLog = async (owner: OwnerRef, name: string) => {
    const id = conversationIdOf(name)
    try {
      return id === undefined ? undefined : await readForSearch(owner, id)
    } catch (error) {
      logger.error({ file: name, err: error }, 'a conversation is missing in the index of answers')
      return undefined
    }
  }

  const readEverybodys: ReadAll = (each) =>
    owners.forEach(({ id: ownerId }) =>
      withOwner(ownerId, async (owner) => {
        for (const name of await files.list(join(paths.conversations, owner.folder))) {
          const record = await readOrLog(owner, name)
          if (record) each(record)
        }
      }),
    )

  /** An answer with its question and its conversation; `undefined` when the index was wrong about that. */
  const readNoted = async ({ ownerId, conversationId, messageId }: AnswerPlace) => {
    const record = await withOwner(ownerId, (owner) => readForSearch(owner, conversationId))
    const isCorrected = answers.note(ownerId, conversationId, record)
    const at = record?.messages.findIndex(({ id }) => id === messageId) ?? -1
    const answer = record?.messages[at]
    if (isCorrected || !record || !answer) return undefined
    const question = record.messages.slice(0, at).findLast(({ role }) => role === 'user') ?? null
    return { conversation: record.conversation, answer, question }
  }

  const notedAnswers = async (query: NotedAnswersQuery): Promise<NotedAnswersPage> => {
    await answers.complete(readEverybodys)
    for (;;) {
      const found = answers.find(query)
      const places = found.slice(query.offset, query.offset + query.limit)
      const items: NotedAnswer[] = []
      await forEachOf([...places.entries()], READS_AT_ONCE, async ([index, place]) => {
        const noted = await readNoted(place)
        if (noted) items[index] = noted
      })
      if (Object.keys(items).length === places.length) return { items, total: found.length }
    }
  }

  /**
   * The list of an owner names no conversation any more that has gone, and the folder of whoever has none is gone too:
   * it says whose it was, which may be an e-mail address. Resolves to whether it is.
   */
  const tidyOwner = async (ownerId: string, time: number) => {
    const left = await withOwner(ownerId, (owner) => owners.index(owner).unchangedSince(time))
    const owner = ownerRef(ownerId)
    if (left.ids.length === 0) owners.noteOldest(owner, left.oldestOther)
    if (left.ids.length > 0 || left.oldestOther < Infinity) {
      await withOwner(ownerId, () => owners.index(owner).flush())
      return false
    }
    await withOwner(ownerId, () => Promise.all([owners.eraseEmpty(owner), searcher.forget(owner)]))
    return true
  }

  async function* unchangedSince(time: number) {
    const gone = new Set<string>()
    try {
      for await (const { id: ownerId, folder } of owners.withUnchanged(time)) {
        try {
          const startedAt = performance.now()
          const { ids } = await withOwner(ownerId, (owner) =>
            owners.index(owner).unchangedSince(time),
          )
          // The first time, every list is read: those who chat have half of the processor meanwhile.
          await wait(performance.now() - startedAt)
          for (const conversationId of ids) yield { ownerId, conversationId }
          if (await tidyOwner(ownerId, time)) gone.add(ownerId)
        } catch (error) {
          if (closing) throw error
          logger.error({ folder, err: error }, 'old conversations of an owner cannot be looked for')
        }
      }
    } finally {
      // The index of answers has no words, but says whose they were. Once for all: it is written anew for that.
      if (gone.size > 0) await answers.forgetOwners(gone)
    }
  }

  const isReady = async () => {
    if (closing || checkpoints.isFailing) return false
    try {
      await probe(context, paths.root)
      return true
    } catch (error) {
      logger.error({ directory, err: error }, 'the data folder cannot be written to')
      return false
    }
  }

  /** What the disk takes as lines only must not grow without end. */
  const makeRoom = async () => {
    await checkpoints.saveAll()
    if (journal.unsavedLength <= journalLimit) return
    throw new ChatError('internal', 'The conversation could not be saved: the disk is too slow.')
  }

  const changed = async <T>(
    ownerId: string,
    id: string,
    change: Change<T | undefined>,
    onWritten?: (result: T) => void,
  ) => {
    if (journal.unsavedLength > journalLimit) await makeRoom()
    const note = (result: T | undefined) => {
      if (result !== undefined) onWritten?.(result)
    }
    return withConversation(ownerId, id, (file) => file.change(change, note), undefined)
  }

  const close = async () => {
    for (const [, file] of conversations.entries()) await file.idle()
    await searcher.close()
    await checkpoints.close()
    await answers.close()
    await journal.close()
    await owners.flush()
  }

  return {
    isReady,
    async find(ownerId, id) {
      return (await read(ownerId, id))?.conversation
    },
    async findDeleted(ownerId, id) {
      const conversation = (await readAny(ownerId, id))?.conversation
      return conversation?.deletedAt ? conversation : undefined
    },
    async exists(id) {
      const canonical = canonicalId(id)
      if (canonical === undefined) return false
      // What is in memory may have no folder yet, and what is on the disk may have been removed.
      const open = [...conversations.entries()].filter(([key]) => key.endsWith(`/${canonical}`))
      for (const [, file] of open) if (await file.read()) return true
      const folder = await explainFailure('The conversation could not be looked for', () =>
        owners.folderOf(canonical),
      )
      return folder !== undefined && !open.some(([key]) => key === `${folder}/${canonical}`)
    },
    async list(ownerId, page) {
      return withOwner(ownerId, (owner) => owners.index(owner).page(page))
    },
    async listThreads(ownerId, page) {
      return withOwner(ownerId, (owner) => owners.index(owner).threadsPage(page))
    },
    async conversationIds(ownerId) {
      return withOwner(ownerId, (owner) => owners.index(owner).ids())
    },
    owners: ownerTotals,
    async messages(ownerId, id) {
      const whole = await withConversation(ownerId, id, (file) => file.readWhole(), undefined)
      return livingRecord(whole)?.messages
    },
    async newestMessages(ownerId, id, query) {
      if (!(await read(ownerId, id))) return undefined
      return await withConversation(ownerId, id, (file) => file.readNewest(query), undefined)
    },
    async *readAll(ownerId, isWanted = () => true) {
      const all = await withOwner(ownerId, allOf)
      for (const conversation of all) {
        if (!isWanted(conversation)) continue
        const record = await withOwner(ownerId, (owner) => readForSearch(owner, conversation.id))
        if (record) yield { conversation: record.conversation, messages: record.messages }
      }
    },
    async findTurnKey(ownerId, id, key) {
      const record = await read(ownerId, id)
      return record?.turnKeys.find((known) => known.key === key && isTurnKeyAlive(known, clock()))
    },
    async providerThread(ownerId, id, provider) {
      const { providerThreads = [] } = (await read(ownerId, id)) ?? {}
      return providerThreads.find((thread) => thread.provider === provider)
    },
    async search(ownerId, search) {
      return withOwner(ownerId, async (owner) => searcher.search(owner, await allOf(owner), search))
    },
    notedAnswers: (query) =>
      explainFailure('The answers could not be read', () => notedAnswers(query)),
    async create(conversation) {
      const id = canonicalId(conversation.id)
      if (id === undefined) {
        throw new ChatError('internal', 'The conversation could not be saved: its id is no UUID.')
      }
      const change = createRecord({ ...conversation, id })
      await withOwner(conversation.ownerId, (owner) => openConversation(owner, id).change(change))
    },
    async addMessage(ownerId, id, addition, onWritten) {
      const change = addMessageToRecord(addition, clock())
      return changed(ownerId, id, change, onWritten)
    },
    async updateMessage(ownerId, id, messageId, changes) {
      return changed(ownerId, id, updateMessageInRecord(messageId, changes, clock()))
    },
    async setFeedback(ownerId, id, messageId, feedback) {
      return changed(ownerId, id, setFeedbackInRecord(messageId, feedback))
    },
    async update(ownerId, id, changes) {
      const updated = await changed(ownerId, id, updateRecord(changes, clock()))
      if (updated?.deletedAt) {
        await withOwner(ownerId, (owner) => searcher.forget(owner, [id.toLowerCase()]))
      }
      return updated
    },
    async updateProviderThread(ownerId, id, changes) {
      return changed(ownerId, id, updateProviderThreadInRecord(changes))
    },
    async reindex({ signal, onProgress }) {
      await answers.rebuild((each) =>
        readEverybodys((record) => {
          signal.throwIfAborted()
          each(record)
        }),
      )
      const totals = await ownerTotals()
      const of = totals.reduce((sum, owner) => sum + owner.conversations, 0)
      let done = 0
      for (const { ownerId } of totals) {
        await withOwner(ownerId, async (owner) => {
          // Folders of earlier versions do not say whose they are.
          await owners.make(owner)
          await searcher.rebuild(owner, await allOf(owner), {
            signal,
            onConversation() {
              done += 1
              onProgress({ done, of })
            },
          })
        })
      }
    },
    unchangedSince: (time) => unchangedSince(Date.parse(time)),
    async remove(ownerId, id, since) {
      return withConversation(
        ownerId,
        id,
        async (file, owner) => {
          const isRemoved = await file.change(
            since === undefined ? removeRecord : removeUnchanged(since),
          )
          if (!isRemoved && since !== undefined) return false
          // A search may have counted it while it was being removed.
          await searcher.forget(owner, [id.toLowerCase()])
          await answers.forget(ownerId, id.toLowerCase())
          return isRemoved
        },
        false,
      )
    },
    async removeOwner(ownerId) {
      await withOwner(ownerId, async (owner) => {
        await Promise.all([owners.erase(owner), searcher.forget(owner)])
        await answers.forget(ownerId)
      })
    },
    async close() {
      closing ??= close()
      await closing
    },
  }
}
