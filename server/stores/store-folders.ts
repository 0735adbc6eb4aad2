/** The folders of the store: made, tidied and tried when it opens. */
import { dirname, join } from 'node:path'
import { ChatError } from '../core/errors.ts'
import type { StoreContext } from './atomic-file.ts'
import { type Journal, openJournal } from './journal.ts'
import { type ConversationName, replayJournal } from './replay-journal.ts'
import { storageReason } from './storage-error.ts'
import { type StorePaths, UNFINISHED_BACKUP } from './store-paths.ts'

/** Shows that the folder takes files. @throws what the disk throws */
export async function probe({ files, temporaryNames }: StoreContext, root: string): Promise<void> {
  const path = temporaryNames.next(join(root, 'probe'))
  await files.write(path, 'can write\n')
  await files.remove(path)
}

async function prepareFolders(context: StoreContext, paths: StorePaths): Promise<void> {
  const { files, temporaryNames } = context
  const isNew = (await files.stamp(paths.root)) === undefined
  await files.makeFolder(paths.conversations)
  await files.makeFolder(paths.erased)
  await files.syncFolder(paths.root)
  if (isNew) await files.syncFolder(dirname(paths.root))
  for (const name of await files.list(paths.root)) {
    if (temporaryNames.isLeftover(name)) await files.remove(join(paths.root, name))
  }
  await probe(context, paths.root)
}

/**
 * Makes the folders; everything is as it was when this is done, whatever an earlier process was in the
 * middle of. Resolves with the journal to go on with, and the conversations of which it may say too much.
 * @throws ChatError `internal`, naming the directory
 */
export async function openFolders(
  context: StoreContext,
  paths: StorePaths,
  options: { readonly directory: string; readonly segmentLength?: number | undefined },
): Promise<{ readonly journal: Journal; readonly reduced: readonly ConversationName[] }> {
  try {
    if ((await context.files.list(paths.root)).includes(UNFINISHED_BACKUP)) {
      throw new ChatError(
        'internal',
        `${options.directory} is a backup that was not finished. Make it again with samosa-chat backup.`,
      )
    }
    await prepareFolders(context, paths)
    for (const name of await context.files.list(paths.erased)) {
      await context.files.removeFolder(join(paths.erased, name))
    }
    const reduced = await replayJournal(context, paths)
    const journal = await openJournal(context, { ...options, folder: paths.journal })
    return { journal, reduced }
  } catch (error) {
    if (error instanceof ChatError) throw error
    const sentence = `The data folder ${options.directory} cannot be used: ${storageReason(error)}.`
    throw new ChatError('internal', sentence, { cause: error })
  }
}
