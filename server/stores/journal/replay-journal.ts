/**
 * Brings the files of conversations up to date with the journal: with the last lines of a server that was
 * killed, and with all lines where the folder is a copy, whose files may be of different moments.
 */
import { basename, join } from 'node:path'
import { createAtomicFile, setAside, type StoreContext } from '../disk/atomic-file.ts'
import { forEachOf } from '../disk/for-each-of.ts'
import { listSegments, readSavedSegment } from './journal.ts'
import { type PlacedLine, readJournalLine, readJournalLines } from './journal-line.ts'
import { applyDelta } from './record-delta.ts'
import { type ConversationRecord, conversationRecordSchema } from '../records.ts'
import { conversationFileName, ownerRef, type StorePaths } from '../disk/store-paths.ts'

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

export interface ConversationName {
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

/**
 * Doing it again changes nothing, and a file that is newer than the journal stays as it is. Resolves to
 * the conversations of which a server that was killed may have wanted to take something out of the journal.
 * `onChanged` is told what each is that the journal knows of; `undefined`: it is gone.
 * @throws what the disk throws.
 */
export async function replayJournal(
  context: StoreContext,
  paths: StorePaths,
  onChanged: (name: ConversationName, record: ConversationRecord | undefined) => void = () => {},
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
    const { record, isWhole } = await bringUpToDate(context, paths, changed)
    onChanged(changed, record)
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
  { owner, id, steps }: Changed,
): Promise<{ readonly record: ConversationRecord | undefined; readonly isWhole: boolean }> {
  const path = join(paths.conversations, ownerRef(owner).folder, conversationFileName(id))
  const file = createAtomicFile(context, path, conversationRecordSchema(owner, id))
  const stored = await file.read()
  // Without a file the conversation was removed.
  if (!stored) return { record: undefined, isWhole: true }
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
