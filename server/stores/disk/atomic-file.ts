/**
 * A JSON file that is always whole: what is on the disk is either the state before a write or the state
 * after it, whenever the process or the power ends.
 */
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { Adapter } from 'lowdb'
import type { z } from 'zod'
import type { KeptText, Logger } from '../../core/ports/index.ts'
import { type FileContent, type FileStamp, type FileSystem, nodeFileSystem } from './file-system.ts'

const TEMPORARY_SUFFIX = '.tmp'

/** What a store is opened with. */
export interface StoreOptions {
  /** The data folder. One process at a time may use it. */
  readonly directory: string
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly clock?: (() => number) | undefined
  readonly files?: FileSystem | undefined
}

/** What every file of one store shares. */
export interface StoreContext {
  readonly files: FileSystem
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** A name for a file that is being written, which no earlier or other process has used. */
  temporaryPath(path: string): string
  /** Whether a killed process has left it half written. */
  isLeftover(name: string): boolean
}

export function createStoreContext({
  logger,
  files = nodeFileSystem,
  clock = Date.now,
}: Omit<StoreOptions, 'directory'>): StoreContext {
  const run = randomBytes(6).toString('hex')
  let count = 0
  return {
    files,
    logger,
    clock,
    temporaryPath(path) {
      count += 1
      return `${path}.${run}-${count}${TEMPORARY_SUFFIX}`
    },
    isLeftover: (name) => name.endsWith(TEMPORARY_SUFFIX) && !name.includes(`.${run}-`),
  }
}

/** Removes what killed processes have left half written in a folder. @throws what the disk throws */
export async function removeLeftovers(
  { files, isLeftover }: StoreContext,
  folder: string,
): Promise<void> {
  for (const name of await files.list(folder)) {
    if (isLeftover(name)) await files.remove(join(folder, name))
  }
}

/** Puts new content in the place of a file; resolves when that would survive a power cut. */
export async function replaceFile(
  { files, temporaryPath, logger }: StoreContext,
  path: string,
  content: FileContent,
): Promise<FileStamp> {
  const temporary = temporaryPath(path)
  try {
    const stamp = await files.write(temporary, content)
    await files.rename(temporary, path)
    await files.syncFolder(dirname(path))
    return stamp
  } catch (error) {
    await files.remove(temporary).catch((cause: unknown) => {
      logger.warn({ file: temporary, err: cause }, 'a temporary file could not be removed')
    })
    throw error
  }
}

/** For the few who keep one file in the data folder, and no store. */
export function createTextFile(options: Omit<StoreOptions, 'directory'>, path: string): KeptText {
  const context = createStoreContext(options)
  const read = async () => {
    const found = await context.files.read(path)
    return found && new TextDecoder().decode(found.bytes)
  }
  const replace = async (text: string) => {
    await replaceFile(context, path, text)
  }
  return {
    place: path,
    read,
    replace,
    // One process at a time has the folder.
    async keepFirst(text) {
      const kept = await read()
      if (kept !== undefined) return kept
      await replace(text)
      return text
    },
  }
}

/**
 * Renames a file that cannot be read, so that nothing overwrites it and a person can look at it. Of one that has more
 * to say still, `copy`, its bytes, are put aside, and the file stays.
 */
export async function setAside(
  { files, clock }: StoreContext,
  path: string,
  copy?: Uint8Array,
): Promise<string> {
  const time = new Date(clock()).toISOString().replaceAll(/[-:.]/g, '')
  const wanted = `${path}.unreadable-${time}`
  let target = wanted
  for (let count = 2; (await files.stamp(target)) !== undefined; count += 1) {
    target = `${wanted}-${count}`
  }
  if (copy) await files.write(target, copy)
  else await files.rename(path, target)
  await files.syncFolder(dirname(path))
  return target
}

export type Parsed<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string }

/** Reads JSON in UTF-8 of a shape; says what is wrong with it without quoting it. */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>): Parsed<T> {
  let json: unknown
  try {
    // A lenient decoder would hide damaged bytes, and the next write would make the damage final.
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words quote the file, and conversations do not belong into a log.
    return { problem: 'it is not JSON in UTF-8' }
  }
  return checkShape(json, schema)
}

/** The same of what was JSON. */
export function checkShape<T>(json: unknown, schema: z.ZodType<T>): Parsed<T> {
  const result = schema.safeParse(json)
  if (result.success) return { value: result.data }
  const issue = result.error.issues[0]
  return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong shape'}` }
}

/** A lowdb adapter for one file; null stands for no file. */
export interface AtomicFile<T> extends Adapter<T | null> {
  /**
   * Resolves to null when there is no file, or when it could not be understood and was set aside.
   * @throws what the disk throws.
   */
  read(): Promise<T | null>
  /** @throws what the disk throws; what the file is then has to be read. */
  write(data: T | null): Promise<void>
  /** The file as it was last read or written. */
  readonly stamp: FileStamp | undefined
}

/** Opens nothing by itself: each call goes to the disk. Calls must not overlap. `toJson` sets how it is laid out. */
export function createAtomicFile<T>(
  context: StoreContext,
  path: string,
  schema: z.ZodType<T>,
  toJson: (data: T) => string = (data) => JSON.stringify(data),
): AtomicFile<T> {
  const { files, logger } = context
  let stamp: FileStamp | undefined
  return {
    get stamp() {
      return stamp
    },
    async read() {
      stamp = undefined
      const found = await files.read(path)
      if (!found) return null
      const parsed = parseJson(found.bytes, schema)
      if (parsed.value !== undefined) {
        stamp = found.stamp
        return parsed.value
      }
      const target = await setAside(context, path)
      logger.error(
        { file: path, set_aside: basename(target), problem: parsed.problem },
        'a stored file could not be understood and was set aside',
      )
      return null
    },
    async write(data) {
      if (data !== null) {
        stamp = await replaceFile(context, path, toJson(data))
        return
      }
      if (await files.remove(path)) await files.syncFolder(dirname(path))
      stamp = undefined
    },
  }
}
