/** Brings the files of conversations up to date with the journal that a killed server has left. */
import { basename, join } from 'node:path'
import { type AtomicFile, createAtomicFile, setAside, type StoreContext } from './atomic-file.ts'
import { segmentNumber } from './journal.ts'
import { readJournalLines, type JournalLine } from './journal-line.ts'
import { applyDelta } from './record-delta.ts'
import { conversationRecordSchema, type ConversationRecord } from './records.ts'
import { conversationFileName, ownerRef, type StorePaths } from './store-paths.ts'

interface Replayed {
  readonly file: AtomicFile<ConversationRecord>
  /** What the file has and what each line made of it; empty when there is no such conversation any more. */
  readonly states: ConversationRecord[]
}

/** False for a line whose conversation is not in the state that it changes. */
function replayLine({ states }: Replayed, { delta }: JournalLine): boolean {
  const [stored] = states
  // Removed meanwhile, or in the file already.
  if (!stored || delta.to <= stored.revision) return true
  const at = states.findLastIndex(({ revision }) => revision === delta.from)
  const before = states[at]
  if (!before) return false
  // What came between was taken back, and said so by starting from an earlier state.
  states.splice(at + 1, states.length, applyDelta(before, delta))
  return true
}

/** Doing it again changes nothing. @throws what the disk throws. */
export async function replayJournal(context: StoreContext, paths: StorePaths): Promise<void> {
  const { files, logger } = context
  const names = (await files.list(paths.journal))
    .filter((name) => segmentNumber(name) !== undefined)
    .toSorted((a, b) => (segmentNumber(a) ?? 0) - (segmentNumber(b) ?? 0))
  const conversations = new Map<string, Replayed>()

  const open = async ({ owner, id }: JournalLine): Promise<Replayed> => {
    const path = join(paths.conversations, ownerRef(owner).folder, conversationFileName(id))
    const known = conversations.get(path)
    if (known) return known
    const file = createAtomicFile(context, path, conversationRecordSchema(owner, id))
    const stored = await file.read()
    const replayed: Replayed = { file, states: stored ? [stored] : [] }
    conversations.set(path, replayed)
    return replayed
  }

  const unclear = new Map<string, number>()
  for (const name of names) {
    const found = await files.read(join(paths.journal, name))
    const { lines, senseless } = readJournalLines(found?.bytes ?? new Uint8Array())
    let problems = senseless
    for (const line of lines) if (!replayLine(await open(line), line)) problems += 1
    if (problems > 0) unclear.set(name, problems)
  }
  for (const { file, states } of conversations.values()) {
    const last = states.at(-1)
    if (last && states.length > 1) await file.write(last)
  }
  for (const name of names) {
    const path = join(paths.journal, name)
    const problems = unclear.get(name)
    if (problems === undefined) {
      await files.remove(path)
      continue
    }
    const target = await setAside(context, path)
    logger.error(
      { file: path, set_aside: basename(target), lines: problems },
      'lines of a journal could not be understood; it was set aside',
    )
  }
}
