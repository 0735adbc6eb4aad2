/**
 * Changes that the files of conversations do not have yet, a line each, in the order in which they
 * happened: `<directory>/journal/<number>.jsonl`. One line is far less work for a disk than a new file.
 */
import { join } from 'node:path'
import type { StoreContext } from './atomic-file.ts'
import { createJournalSegment, type JournalSegment } from './journal-segment.ts'

const SUFFIX = '.jsonl'
/** Bytes that a segment has ready for lines to come. */
const AHEAD = 64 * 1024

/** The number of a segment's file, or nothing when it is another kind of file. */
export function segmentNumber(name: string): number | undefined {
  const [, digits] = /^(\d{1,15})\.jsonl$/.exec(name) ?? []
  return digits === undefined ? undefined : Number(digits)
}

export interface Journal {
  /** Of all lines, in bytes. */
  readonly length: number
  /** A revision that is higher than this one, and than that of every line. */
  nextRevision(current: number): number
  /**
   * Calls `onWritten` when the line would survive the end of the process, and resolves when it would
   * survive a power cut.
   * @throws what the disk throws; the line is taken back then.
   */
  append(line: string, onWritten: () => void): Promise<void>
  /**
   * Goes on in another file. The function that is returned removes those before, for when the files of
   * conversations have what they say.
   * @throws what the disk throws.
   */
  rotate(): Promise<() => Promise<void>>
  /** Removes what is empty; nothing may be appended any more. */
  close(): Promise<void>
}

/** Nothing of an earlier process may be in the folder any more. @throws what the disk throws. */
export async function openJournal(context: StoreContext, folder: string): Promise<Journal> {
  const { files, logger } = context
  let newest = 0
  let revision = 0
  /** Those that still have lines which may be needed. */
  let older: readonly JournalSegment[] = []
  let opening: Promise<JournalSegment> | undefined

  const create = async () => {
    newest += 1
    const path = join(folder, `${newest}${SUFFIX}`)
    const file = await files.grow(path, AHEAD)
    try {
      await files.syncFolder(folder)
      return createJournalSegment(path, file)
    } catch (error) {
      await file.close()
      await files.remove(path).catch((cause: unknown) => {
        logger.warn({ file: path, err: cause }, 'an empty journal could not be removed')
      })
      throw error
    }
  }

  await files.makeFolder(folder)
  let current = await create()

  const replace = async () => {
    try {
      const next = await create()
      older = [...older, current]
      current = next
      return next
    } finally {
      opening = undefined
    }
  }
  const goOn = () => (opening ??= replace())

  const remove = async (segment: JournalSegment) => {
    await files.remove(segment.path)
    older = older.filter((other) => other !== segment)
    await segment.close()
  }

  return {
    get length() {
      return older.reduce((sum, { length }) => sum + length, current.length)
    },
    nextRevision(known) {
      revision = Math.max(revision, known) + 1
      return revision
    },
    async append(line, onWritten) {
      const segment = current.isSpoiled ? await goOn() : current
      await segment.append(line, onWritten)
    },
    async rotate() {
      if (current.length > 0 || current.isSpoiled) await goOn()
      const doomed = older
      return async () => {
        for (const segment of doomed) await remove(segment)
      }
    },
    async close() {
      for (const { close } of older) await close()
      if (current.length === 0) await remove(current)
      else await current.close()
      await files.removeEmptyFolder(folder)
    },
  }
}
