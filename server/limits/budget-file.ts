/** The file that keeps a day's spending over a restart. */
import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../core/ports.ts'

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

const pathIn = (directory: string) => join(directory, 'token-budget.json')

/** Resolves to `undefined` when there is no file, or none that can be read: then the count starts anew. */
export async function readDay(directory: string, logger: Logger): Promise<Day | undefined> {
  try {
    return daySchema.parse(JSON.parse(await readFile(pathIn(directory), 'utf8')))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isMissing) logger.warn({ err: error }, 'the spent tokens could not be read')
    return undefined
  }
}

/** A failure is logged: answers do not depend on this file. */
export async function writeDay(directory: string, day: Day, logger: Logger): Promise<void> {
  const path = pathIn(directory)
  const temporary = `${path}.tmp`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify({ ...day, spent: [...day.spent] }))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    logger.warn({ err: error }, 'the spent tokens could not be written')
  }
}
