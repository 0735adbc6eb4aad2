/** A file that grows at its end, kept open. */
import { close, fdatasync, ftruncateSync, open, writeSync } from 'node:fs'
import { promisify } from 'node:util'

const openFile = promisify(open)
const syncFile = promisify(fdatasync)
const closeFile = promisify(close)

export interface GrowingFile {
  /**
   * Returns when the bytes would survive the end of this process. Does not go through another thread:
   * handing over takes longer than copying some bytes into the system's memory.
   * @throws what the disk throws; a part of the bytes may be there then.
   */
  append(bytes: Uint8Array): void
  /** Waits until what was appended would survive a power cut. */
  sync(): Promise<void>
  /** Cuts off what comes after so many bytes. */
  truncate(length: number): void
  close(): Promise<void>
}

export interface GrowingFileOptions {
  /** Of a new file. */
  readonly mode: number
  /** Bytes. */
  readonly ahead: number
}

/** @throws what the disk throws. */
export async function openGrowingFile(
  path: string,
  { mode, ahead }: GrowingFileOptions,
): Promise<GrowingFile> {
  if (ahead > 0) return new FileAhead(await openFile(path, 'w', mode), ahead)
  const descriptor = await openFile(path, 'a', mode)
  return {
    append: (bytes) => writeAll(descriptor, bytes, null),
    sync: () => syncFile(descriptor),
    truncate: (length) => ftruncateSync(descriptor, length),
    close: () => closeFile(descriptor),
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, at: number | null): void {
  let done = 0
  while (done < bytes.length) {
    const position = at === null ? null : at + done
    done += writeSync(descriptor, bytes, done, bytes.length - done, position)
  }
}

/**
 * Writes over zeros that the file has already: what is synced then is the bytes alone, and not the file's
 * new size and the blocks that it got, which is a write of its own to the disk.
 */
class FileAhead implements GrowingFile {
  readonly #descriptor: number
  readonly #ahead: number
  #length = 0
  /** The file's own length: up to here there is something to write over. */
  #filled = 0

  constructor(descriptor: number, ahead: number) {
    this.#descriptor = descriptor
    this.#ahead = ahead
    this.#fill()
  }

  append(bytes: Uint8Array): void {
    writeAll(this.#descriptor, bytes, this.#length)
    this.#length += bytes.length
    if (this.#length > this.#filled) this.#fill()
  }

  sync(): Promise<void> {
    return syncFile(this.#descriptor)
  }

  truncate(length: number): void {
    ftruncateSync(this.#descriptor, length)
    this.#length = length
    this.#filled = length
  }

  async close(): Promise<void> {
    try {
      ftruncateSync(this.#descriptor, this.#length)
    } finally {
      await closeFile(this.#descriptor)
    }
  }

  #fill(): void {
    this.#filled = this.#length
    try {
      writeAll(this.#descriptor, Buffer.alloc(this.#ahead), this.#length)
      this.#filled += this.#ahead
    } catch {
      // It only saves work: a disk that has no room for it may have enough for what is appended.
    }
  }
}

/* One file of the journal, while it is written. */

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
