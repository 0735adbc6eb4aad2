import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { Logger } from '../core/ports.ts'
import { sentencesOf } from '../core/sentences.ts'
import { createFileReader, type FileReader } from './file-reader.ts'
import { readFrontMatter, readMeta, type DocumentFields } from './front-matter.ts'
import { isDocumentName, type KnowledgeDocument } from './parse-document.ts'
import { readDocument, readTextFile } from './read-document.ts'

const MAX_DEPTH = 16
/** A creator's voice, never a source. */
const PERSONALITY = 'personality.md'
/** Characters of a personality: it goes into a prompt, whole. */
const LONGEST_PERSONALITY = 2_000

/** Says what holds for all documents of a folder and of those below it. */
const META = /^_meta\.ya?ml$/i

const BROKEN = 'The front matter of a knowledge document is broken'
const SKIPPED = 'A knowledge document was skipped'

/** How a creator speaks. */
export interface Personality {
  readonly creator: string
  readonly text: string
}

export interface KnowledgeFolder {
  /** Sorted by path. */
  readonly documents: readonly KnowledgeDocument[]
  readonly personalities: readonly Personality[]
}

interface Walk {
  /** Real path that nothing may lead out of. */
  readonly root: string
  readonly logger: Logger
  readonly seen: Set<string>
  readonly personalities: Personality[]
  readonly files: FileReader
}

async function readOne(
  path: string,
  name: string,
  defaults: DocumentFields,
  { logger, files }: Walk,
): Promise<KnowledgeDocument | undefined> {
  try {
    const document = await readDocument({ path, name, defaults }, files)
    const { problem } = document
    if (problem !== undefined) logger.warn({ document: name, reason: problem }, BROKEN)
    return document
  } catch (error) {
    logger.warn({ document: name, reason: describe(error) }, SKIPPED)
    return undefined
  }
}

/** The creator is who the front matter names, else who the folder is named after. */
async function readPersonality(path: string, name: string, walk: Walk): Promise<void> {
  try {
    const { fields, body } = readFrontMatter(await readTextFile(path, name))
    const [folder = '', ...below] = name.split('/')
    const creator = fields.creator ?? (below.length === 1 ? folder : '')
    if (creator === '') throw new Error('names no creator')
    const text = wholeSentences(body.trim())
    if (text.length < body.trim().length) {
      const reason = `only its first ${LONGEST_PERSONALITY} characters are used`
      walk.logger.warn({ document: name, reason }, 'A personality is too long')
    }
    if (text !== '') walk.personalities.push({ creator, text })
  } catch (error) {
    walk.logger.warn({ document: name, reason: describe(error) }, SKIPPED)
  }
}

/** What holds in a folder: what its `_meta.yml` says comes before what the folders above say. */
async function defaultsIn(
  directory: string,
  names: readonly string[],
  prefix: string,
  above: DocumentFields,
  walk: Walk,
): Promise<DocumentFields> {
  const name = names.find((entry) => META.test(entry))
  if (name === undefined) return above
  const path = join(directory, name)
  try {
    const target = await resolveInside(path, prefix + name, walk)
    if (target === undefined) return above
    const { fields, problem } = readMeta(await readTextFile(target, name))
    if (problem !== undefined)
      walk.logger.warn({ document: prefix + name, reason: problem }, BROKEN)
    return { ...above, ...fields }
  } catch (error) {
    walk.logger.warn({ document: prefix + name, reason: describe(error) }, SKIPPED)
    return above
  }
}

/** As much of a long text as may be used. */
function wholeSentences(text: string): string {
  if (text.length <= LONGEST_PERSONALITY) return text
  const sentences = sentencesOf(text.slice(0, LONGEST_PERSONALITY))
  return sentences.slice(0, -1).join(' ') || text.slice(0, LONGEST_PERSONALITY).toWellFormed()
}

/** Why, without the machine's paths: the system's error code, or our own words. */
function describe(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.message : String(error)
}

/** Where a name really leads, when that is inside the root and was not read before. */
async function resolveInside(path: string, name: string, walk: Walk): Promise<string | undefined> {
  const target = await realpath(path)
  if (target !== walk.root && !target.startsWith(walk.root + sep)) {
    walk.logger.warn({ document: name, reason: 'leads outside the folder' }, SKIPPED)
    return undefined
  }
  if (walk.seen.has(target)) return undefined
  walk.seen.add(target)
  return target
}

async function readEntry(
  path: string,
  name: string,
  depth: number,
  defaults: DocumentFields,
  walk: Walk,
): Promise<KnowledgeDocument[]> {
  try {
    const target = await resolveInside(path, name, walk)
    if (target === undefined) return []
    const found = await stat(target)
    if (found.isDirectory()) return await readFolder(target, `${name}/`, depth + 1, defaults, walk)
    if (!found.isFile() || !isDocumentName(name)) return []
    // By either name of a link: it must not become a document on the way.
    if (isPersonality(name) || isPersonality(target)) {
      await readPersonality(target, name, walk)
      return []
    }
    const document = await readOne(target, name, defaults, walk)
    return document ? [document] : []
  } catch (error) {
    walk.logger.warn({ document: name, reason: describe(error) }, SKIPPED)
    return []
  }
}

async function readFolder(
  directory: string,
  prefix: string,
  depth: number,
  above: DocumentFields,
  walk: Walk,
): Promise<KnowledgeDocument[]> {
  if (depth > MAX_DEPTH) return []
  const names = (await readdir(directory)).toSorted()
  const defaults = await defaultsIn(directory, names, prefix, above, walk)
  const documents: KnowledgeDocument[] = []
  for (const name of names) {
    if (name.startsWith('.')) continue
    documents.push(
      ...(await readEntry(join(directory, name), prefix + name, depth, defaults, walk)),
    )
  }
  return documents
}

/** The last part of a path says what a file is. */
const isPersonality = (path: string) => basename(path).toLowerCase() === PERSONALITY

/**
 * Every document below a directory, and the personalities beside them. Hidden names and links that lead
 * outside are left out; what cannot be read is logged by name. A missing directory has no documents.
 */
export async function readDirectory(
  directory: string,
  { logger }: { readonly logger: Logger },
): Promise<KnowledgeFolder> {
  const personalities: Personality[] = []
  const files = createFileReader()
  try {
    const root = await realpath(directory)
    const walk = { root, logger, seen: new Set([root]), personalities, files }
    return { documents: await readFolder(root, '', 0, {}, walk), personalities }
  } catch (error) {
    logger.warn({ directory, reason: describe(error) }, 'The knowledge folder cannot be read')
    return { documents: [], personalities }
  } finally {
    await files.close()
  }
}
