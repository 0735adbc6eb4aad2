/** What a crawl keeps on the disk: pages with where they are from, and how far a round has come. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import {
  jsonLines,
  removeLeftovers,
  replaceFile,
  SOURCES_FILE,
  undefinedIfMissing,
} from '../disk.ts'
import { addressKey } from './urls.ts'

/** One line of `_sources.jsonl`. */
const sourceSchema = z.object({
  /** A name in the folder of `_sources.jsonl`. */
  file: z.string(),
  /** Where a reader finds the page. */
  url: z.url(),
  title: z.string().optional(),
  /** As BCP 47 writes it. */
  language: z.string().optional(),
  etag: z.string().optional(),
  last_modified: z.string().optional(),
  /** Of the file. */
  sha256: z.string(),
  /** When the page was last asked for and was so. */
  fetched_at: z.string(),
  /** What was asked to be read when the page was found; the page goes when none of them has it any more. */
  found_by: z.array(z.string()).default([]),
  removed: z.boolean().optional(),
})
export type Source = z.infer<typeof sourceSchema>

const readLines = async <T>(path: string, schema: z.ZodType<T>): Promise<T[]> =>
  jsonLines((await readFile(path, 'utf8').catch(undefinedIfMissing)) ?? '', schema)

/** Appends lines, each in the file before the call returns: a process that is killed then has lost none. */
function appendLines(path: string) {
  const file = openSync(path, 'a')
  // What was cut off in the middle of a line stays a line of its own.
  let text = '\n'
  return {
    append(value: object) {
      text += `${JSON.stringify(value)}\n`
      writeSync(file, text)
      text = ''
    },
    close: () => closeSync(file),
  }
}

/** The pages in a folder, by their addresses. */
export type Sources = Awaited<ReturnType<typeof openSources>>

export async function openSources(folder: string) {
  await mkdir(folder, { recursive: true })
  await removeLeftovers(folder)
  const path = join(folder, SOURCES_FILE)
  const byFile = new Map<string, Source>()
  for (const source of await readLines(path, sourceSchema)) {
    if (source.removed === true) byFile.delete(source.file)
    // The file may have been edited: nothing outside the folder is read or removed because of it.
    else if (basename(source.file) === source.file) byFile.set(source.file, source)
  }
  const keyOf = ({ url }: Source) => addressKey(new URL(url))
  const byKey = new Map([...byFile.values()].map((source) => [keyOf(source), source]))
  const lines = appendLines(path)

  return {
    get: (url: URL) => byKey.get(addressKey(url)),
    all: (): readonly Source[] => [...byKey.values()],
    /** The bytes that were stored; `undefined` when they are not there any more. */
    read: ({ file }: Source) => readFile(join(folder, file)).catch(() => undefined),
    /** Stores bytes, then says where they are from. Without bytes the stored ones stay. */
    async keep(source: Source, bytes?: Uint8Array) {
      const before = byKey.get(keyOf(source))
      if (bytes) await replaceFile(join(folder, source.file), bytes)
      lines.append(source)
      byKey.set(keyOf(source), source)
      // It was stored as a file of another kind before.
      if (before && before.file !== source.file) {
        await rm(join(folder, before.file), { force: true })
        lines.append({ ...before, removed: true })
      }
    },
    async remove(source: Source) {
      await rm(join(folder, source.file), { force: true })
      lines.append({ ...source, removed: true })
      byKey.delete(keyOf(source))
    },
    /** Writes `_sources.jsonl` anew, without what is overwritten or removed. */
    async close() {
      lines.close()
      const text = [...byKey.values()].map((source) => `${JSON.stringify(source)}\n`)
      await replaceFile(path, text.join(''))
    },
  }
}

const taskSchema = z.object({
  url: z.url(),
  /** Links from where the round began. */
  depth: z.int(),
  /** A start may be a page or a sitemap. */
  role: z.enum(['start', 'page', 'sitemap']),
  /** Addresses that redirected to it. */
  chain: z.array(z.string()),
})
/** What is to be fetched. */
export type Task = z.infer<typeof taskSchema>

const remarkSchema = z.object({ url: z.string(), reason: z.string() })
export type Remark = z.infer<typeof remarkSchema>

const heldSchema = z.object({
  /** A name in the round's folder. */
  held: z.string(),
  source: sourceSchema,
})

const recordSchema = z.object({
  task: taskSchema,
  outcome: z.enum([
    ...['new', 'changed', 'unchanged', 'listing', 'redirected', 'canonical'],
    ...['noindex', 'skipped', 'removed', 'failed'],
  ] as const),
  reason: z.string().optional(),
  /** The page that stands for it: where it redirects, or its canonical. */
  target: z.string().optional(),
  /** Stored aside until it is known whether its canonical can be had. */
  held: heldSchema.optional(),
  bytes: z.int(),
  found: z.array(taskSchema),
  skipped: z.array(remarkSchema),
  /** Something was stored of it, and is not any more. */
  removed: z.boolean().optional(),
  /** Nothing answered, which a later run may find otherwise. */
  isUnreachable: z.boolean().optional(),
  /** Links may be missing that the page has. */
  isIncomplete: z.boolean().optional(),
})
/** What came of a task. */
export type PageRecord = z.infer<typeof recordSchema>

const beginSchema = z.object({
  /** What tells a round from others: from a line on it goes on only as what it was. */
  settings: z.string(),
  begun_at: z.string(),
  found: z.array(taskSchema),
  skipped: z.array(remarkSchema),
})
type RoundBegin = z.infer<typeof beginSchema>

/** A round's journal: its first tasks, then a line for each that is done. */
export type Round = Awaited<ReturnType<typeof openRound>>

const JOURNAL = 'round.jsonl'

/** Opens what an earlier run has left in a folder when it can be gone on with. */
export async function openRound(folder: string, canGoOn: (begin: RoundBegin) => boolean) {
  const path = join(folder, JOURNAL)
  await mkdir(folder, { recursive: true })
  const [first, ...rest] = await readLines(path, z.union([beginSchema, recordSchema]))
  const isGoingOn = first !== undefined && 'settings' in first && canGoOn(first)
  const earlier = isGoingOn
    ? { begin: first, records: rest.filter((line) => 'task' in line) }
    : undefined
  if (!earlier) {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
  }
  const lines = appendLines(path)
  return {
    /** Of an earlier run that did not come to its end; `undefined` for a round that is to begin. */
    earlier,
    begin: (begin: RoundBegin) => lines.append(begin),
    append: (record: PageRecord) => lines.append(record),
    /** Keeps bytes of a page aside. */
    hold: (name: string, bytes: Uint8Array) => replaceFile(join(folder, name), bytes),
    readHeld: (name: string) => readFile(join(folder, name)).catch(() => undefined),
    /** The next run goes on with it. */
    pause: lines.close,
    /** The next run begins anew. */
    async end() {
      lines.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
