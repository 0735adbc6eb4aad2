/** Copies the documents of a folder to where the server reads them, and later only what has changed. */
import type { Dirent } from 'node:fs'
import { lstat, mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { isDocumentName } from '../parse-document.ts'
import { replaceFile } from '../disk.ts'
import { readableSize } from './fetch.ts'
import type { Remark } from './state.ts'

export interface CopyOptions {
  readonly from: string
  readonly to: string
  /** Folders that are left out, as the data folder, which may be inside. */
  readonly except: readonly string[]
  /** Bytes; a longer file is named and left out. */
  readonly longest: number
  readonly signal: AbortSignal
  readonly onFile?: (done: number, all: number) => void
}

/** Paths below the folder, `/` between their parts. */
export interface CopyReport {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
  readonly removed: readonly Remark[]
  readonly failed: readonly Remark[]
  readonly skipped: readonly Remark[]
}

const MAX_DEPTH = 16
/** Defaults for the documents beside it and below. */
const isMeta = (name: string) => /^_meta\.ya?ml$/i.test(name)
/** What a project has that nobody has written for its readers. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules'])

interface Found {
  readonly files: string[]
  readonly failed: Remark[]
  readonly skipped: Remark[]
  /** Some folder could not be read, so what was in it is not known. */
  isIncomplete: boolean
}

/** Links are not followed: what they lead to inside the folder is copied where it is. @throws what the disk throws */
export async function copyDocuments(options: CopyOptions): Promise<CopyReport> {
  const { from, to, longest, signal, onFile } = options
  const except = await Promise.all(options.except.map((path) => realpath(path).catch(() => path)))
  const found: Found = { files: [], failed: [], skipped: [], isIncomplete: false }
  const root = await realpath(from)
  await findDocuments({ root, except, found }, '', 0)
  const results = {
    added: new Array<string>(),
    changed: new Array<string>(),
    unchanged: new Array<string>(),
  }
  for (const [index, path] of found.files.entries()) {
    if (signal.aborted) break
    const result = await copyFile(join(root, path), { to, path }, longest)
    if ('reason' in result) found.failed.push({ url: path, reason: result.reason })
    else results[result.outcome].push(path)
    onFile?.(index + 1, found.files.length)
  }
  const isWhole = !signal.aborted && !found.isIncomplete
  const removed = isWhole ? await removeOthers(to, new Set(found.files)) : []
  return { ...results, removed, failed: found.failed, skipped: found.skipped }
}

interface Walk {
  readonly root: string
  readonly except: readonly string[]
  readonly found: Found
}

async function findDocuments(walk: Walk, prefix: string, depth: number): Promise<void> {
  const { root, except, found } = walk
  let entries: Dirent[]
  try {
    entries = await readdir(join(root, prefix), { withFileTypes: true })
  } catch (error) {
    found.failed.push({ url: prefix === '' ? '.' : prefix, reason: reasonOf(error) })
    found.isIncomplete = true
    return
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const { name } = entry
    const path = `${prefix}${name}`
    if (name.startsWith('.') || LEFT_OUT.has(name)) continue
    if (entry.isDirectory()) {
      if (except.includes(join(root, path))) continue
      if (depth < MAX_DEPTH) await findDocuments(walk, `${path}/`, depth + 1)
      else found.failed.push({ url: path, reason: 'it is too many folders deep' })
    } else if (isDocumentName(name) || isMeta(name)) {
      if (entry.isFile()) found.files.push(path)
      else found.skipped.push({ url: path, reason: await describeLink(root, path) })
    }
  }
}

async function describeLink(root: string, path: string): Promise<string> {
  const written = join(root, path)
  const target = await realpath(written).catch(() => undefined)
  if (target === undefined || target === written) return 'it is no file'
  return target.startsWith(root + sep)
    ? 'it is a link to what is copied from its own place'
    : 'it is a link that leads outside the folder'
}

type Copied = { readonly outcome: 'added' | 'changed' | 'unchanged' } | { readonly reason: string }

async function copyFile(
  source: string,
  { to, path }: { readonly to: string; readonly path: string },
  longest: number,
): Promise<Copied> {
  const target = join(to, path)
  let bytes: Buffer
  try {
    // Looked at first, so that nobody's film is read into memory.
    const { size } = await stat(source)
    if (size > longest) return { reason: `it has more than ${readableSize(longest)}` }
    bytes = await readFile(source)
  } catch (error) {
    return { reason: reasonOf(error) }
  }
  const before = await readFile(target).catch(() => undefined)
  if (before?.equals(bytes) === true) return { outcome: 'unchanged' }
  await makeRoom(to, path)
  await mkdir(dirname(target), { recursive: true })
  await replaceFile(target, bytes, { isSynced: false })
  return { outcome: before ? 'changed' : 'added' }
}

/** Removes what was copied before of a file that is a folder now, or of a folder that is a file now. */
async function makeRoom(to: string, path: string): Promise<void> {
  const parts = path.split('/')
  for (const end of parts.keys()) {
    const copied = join(to, ...parts.slice(0, end + 1))
    const found = await lstat(copied).catch(() => undefined)
    if (!found) return
    const isFolder = end < parts.length - 1
    if (found.isDirectory() !== isFolder) await rm(copied, { recursive: true })
  }
}

/** A file that could not be read this time has its earlier copy left. */
async function removeOthers(to: string, files: ReadonlySet<string>): Promise<Remark[]> {
  const removed: Remark[] = []
  const names = await readdir(to, { recursive: true, withFileTypes: true })
  for (const entry of names) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name).slice(to.length + 1)
    const name = path.split(sep).join('/')
    if (files.has(name) || (!isDocumentName(name) && !isMeta(entry.name))) continue
    await rm(join(to, path), { force: true })
    removed.push({ url: name, reason: 'it is not in the folder any more' })
  }
  return removed
}

/** Why the system cannot read something, in words. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read'
  return code === 'ENOENT' ? 'it has gone meanwhile' : `it cannot be read (${code})`
}
