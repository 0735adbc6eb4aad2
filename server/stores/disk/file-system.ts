/** The few things that the file store asks of a disk. Passed in, so that tests can make a disk fail. */
import { close, fdatasync, ftruncateSync, open as openWithCallback, writeSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ChatError } from '../../core/errors.ts'

/** Tells one state of a file from another without reading it; every replaced file has a new inode. */
export interface FileStamp {
  readonly inode: number
  readonly size: number
  readonly modifiedMs: number
}

/** What a file is written from. */
export type FileContent = string | Uint8Array | AsyncIterable<string>

/** A file that grows at its end, kept open. */
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

export interface FileSystem {
  /** Resolves to `undefined` when there is no such file. */
  read(path: string): Promise<{ readonly bytes: Uint8Array; readonly stamp: FileStamp } | undefined>
  /** A part of a file, in bytes from its beginning; shorter where the file ends. */
  readPart(path: string, start: number, length: number): Promise<Uint8Array>
  /** Writes a whole file and waits until its bytes would survive a power cut. */
  write(path: string, content: FileContent): Promise<FileStamp>
  /**
   * Opens a file to append to it; makes it where there is none. With `ahead`, a new one that has so many
   * zeros, in bytes, behind what was appended, until it is closed.
   */
  grow(path: string, ahead?: number): Promise<GrowingFile>
  rename(from: string, to: string): Promise<void>
  /** Resolves to false when there was no such file. */
  remove(path: string): Promise<boolean>
  /** Resolves to `undefined` when there is nothing of that name. */
  stamp(path: string): Promise<FileStamp | undefined>
  /**
   * Is another one for every copy of the file and after every write to it, whoever writes and whatever
   * times a program sets afterwards. Resolves to `undefined` when there is no such file.
   */
  identity(path: string): Promise<string | undefined>
  /**
   * When anything about a file changed last, its name included, in milliseconds since 1970. Resolves to `undefined`
   * when there is no such file.
   */
  changedAt(path: string): Promise<number | undefined>
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  makeFolder(path: string): Promise<void>
  removeFolder(path: string): Promise<void>
  /**
   * Waits until the names in a folder would survive a power cut. Resolves to false where the file system has
   * no way to wait for that.
   */
  syncFolder(path: string): Promise<boolean>
}

/** Conversations are private: nobody but the server's own user may read them. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** What a file system says that cannot sync a folder, or lets nobody do it. */
const WITHOUT_SYNC: ReadonlySet<string> = new Set([
  ...['EBADF', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EACCES', 'EPERM'],
])

/** The code of a failed system call (`ENOENT`, `ENOSPC`, …), if the error has one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** What the disk says, or `missing` where nothing of that name is. @throws what else the disk throws */
export async function unlessMissing<T, U>(work: Promise<T>, missing: U): Promise<T | U> {
  try {
    return await work
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return missing
    throw error
  }
}

/**
 * Makes a folder and those above it, each for nobody else; what is there already stays as it is. Node's own
 * way never ends on file systems such as `/proc`, where nobody can make one and the answer is ENOENT.
 * @throws what the disk throws.
 */
async function makeFolders(path: string): Promise<void> {
  const make = async () => {
    try {
      await mkdir(path, { mode: FOLDER_MODE })
    } catch (error) {
      const isThere = await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      )
      if (!isThere) throw error
    }
  }
  try {
    await make()
  } catch (error) {
    const above = dirname(path)
    if (systemCode(error) !== 'ENOENT' || above === path) throw error
    await makeFolders(above)
    await make()
  }
}

const toStamp = (stats: { ino: number; size: number; mtimeMs: number }): FileStamp => ({
  inode: stats.ino,
  size: stats.size,
  modifiedMs: stats.mtimeMs,
})

const openDescriptor = promisify(openWithCallback)
const syncFile = promisify(fdatasync)
const closeFile = promisify(close)

async function openGrowingFile(path: string, ahead: number): Promise<GrowingFile> {
  if (ahead > 0) return new FileAhead(await openDescriptor(path, 'w', FILE_MODE), ahead)
  const descriptor = await openDescriptor(path, 'a', FILE_MODE)
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

/** The disk of this machine. */
export const nodeFileSystem: FileSystem = {
  async read(path) {
    const file = await unlessMissing(open(path, 'r'), undefined)
    if (!file) return undefined
    try {
      const stamp = toStamp(await file.stat())
      return { bytes: await file.readFile(), stamp }
    } finally {
      await file.close()
    }
  },
  async readPart(path, start, length) {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  },
  async write(path, content) {
    const file = await open(path, 'w', FILE_MODE)
    try {
      await file.writeFile(content)
      // Side by side: nothing that a stamp holds is changed by syncing.
      const [stats] = await Promise.all([file.stat(), file.sync()])
      return toStamp(stats)
    } finally {
      await file.close()
    }
  },
  grow: (path, ahead = 0) => openGrowingFile(path, ahead),
  rename,
  async remove(path) {
    return unlessMissing(
      unlink(path).then(() => true),
      false,
    )
  },
  async stamp(path) {
    const stats = await unlessMissing(stat(path), undefined)
    return stats && toStamp(stats)
  },
  async identity(path) {
    const stats = await unlessMissing(stat(path, { bigint: true }), undefined)
    // The time of the last change of anything about a file (ctime) is the one that no program can set.
    return stats && [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join('-')
  },
  async changedAt(path) {
    const stats = await unlessMissing(stat(path), undefined)
    return stats?.ctimeMs
  },
  async list(folder) {
    return unlessMissing(readdir(folder), [])
  },
  makeFolder: makeFolders,
  async removeFolder(path) {
    await rm(path, { recursive: true, force: true })
  },
  async syncFolder(path) {
    // Windows cannot open a folder to sync it; its file systems journal names by themselves.
    if (process.platform === 'win32') return true
    try {
      const folder = await open(path, 'r')
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
      return true
    } catch (error) {
      // Shares and file systems in user space have no such call, or let nobody open a folder.
      if (WITHOUT_SYNC.has(systemCode(error) ?? '')) return false
      throw error
    }
  },
}

/**
 * The same disk for somebody whose right to write may end: `assertHeld` throws then, and nothing reaches
 * the disk. It is asked again after each call: a process that was frozen meanwhile must not tell anybody
 * that something is safe which its successor may not have found.
 */
export function guardWrites(files: FileSystem, assertHeld: () => void): FileSystem {
  const guarded =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      assertHeld()
      const result = await call(...args)
      assertHeld()
      return result
    }
  const write = guarded(files.write)
  const grow = guarded(files.grow)
  return {
    read: files.read,
    readPart: files.readPart,
    stamp: files.stamp,
    identity: files.identity,
    changedAt: files.changedAt,
    list: files.list,
    write: (path, content) =>
      write(path, isInParts(content) ? guardParts(content, assertHeld) : content),
    async grow(path, ahead) {
      const file = await grow(path, ahead)
      return {
        append(bytes) {
          assertHeld()
          file.append(bytes)
        },
        sync: guarded(() => file.sync()),
        truncate(length) {
          assertHeld()
          file.truncate(length)
        },
        async close() {
          try {
            assertHeld()
          } catch {
            // Closing cuts off the zeros at the end, which is writing; the process ends in a moment.
            return
          }
          await file.close()
        },
      }
    },
    rename: guarded(files.rename),
    remove: guarded(files.remove),
    makeFolder: guarded(files.makeFolder),
    removeFolder: guarded(files.removeFolder),
    syncFolder: guarded(files.syncFolder),
  }
}

const isInParts = (content: FileContent): content is AsyncIterable<string> =>
  typeof content === 'object' && Symbol.asyncIterator in content

async function* guardParts(parts: AsyncIterable<string>, assertHeld: () => void) {
  for await (const part of parts) {
    assertHeld()
    yield part
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EROFS: 'the disk is read-only',
  EIO: 'the disk reported an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOENT: 'a folder is missing and cannot be made',
  ENOTDIR: 'a file is in the place of a folder',
  EEXIST: 'a file, or a link that leads nowhere, is in the place of a folder',
  EISDIR: 'a folder is in the place of a file',
  ELOOP: 'a link leads to itself',
  ENAMETOOLONG: 'a name is too long',
}

/** Why a system call failed, in words. */
export function storageReason(error: unknown): string {
  const code = systemCode(error)
  if (code === undefined) return 'something unexpected happened'
  return REASONS[code] ?? `the system answered ${code}`
}

/** For the operator, who has named the folder. */
export const unusableFolder = (directory: string, error: unknown) =>
  `The data folder ${directory} of DATABASE_URL cannot be used: ${storageReason(error)}.`

/** What the caller of the store gets when the disk fails; `what` is a whole clause. */
export function storageError(what: string, error: unknown): ChatError {
  if (error instanceof ChatError) return error
  return new ChatError('internal', `${what}: ${storageReason(error)}.`, { cause: error })
}

/** Does work of which whoever asked for it is told `what` has failed when the disk does. @throws ChatError */
export async function explainFailure<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storageError(what, error)
  }
}

/** Gives each piece of work to do after those that came before, whatever came of them. */
export function createInTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
}

/** Works on all items, on at most `atOnce` of them at a time. Rejects as soon as one fails. */
export async function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items.values()
  const worker = async () => {
    for (const item of iterator) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
