/** The owners that were active last: their lists, their folders, and the erasing of a whole folder. */
import { join } from 'node:path'
import type { ChatError } from '../core/errors.ts'
import { parseConversation } from './conversation-disk.ts'
import type { StoreContext } from './disk/atomic-file.ts'
import type { HeldFile, StoredConversation } from './conversation-file.ts'
import { forEachOf, storageError } from './disk/file-system.ts'
import { eraseOwnerFolder, makeOwnerFolder, readOwnerFile } from './disk/owner-folder.ts'
import { createOwnerIndex, type OwnerIndex } from './owner-index.ts'
import {
  conversationFileName,
  conversationIdOf,
  isOwnerFolderName,
  type OwnerRef,
  type StorePaths,
  ownerRef,
} from './disk/paths.ts'
import { anyConversationRecord } from './records.ts'

/** Folders that are listed together. */
const LISTED_AT_ONCE = 16
/** Owners looked at together; each may have many files looked at together in turn. */
const OWNERS_AT_ONCE = 4

/** What of a folder is made again from its conversations, or says whose it is. */
const MADE_AGAIN = /^(?:owner\.json|index\.json|.*\.words)$/

interface OwnerFolder {
  readonly owner: OwnerRef
  readonly index: OwnerIndex
  /** Set once the folder is there for good, or is being made. */
  made: Promise<void> | undefined
  erasing: Promise<void> | undefined
}

export interface OwnerFoldersOptions {
  readonly context: StoreContext
  readonly paths: StorePaths
  readonly limit: number
  readonly flushDelay: (entries: number) => number
  readonly readConversation: (
    owner: OwnerRef,
    id: string,
  ) => Promise<StoredConversation | undefined>
  /** Whether the file of a conversation is older than what `readConversation` gives. */
  readonly isUnsaved: (owner: OwnerRef, id: string) => boolean
  /** Takes what the owner's conversations were off the journal. */
  readonly forgetLines: (owner: OwnerRef) => Promise<void>
  /** Waits for what is being done with the owner's conversations; no file of them is touched then. */
  readonly holdConversations: (owner: OwnerRef) => Promise<HeldFile>
}

export function createOwnerFolders(options: OwnerFoldersOptions) {
  const { context, paths, limit, flushDelay, readConversation, isUnsaved } = options
  const { files, logger } = context
  const owners = createRecentlyUsed<OwnerFolder>(
    limit,
    ({ index, erasing }) => !index.busy && !erasing,
  )

  const open = (owner: OwnerRef) =>
    owners.get(owner.folder, () => ({
      owner,
      index: createOwnerIndex({
        context,
        flushDelay,
        folder: join(paths.conversations, owner.folder),
        readConversation: (id) => readConversation(owner, id),
        isUnsaved: (id) => isUnsaved(owner, id),
      }),
      made: undefined,
      erasing: undefined,
    }))

  /** Made when somebody first asks for a conversation without saying whose it is. */
  let places: ReturnType<typeof createPlaces> | undefined
  const readPlaces = async (note: NotePlace) => {
    const all = (await files.list(paths.conversations)).filter(isOwnerFolderName)
    await forEachOf(all, LISTED_AT_ONCE, async (folder) => {
      for (const name of await files.list(join(paths.conversations, folder))) {
        const id = conversationIdOf(name)
        if (id !== undefined) note(id, folder)
      }
    })
  }

  const eraseFolder = async (owner: OwnerRef, index: OwnerIndex) => {
    await index.discard()
    const held = await options.holdConversations(owner)
    const place = { parent: paths.conversations, owner }
    try {
      await eraseOwnerFolder(context, paths, place, () => held.forget())
    } finally {
      held.release()
    }
    // Also without a folder: the last time may have come as far as that.
    await options.forgetLines(owner)
  }

  /** The folder is left when something is in it still that nothing else can tell. */
  const eraseEmptyFolder = async (owner: OwnerRef, index: OwnerIndex) => {
    await index.discard()
    const held = await options.holdConversations(owner)
    try {
      const names = await files.list(join(paths.conversations, owner.folder))
      if (names.some((name) => !MADE_AGAIN.test(name) && !context.isLeftover(name))) return
      const place = { parent: paths.conversations, owner }
      await eraseOwnerFolder(context, paths, place, () => held.forget())
      oldest.delete(shortId(owner.folder))
    } finally {
      held.release()
    }
  }

  /** Nothing else is done with the owner's folder until it is done. @throws ChatError `internal` when the disk fails. */
  const eraseBy = async (
    owner: OwnerRef,
    work: (owner: OwnerRef, index: OwnerIndex) => Promise<void>,
  ) => {
    const opened = open(owner)
    let failure: ChatError | undefined
    const erase = async () => {
      try {
        await work(owner, opened.index)
      } catch (error) {
        logger.error({ folder: owner.folder, err: error }, 'a folder could not be erased')
        failure = storageError('The conversations could not be erased', error)
      }
      owners.delete(owner.folder)
    }
    opened.erasing = erase()
    await opened.erasing
    if (failure) throw failure
  }

  const ownerOf = async (folder: string) =>
    owners.peek(folder)?.owner ??
    (await readOwnerFile(context, paths.conversations, folder)) ??
    (await findFolderOwner(context, paths.conversations, folder))

  /** By folder, when what has not changed there for longest was changed; of some, those that were looked at. */
  const oldest = new Map<number, number>()

  const noteChange = ({ folder }: OwnerRef, { record }: StoredConversation) => {
    const known = oldest.get(shortId(folder))
    if (known === undefined) return
    oldest.set(shortId(folder), Math.min(known, Date.parse(record.conversation.updatedAt)))
  }

  return {
    index: (owner: OwnerRef) => open(owner).index,
    /**
     * Those who may have a conversation in which nothing has changed from a time on, or a folder and nothing in it.
     * @throws what the disk throws.
     */
    async *withUnchanged(time: number): AsyncGenerator<OwnerRef> {
      for (const folder of await files.list(paths.conversations)) {
        if (!isOwnerFolderName(folder)) continue
        if ((oldest.get(shortId(folder)) ?? -Infinity) >= time) continue
        const owner = await ownerOf(folder)
        if (owner) yield owner
      }
    },
    /** Remembers that nothing of the owner is older, so that nobody looks before it is time. */
    noteOldest(owner: OwnerRef, time: number) {
      oldest.set(shortId(owner.folder), time)
    },
    /**
     * Calls back with everybody who may have something, a few at a time; to name them, no list is loaded.
     * @throws what the disk throws.
     */
    async forEach(work: (owner: OwnerRef) => Promise<void>) {
      const folders = (await files.list(paths.conversations)).filter(isOwnerFolderName)
      await forEachOf(folders, OWNERS_AT_ONCE, async (folder) => {
        const owner = await ownerOf(folder)
        if (owner) await work(owner)
      })
    },
    /**
     * The folder that has a conversation, whoever owns it. The first call looks into all folders.
     * @throws what the disk throws.
     */
    async folderOf(id: string) {
      places ??= createPlaces(readPlaces)
      const folder = await places.find(id)
      if (folder === undefined) return undefined
      const path = join(paths.conversations, folder, conversationFileName(id))
      return (await files.stamp(path)) ? folder : undefined
    },
    /** Tells the owner's list, if somebody has asked for it, what the disk has now. */
    note(owner: OwnerRef, id: string, stored: StoredConversation | undefined) {
      if (stored) {
        places?.note(id, owner.folder)
        noteChange(owner, stored)
      }
      owners.peek(owner.folder)?.index.note(id, stored)
    },
    /** Resolves when the folder is there, says whose it is, and would survive a power cut. */
    async make(owner: OwnerRef) {
      const opened = open(owner)
      opened.made ??= makeOwnerFolder(context, paths.conversations, owner)
      await opened.made
    },
    /** Something is wrong with the folder; it is made again before the next new file. */
    distrust(owner: OwnerRef) {
      const opened = owners.peek(owner.folder)
      if (opened) opened.made = undefined
    },
    /** Set while the folder is being erased; nothing else may be done with it until then. Never rejects. */
    erasing: (owner: OwnerRef) => owners.peek(owner.folder)?.erasing,
    /** @throws ChatError `internal` when the disk fails. */
    erase: (owner: OwnerRef) => eraseBy(owner, eraseFolder),
    /**
     * Erases the folder of an owner who has no conversation; one that comes meanwhile stays, and so does the folder.
     * @throws ChatError `internal` when the disk fails.
     */
    eraseEmpty: (owner: OwnerRef) => eraseBy(owner, eraseEmptyFolder),
    async flush() {
      const all = [...owners.entries()].map(([, owner]) => owner)
      await Promise.all(all.map(async ({ erasing }) => erasing))
      await Promise.all(all.map(({ index }) => index.flush()))
    },
  }
}

type NotePlace = (id: string, folder: string) => void

/** In which folder every conversation is, or was. `read` notes all that there are; it is called again when it has failed. */
function createPlaces(read: (note: NotePlace) => Promise<void>) {
  const folders = new Map<number, string>()
  const note: NotePlace = (id, folder) => void folders.set(shortId(id), folder)
  let reading: Promise<void> | undefined
  return {
    note,
    async find(id: string) {
      reading ??= read(note)
      try {
        await reading
      } catch (error) {
        reading = undefined
        throw error
      }
      return folders.get(shortId(id))
    },
  }
}

/**
 * The first digits of an id, or of a folder's name, as a number, which takes less memory than a text. 48 bits of it are
 * random.
 */
const shortId = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 13), 16)

/**
 * Whose folder it is that does not say so itself, as in earlier versions: its conversations tell. Resolves to
 * `undefined` when there are none. @throws what the disk throws.
 */
async function findFolderOwner(
  { files }: StoreContext,
  conversations: string,
  folder: string,
): Promise<OwnerRef | undefined> {
  for (const name of await files.list(join(conversations, folder))) {
    if (conversationIdOf(name) === undefined) continue
    const found = await files.read(join(conversations, folder, name))
    // Of one that is damaged another file may tell; one that was put into the wrong folder says nothing about this one.
    const read = found && (await parseConversation(found.bytes, anyConversationRecord))
    const ownerId = read?.value?.conversation.ownerId
    if (ownerId !== undefined && ownerRef(ownerId).folder === folder) return ownerRef(ownerId)
  }
  return undefined
}

/** Values that are looked at to make room for one: however many are busy, that costs the same. */
const LOOKS = 4

/**
 * Keeps the values that were used last; one that is busy is never forgotten, whatever the limit.
 *
 * It is our own and no `lru-cache`, which forgets what was used longest ago whatever that is doing: a file that is
 * being written would be opened a second time, and of two writers one is lost. To put it back when it is thrown out
 * throws out the next, which may be busy too: one call then goes round all of them, where this one looks at four.
 *
 * `isIdle` says whether a value may be forgotten now.
 */
export function createRecentlyUsed<V>(limit: number, isIdle: (value: V) => boolean) {
  /** Least recently used first. */
  const values = new Map<string, V>()

  const makeRoom = () => {
    if (values.size < limit) return
    let looks = 0
    for (const [key, value] of values) {
      values.delete(key)
      // Busy ones are in use: it is the others that are in the way.
      if (!isIdle(value)) values.set(key, value)
      looks += 1
      if (looks === LOOKS || values.size < limit) return
    }
  }

  return {
    peek: (key: string) => values.get(key),
    /** The value of a key, made when there is none. */
    get(key: string, create: () => V) {
      const known = values.get(key)
      // Out of the way, lest it be forgotten to make room for itself.
      values.delete(key)
      makeRoom()
      const value = known ?? create()
      values.set(key, value)
      return value
    },
    delete(key: string) {
      values.delete(key)
    },
    entries: () => values.entries(),
  }
}
