import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Logger } from '../core/ports.ts'
import { isDocumentName, parseDocument, type KnowledgeDocument } from './parse-document.ts'

/** Bytes; a longer file is a dump, not a document. */
const MAX_FILE_SIZE = 2 * 1024 * 1024
const MAX_DEPTH = 16
/** A creator's voice, never a source. */
const PERSONALITY = 'personality.md'

const SKIPPED = 'A knowledge document was skipped'

interface Walk {
  /** Real path that nothing may lead out of. */
  readonly root: string
  readonly logger: Logger
  readonly seen: Set<string>
}

/** Reads at most one byte more than allowed, so that a file growing under us stays bounded. */
async function readText(path: string): Promise<string> {
  const file = await open(path)
  try {
    const buffer = Buffer.alloc(MAX_FILE_SIZE + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > MAX_FILE_SIZE) throw new Error('larger than 2 MiB')
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length))
  } finally {
    await file.close()
  }
}

async function readDocument(
  path: string,
  name: string,
  { logger }: Walk,
): Promise<KnowledgeDocument | undefined> {
  try {
    return parseDocument(name, await readText(path))
  } catch (error) {
    logger.warn({ document: name, reason: describe(error) }, SKIPPED)
    return undefined
  }
}

/** Why, without the machine's paths: the system's error code, or our own words. */
function describe(error: unknown): string {
  if (error instanceof TypeError) return 'not UTF-8 text'
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
  walk: Walk,
): Promise<KnowledgeDocument[]> {
  try {
    const target = await resolveInside(path, name, walk)
    if (target === undefined) return []
    const found = await stat(target)
    if (found.isDirectory()) return await readFolder(target, `${name}/`, depth + 1, walk)
    if (!found.isFile() || !isDocumentName(name)) return []
    const document = await readDocument(target, name, walk)
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
  walk: Walk,
): Promise<KnowledgeDocument[]> {
  if (depth > MAX_DEPTH) return []
  const names = (await readdir(directory)).toSorted()
  const documents: KnowledgeDocument[] = []
  for (const name of names) {
    if (name.startsWith('.') || name.toLowerCase() === PERSONALITY) continue
    documents.push(...(await readEntry(join(directory, name), prefix + name, depth, walk)))
  }
  return documents
}

/**
 * Every document below a directory, sorted by path. Hidden names, links that lead outside and personality
 * files are left out; what cannot be read is logged by name. A missing directory has no documents.
 */
export async function readDirectory(
  directory: string,
  { logger }: { readonly logger: Logger },
): Promise<readonly KnowledgeDocument[]> {
  try {
    const root = await realpath(directory)
    return await readFolder(root, '', 0, { root, logger, seen: new Set([root]) })
  } catch (error) {
    logger.warn({ directory, reason: describe(error) }, 'The knowledge folder cannot be read')
    return []
  }
}
