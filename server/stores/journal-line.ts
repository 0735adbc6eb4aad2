/** A line of the journal: whose conversation changed, and how. */
import { z } from 'zod'
import { recordDeltaSchema, type RecordDelta } from './record-delta.ts'
import { canonicalId } from './store-paths.ts'

export interface JournalLine {
  readonly owner: string
  readonly id: string
  readonly delta: RecordDelta
}

const lineSchema = z.object({
  owner: z.string(),
  id: z.string().refine((id) => canonicalId(id) === id, 'not an id'),
  delta: recordDeltaSchema,
})

export const writeJournalLine = (line: JournalLine): string => JSON.stringify(line)

/**
 * Reads whole lines, up to the zeros that a killed process leaves behind them: no line has one. Half a
 * line at the end is nothing that anybody was told of.
 */
export function readJournalLines(content: Uint8Array): {
  readonly lines: readonly JournalLine[]
  /** How many lines make no sense. */
  readonly senseless: number
} {
  const zero = content.indexOf(0)
  const bytes = zero < 0 ? content : content.subarray(0, zero)
  const lines: JournalLine[] = []
  let senseless = 0
  for (let start = 0; ;) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0) return { lines, senseless }
    const line = readLine(bytes.subarray(start, end))
    if (line) lines.push(line)
    else senseless += 1
    start = end + 1
  }
}

function readLine(bytes: Uint8Array): JournalLine | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return lineSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
