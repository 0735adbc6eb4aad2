/**
 * Keeps answers that are still being written, for the next start after a kill. Not a compacting log
 * (`disk/append-log.ts`), though it has lines: most drafts are done within a minute, so whole files go as soon as
 * nothing in them is needed, nothing is written twice but to erase it, and no line waits for the disk.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Draft, DraftStore } from '../core/ports/index.ts'
import { wholeLines } from './disk/append-log.ts'
import {
  createStoreContext,
  parseJson,
  removeLeftovers,
  replaceFile,
  type StoreOptions,
} from './disk/atomic-file.ts'
import { createInTurn, type GrowingFile } from './disk/file-system.ts'
import { z } from 'zod'
import { messageSchema } from './records.ts'

// A line says what came of an answer since the line before, or that it is done.

const savedLine = z.object({
  ownerId: z.string(),
  /** Its content is only what stands behind `from`, in UTF-16 units. */
  userMessageId: z.string().optional(),
  message: messageSchema,
  from: z.int().min(0).default(0),
})
const removedLine = z.object({ removed: z.string() })
const draftLine = z.union([savedLine, removedLine])

export function savedLineOf(draft: Draft, from: number): string {
  const { ownerId, message, userMessageId } = draft
  const content = message.content.slice(from)
  return `${JSON.stringify({ ownerId, userMessageId, message: { ...message, content }, from })}\n`
}

export const removedLineOf = (messageId: string) => `${JSON.stringify({ removed: messageId })}\n`

/** Puts the drafts of one file together, by message; `unreadable`: how many lines made no sense. */
export function readDraftLines(file: Uint8Array): {
  readonly drafts: ReadonlyMap<string, Draft>
  readonly unreadable: number
} {
  const drafts = new Map<string, Draft>()
  let unreadable = 0
  // What stands behind the last line end is a line that its process did not live to finish.
  for (const { bytes } of wholeLines(file)) {
    const line = parseJson(bytes, draftLine).value
    if (!line) unreadable += 1
    else if ('removed' in line) drafts.delete(line.removed)
    else {
      const { ownerId, userMessageId, message, from } = line
      const before = drafts.get(message.id)?.message.content ?? ''
      // The line between is one of those that make no sense.
      if (before.length < from) continue
      const content = before.slice(0, from) + message.content
      const draft = { ownerId, message: { ...message, content } }
      drafts.set(message.id, userMessageId === undefined ? draft : { ...draft, userMessageId })
    }
  }
  return { drafts, unreadable }
}

/** Bytes after which a new file is begun, so that what is done leaves the disk. */
const LARGEST_FILE = 8 * 1024 * 1024
/** Milliseconds after which one is begun that holds something done. */
const OLDEST_FILE = 60_000
const SUFFIX = '.jsonl'

interface DraftFile {
  readonly path: string
  /** Messages whose draft stands in this file; without any it goes. */
  readonly live: Set<string>
  /** Whose texts stand in it, those that are done included. */
  readonly owners: Set<string>
}

interface RunningFile extends DraftFile {
  readonly growing: GrowingFile
  readonly openedAt: number
  /** UTF-16 units of each draft that stand in this file. */
  readonly saved: Map<string, number>
  size: number
  holdsRemoved: boolean
  /** Why nothing is written into it any more. */
  failure: unknown
}

export interface JsonDraftStoreOptions extends StoreOptions {
  /** Milliseconds; a clock that never goes back. */
  readonly now?: () => number
}

/**
 * Drafts as lines of one file in `<directory>/drafts`, each with what is new of its answer. Not synced:
 * they are for a killed process, and a disk that syncs for each would be busy with nothing else.
 */
export function createJsonDraftStore(options: JsonDraftStoreOptions): DraftStore {
  const { now = () => performance.now() } = options
  const context = createStoreContext(options)
  const { files, logger } = context
  const folder = join(options.directory, 'drafts')
  /** Files that are not written any more, and still hold the only draft of something. */
  let older: DraftFile[] = []
  let running: RunningFile | undefined
  let opening: Promise<RunningFile> | undefined
  const inTurn = createInTurn()

  const open = async (): Promise<RunningFile> => {
    try {
      await files.makeFolder(folder)
      const path = join(folder, `${randomUUID()}${SUFFIX}`)
      const growing = await files.grow(path)
      const live = new Set<string>()
      const owners = new Set<string>()
      const saved = new Map<string, number>()
      const state = { openedAt: now(), size: 0, holdsRemoved: false, failure: undefined }
      const file = { path, growing, live, owners, saved, ...state }
      running = file
      return file
    } finally {
      opening = undefined
    }
  }

  const append = (file: RunningFile, line: string) => {
    // Of several drafts that have waited for the file, the first may have ended it.
    if (file.failure !== undefined) {
      throw new Error('the file of drafts could not be written', { cause: file.failure })
    }
    const bytes = Buffer.from(line)
    try {
      file.growing.append(bytes)
    } catch (error) {
      // Half a line may stand there: nothing may follow it.
      file.failure = error
      if (running === file) running = undefined
      if (file.live.size > 0) older.push(file)
      file.growing.close().catch((cause: unknown) => {
        logger.warn({ cause }, 'a file of drafts could not be closed')
      })
      throw error
    }
    file.size += bytes.length
  }

  /** Ends the running file; it goes as soon as everything in it is done or stands in a newer one. */
  const retire = async (file: RunningFile) => {
    // Somebody else has ended it.
    if (running !== file) return
    running = undefined
    if (file.live.size > 0) older.push(file)
    await file.growing.close()
    if (file.live.size === 0) await files.remove(file.path)
  }

  const isDue = (file: RunningFile) =>
    file.size > LARGEST_FILE ||
    (file.holdsRemoved && (file.live.size === 0 || now() - file.openedAt > OLDEST_FILE))

  const leaveOlder = async (messageId: string) => {
    for (const file of older) {
      if (!file.live.delete(messageId) || file.live.size > 0) continue
      older = older.filter((other) => other !== file)
      await files.remove(file.path)
    }
  }

  const readFile = async (name: string): Promise<ReadonlyMap<string, Draft>> => {
    const path = join(folder, name)
    const found = await files.read(path)
    // Earlier versions kept one draft a file, without a line end.
    const end = name.endsWith(SUFFIX) ? '' : '\n'
    const content = Buffer.concat([found?.bytes ?? Buffer.alloc(0), Buffer.from(end)])
    const { drafts, unreadable } = readDraftLines(content)
    if (unreadable > 0)
      logger.warn({ file: name, unreadable }, 'drafts cannot be read and are left out')
    const owners = new Set([...drafts.values()].map(({ ownerId }) => ownerId))
    if (drafts.size > 0) older.push({ path, live: new Set(drafts.keys()), owners })
    else await files.remove(path)
    return drafts
  }

  /** Writes a file that is no longer written again, with nothing but the drafts that are to stay. */
  const rewrite = async (file: DraftFile, stays: (draft: Draft) => boolean) => {
    const found = await files.read(file.path)
    const { drafts } = readDraftLines(found?.bytes ?? new Uint8Array())
    const kept: Draft[] = []
    for (const [id, draft] of drafts) {
      if (!stays(draft)) file.live.delete(id)
      else if (file.live.has(id)) kept.push(draft)
    }
    if (kept.length > 0) {
      await replaceFile(context, file.path, kept.map((draft) => savedLineOf(draft, 0)).join(''))
    }
    file.owners.clear()
    for (const { ownerId } of kept) file.owners.add(ownerId)
    // All of them may have been saved elsewhere meanwhile.
    if (file.live.size > 0) return
    older = older.filter((other) => other !== file)
    await files.remove(file.path)
  }

  return {
    async save(draft) {
      const { id, content } = draft.message
      const file = running ?? (await (opening ??= open()))
      append(file, savedLineOf(draft, file.saved.get(id) ?? 0))
      file.saved.set(id, content.length)
      file.live.add(id)
      file.owners.add(draft.ownerId)
      await leaveOlder(id)
      if (isDue(file)) await retire(file)
    },
    async remove(messageId) {
      const file = running
      // Before anything is waited for: this file may become an older one meanwhile.
      if (file?.live.delete(messageId)) {
        append(file, removedLineOf(messageId))
        file.saved.delete(messageId)
        file.holdsRemoved = true
      }
      await leaveOlder(messageId)
      if (file && isDue(file)) await retire(file)
    },
    async erase(ownerId, conversationId) {
      const isMeant = (draft: Draft) =>
        draft.ownerId === ownerId &&
        (conversationId === undefined || draft.message.conversationId === conversationId)
      // One at a time: two would write the same file.
      await inTurn(async () => {
        if (running?.owners.has(ownerId)) await retire(running)
        for (const file of older) {
          if (file.owners.has(ownerId)) await rewrite(file, (draft) => !isMeant(draft))
        }
      })
    },
    async all() {
      const found = new Map<string, Draft>()
      await removeLeftovers(context, folder)
      for (const name of await files.list(folder)) {
        if (!/\.jsonl?$/.test(name)) continue
        for (const [id, draft] of await readFile(name)) {
          const known = found.get(id)
          // In two files when a killed process had just begun the second: the longer one is newer.
          if (!known || known.message.content.length < draft.message.content.length) {
            found.set(id, draft)
          }
        }
      }
      return [...found.values()]
    },
    // Nothing waits to be written, and the next start finds what is open still.
    close: async () => {},
  }
}
