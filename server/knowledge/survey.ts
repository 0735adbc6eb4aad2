/** What is in the knowledge folders: how much of which kind, what has grown old, what could not be read. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../core/ports/index.ts'
import type { KnowledgeDocument } from './parse-document.ts'
import { jsonLines, SOURCES_FILE } from './disk.ts'
import { readDirectory } from './library.ts'
import type { Remark } from './read-directory.ts'

const DAY = 24 * 60 * 60 * 1_000
/** A page that was fetched so long ago may say something else by now. */
const OLD_PAGE = 30 * DAY
/** So long after its last change somebody should look whether a document still holds. */
const OLD_FILE = 365 * DAY
interface Count {
  readonly name: string
  readonly documents: number
  readonly passages: number
}

export interface Survey {
  readonly documents: number
  readonly passages: number
  /** By what documents have in common; each list with the most documents first. */
  readonly groups: Readonly<Record<'kind' | 'folder' | 'creator' | 'domain', readonly Count[]>>
  readonly stale: readonly Remark[]
  readonly unreadable: readonly Remark[]
}

/** Reads all documents below some directories and tells what is there. `now` in milliseconds. */
export async function surveyDirectories(
  directories: readonly string[],
  { now }: { readonly now: number },
): Promise<Survey> {
  const documents: KnowledgeDocument[] = []
  const stale: Remark[] = []
  const unreadable: Remark[] = []
  for (const directory of directories) {
    const found = await readDirectory(directory, { logger: collectSkipped(unreadable) })
    documents.push(...found.documents)
    for (const folder of new Set(['', ...found.documents.map(({ id }) => folderOf(id))])) {
      stale.push(...(await stalePages(directory, folder, now)))
    }
    for (const { id } of found.documents) {
      if (stale.some(({ document }) => document === id)) continue
      stale.push(...(await staleFile(directory, id, now)))
    }
  }
  const passagesOf = ({ passages }: KnowledgeDocument) => passages
  return {
    documents: documents.length,
    passages: documents.flatMap(passagesOf).length,
    groups: {
      kind: count(documents, ({ id }) => extname(id).toLowerCase()),
      folder: count(documents, ({ id }) => folderOf(id)),
      creator: count(documents, ({ passages: [first] }) => first?.creator),
      domain: count(documents, ({ passages: [first] }) => first?.domain),
    },
    stale,
    unreadable,
  }
}

/** The folders above a document; empty for one at the top. */
const folderOf = (id: string) => id.slice(0, Math.max(0, id.lastIndexOf('/')))

/** Readers log what they leave out, a document or a whole directory, with the reason. */
function collectSkipped(unreadable: Remark[]): Logger {
  const skipped = z.union([
    z.object({ document: z.string(), reason: z.string() }),
    z
      .object({ directory: z.string(), reason: z.string() })
      .transform(({ directory, reason }) => ({ document: directory, reason })),
  ])
  const note = (fields: unknown) => {
    const parsed = skipped.safeParse(fields)
    if (parsed.success) unreadable.push(parsed.data)
  }
  const pass = () => undefined
  return { debug: pass, info: pass, warn: note, error: note }
}

function count(
  documents: readonly KnowledgeDocument[],
  nameOf: (document: KnowledgeDocument) => string | null | undefined,
): readonly Count[] {
  const counts = new Map<string, Count>()
  for (const document of documents) {
    const name = nameOf(document) ?? ''
    const before = counts.get(name) ?? { name, documents: 0, passages: 0 }
    counts.set(name, {
      name,
      documents: before.documents + 1,
      passages: before.passages + document.passages.length,
    })
  }
  return [...counts.values()].toSorted(
    (left, right) => right.documents - left.documents || left.name.localeCompare(right.name),
  )
}

const ageInDays = (milliseconds: number) => Math.floor(milliseconds / DAY)

async function staleFile(directory: string, id: string, now: number): Promise<readonly Remark[]> {
  const file = await stat(join(directory, id)).catch(() => undefined)
  const age = now - (file?.mtimeMs ?? now)
  if (age <= OLD_FILE) return []
  return [{ document: id, reason: `was last changed ${ageInDays(age)} days ago` }]
}

const sourceLine = z.object({
  file: z.string(),
  sha256: z.string(),
  fetched_at: z.coerce.date(),
  removed: z.boolean().optional(),
})

/** Pages of a site that were fetched long ago, that are gone, or that somebody has changed since. */
async function stalePages(
  directory: string,
  folder: string,
  now: number,
): Promise<readonly Remark[]> {
  const list = await readFile(join(directory, folder, SOURCES_FILE), 'utf8').catch(() => '')
  const pages = new Map(jsonLines(list, sourceLine).map((page) => [page.file, page]))
  const remarks: Remark[] = []
  for (const { file, sha256, fetched_at, removed } of pages.values()) {
    if (removed) continue
    const age = now - fetched_at.getTime()
    const bytes = await readFile(join(directory, folder, file)).catch(() => undefined)
    const reason = !bytes
      ? 'is gone since it was fetched'
      : createHash('sha256').update(bytes).digest('hex') !== sha256
        ? 'was changed here since it was fetched'
        : age > OLD_PAGE
          ? `was fetched ${ageInDays(age)} days ago`
          : undefined
    if (reason !== undefined) remarks.push({ document: join(folder, file), reason })
  }
  return remarks
}

/** Such as "1 document, 3 passages". */
export const countsInWords = ({ documents, passages }: Omit<Count, 'name'>) =>
  `${documents} ${documents === 1 ? 'document' : 'documents'}, ${passages} ${passages === 1 ? 'passage' : 'passages'}`

const NONE: Readonly<Record<keyof Survey['groups'], string>> = {
  kind: 'no ending',
  folder: 'at the top',
  creator: 'nobody named',
  domain: 'none named',
}

/** Remarks that are printed of each kind. */
const MOST_REMARKS = 50
/** Groups that are printed of each kind. */
const MOST_GROUPS = 20

/** A survey as lines to read. */
export function formatSurvey({ documents, passages, groups, stale, unreadable }: Survey): string {
  const lines = [countsInWords({ documents, passages })]
  for (const key of ['kind', 'folder', 'creator', 'domain'] as const) {
    const counts = groups[key]
    // Where no document says anything there is nothing to tell apart.
    if (counts.every(({ name }) => name === '')) continue
    lines.push('', `By ${key}:`)
    for (const { name, ...of } of counts.slice(0, MOST_GROUPS)) {
      lines.push(`- ${name || NONE[key]}: ${countsInWords(of)}`)
    }
    lines.push(...andMore(counts.length - MOST_GROUPS))
  }
  lines.push(...remarkLines('Stale', stale), ...remarkLines('Not read', unreadable))
  return lines.join('\n')
}

const andMore = (left: number) => (left > 0 ? [`- and ${left} more`] : [])

const remarkLines = (heading: string, remarks: readonly Remark[]) =>
  remarks.length === 0
    ? ['', `${heading}: none`]
    : [
        '',
        `${heading}:`,
        ...remarks.slice(0, MOST_REMARKS).map(({ document, reason }) => `- ${document}: ${reason}`),
        ...andMore(remarks.length - MOST_REMARKS),
      ]
