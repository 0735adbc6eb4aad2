/**
 * disk: what everything that is kept in the data folder is kept with. Begin at file-system.ts, what is asked of a disk;
 * on it stand files that are replaced whole (atomic-file.ts), folders of owners, the lock, and the logs of this file.
 *
 * Logs of lines on top of a file that grows: the journal's segments, of which every line counts, and small files
 * of which the newest line about each thing counts.
 */
import { dirname } from 'node:path'
import { replaceFile, type StoreContext } from './atomic-file.ts'
import type { GrowingFile } from './file-system.ts'

const LINE_END = 0x0a

/** A line without its end, and where it begins, in bytes. */
export interface LogLine {
  readonly start: number
  readonly bytes: Uint8Array
}

/** The lines that have an end: half a line at the end is nothing that anybody was told of. */
export function* wholeLines(content: Uint8Array): Generator<LogLine> {
  for (let start = 0; ;) {
    const end = content.indexOf(LINE_END, start)
    if (end < 0) return
    yield { start, bytes: content.subarray(start, end) }
    start = end + 1
  }
}

/** One file, while it is written. */
export interface AppendLog {
  readonly path: string
  /** In bytes. */
  readonly length: number
  /** What it holds is not certain any more; nothing may be appended. */
  readonly isSpoiled: boolean
  /**
   * Calls `onWritten` at once, when the line would survive the end of the process, and resolves when it
   * would survive a power cut. Lines that come while the disk is busy are synced together.
   * @throws what the disk throws; the line is taken back then.
   */
  append(line: string, onWritten: () => void): Promise<void>
  /** Waits for the disk first. */
  close(): Promise<void>
}

/** Goes on behind the `before` bytes that the file has. */
export function createAppendLog(path: string, file: GrowingFile, before = 0): AppendLog {
  let length = before
  let synced = before
  let isSpoiled = false
  let waiting: PromiseWithResolvers<void>[] = []
  let syncing: Promise<void> | undefined

  /** What follows would be lost behind half a line. */
  const cutBack = (to: number) => {
    try {
      file.truncate(to)
      length = to
    } catch {
      isSpoiled = true
    }
  }

  const syncAll = async () => {
    while (waiting.length > 0) {
      let batch = waiting
      waiting = []
      const upTo = length
      try {
        await file.sync()
        synced = upTo
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // After a failed sync nobody can tell which bytes the disk has, nor whether the next one is true.
        isSpoiled = true
        batch = [...batch, ...waiting]
        waiting = []
        cutBack(synced)
        for (const { reject } of batch) reject(error)
      }
    }
    syncing = undefined
  }

  return {
    path,
    get length() {
      return length
    },
    get isSpoiled() {
      return isSpoiled
    },
    async append(line, onWritten) {
      const bytes = Buffer.from(`${line}\n`)
      try {
        file.append(bytes)
      } catch (error) {
        cutBack(length)
        throw error
      }
      length += bytes.length
      const durable = Promise.withResolvers<void>()
      waiting.push(durable)
      syncing ??= syncAll()
      onWritten()
      await durable.promise
    },
    async close() {
      await syncing
      await file.close()
    },
  }
}

/** Lines that are not the newest of what they are about, after which a compacting log is written anew. */
const MOST_OLD_LINES = 1_000

export interface CompactingLogOptions {
  readonly context: StoreContext
  readonly path: string
  /** How many lines the file would have if it were written anew. */
  readonly needed: () => number
}

/**
 * A file of which the newest line about each thing counts. Calls must not overlap. Opens nothing by itself: the first
 * line that is appended does, or the first writing anew.
 */
export function createCompactingLog(options: CompactingLogOptions) {
  const { context, path, needed } = options
  const { files } = context
  let writer: AppendLog | undefined
  /** Bytes of whole lines to go on behind; `undefined`: what the file holds is not known. */
  let length: number | undefined
  let count = 0

  const open = async (before: number) => {
    const file = await files.grow(path)
    try {
      await files.syncFolder(dirname(path))
      // Half a line of a process that was killed.
      file.truncate(before)
    } catch (error) {
      await file.close()
      throw error
    }
    writer = createAppendLog(path, file, before)
    return writer
  }

  const close = async () => {
    const closing = writer
    writer = undefined
    await closing?.close()
  }

  return {
    /**
     * Nothing may be appended before the file is written anew: there is none, a write has failed in a way that leaves
     * open what it holds, or most of its lines are old.
     */
    get isDue() {
      return (
        length === undefined || writer?.isSpoiled === true || count > 2 * needed() + MOST_OLD_LINES
      )
    },
    /** The whole lines there are; `undefined`: there is no file. @throws what the disk throws */
    async read(): Promise<readonly LogLine[] | undefined> {
      const found = await files.read(path)
      if (!found) return undefined
      const lines = [...wholeLines(found.bytes)]
      const last = lines.at(-1)
      length = last ? last.start + last.bytes.length + 1 : 0
      count = lines.length
      return lines
    },
    /**
     * Resolves, when they would survive a power cut, to the bytes from the beginning at which the first one stands.
     * @throws what the disk throws; the lines are taken back then
     */
    async append(lines: readonly string[]) {
      const log = writer ?? (await open(length ?? 0))
      const start = log.length
      await log.append(lines.join('\n'), () => {})
      count += lines.length
      length = log.length
      return start
    },
    /** Puts these lines in the place of all that there are. @throws what the disk throws */
    async rewrite(lines: Iterable<string>) {
      length = undefined
      await close()
      let size = 0
      let written = 0
      async function* content() {
        for (const line of lines) {
          size += Buffer.byteLength(line) + 1
          written += 1
          yield `${line}\n`
        }
      }
      await replaceFile(context, path, content())
      await open(size)
      length = size
      count = written
    },
    close,
  }
}
