/**
 * Changes of conversations, a line each, in the order in which they happened:
 * `<directory>/journal/<number>.jsonl`. One line is far less work for a disk than a new file.
 *
 * Lines stay for a day after the files of their conversations have them: a copy of the folder takes its
 * files one by one, so it may have a conversation as it was and the journal as it is much later. For the
 * folder itself `saved.json` says which lines need not be looked at. It counts only beside the file `place`
 * that it was written for, which no copy has.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson, removeLeftovers, replaceFile, type StoreContext } from '../disk/atomic-file.ts'
import {
  changeJournalLines,
  type JournalLine,
  type LineChange,
  writeJournalLine,
  trimDelta,
} from './journal-lines.ts'
import { createAppendLog, type AppendLog } from '../disk/append-log.ts'
import { createInTurn } from '../disk/file-system.ts'
import type { ConversationRecord } from '../records.ts'

const SUFFIX = '.jsonl'
/** Bytes that a segment has ready for lines to come. */
const AHEAD = 64 * 1024
/** Bytes after which the next segment is begun, which is also what a start reads again at least. */
const LONG_SEGMENT = 1024 * 1024
/** Milliseconds after which it is. */
const OLD_SEGMENT = 60 * 60_000
/** Milliseconds that lines stay which the files have: so long may a copy of the folder take. */
const KEPT_FOR = 24 * 60 * 60_000
/** Bytes of such lines; with more the oldest go early. */
const MOST_KEPT = 1024 * 1024 * 1024

/** Names of files that hold true for their folder alone, and not for a copy of it. */
export const PLACE_FILES: readonly string[] = ['saved.json', 'place']

const savedFileIn = (folder: string) => join(folder, 'saved.json')
const placeFileIn = (folder: string) => join(folder, 'place')
const savedSchema = z.object({ segment: z.int(), place: z.string() })

/** The number of a segment's file, or nothing when it is another kind of file. */
export function segmentNumber(name: string): number | undefined {
  const [, digits] = /^(\d{1,15})\.jsonl$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Names of segments, oldest first. @throws what the disk throws. */
export async function listSegments(
  { files }: Pick<StoreContext, 'files'>,
  folder: string,
): Promise<readonly { readonly name: string; readonly number: number }[]> {
  return (await files.list(folder))
    .flatMap((name) => {
      const number = segmentNumber(name)
      return number === undefined ? [] : [{ name, number }]
    })
    .toSorted((a, b) => a.number - b.number)
}

/**
 * Up to which segment the files have what it says; `undefined` where that is not known, as in a copy.
 * @throws what the disk throws.
 */
export async function readSavedSegment(
  { files }: Pick<StoreContext, 'files'>,
  folder: string,
): Promise<number | undefined> {
  const found = await files.read(savedFileIn(folder))
  const saved = found && parseJson(found.bytes, savedSchema).value
  if (!saved) return undefined
  const place = await files.identity(placeFileIn(folder))
  return saved.place === place ? saved.segment : undefined
}

/** Of what the journal is to say nothing more. */
export interface Forgotten {
  readonly owner: string
  /** Without one: all that the owner has. */
  readonly id?: string
  /** What there still is of the conversation, and may be said. */
  readonly left?: ConversationRecord
}

export interface Journal {
  /** Bytes of all lines of which it is not known that the files have them. */
  readonly unsavedLength: number
  /** A revision that is higher than this one, and than that of every line. */
  nextRevision(current: number): number
  /**
   * Calls `onWritten` when the line would survive the end of the process, and resolves when it would
   * survive a power cut.
   * @throws what the disk throws; the line is taken back then.
   */
  append(line: JournalLine, onWritten: () => void): Promise<void>
  /**
   * To be called before files of conversations are written. The function that is returned is for when they
   * have everything that was in the journal then; `isOwing`: the next start is to look at it all the same.
   * @throws what the disk throws.
   */
  beginSaving(): Promise<(isOwing: boolean) => Promise<void>>
  /**
   * Takes what is forgotten off the disk, from lines that the files have and from others.
   * @throws what the disk throws.
   */
  forget(forgotten: readonly Forgotten[]): Promise<void>
  /** Removes what copies alone would need, for a disk that is full. @throws what the disk throws. */
  makeRoom(): Promise<void>
  /** Nothing may be appended any more. */
  close(): Promise<void>
}

export interface JournalOptions {
  readonly folder: string
  /** Bytes after which the next segment is begun. */
  readonly segmentLength?: number | undefined
}

interface Segment {
  readonly path: string
  readonly number: number
  /** Bytes. */
  length: number
  /** Bytes from the beginning which the files have. */
  saved: number
  /** Milliseconds since 1970. */
  endedAt: number
  /** Whose lines it has; nobody has looked yet into one of an earlier process. */
  owners: ReadonlySet<string> | undefined
  /** Its bytes are not where they were when it was written. */
  isRewritten: boolean
}

interface RunningSegment {
  readonly path: string
  readonly number: number
  readonly writer: AppendLog
  readonly beganAt: number
  readonly owners: Set<string>
  saved: number
}

/** The files must have what segments of earlier processes say. @throws what the disk throws. */
export async function openJournal(
  context: StoreContext,
  options: JournalOptions,
): Promise<Journal> {
  const { files, logger, clock } = context
  const { folder, segmentLength = LONG_SEGMENT } = options
  // Above every number that an earlier process has given: a conversation that somebody has put back by
  // hand must not get one again that lines of the journal know as something else.
  let revision = clock() * 1000
  let opening: Promise<RunningSegment> | undefined
  /** What changes segments that are not written any more happens one after the other. */
  const inTurn = createInTurn()
  let waiting: readonly Forgotten[] = []
  let gathering: Promise<void> | undefined

  const findOlder = async () => {
    await files.makeFolder(folder)
    await removeLeftovers(context, folder)
    const found: Segment[] = []
    for (const { name, number } of await listSegments(context, folder)) {
      const path = join(folder, name)
      const stamp = await files.stamp(path)
      if (!stamp) continue
      const { size: length, modifiedMs: endedAt } = stamp
      const segment = { path, number, length, saved: length, endedAt }
      found.push({ ...segment, owners: undefined, isRewritten: false })
    }
    return found
  }

  const create = async (number: number): Promise<RunningSegment> => {
    const path = join(folder, `${number}${SUFFIX}`)
    const file = await files.grow(path, AHEAD)
    try {
      await files.syncFolder(folder)
      const writer = createAppendLog(path, file)
      const beganAt = performance.now()
      return { path, number, writer, beganAt, owners: new Set(), saved: 0 }
    } catch (error) {
      await file.close()
      await files.remove(path).catch((cause: unknown) => {
        logger.warn({ file: path, err: cause }, 'an empty journal could not be removed')
      })
      throw error
    }
  }

  /** Those that are not written any more, oldest first. */
  let older: readonly Segment[] = await findOlder()
  // Never again a number that was noted as saved, also if somebody has removed the segments.
  const last = Math.max(older.at(-1)?.number ?? 0, (await readSavedSegment(context, folder)) ?? 0)
  let current = await create(last + 1)

  const end = async ({ path, writer }: RunningSegment) => {
    try {
      await writer.close()
    } catch (error) {
      // What is behind the last line is passed over by whoever reads it.
      logger.warn({ file: path, err: error }, 'a journal could not be closed')
    }
  }

  const replace = async () => {
    try {
      const before = current
      const next = await create(before.number + 1)
      const { path, number, saved, owners } = before
      current = next
      const ended = { length: before.writer.length, endedAt: clock(), isRewritten: false }
      older = [...older, { path, number, saved, owners, ...ended }]
      await end(before)
      return next
    } finally {
      opening = undefined
    }
  }
  const goOn = () => (opening ??= replace())

  const remove = async (segment: Segment) => {
    await files.remove(segment.path)
    older = older.filter((other) => other !== segment)
  }

  const isSaved = ({ saved, length }: Segment) => saved >= length

  /** The number of the segment up to which everything is saved. */
  const savedNumber = () => {
    const firstUnsaved = older.find((segment) => !isSaved(segment))?.number ?? current.number
    return firstUnsaved - 1
  }

  let noted: number | undefined
  /** Lets the next start of this folder pass over what is saved; one that finds no note reads it all. */
  const noteSaved = async (segment: number) => {
    if (segment === noted) return
    try {
      await replaceFile(context, placeFileIn(folder), 'Not what it is in a copy: see saved.json.\n')
      const place = await files.identity(placeFileIn(folder))
      await replaceFile(context, savedFileIn(folder), JSON.stringify({ segment, place }))
      noted = segment
    } catch (error) {
      logger.warn({ file: savedFileIn(folder), err: error }, 'the next start will take longer')
    }
  }

  const removeOld = async () => {
    const saved = older.filter(isSaved)
    let kept = saved.reduce((sum, { length }) => sum + length, 0)
    for (const segment of saved) {
      const isOld = clock() - segment.endedAt > KEPT_FOR
      if (!isOld && kept <= MOST_KEPT) return
      await remove(segment)
      kept -= segment.length
      if (isOld) continue
      const hours = Math.floor((clock() - segment.endedAt) / 3_600_000)
      logger.warn(
        { hours },
        'the journal is long: copies that take more hours than this lack lines',
      )
    }
  }

  const changeSegment = async (segment: Segment, changes: ReadonlyMap<string, LineChange>) => {
    if (segment.owners && !hasLinesOf(segment.owners, changes)) return
    const found = await files.read(segment.path)
    if (!found) return
    const { content, isChanged, owners } = changeJournalLines(found.bytes, changes)
    segment.owners = owners
    if (!isChanged) return
    const wasSaved = isSaved(segment)
    await replaceFile(context, segment.path, content)
    segment.isRewritten = true
    segment.length = content.length
    segment.saved = wasSaved ? content.length : 0
  }

  const forgetWaiting = async () => {
    const changes = changesFor(waiting)
    waiting = []
    gathering = undefined
    // A file that is being appended to cannot be written anew.
    if (opening !== undefined || hasLinesOf(current.owners, changes)) await goOn()
    for (const segment of older) await changeSegment(segment, changes)
  }

  await noteSaved(savedNumber())
  await removeOld()

  return {
    get unsavedLength() {
      const open = Math.max(0, current.writer.length - current.saved)
      return older.reduce((sum, { length, saved }) => sum + length - saved, open)
    },
    nextRevision(known) {
      revision = Math.max(revision, known) + 1
      return revision
    },
    async append(line, onWritten) {
      const segment = current.writer.isSpoiled ? await goOn() : current
      segment.owners.add(line.owner)
      await segment.writer.append(writeJournalLine(line), onWritten)
    },
    async beginSaving() {
      const { writer, beganAt } = current
      const isOld = performance.now() - beganAt > OLD_SEGMENT
      const isDone = writer.length >= segmentLength || (isOld && writer.length > 0)
      if (isDone || writer.isSpoiled) await goOn()
      const segments = older
      const running = current
      const { length } = running.writer
      return (isOwing) =>
        inTurn(async () => {
          for (const segment of segments) segment.saved = segment.length
          const ended = older.find(({ number }) => number === running.number)
          if (!ended?.isRewritten) (ended ?? running).saved = length
          if (!isOwing) await noteSaved(savedNumber())
          await removeOld()
        })
    },
    async forget(forgotten) {
      waiting = [...waiting, ...forgotten]
      gathering ??= inTurn(forgetWaiting)
      await gathering
    },
    makeRoom: () =>
      inTurn(async () => {
        for (const segment of older.filter(isSaved)) await remove(segment)
      }),
    async close() {
      await inTurn(async () => {})
      await end(current)
      const { path, number, saved, writer } = current
      if (writer.length === 0) await files.remove(path)
      if (writer.length > 0 || older.length > 0) {
        const isAllSaved = older.every(isSaved) && saved >= writer.length
        noted = undefined
        await noteSaved(isAllSaved ? number : savedNumber())
        return
      }
      await files.remove(savedFileIn(folder))
      await files.remove(placeFileIn(folder))
    },
  }
}

const hasLinesOf = (owners: ReadonlySet<string>, changes: ReadonlyMap<string, unknown>) =>
  [...changes.keys()].some((owner) => owners.has(owner))

/** By owner, what becomes of a line. */
function changesFor(forgotten: readonly Forgotten[]): ReadonlyMap<string, LineChange> {
  const changes = new Map<string, LineChange>()
  for (const [owner, all] of Map.groupBy(forgotten, (one) => one.owner)) {
    const isAll = all.some(({ id }) => id === undefined)
    const byId = new Map(all.map(({ id, left }) => [id, left]))
    changes.set(owner, (line) => {
      if (isAll) return undefined
      if (!byId.has(line.id)) return line
      const left = byId.get(line.id)
      return left && { ...line, delta: trimDelta(line.delta, left) }
    })
  }
  return changes
}
