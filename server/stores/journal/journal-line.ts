/** A line of the journal: whose conversation changed, and how. */
import { z } from 'zod'
import { recordDeltaSchema, type RecordDelta } from './record-delta.ts'
import { canonicalId } from '../disk/store-paths.ts'

export interface JournalLine {
  readonly owner: string
  readonly id: string
  readonly delta: RecordDelta
}

/** A line, and where it stands among the others, in bytes. */
export interface PlacedLine extends JournalLine {
  readonly start: number
  readonly length: number
}

const lineSchema = z.object({
  owner: z.string(),
  id: z.string().refine((id) => canonicalId(id) === id, 'not an id'),
  delta: recordDeltaSchema,
})

/** The owner stands first, so that it can be read without the rest. */
export const writeJournalLine = ({ owner, id, delta }: JournalLine): string =>
  JSON.stringify({ owner, id, delta })

/** Nothing when the line makes no sense. */
export function readJournalLine(bytes: Uint8Array): JournalLine | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return lineSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/**
 * Whole lines, up to the zeros that a killed process leaves behind them: no line has one. Half a line at
 * the end is nothing that anybody was told of.
 */
function* wholeLines(content: Uint8Array): Generator<{ start: number; bytes: Uint8Array }> {
  const zero = content.indexOf(0)
  const lines = zero < 0 ? content : content.subarray(0, zero)
  for (let start = 0; ;) {
    const end = lines.indexOf(0x0a, start)
    if (end < 0) return
    yield { start, bytes: lines.subarray(start, end) }
    start = end + 1
  }
}

export function readJournalLines(content: Uint8Array): {
  readonly lines: readonly PlacedLine[]
  /** How many lines make no sense. */
  readonly senseless: number
} {
  const lines: PlacedLine[] = []
  let senseless = 0
  for (const { start, bytes } of wholeLines(content)) {
    const line = readJournalLine(bytes)
    if (line) lines.push({ ...line, start, length: bytes.length })
    else senseless += 1
  }
  return { lines, senseless }
}

/** In a JSON string no quote stands alone, so this is no part of an owner. */
const AFTER_OWNER = Buffer.from(',"id":')

/** Nothing when the line does not begin as ours do. */
function ownerOf(bytes: Uint8Array): string | undefined {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const text = line.toString('utf8', 0, Math.max(0, line.indexOf(AFTER_OWNER)))
  const [, owner] = /^\{"owner":("(?:[^"\\]|\\.)*")/.exec(text) ?? []
  return owner === undefined ? undefined : z.string().safeParse(JSON.parse(owner)).data
}

export type LineChange = (line: JournalLine) => JournalLine | undefined

/**
 * The lines with a change to those of some owners, of which `undefined` takes a line away. Lines that make
 * no sense go with them: nobody can tell what is in those.
 */
export function changeJournalLines(
  content: Uint8Array,
  changes: ReadonlyMap<string, LineChange>,
): {
  readonly content: Uint8Array
  readonly isChanged: boolean
  /** Whose lines there are now. */
  readonly owners: ReadonlySet<string>
} {
  const kept: Uint8Array[] = []
  const owners = new Set<string>()
  const lineEnd = Buffer.from('\n')
  let isChanged = false
  for (const { bytes } of wholeLines(content)) {
    const owner = ownerOf(bytes)
    const change = owner === undefined ? undefined : changes.get(owner)
    const next = change ? changedLine(bytes, change) : bytes
    if (next !== bytes) isChanged = true
    if (owner === undefined || !next) continue
    owners.add(owner)
    kept.push(next, lineEnd)
  }
  return { content: isChanged ? Buffer.concat(kept) : content, isChanged, owners }
}

function changedLine(bytes: Uint8Array, change: LineChange): Uint8Array | undefined {
  const line = readJournalLine(bytes)
  const changed = line && change(line)
  const written = changed && Buffer.from(writeJournalLine(changed))
  return written?.equals(bytes) ? bytes : written
}
