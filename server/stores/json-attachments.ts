/**
 * Keeps the files of messages as they came, beside the conversations:
 *
 *     <directory>/attachments/<hash of the owner>/owner.json                     whose folder it is
 *     <directory>/attachments/<hash of the owner>/<conversation>.<id>.<bytes>    a file
 *
 * The name of a file says all that is asked without its message: a list of names is enough for the rest.
 */
import { join, resolve } from 'node:path'
import { ChatError } from '../core/errors.ts'
import type { AttachmentPlace, AttachmentStore, NewAttachment } from '../core/ports/index.ts'
import { createStoreContext, replaceFile, type StoreOptions } from './disk/atomic-file.ts'
import { explainFailure } from './disk/file-system.ts'
import { eraseOwnerFolder, makeOwnerFolder, readOwnerFile } from './disk/owner-folder.ts'
import {
  canonicalId,
  isOwnerFolderName,
  type OwnerRef,
  ownerRef,
  storePaths,
} from './disk/paths.ts'

/** A file takes at least so much of what an owner may keep, as it does of a disk. */
export const SMALLEST_SHARE = 4096

const FILE_NAME = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.(\d+)$/

export interface JsonAttachmentStoreOptions extends StoreOptions {
  /** Bytes that one owner may keep. */
  readonly limit: number
}

interface KeptFile {
  readonly name: string
  readonly conversationId: string
  readonly id: string
  readonly size: number
}

const shareOf = (size: number) => Math.max(size, SMALLEST_SHARE)

export function createJsonAttachmentStore(options: JsonAttachmentStoreOptions): AttachmentStore {
  const { limit } = options
  const paths = storePaths(resolve(options.directory))
  const context = createStoreContext(options)
  const { files, logger } = context
  /** Saved since a sweep began; their messages are on their way. */
  let fresh: Set<string> | undefined
  /** Bytes that are being written, by folder: they are in no list yet. */
  const coming = new Map<string, number>()

  /** The folder of all owners is there, and would survive a power cut. */
  let isMade = false

  const folderOf = ({ folder }: Pick<OwnerRef, 'folder'>) => join(paths.attachments, folder)

  const list = async (folder: string): Promise<readonly KeptFile[]> =>
    (await files.list(folder)).flatMap((name) => {
      const [, conversationId, id, size] = FILE_NAME.exec(name) ?? []
      if (conversationId === undefined || id === undefined) return []
      return [{ name, conversationId, id, size: Number(size) }]
    })

  const listPlace = async ({ ownerId, conversationId }: AttachmentPlace) => {
    const id = canonicalId(conversationId)
    const kept = await list(folderOf(ownerRef(ownerId)))
    return kept.filter((file) => file.conversationId === id)
  }

  const makeFolder = async (owner: OwnerRef) => {
    if (!isMade) {
      await files.makeFolder(paths.attachments)
      await files.syncFolder(paths.root)
      isMade = true
    }
    await makeOwnerFolder(context, paths.attachments, owner)
  }

  const removeFiles = async (folder: string, doomed: readonly { readonly name: string }[]) => {
    let isChanged = false
    for (const { name } of doomed) {
      if (await files.remove(join(folder, name))) isChanged = true
    }
    if (isChanged) await files.syncFolder(folder)
  }

  const release = (owner: OwnerRef, size: number) => {
    const left = (coming.get(owner.folder) ?? 0) - size
    if (left > 0) coming.set(owner.folder, left)
    else coming.delete(owner.folder)
  }

  /** Counted before the list is read: what is written meanwhile is in one of the two. @throws ChatError `too_large` */
  const reserve = async (owner: OwnerRef, size: number) => {
    const others = coming.get(owner.folder) ?? 0
    coming.set(owner.folder, others + size)
    try {
      const kept = await list(folderOf(owner))
      const taken = kept.reduce((sum, file) => sum + shareOf(file.size), others)
      if (taken + size <= limit) return
      const sentence =
        'There is no room for more files: delete conversations whose files are not needed any more.'
      throw new ChatError('too_large', sentence)
    } catch (error) {
      release(owner, size)
      throw error
    }
  }

  const write = async (
    owner: OwnerRef,
    place: AttachmentPlace,
    added: readonly NewAttachment[],
  ) => {
    await makeFolder(owner)
    const conversationId = canonicalId(place.conversationId) ?? ''
    const writing = added.map(async ({ id, bytes }) => {
      const name = `${conversationId}.${id}.${bytes.length}`
      await replaceFile(context, join(folderOf(owner), name), bytes)
    })
    const written = await Promise.allSettled(writing)
    const failed = written.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  const sweepFolder = async (name: string, wanted: Parameters<AttachmentStore['sweep']>[0]) => {
    const folder = folderOf({ folder: name })
    const names = (await files.list(folder)).filter(context.isLeftover)
    const orphans: { readonly name: string }[] = names.map((leftover) => ({ name: leftover }))
    const owner = await readOwnerFile(context, paths.attachments, name)
    // Nothing is swept that nobody is known for.
    if (owner) {
      const kept = await list(folder)
      for (const [conversationId, group] of Map.groupBy(kept, (file) => file.conversationId)) {
        const ids = group.map(({ id }) => id)
        const keeps = await wanted({ ownerId: owner.id, conversationId, ids })
        orphans.push(...group.filter(({ id }) => !keeps.has(id) && !fresh?.has(id)))
      }
    }
    await removeFiles(folder, orphans)
    if (orphans.length > 0) logger.info({ files: orphans.length }, 'files without a message went')
  }

  const store: AttachmentStore = {
    save: (place, added) =>
      explainFailure('The files could not be saved', async () => {
        const owner = ownerRef(place.ownerId)
        const size = added.reduce((sum, { bytes }) => sum + shareOf(bytes.length), 0)
        await reserve(owner, size)
        for (const { id } of added) fresh?.add(id)
        try {
          await write(owner, place, added)
        } catch (error) {
          const ids = added.map(({ id }) => id)
          await store.remove(place, ids).catch((cause: unknown) => {
            logger.warn({ err: cause }, 'files of messages could not be removed')
          })
          throw error
        } finally {
          release(owner, size)
        }
      }),
    read: (place, id) =>
      explainFailure('The file could not be read', async () => {
        const file = (await listPlace(place)).find((kept) => kept.id === id)
        const folder = folderOf(ownerRef(place.ownerId))
        return file && (await files.read(join(folder, file.name)))?.bytes
      }),
    async conversationOf(ownerId, id) {
      const kept = await explainFailure('The files could not be read', () =>
        list(folderOf(ownerRef(ownerId))),
      )
      return kept.find((file) => file.id === id)?.conversationId
    },
    remove: (place, ids) =>
      explainFailure('The files could not be erased', async () => {
        const kept = await listPlace(place)
        const doomed = ids ? kept.filter(({ id }) => ids.includes(id)) : kept
        await removeFiles(folderOf(ownerRef(place.ownerId)), doomed)
      }),
    removeOwner: (ownerId) =>
      explainFailure('The files could not be erased', () =>
        eraseOwnerFolder(context, paths, { parent: paths.attachments, owner: ownerRef(ownerId) }),
      ),
    sweep: (wanted, { signal }) =>
      explainFailure('The files of messages could not be looked through', async () => {
        fresh = new Set()
        try {
          // One after the other: nobody waits for it, and others have work to do.
          for (const name of (await files.list(paths.attachments)).filter(isOwnerFolderName)) {
            if (signal.aborted) return
            await sweepFolder(name, wanted)
          }
        } finally {
          fresh = undefined
        }
      }),
  }
  return store
}
