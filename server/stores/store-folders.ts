/** The folders of the store: made, tidied and tried when it opens. */
import { dirname, join } from 'node:path'
import { ChatError } from '../core/errors.ts'
import type { StoreContext } from './disk/atomic-file.ts'
import { type AnswerIndex, ANSWERS_FILE_NAME, openAnswerIndex } from './answer-index.ts'
import { type Journal, openJournal } from './journal/journal.ts'
import { type ConversationName, replayJournal } from './journal/replay-journal.ts'
import { systemCode } from './disk/file-system.ts'
import { unusableFolder } from './disk/storage-error.ts'
import { type StorePaths, UNFINISHED_BACKUP } from './disk/store-paths.ts'

/** Shows that the folder takes files. @throws what the disk throws */
export async function probe({ files, temporaryNames }: StoreContext, root: string): Promise<void> {
  const path = temporaryNames.next(join(root, 'probe'))
  await files.write(path, 'can write\n')
  await files.remove(path)
}

/**
 * Every file is replaced by renaming another one, which some shares refuse where a file is there already.
 * @throws ChatError `internal`; what the disk throws
 */
async function tryReplacing({ files, temporaryNames }: StoreContext, root: string): Promise<void> {
  const old = temporaryNames.next(join(root, 'probe'))
  const fresh = temporaryNames.next(join(root, 'probe'))
  await files.write(old, 'old\n')
  await files.write(fresh, 'new\n')
  try {
    await files.rename(fresh, old)
  } catch (cause) {
    await files.remove(fresh)
    const code = systemCode(cause) ?? 'it failed'
    throw new ChatError(
      'internal',
      `The data folder ${root} of DATABASE_URL cannot be used: its file system does not let a renamed file take the place of another (${code}).`,
      { cause },
    )
  } finally {
    await files.remove(old)
  }
}

const NO_FOLDER_SYNC =
  'the file system of the data folder cannot sync folders: after a power cut the newest files may be missing'

async function prepareFolders(context: StoreContext, paths: StorePaths): Promise<void> {
  const { files, temporaryNames, logger } = context
  const isNew = (await files.stamp(paths.root)) === undefined
  await files.makeFolder(paths.conversations)
  await files.makeFolder(paths.erased)
  if (!(await files.syncFolder(paths.root))) logger.warn({ directory: paths.root }, NO_FOLDER_SYNC)
  if (isNew) await files.syncFolder(dirname(paths.root))
  for (const name of await files.list(paths.root)) {
    if (temporaryNames.isLeftover(name)) await files.remove(join(paths.root, name))
  }
  await probe(context, paths.root)
  await tryReplacing(context, paths.root)
}

/**
 * Makes the folders; everything is as it was when this is done, whatever an earlier process was in the
 * middle of. Resolves with the journal and the index to go on with, and the conversations of which the journal may
 * say too much.
 * @throws ChatError `internal`, naming the directory
 */
export async function openFolders(
  context: StoreContext,
  paths: StorePaths,
  options: { readonly directory: string; readonly segmentLength?: number | undefined },
): Promise<{
  readonly journal: Journal
  readonly answers: AnswerIndex
  readonly reduced: readonly ConversationName[]
}> {
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
    const isNew = (await context.files.list(paths.conversations)).length === 0
    const answers = await openAnswerIndex(context, join(paths.root, ANSWERS_FILE_NAME), { isNew })
    const reduced = await replayJournal(context, paths, ({ owner, id }, record) =>
      answers.note(owner, id, record),
    )
    // The journal is about to say of all of it that it need not be looked at again.
    await answers.save()
    const journal = await openJournal(context, { ...options, folder: paths.journal })
    return { journal, answers, reduced }
  } catch (error) {
    if (error instanceof ChatError) throw error
    throw new ChatError('internal', unusableFolder(options.directory, error), { cause: error })
  }
}
