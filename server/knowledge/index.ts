/**
 * knowledge: documents of a site owner become passages that answers are found in. Begin at `loadKnowledge`; files are
 * read by parse-document.ts, found by search-index.ts and meaning.ts, and fetched from a site by crawl/.
 */
import { join, dirname, extname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Knowledge, Logger } from '../core/ports/index.ts'
import { replaceFile } from './disk.ts'
import { createFileReader } from './file-reader.ts'
import { createLibrary, documentsOf, type Library, type KnownFile } from './library.ts'
import type { Meaning } from './meaning.ts'
import {
  binaryKindOf,
  isDocumentName,
  parseDocument,
  type KnowledgeDocument,
} from './parse-document.ts'
import type { Remark } from './read-directory.ts'
import { createKnowledge, type SavedIndex } from './search-index.ts'

/** Milliseconds between two looks at the folders. */
const SHORTEST_PAUSE = 1_000
const LONGEST_PAUSE = 60_000
/** A look at many files takes time; the pauses are so many times as long. */
const PAUSE_SHARE = 50
/** Files that are read again faster than the index of many is written. */
const FEW = 200
/** Files whose index is written at once. */
const SMALL = 2_000

/** Fetched sites, below the folder for what is kept. */
const SITES = 'sites'

export interface LoadedKnowledge extends Knowledge {
  /** What could not be read, and why. */
  readonly unreadable: readonly Remark[]
  /** Whether its documents are those that stand in for others. */
  readonly isStandIn: boolean
  /** Takes up what has changed on the disk, now; a file that is just being written is left for the next time. */
  refresh(): Promise<void>
  /** Stops looking for changes. */
  close(): Promise<void>
}

export interface LoadOptions {
  readonly logger: Logger
  /** A folder for what is kept from one start to the next, and for fetched sites; nothing is kept without one. */
  readonly home?: string | undefined
  /** Whether changes on the disk are picked up from now on. */
  readonly watch?: boolean | undefined
  /** Without it, words alone decide. */
  readonly meaning?: Meaning | undefined
  /** The documents of the directories are used only while no site has been fetched. */
  readonly standIn?: boolean | undefined
  /** Stands before the addresses of stand-ins, whose pages this server has: `/chat`. */
  readonly basePath?: string | undefined
}

/**
 * Reads and indexes the documents of some directories, and of fetched sites in `home`; documents that cannot be
 * read are logged and left out.
 */
export async function loadKnowledge(
  directories: string | readonly string[],
  options: LoadOptions,
): Promise<LoadedKnowledge> {
  const { logger, home, watch = false, standIn = false } = options
  const folders = [directories, ...(home === undefined ? [] : [join(home, SITES)])].flat()
  const { knowledge, known } = await takeUp(home, folders, options)
  const files = createFileReader()
  const library = createLibrary(folders, { logger, files, known })
  let content = await library.refresh()
  const takeOver = () => knowledge.change(placed(content.documents, options), content.personalities)
  await takeOver()
  if (home !== undefined && isWorthSaving(library, known)) {
    const state = { known: library.known, index: knowledge.save() }
    await saveLibrary(home, folders, state).catch((error: unknown) => {
      logger.warn({ err: error }, 'The index of the documents could not be kept for the next start')
    })
  }

  const refreshNow = async () => {
    content = await library.refresh({ patient: true })
    if (library.changes === 0) return
    await takeOver()
    logger.info({ files: library.changes, ...knowledge.size }, 'Documents have changed')
  }
  let last: Promise<void> = Promise.resolve()
  const refresh = () => {
    last = last.then(refreshNow).catch((error: unknown) => {
      logger.error({ err: error }, 'Documents that have changed could not be taken up')
    })
    return last
  }
  const stop = new AbortController()
  const watching = watch ? keepUp(refresh, stop.signal) : undefined
  return {
    ...knowledge,
    get documentTitles() {
      return knowledge.documentTitles
    },
    get size() {
      return knowledge.size
    },
    get unreadable() {
      return content.unreadable
    },
    get isStandIn() {
      return standIn && !content.documents.some(isFetched)
    },
    refresh,
    async close() {
      stop.abort()
      await files.close()
      await watching
      await last
    },
  }
}

const isFetched = ({ id }: KnowledgeDocument) => id.startsWith(`${SITES}/`)

/**
 * The documents that count, under the addresses at which their pages are: fetched ones take the place of documents
 * that only stand in.
 */
function placed(
  documents: readonly KnowledgeDocument[],
  { standIn = false, basePath = '' }: Pick<LoadOptions, 'standIn' | 'basePath'>,
): readonly KnowledgeDocument[] {
  if (!standIn) return documents
  if (documents.some(isFetched)) return documents.filter(isFetched)
  if (basePath === '') return documents
  return documents.map((document) => ({
    ...document,
    passages: document.passages.map((passage) => ({
      ...passage,
      url: passage.url && basePath + passage.url,
    })),
  }))
}

/** Begins with what the last start has kept, if it can be used. */
async function takeUp(home: string | undefined, folders: readonly string[], options: LoadOptions) {
  const { logger, meaning } = options
  const onDamage = (error: unknown) =>
    logger.warn({ err: error }, 'The kept index of the documents is damaged; they are read again')
  const saved = home === undefined ? undefined : await loadSaved(home, folders, onDamage)
  if (saved) {
    const knowledge = await createKnowledge([], [], meaning)
    try {
      await knowledge.restore(placed(documentsOf(saved.known), options), saved.index)
      return { knowledge, known: saved.known }
    } catch (error) {
      onDamage(error)
    }
  }
  return { knowledge: await createKnowledge([], [], meaning), known: undefined }
}

/** Writing a large index takes longer than reading a few files once more. */
const isWorthSaving = ({ changes, known }: Library, before: Library['known'] | undefined) =>
  changes > 0 && (before === undefined || known.size < SMALL || changes > FEW)

/** Looks for changes until it is stopped; asking the disk works for every file system, being told does not. */
async function keepUp(refresh: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let took = 0
  while (!signal.aborted) {
    const wait = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, PAUSE_SHARE * took))
    await pause(wait, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    const began = performance.now()
    await refresh()
    took = performance.now() - began
  }
}

/** Indexes files that somebody has sent; of a table or a program, each line is a paragraph. */
export async function readAttachedFiles(
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<Knowledge> {
  return createKnowledge(
    files.map(({ name, text }) => {
      // The text of a PDF has come as Markdown.
      if (binaryKindOf(name)) return parseDocument(name.replace(/[^.]*$/, 'md'), text)
      return parseDocument(name, isDocumentName(name) ? text : text.replaceAll('\n', '\n\n'))
    }),
  )
}

// What was read and indexed, kept on the disk so that the next start need not do it again.

interface SavedLibrary {
  readonly known: ReadonlyMap<string, KnownFile>
  readonly index: SavedIndex
}

/** Not looked into: the checksum vouches for what this very code has written. */
const Known = z.array(z.tuple([z.string(), z.custom<KnownFile>()]))
const Keys = z.object({
  counts: z.custom<SavedIndex['counts']>(),
  keys: z.custom<SavedIndex['keys']>(),
})
const Header = z.object({ version: z.string(), sha256: z.string() })

/**
 * A hash of the code that reads and indexes: what other code has read is read again, and nobody has to remember
 * to count a version up.
 */
async function codeVersion(): Promise<string> {
  const own = dirname(fileURLToPath(import.meta.url))
  const extension = extname(fileURLToPath(import.meta.url))
  const hash = createHash('sha256').update(process.version)
  const folders = [own, ...['core', 'protocol', 'text'].map((room) => join(own, '..', room))]
  for (const folder of folders) {
    for (const name of (await readdir(folder)).toSorted()) {
      if (!name.endsWith(extension) || name.includes('.test.')) continue
      hash.update(name).update(await readFile(join(folder, name)))
    }
  }
  return hash.digest('base64')
}

const checksum = (content: string | Buffer) => createHash('sha256').update(content).digest('base64')

/** A file of its own for every choice of folders. */
const pathIn = (home: string, directories: readonly string[]) =>
  join(
    home,
    `index-${createHash('sha256').update(JSON.stringify(directories)).digest('hex').slice(0, 16)}.jsonl`,
  )

/**
 * What was saved for those folders; `undefined` when nothing was, when other code has written it, or when it is
 * damaged, which `onDamage` is told.
 */
export async function loadSaved(
  home: string,
  directories: readonly string[],
  onDamage: (error: unknown) => void,
): Promise<SavedLibrary | undefined> {
  const bytes = await readFile(pathIn(home, directories)).catch(() => undefined)
  if (!bytes) return undefined
  try {
    const headerEnd = bytes.indexOf('\n')
    const { version, sha256 } = Header.parse(JSON.parse(bytes.toString('utf8', 0, headerEnd)))
    if (version !== (await codeVersion())) return undefined
    const content = bytes.subarray(headerEnd + 1)
    if (checksum(content) !== sha256) throw new Error('its checksum is wrong')
    const [known = '', keys = '', index = ''] = content.toString('utf8').split('\n')
    return {
      known: new Map(Known.parse(JSON.parse(known))),
      index: { index, ...Keys.parse(JSON.parse(keys)) },
    }
  } catch (error) {
    onDamage(error)
    return undefined
  }
}

/** Puts a new state in the place of the old one, whole or not at all. */
async function saveLibrary(
  home: string,
  directories: readonly string[],
  { known, index: { index, ...keys } }: SavedLibrary,
): Promise<void> {
  const content = [JSON.stringify([...known]), JSON.stringify(keys), index].join('\n')
  const header = JSON.stringify({ version: await codeVersion(), sha256: checksum(content) })
  await mkdir(home, { recursive: true, mode: 0o700 })
  const options = { mode: 0o600, isSynced: false }
  await replaceFile(pathIn(home, directories), `${header}\n${content}`, options)
}
