/** One file of the journal, while it is written. */
import type { GrowingFile } from '../disk/growing-file.ts'

export interface JournalSegment {
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
export function createJournalSegment(path: string, file: GrowingFile, before = 0): JournalSegment {
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
