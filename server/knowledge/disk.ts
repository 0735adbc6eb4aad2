/**
 * What reading and keeping files have in common here: replaced whole, one JSON value a line, and why they cannot be
 * read. It is not the kit of the stores, whose files nobody but the server that holds the data folder may write: an
 * ingest writes these while another server runs.
 */
import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { z } from 'zod'

/** Where the files of a fetched site are from: a line of JSON each, of several with one file the last one counts. */
export const SOURCES_FILE = '_sources.jsonl'

const hasCode = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'

/** Whether it is the disk that fails, or the right to read: the file itself may be as it was. */
export const isPassing = (error: unknown) => hasCode(error) && !isMissing(error)

export const isMissing = (error: unknown) => hasCode(error) && error.code === 'ENOENT'

/** For a `catch` where a file may be missing. @throws whatever else the error is */
export function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'is no folder',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  ELOOP: 'is a link that leads in a circle',
  ENAMETOOLONG: 'has a name that is too long',
  EMFILE: 'too many files are open',
  EIO: 'the disk fails (EIO)',
}

/** Why, without the machine's paths. */
export function describe(error: unknown): string {
  if (hasCode(error)) return SYSTEM_REASONS[error.code] ?? `cannot be read (${error.code})`
  return error instanceof Error ? error.message : String(error)
}

/**
 * Puts a file in its place whole, or leaves what is there. It would survive a power cut, unless `isSynced` is
 * false: thousands of copies are written four times as fast, and made again where they are not right.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array>,
  { isSynced = true, mode = 0o666 } = {},
): Promise<void> {
  // Without the name of the file, which may be as long as a name can be.
  const temporary = join(dirname(path), `.${randomBytes(12).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      if (isSynced) await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Removes what processes that were killed have left half written. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.') && name.endsWith('.tmp')) await rm(join(folder, name), { force: true })
  }
}

/** Lines that are whole and of a shape: one that is being written, or that a killed process did not finish, is none. */
export function jsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text.split('\n').flatMap((line) => {
    try {
      return schema.safeParse(JSON.parse(line)).data ?? []
    } catch {
      return []
    }
  })
}
