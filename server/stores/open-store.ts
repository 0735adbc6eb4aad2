/**
 * Opens the data folder: its folders are made, tidied and tried, and the files of conversations are brought up to date
 * with the journal: with the last lines of a server that was killed, and with all lines where the folder is a copy,
 * whose files may be of different moments. Begin at `openFolders`.
 */
import { dirname, join, basename } from 'node:path'
import { ChatError } from '../core/errors.ts'
import { type StoreContext, removeLeftovers, replaceFile, setAside } from './disk/atomic-file.ts'
import { createConversationDisk, type LongConversations } from './conversation-disk.ts'
import { type AnswerIndex, ANSWERS_FILE_NAME, openAnswerIndex } from './answer-index.ts'
import { type Journal, openJournal, listSegments, readSavedSegment } from './journal/journal.ts'
import { systemCode, unusableFolder, forEachOf } from './disk/file-system.ts'
import {
  type StorePaths,
  README_FILE,
  UNFINISHED_BACKUP,
  conversationFileName,
  ownerRef,
} from './disk/paths.ts'
import {
  type PlacedLine,
  readJournalLine,
  readJournalLines,
  applyDelta,
} from './journal/journal-lines.ts'
import { type ConversationRecord, conversationRecordSchema } from './records.ts'

/** Shows that the folder takes files. @throws what the disk throws */
export async function probe({ files, temporaryPath }: StoreContext, root: string): Promise<void> {
  const path = temporaryPath(join(root, 'probe'))
  await files.write(path, 'can write\n')
  await files.remove(path)
}

/**
 * Every file is replaced by renaming another one, which some shares refuse where a file is there already.
 * @throws ChatError `internal`; what the disk throws
 */
async function tryReplacing({ files, temporaryPath }: StoreContext, root: string): Promise<void> {
  const old = temporaryPath(join(root, 'probe'))
  const fresh = temporaryPath(join(root, 'probe'))
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
  const { files, logger } = context
  const isNew = (await files.stamp(paths.root)) === undefined
  await files.makeFolder(paths.conversations)
  await files.makeFolder(paths.erased)
  if (!(await files.syncFolder(paths.root))) logger.warn({ directory: paths.root }, NO_FOLDER_SYNC)
  if (isNew) await files.syncFolder(dirname(paths.root))
  await removeLeftovers(context, paths.root)
  await tryReplacing(context, paths.root)
  await explainFolder(context, paths.root)
}

/** A version that keeps other things says so anew. */
async function explainFolder(context: StoreContext, root: string): Promise<void> {
  const path = join(root, README_FILE.name)
  const found = await context.files.read(path)
  if (found && Buffer.from(README_FILE.text).equals(found.bytes)) return
  await replaceFile(context, path, README_FILE.text)
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
  options: {
    readonly directory: string
    readonly segmentLength?: number | undefined
    readonly long?: LongConversations | undefined
  },
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
    const reduced = await replayJournal(context, paths, {
      long: options.long,
      onChanged: ({ owner, id }, record) => answers.note(owner, id, record),
    })
    // The journal is about to say of all of it that it need not be looked at again.
    await answers.save()
    const journal = await openJournal(context, { ...options, folder: paths.journal })
    return { journal, answers, reduced }
  } catch (error) {
    if (error instanceof ChatError) throw error
    throw new ChatError('internal', unusableFolder(options.directory, error), { cause: error })
  }
}

/** Few enough for any disk. */
const CONVERSATIONS_AT_ONCE = 8

/** A change of a conversation, and where its line is; the lines of a day do not fit into memory. */
interface Step {
  readonly from: number
  readonly to: number
  readonly path: string
  readonly start: number
  readonly length: number
}

interface ConversationName {
  readonly owner: string
  readonly id: string
}

interface Changed extends ConversationName {
  /** Each begins where the one before has ended, or after a gap. */
  readonly steps: Step[]
}

function addStep(steps: Step[], { delta, start, length }: PlacedLine, path: string): void {
  const { from, to } = delta
  // What came between was taken back, and said so by starting from an earlier state.
  while ((steps.at(-1)?.to ?? from) > from) steps.pop()
  steps.push({ from, to, path, start, length })
}

interface ReplayOptions {
  readonly long?: LongConversations | undefined
  readonly onChanged?: (name: ConversationName, record: ConversationRecord | undefined) => void
}

/**
 * Doing it again changes nothing, and a file that is newer than the journal stays as it is. Resolves to
 * the conversations of which a server that was killed may have wanted to take something out of the journal.
 * `onChanged` is told what each is that the journal knows of; `undefined`: it is gone.
 * @throws what the disk throws.
 */
export async function replayJournal(
  context: StoreContext,
  paths: StorePaths,
  { long, onChanged }: ReplayOptions = {},
): Promise<readonly ConversationName[]> {
  const { files, logger } = context
  const saved = await readSavedSegment(context, paths.journal)
  const segments = await listSegments(context, paths.journal)
  const conversations = new Map<string, Changed>()
  const reduced = new Map<string, ConversationName>()
  const damaged = new Map<string, number>()

  for (const { name } of segments.filter(({ number }) => number > (saved ?? 0))) {
    const path = join(paths.journal, name)
    const found = await files.read(path)
    const { lines, senseless } = readJournalLines(found?.bytes ?? new Uint8Array())
    for (const line of lines) {
      const { owner, id, delta } = line
      const key = `${id} ${owner}`
      const known = conversations.get(key) ?? { owner, id, steps: [] }
      conversations.set(key, known)
      addStep(known.steps, line, path)
      if (delta.messages && delta.messages.drop > 0) reduced.set(key, { owner, id })
    }
    if (senseless > 0) damaged.set(path, senseless)
  }

  let torn = 0
  await forEachOf([...conversations.values()], CONVERSATIONS_AT_ONCE, async (changed) => {
    const { record, isWhole } = await bringUpToDate(context, paths, { ...changed, long })
    onChanged?.(changed, record)
    if (!isWhole) torn += 1
  })
  if (torn > 0) {
    logger.error(
      { conversations: torn },
      'the journal goes on after a gap: the last messages of conversations may be missing',
    )
  }
  for (const [path, lines] of damaged) {
    const target = await setAside(context, path)
    logger.error(
      { file: path, set_aside: basename(target), lines },
      'lines of a journal could not be understood; it was set aside',
    )
  }
  // A copy holds what there was when it was made, and goes through all of a day.
  return saved === undefined ? [] : [...reduced.values()]
}

/** Not whole: there is a gap between what the file has and what the journal says. */
async function bringUpToDate(
  context: StoreContext,
  paths: StorePaths,
  { owner, id, steps, long }: Changed & Pick<ReplayOptions, 'long'>,
): Promise<{ readonly record: ConversationRecord | undefined; readonly isWhole: boolean }> {
  const path = join(paths.conversations, ownerRef(owner).folder, conversationFileName(id))
  const file = createConversationDisk(context, path, conversationRecordSchema(owner, id), long)
  const newest = await file.read()
  // Without a file the conversation was removed.
  if (!newest) return { record: undefined, isWhole: true }
  const { older = 0, ...said } = newest
  const stored =
    older > 0
      ? { ...said, messages: [...(await file.readOlder(newest)), ...newest.messages] }
      : newest
  file.rebase(stored)
  let record = stored
  let isWhole = true
  for (const { from, to, ...place } of steps) {
    if (to <= record.revision) continue
    if (from !== record.revision) {
      isWhole = false
      continue
    }
    const bytes = await context.files.readPart(place.path, place.start, place.length)
    const line = readJournalLine(bytes)
    if (line) record = applyDelta(record, line.delta)
  }
  if (record !== stored) await file.write(record)
  return { record, isWhole }
}
