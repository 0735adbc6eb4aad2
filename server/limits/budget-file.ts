/** The file that keeps a day's spending over a restart. */
import { z } from 'zod'
import type { Logger, TextFile } from '../core/ports/index.ts'

/** What was spent on one UTC day. */
export interface Day {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** Goes into the keys of `spent`. */
  readonly salt: string
  /** Tokens. */
  total: number
  readonly spent: Map<string, number>
}

const tokens = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
const daySchema = z.object({
  date: z.string(),
  salt: z.string().min(1),
  total: tokens,
  spent: z.array(z.tuple([z.string(), tokens])).transform((entries) => new Map(entries)),
})

/** Resolves to `undefined` when there is no file, or none that can be read: then the count starts anew. */
export async function readDay(file: TextFile, logger: Logger): Promise<Day | undefined> {
  try {
    const text = await file.read()
    return text === undefined ? undefined : daySchema.parse(JSON.parse(text))
  } catch (error) {
    logger.warn({ err: error }, 'the spent tokens could not be read')
    return undefined
  }
}

/** A failure is logged: answers do not depend on this file. */
export async function writeDay(file: TextFile, day: Day, logger: Logger): Promise<void> {
  try {
    await file.replace(JSON.stringify({ ...day, spent: [...day.spent] }))
  } catch (error) {
    logger.warn({ err: error }, 'the spent tokens could not be written')
  }
}
