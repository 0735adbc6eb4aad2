/** The index of one owner as a file. It is a cache: whatever is wrong with it, the conversations tell. */
import { setImmediate } from 'node:timers/promises'
import { createAtomicFile, replaceFile, type StoreContext } from './disk/atomic-file.ts'
import type { IndexEntry } from './conversation-order.ts'
import type { FileStamp } from './disk/file-system.ts'
import { indexEntrySchema, indexRecordSchema } from './records.ts'

export const INDEX_FILE_NAME = 'index.json'

/** Entries handled in one go; about a millisecond, so that streams of other visitors do not stall. */
const SLICE = 500

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedMs === b.modifiedMs
}

/** What the index file says, by conversation id; entries that make no sense are left out. */
export async function readIndexFile(
  context: StoreContext,
  path: string,
): Promise<ReadonlyMap<string, IndexEntry>> {
  const record = await createAtomicFile(context, path, indexRecordSchema).read()
  const entries = new Map<string, IndexEntry>()
  for (const [count, value] of (record?.entries ?? []).entries()) {
    if (count % SLICE === SLICE - 1) await setImmediate()
    const entry = indexEntrySchema.safeParse(value)
    if (entry.success) entries.set(entry.data.conversation.id, entry.data)
  }
  return entries
}

/** One entry a line. Each slice is written before the next is made. */
async function* indexText(entries: Iterable<IndexEntry>): AsyncGenerator<string> {
  let slice = '{"version":1,"entries":['
  let count = 0
  for (const { conversation, messages, stamp } of entries) {
    slice += `${count === 0 ? '' : ','}\n${JSON.stringify({ conversation, messages, stamp })}`
    count += 1
    if (count % SLICE > 0) continue
    yield slice
    slice = ''
    await setImmediate()
  }
  yield `${slice}\n]}\n`
}

export async function writeIndexFile(
  context: StoreContext,
  path: string,
  entries: Iterable<IndexEntry>,
): Promise<void> {
  await replaceFile(context, path, indexText(entries))
}
