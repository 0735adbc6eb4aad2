/**
 * Copies the data folder of a server, which may be running, into a folder that another can start on. The
 * journal comes first: what it lacks then, the files of conversations have by the time they are copied.
 */
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { StartError } from '../core/errors.ts'
import type { Cancellable } from '../core/ports/index.ts'
import { REQUESTS_FOLDER } from './json-accounts.ts'
import { ANSWERS_FILE_NAME } from './answer-index.ts'
import { isWordsFile } from './conversation-search.ts'
import {
  nodeFileSystem,
  systemCode,
  storageReason,
  forEachOf,
  unlessMissing,
} from './disk/file-system.ts'
import { INDEX_FILE_NAME } from './owner-index.ts'
import { PLACE_FILES, readSavedSegment, segmentNumber } from './journal/journal.ts'
import {
  conversationIdOf,
  MEANING_FOLDER,
  README_FILE,
  storePaths,
  UNFINISHED_BACKUP,
} from './disk/paths.ts'

const FILES_AT_ONCE = 8

/** Drafts before the conversations, which may then have the whole answer; files of messages after them. */
const ORDER = ['journal', 'drafts', 'conversations', 'attachments']

/** What is made of documents in `knowledge/`, and how far an `ingest` has come. */
const WORKED_OUT = /^(?:index|vectors|ingest)\b/
const DOCUMENT = /\.(?:md|markdown|html?|txt|pdf|docx)$/i

export interface Backup {
  readonly conversations: number
  readonly files: number
  readonly bytes: number
}

export interface BackupOptions extends Cancellable {
  /** The data folder. */
  readonly directory: string
  /** A folder that is empty, or not there yet. */
  readonly target: string
  /** Told after each file how many there are so far. */
  readonly onFile?: (files: number) => void
}

/**
 * Nothing is left of a backup that fails or is ended by its signal; one that was killed says so by a file,
 * and no server starts on it.
 * @throws StartError
 */
export async function backUp(options: BackupOptions): Promise<Backup> {
  const directory = resolve(options.directory)
  const target = resolve(options.target)
  const isNew = await checkFolders(directory, target)
  const marker = join(target, UNFINISHED_BACKUP)
  try {
    await nodeFileSystem.makeFolder(target)
    await nodeFileSystem.write(marker, 'This backup is not finished: no server starts on it.\n')
    const backup = await copyAll({ ...options, directory, target })
    await nodeFileSystem.remove(marker)
    await nodeFileSystem.syncFolder(target)
    return backup
  } catch (error) {
    await removeContents(target, isNew)
    options.signal.throwIfAborted()
    if (error instanceof StartError) throw error
    const sentence = `The backup was not made: ${storageReason(error)}.`
    throw new StartError(sentence, { cause: error })
  }
}

/** Resolves to whether the target is to be made. @throws StartError */
async function checkFolders(directory: string, target: string): Promise<boolean> {
  if (!(await isFolder(join(directory, 'conversations')))) {
    throw new StartError(`${directory} is no data folder of a server. Check DATABASE_URL.`)
  }
  let names: readonly string[]
  try {
    names = await readdir(target)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      const sentence = `A backup cannot go to ${target}: ${storageReason(error)}.`
      throw new StartError(sentence, { cause: error })
    }
    await checkOutside(directory, target)
    return true
  }
  if (names.includes(UNFINISHED_BACKUP)) {
    throw new StartError(`${target} holds a backup that was not finished. Remove it first.`)
  }
  if (names.length > 0) {
    throw new StartError(`${target} is not empty. Name a folder that is new or empty.`)
  }
  await checkOutside(directory, target)
  return false
}

async function checkOutside(directory: string, target: string): Promise<void> {
  let known = target
  while (!(await isFolder(known)) && known !== resolve(known, '..')) known = resolve(known, '..')
  const real = join(await realpath(known), relative(known, target))
  const path = relative(await realpath(directory), real)
  if (path === '' || !(path === '..' || path.startsWith(`..${sep}`))) {
    throw new StartError(`${target} is inside the data folder. Name a folder outside of it.`)
  }
}

const isFolder = async (path: string) => (await statOf(path))?.isDirectory() ?? false

async function removeContents(target: string, isNew: boolean): Promise<void> {
  const paths = isNew
    ? [target]
    : (await nodeFileSystem.list(target)).map((name) => join(target, name))
  for (const path of paths) await nodeFileSystem.removeFolder(path)
}

async function copyAll({ directory, target, signal, onFile }: BackupOptions): Promise<Backup> {
  const saved =
    (await readSavedSegment({ files: nodeFileSystem }, storePaths(directory).journal)) ?? 0
  const done = new Set<string>()
  let bytes = 0

  const copyFile = async (path: string) => {
    signal.throwIfAborted()
    const size = await copyAndCompare(join(directory, path), join(target, path))
    if (size === undefined) return
    done.add(path)
    bytes += size
    onFile?.(done.size)
  }

  const copyFolder = async (path: string) => {
    const files: string[] = []
    const folders: string[] = []
    const entries = readdir(join(directory, path), { withFileTypes: true })
    // It may have gone meanwhile.
    for (const entry of await unlessMissing(entries, [])) {
      const name = join(path, entry.name)
      if (!belongsToBackup(name, saved) || done.has(name)) continue
      const kind = entry.isSymbolicLink() ? await statOf(join(directory, name)) : entry
      if (kind?.isFile()) files.push(name)
      // Those in order are copied in their turn.
      else if (kind?.isDirectory() && (path !== '' || !ORDER.includes(name))) folders.push(name)
    }
    await nodeFileSystem.makeFolder(join(target, path))
    await forEachOf(files, FILES_AT_ONCE, copyFile)
    for (const folder of folders) await copyFolder(folder)
    await nodeFileSystem.syncFolder(join(target, path))
  }

  for (const folder of ORDER) {
    if (await isFolder(join(directory, folder))) await copyFolder(folder)
  }
  // A folder that is read while names in it are replaced may leave one out, on some file systems.
  await copyFolder('conversations')
  await copyFolder('')
  const conversations = [...done].filter((path) => {
    const [top, , name = ''] = path.split(sep)
    return top === 'conversations' && conversationIdOf(name) !== undefined
  })
  return { conversations: conversations.length, files: done.size, bytes }
}

/** Not the lock, nor what is half written, half erased, made again by itself, or in the files already. */
function belongsToBackup(path: string, savedSegment: number): boolean {
  const [top = '', ...rest] = path.split(sep)
  const name = rest.at(-1) ?? top
  if (/^\.?lock/.test(top) || top === 'erased' || name.endsWith('.tmp')) return false
  // A copy must not do once more what was asked of the original.
  if (top === REQUESTS_FOLDER) return false
  if (top === MEANING_FOLDER || path === ANSWERS_FILE_NAME) return false
  if (path === README_FILE.name) return false
  if (top === 'conversations') return name !== INDEX_FILE_NAME && !isWordsFile(name)
  // What is worked out from documents is worked out again; somebody's own documents may lie beside it.
  if (top === 'knowledge') return !WORKED_OUT.test(rest[0] ?? '') || DOCUMENT.test(name)
  if (top !== 'journal') return true
  return !PLACE_FILES.includes(name) && (segmentNumber(name) ?? Infinity) > savedSegment
}

const statOf = (path: string) => unlessMissing(stat(path), undefined)

/** Resolves to the bytes of the file, or to `undefined` when it has gone meanwhile. */
async function copyAndCompare(from: string, to: string): Promise<number | undefined> {
  const source = await unlessMissing(open(from, 'r'), undefined)
  if (!source) return undefined
  let bytes: Buffer
  let mode: number
  try {
    ;({ mode } = await source.stat())
    bytes = await source.readFile()
  } finally {
    await source.close()
  }
  const copy = await open(to, 'wx', mode & 0o777)
  try {
    await copy.writeFile(bytes)
    await copy.sync()
  } finally {
    await copy.close()
  }
  if (bytes.equals(await readFile(to))) return bytes.length
  throw new StartError(`The backup was not made: ${to} does not read as it was written.`)
}
