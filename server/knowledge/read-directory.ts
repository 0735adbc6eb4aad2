/** What files there are in a knowledge folder, and what its folders say of them. */
import { lstat, readdir, realpath, stat, open } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { z } from 'zod'
import {
  joinFields,
  readMeta,
  type DocumentFields,
  isDocumentName,
  binaryKindOf,
  createDocument,
  parseDocument,
  type KnowledgeDocument,
} from './parse-document.ts'
import { describe, isPassing, jsonLines, SOURCES_FILE } from './disk.ts'
import type { FileReader } from './file-reader.ts'

const MIB = 1024 * 1024
/** Bytes; a longer text is a dump, not a document. */
const MOST_TEXT = 2 * MIB
/** Bytes of a PDF or DOCX file, which may have pictures. */
const MOST_BINARY = 20 * MIB

/** UTF-16 units of a text that is parsed away from the thread that serves. */
const LONG_TEXT = 100_000

/** Reads at most one byte more than allowed, so that a file growing under us stays bounded. */
async function readBytes(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, most) + 1)
    let length = 0
    while (size <= most && length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (size > most || length > most) throw new Error(`larger than ${most / MIB} MiB`)
    return buffer.subarray(0, length)
  } finally {
    await file.close()
  }
}

const CHARSET =
  /<meta[^>]{0,200}?\bcharset\s{0,9}=\s{0,9}["']?([\w:-]{2,40})|^\s{0,99}<\?xml[^>]{0,200}?\bencoding=["']([\w:-]{2,40})/i
/** Where a page says how it is written, in bytes from its beginning. */
const CHARSET_WITHIN = 1024

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** How a text is written: by its first bytes, and for HTML by what it says. */
function encodingOf(bytes: Uint8Array, isHtml: boolean): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (!isHtml || (bytes[0] === 0xef && bytes[1] === 0xbb)) return 'utf-8'
  const [, meta, xml] = CHARSET.exec(latin1(bytes.subarray(0, CHARSET_WITHIN))) ?? []
  const said = (meta ?? xml ?? 'utf-8').toLowerCase()
  // A page that can say so in single bytes is not written in pairs of them.
  return said.startsWith('utf-16') ? 'utf-8' : said
}

/** Bytes as the text they are. @throws Error whose message says why they are none */
export function decodeText(bytes: Uint8Array, name: string): string {
  const encoding = encodingOf(bytes, /\.html?$/i.test(name))
  let text
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error(`written in ${encoding}, which is not known`, { cause: error })
    throw new Error(encoding.startsWith('utf-') ? 'not UTF-8 text' : `not ${encoding} text`, {
      cause: error,
    })
  }
  if (text.includes('\0') || /^%PDF-\d/.test(text)) throw new Error('not text')
  return text
}

/** Reads a text file of at most `most` bytes. @throws Error whose message says why it cannot be read */
async function readTextFile(path: string, name: string, most = MOST_TEXT): Promise<string> {
  return decodeText(await readBytes(path, most), name)
}

/** The bytes of a document, if it is not larger than its kind may be. @throws Error that says so */
export async function readFileBytes(path: string, name: string): Promise<Uint8Array> {
  return await readBytes(path, binaryKindOf(name) ? MOST_BINARY : MOST_TEXT)
}

/** Reads a document of any kind. @throws Error whose message says why it cannot be read */
export async function parseFile(
  { name, defaults, origin }: Pick<FoundFile, 'name' | 'defaults' | 'origin'>,
  bytes: Uint8Array,
  files: FileReader,
): Promise<KnowledgeDocument> {
  const kind = binaryKindOf(name)
  if (kind === undefined) {
    const text = decodeText(bytes, name)
    if (text.length < LONG_TEXT) return parseDocument(name, text, defaults, origin)
    return await files.parse({ name, text, defaults, origin })
  }
  return createDocument(name, await files.read(kind, bytes), origin, defaults)
}

const MAX_DEPTH = 16
/** A creator's voice, never a source. */
const PERSONALITY = 'personality.md'
/** Says what holds for all documents of a folder and of those below it. */
const META = /^_meta\.ya?ml$/i
/** Bytes; a line for each of a hundred thousand pages. */
const MOST_SOURCES = 64 * 1024 * 1024
/** Files that are looked at at once. */
const AT_ONCE = 64

export interface FoundFile {
  /** Path below the knowledge folder, `/` between folders. */
  readonly name: string
  /** Where it really is. */
  readonly path: string
  readonly isPersonality: boolean
  /** Another one after every change of the file. */
  readonly stamp: string
  /** Milliseconds since 1970. */
  readonly modified: number
  /** What its folders say of it. */
  readonly defaults: DocumentFields
  /** What is known of where it was fetched; comes before what a page says itself. */
  readonly origin: DocumentFields
}

export interface Remark {
  readonly document: string
  readonly reason: string
}

export interface FoundFiles {
  /** Sorted by name, folder by folder. */
  readonly files: readonly FoundFile[]
  /** What cannot be read, or is not meant to be: links that lead outside. */
  readonly refused: readonly Remark[]
  /** What `_meta.yml` files have that is not understood. */
  readonly problems: readonly Remark[]
  /** Names below which files may be that could not be looked at just now; empty for the folder itself. */
  readonly unseen: readonly string[]
}

interface Walk extends FoundFiles {
  readonly root: string
  readonly seen: Set<string>
  readonly files: FoundFile[]
  readonly refused: Remark[]
  readonly problems: Remark[]
  readonly unseen: string[]
  readonly sourcesRead: SourcesRead
}

const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats) => `${size}:${mtimeMs}:${ctimeMs}:${ino}`

/** Where a link leads, when that is inside the root. */
async function resolveInside(path: string, name: string, walk: Walk): Promise<string | undefined> {
  const target = await realpath(path)
  if (target === walk.root || target.startsWith(walk.root + sep)) return target
  walk.refused.push({ document: name, reason: 'leads outside the folder' })
  return undefined
}

/** What holds in a folder: what its `_meta.yml` says comes before what the folders above say. */
async function defaultsIn(
  folder: Folder,
  above: DocumentFields,
  walk: Walk,
): Promise<DocumentFields> {
  const name = folder.names.find((entry) => META.test(entry))
  if (name === undefined) return above
  const document = folder.prefix + name
  try {
    const path = await resolveInside(join(folder.path, name), document, walk)
    if (path === undefined) return above
    const { fields, problem } = readMeta(await readTextFile(path, name))
    if (problem !== undefined) walk.problems.push({ document, reason: problem })
    return joinFields(fields, above)
  } catch (error) {
    walk.refused.push({ document, reason: describe(error) })
    return above
  }
}

const SourceLine = z.object({
  file: z.string(),
  url: z.string().optional(),
  title: z.string().optional(),
  language: z.string().optional(),
  removed: z.boolean().optional(),
})

type Source = z.infer<typeof SourceLine>

/** Where files are from, by their names beside a file that says it; by its path, as it was at a stamp. */
export type SourcesRead = Map<
  string,
  { readonly stamp: string; readonly sources: ReadonlyMap<string, Source> }
>

async function sourcesIn(folder: Folder, walk: Walk): Promise<ReadonlyMap<string, Source>> {
  if (!folder.names.includes(SOURCES_FILE)) return new Map()
  const document = folder.prefix + SOURCES_FILE
  try {
    const path = await resolveInside(join(folder.path, SOURCES_FILE), document, walk)
    if (path === undefined) return new Map()
    const stamp = stampOf(await stat(path))
    const known = walk.sourcesRead.get(path)
    if (known?.stamp === stamp) return known.sources
    const lines = jsonLines(await readTextFile(path, SOURCES_FILE, MOST_SOURCES), SourceLine)
    const sources = new Map(lines.map((line) => [line.file, line]))
    walk.sourcesRead.set(path, { stamp, sources })
    return sources
  } catch (error) {
    walk.refused.push({ document, reason: describe(error) })
    return new Map()
  }
}

interface Folder {
  readonly path: string
  readonly prefix: string
  readonly names: readonly string[]
  readonly depth: number
}

interface Entry {
  readonly name: string
  /** Where it really is. */
  readonly path: string
  readonly stats: Stats
}

/** Reads where a name leads and what is there. Links are followed inside of the folder, once. */
async function look(folder: Folder, own: string, walk: Walk): Promise<Entry | undefined> {
  const name = folder.prefix + own
  const path = join(folder.path, own)
  try {
    const stats = await lstat(path)
    if (!stats.isSymbolicLink()) return { name, path, stats }
    const target = await resolveInside(path, name, walk)
    return target === undefined ? undefined : { name, path: target, stats: await stat(target) }
  } catch (error) {
    walk.refused.push({ document: name, reason: describe(error) })
    if (isPassing(error)) walk.unseen.push(name)
    return undefined
  }
}

/** What holds for the files of a folder. */
interface Above {
  readonly defaults: DocumentFields
  readonly sourceOf: (name: string) => Source | undefined
}

async function walkFolder(
  path: string,
  prefix: string,
  depth: number,
  above: Above,
  walk: Walk,
): Promise<void> {
  if (depth > MAX_DEPTH) return
  const names = (await readdir(path)).toSorted()
  const folder = { path, prefix, names, depth }
  const defaults = await defaultsIn(folder, above.defaults, walk)
  const sources = await sourcesIn(folder, walk)
  const sourceOf = (name: string) => sources.get(name.slice(prefix.length)) ?? above.sourceOf(name)
  const visible = names.filter((name) => !name.startsWith('.'))
  for (let start = 0; start < visible.length; start += AT_ONCE) {
    const some = visible.slice(start, start + AT_ONCE)
    const entries = await Promise.all(some.map((name) => look(folder, name, walk)))
    for (const entry of entries) {
      if (entry) await take(entry, folder, { defaults, sourceOf }, walk)
    }
  }
}

async function take(
  { name, path, stats }: Entry,
  { depth }: Folder,
  above: Above,
  walk: Walk,
): Promise<void> {
  if (walk.seen.has(path)) return
  walk.seen.add(path)
  if (stats.isDirectory()) {
    try {
      await walkFolder(path, `${name}/`, depth + 1, above, walk)
    } catch (error) {
      walk.refused.push({ document: name, reason: describe(error) })
      if (isPassing(error)) walk.unseen.push(`${name}/`)
    }
    return
  }
  if (!stats.isFile() || !isDocumentName(name)) return
  const { url, language, title, removed = false } = above.sourceOf(name) ?? {}
  if (removed) return
  walk.files.push({
    name,
    path,
    // By either name of a link: it must not become a document on the way.
    isPersonality: isPersonality(name) || isPersonality(path),
    stamp: stampOf(stats),
    modified: stats.mtimeMs,
    defaults: joinFields({ title }, above.defaults),
    origin: { url, language },
  })
}

/** The last part of a path says what a file is. */
const isPersonality = (path: string) => basename(path).toLowerCase() === PERSONALITY

/**
 * Every document and personality below a directory. Hidden names and links that lead outside are left out.
 * @throws the system's error when the directory itself cannot be read
 */
export async function listDirectory(
  directory: string,
  sourcesRead: SourcesRead = new Map(),
): Promise<FoundFiles> {
  const root = await realpath(directory)
  const walk: Walk = {
    root,
    seen: new Set([root]),
    files: [],
    refused: [],
    problems: [],
    unseen: [],
    sourcesRead,
  }
  await walkFolder(root, '', 0, { defaults: {}, sourceOf: () => undefined }, walk)
  // Several are looked at together, and come back in any order.
  return { ...walk, refused: walk.refused.toSorted(byDocument) }
}

const byDocument = (left: Remark, right: Remark) => (left.document < right.document ? -1 : 1)
