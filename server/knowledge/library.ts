/** The documents of the knowledge folders as they are on the disk now; what has not changed is not read again. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Logger } from '../core/ports/index.ts'
import { sentencesOf } from '../text/words.ts'
import { createFileReader, type FileReader } from './file-reader.ts'
import { readFrontMatter, type KnowledgeDocument } from './parse-document.ts'
import { describe, isMissing, isPassing } from './disk.ts'
import {
  listDirectory,
  type FoundFile,
  type Remark,
  type SourcesRead,
  decodeText,
  parseFile,
  readFileBytes,
} from './read-directory.ts'

/** Characters of a personality: it goes into a prompt, whole. */
const LONGEST_PERSONALITY = 2_000
/** Files that are read at once. */
const AT_ONCE = 8
/** Milliseconds without a change after which a file counts as written to its end. */
const SETTLED = 1_000
/** Milliseconds within which a disk may not tell two changes apart. */
const SAME_TIME = 2_500

const SKIPPED = 'A knowledge document was skipped'
const BROKEN = 'The front matter of a knowledge document is broken'
const FOLDER = 'The knowledge folder cannot be read'

/** How a creator speaks. */
export interface Personality {
  readonly creator: string
  readonly text: string
}

/** What became of a file. */
export interface KnownFile {
  /** Its stamp, and what its folders say of it; empty when it may have changed since without a sign. */
  readonly key: string
  /** Of its bytes, and what its folders say of it. */
  readonly hash: string
  readonly document?: KnowledgeDocument
  readonly personality?: Personality
  /** Why it was left out, or what of it is broken. */
  readonly reason?: string
}

export interface LibraryContent {
  /** Sorted by path; one that has not changed is the same object as before. */
  readonly documents: readonly KnowledgeDocument[]
  readonly personalities: readonly Personality[]
  /** What could not be read, and why. */
  readonly unreadable: readonly Remark[]
}

export interface Library {
  /** Reads what has changed. `patient` leaves alone what is just being written, for the next time. */
  refresh(options?: { readonly patient?: boolean }): Promise<LibraryContent>
  /** What is known, by name; to be kept, and given to the next library. */
  readonly known: ReadonlyMap<string, KnownFile>
  /** Files that were new, other or gone when they were last looked at. */
  readonly changes: number
}

interface LibraryOptions {
  readonly logger: Logger
  readonly files: FileReader
  readonly known?: ReadonlyMap<string, KnownFile> | undefined
}

/** As much of a long text as may be used. */
function wholeSentences(text: string): string {
  if (text.length <= LONGEST_PERSONALITY) return text
  const sentences = sentencesOf(text.slice(0, LONGEST_PERSONALITY))
  return sentences.slice(0, -1).join(' ') || text.slice(0, LONGEST_PERSONALITY).toWellFormed()
}

/** The creator is who the front matter names, else who the folder is named after. */
function readPersonality(name: string, source: string): Pick<KnownFile, 'personality' | 'reason'> {
  const { fields, body } = readFrontMatter(source)
  const [folder = '', ...below] = name.split('/')
  const creator = fields.creator ?? (below.length === 1 ? folder : '')
  if (creator === '') throw new Error('names no creator')
  const text = wholeSentences(body.trim())
  return {
    ...(text !== '' && { personality: { creator, text } }),
    ...(text.length < body.trim().length && {
      reason: `only its first ${LONGEST_PERSONALITY} characters are used`,
    }),
  }
}

const contextOf = ({ name, defaults, origin }: FoundFile) =>
  JSON.stringify([name, defaults, origin])

/** In the order of their names. */
export function documentsOf(known: ReadonlyMap<string, KnownFile>): readonly KnowledgeDocument[] {
  return [...known.keys()].toSorted().flatMap((name) => known.get(name)?.document ?? [])
}

/** Directories after the first have their names in those of their documents. */
export function createLibrary(directories: readonly string[], options: LibraryOptions): Library {
  const { logger, files } = options
  let known = new Map(options.known)
  let stamps = new Map<string, string>()
  let changes = 0
  const sourcesRead: SourcesRead = new Map()
  const turn = createTurns()
  /** What has been said, so that it is said once. */
  let said = new Set<string>()

  async function read(
    file: FoundFile,
    before: KnownFile | undefined,
    key: string,
  ): Promise<KnownFile> {
    let hash = ''
    try {
      const bytes = await readFileBytes(file.path, file.name)
      hash = createHash('sha256').update(contextOf(file)).update(bytes).digest('base64')
      if (before?.hash === hash) return { ...before, key }
      changes += 1
      if (file.isPersonality) {
        return { key, hash, ...readPersonality(file.name, decodeText(bytes, file.name)) }
      }
      await turn()
      const document = await parseFile(file, bytes, files)
      return {
        key,
        hash,
        document,
        ...(document.problem !== undefined && { reason: document.problem }),
      }
    } catch (error) {
      // A disk that fails, or closes, is no reason to forget what it had.
      if (before && isPassing(error)) return { ...before, key: '', reason: describe(error) }
      return { key, hash, reason: describe(error) }
    }
  }

  /** All files of all directories, and what is to be said of those that cannot be seen. */
  async function list() {
    const found: FoundFile[] = []
    const remarks: Remark[] = []
    const problems: Remark[] = []
    const unseen: string[] = []
    const lost: Remark[] = []
    for (const [place, directory] of directories.entries()) {
      const prefix = place === 0 ? '' : `${basename(directory)}/`
      const below = ({ document, reason }: Remark) => ({ document: prefix + document, reason })
      try {
        const listed = await listDirectory(directory, sourcesRead)
        // Only the owner says how somebody speaks: what was fetched is text.
        const own = listed.files.filter((file) => place === 0 || !file.isPersonality)
        found.push(...own.map((file) => ({ ...file, name: prefix + file.name })))
        remarks.push(...listed.refused.map(below))
        problems.push(...listed.problems.map(below))
        unseen.push(...listed.unseen.map((name) => prefix + name))
      } catch (error) {
        // Folders that are ours are there when something is in them.
        if (place > 0 && isMissing(error)) continue
        unseen.push(prefix)
        lost.push({ document: directory, reason: describe(error) })
      }
    }
    return { found, remarks, problems, unseen, lost }
  }

  let nowSaid = new Set<string>()
  function say(
    fields: { readonly reason: string; readonly document?: string; readonly directory?: string },
    message: string,
  ) {
    const key = JSON.stringify([fields, message])
    nowSaid.add(key)
    if (!said.has(key)) logger.warn(fields, message)
  }

  return {
    get known() {
      return known
    },
    get changes() {
      return changes
    },
    async refresh({ patient = false } = {}) {
      changes = 0
      nowSaid = new Set()
      const { found, remarks, problems, unseen, lost } = await list()
      const now = Date.now()
      const next = new Map<string, KnownFile>()
      const waiting: (() => Promise<void>)[] = []
      for (const file of found) {
        const before = known.get(file.name)
        const key = `${file.stamp} ${contextOf(file)}`
        const isWritten = stamps.get(file.name) === file.stamp || now - file.modified > SETTLED
        if (before?.key === key || (patient && !isWritten)) {
          if (before) next.set(file.name, before)
          continue
        }
        const isYoung = Math.abs(now - file.modified) < SAME_TIME
        waiting.push(async () => {
          next.set(file.name, await read(file, before, isYoung ? '' : key))
        })
      }
      await inParallel(waiting, AT_ONCE)
      for (const [name, file] of known) {
        if (next.has(name)) continue
        if (unseen.some((place) => name.startsWith(place))) next.set(name, file)
        else changes += 1
      }
      known = next
      stamps = new Map(found.map(({ name, stamp }) => [name, stamp]))
      const names = [...next.keys()].toSorted()
      for (const { document, reason } of lost) say({ directory: document, reason }, FOLDER)
      for (const remark of remarks) say(remark, SKIPPED)
      for (const remark of problems) say(remark, BROKEN)
      const unreadable = [...lost, ...remarks]
      for (const name of names) {
        const file = next.get(name)
        if (file?.reason === undefined) continue
        const remark = { document: name, reason: file.reason }
        if (file.document) say(remark, BROKEN)
        else if (file.personality) say(remark, 'A personality is too long')
        else say(remark, SKIPPED)
        if (!file.document && !file.personality) unreadable.push(remark)
      }
      said = nowSaid
      return {
        documents: documentsOf(next),
        personalities: names.flatMap((name) => next.get(name)?.personality ?? []),
        unreadable: unreadable.toSorted((left, right) => (left.document < right.document ? -1 : 1)),
      }
    },
  }
}

/** One at a time is let go on, and visitors' questions before it: reading a long text takes a second. */
function createTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return () => {
    last = last.then(() => setImmediate())
    return last
  }
}

/** Does all of it, some at once. */
async function inParallel(work: readonly (() => Promise<void>)[], atOnce: number): Promise<void> {
  const rest = work.values()
  const worker = async () => {
    for (const step of rest) await step()
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** All documents below a directory, once. */
export async function readDirectory(
  directory: string,
  { logger }: { readonly logger: Logger },
): Promise<LibraryContent> {
  const files = createFileReader()
  try {
    return await createLibrary([directory], { logger, files }).refresh()
  } finally {
    await files.close()
  }
}
