/** What was read and indexed, kept on the disk so that the next start need not do it again. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { KnownFile } from './library.ts'
import type { SavedIndex } from './search-index.ts'

export interface SavedLibrary {
  readonly known: ReadonlyMap<string, KnownFile>
  readonly index: SavedIndex
}

/** Not looked into: the checksum vouches for what this very code has written. */
const Known = z.array(z.tuple([z.string(), z.custom<KnownFile>()]))
const Keys = z.object({
  counts: z.custom<SavedIndex['counts']>(),
  keys: z.custom<SavedIndex['keys']>(),
})
const Header = z.object({ version: z.string(), sha256: z.string() })

/**
 * A hash of the code that reads and indexes: what other code has read is read again, and nobody has to remember
 * to count a version up.
 */
async function codeVersion(): Promise<string> {
  const own = dirname(fileURLToPath(import.meta.url))
  const extension = extname(fileURLToPath(import.meta.url))
  const hash = createHash('sha256').update(process.version)
  for (const folder of [own, join(own, '..', 'core'), join(own, '..', 'protocol')]) {
    for (const name of (await readdir(folder)).toSorted()) {
      if (!name.endsWith(extension) || name.includes('.test.')) continue
      hash.update(name).update(await readFile(join(folder, name)))
    }
  }
  return hash.digest('base64')
}

const checksum = (content: string | Buffer) => createHash('sha256').update(content).digest('base64')

/** A file of its own for every choice of folders. */
const pathIn = (home: string, directories: readonly string[]) =>
  join(
    home,
    `index-${createHash('sha256').update(JSON.stringify(directories)).digest('hex').slice(0, 16)}.jsonl`,
  )

/**
 * What was saved for those folders; `undefined` when nothing was, when other code has written it, or when it is
 * damaged, which `onDamage` is told.
 */
export async function loadSaved(
  home: string,
  directories: readonly string[],
  onDamage: (error: unknown) => void,
): Promise<SavedLibrary | undefined> {
  const bytes = await readFile(pathIn(home, directories)).catch(() => undefined)
  if (!bytes) return undefined
  try {
    const headerEnd = bytes.indexOf('\n')
    const { version, sha256 } = Header.parse(JSON.parse(bytes.toString('utf8', 0, headerEnd)))
    if (version !== (await codeVersion())) return undefined
    const content = bytes.subarray(headerEnd + 1)
    if (checksum(content) !== sha256) throw new Error('its checksum is wrong')
    const [known = '', keys = '', index = ''] = content.toString('utf8').split('\n')
    return {
      known: new Map(Known.parse(JSON.parse(known))),
      index: { index, ...Keys.parse(JSON.parse(keys)) },
    }
  } catch (error) {
    onDamage(error)
    return undefined
  }
}

/** Puts a new state in the place of the old one, whole or not at all. */
export async function saveLibrary(
  home: string,
  directories: readonly string[],
  { known, index: { index, ...keys } }: SavedLibrary,
): Promise<void> {
  const content = [JSON.stringify([...known]), JSON.stringify(keys), index].join('\n')
  const header = JSON.stringify({ version: await codeVersion(), sha256: checksum(content) })
  const path = pathIn(home, directories)
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  await mkdir(home, { recursive: true, mode: 0o700 })
  try {
    await writeFile(temporary, `${header}\n${content}`, { mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
