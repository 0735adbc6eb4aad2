/** Keeps two servers from writing the same files: each would overwrite what the other has acknowledged. */
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { StartError } from '../core/errors.ts'
import { systemCode } from './file-system.ts'

/** Milliseconds between two looks whether the other server has gone. */
const LOOK_EVERY = 200

export interface FolderLockOptions {
  readonly directory: string
  /** Milliseconds that a server which is just stopping gets to leave; a new one may start meanwhile. */
  readonly patience: number
}

/**
 * Claims a data folder for this process. The function that is returned gives it back; a killed process
 * gives it back by being gone.
 *
 * The lock is the highest number in `locks/`. A claim makes the next one, which only one process can do,
 * and numbers never go down: a lock that is given back is emptied and not removed, so nobody who has
 * looked a moment ago can take an old number for the newest.
 * @throws StartError when another server uses the folder
 */
export async function lockFolder(options: FolderLockOptions): Promise<() => Promise<void>> {
  const { directory, patience } = options
  const folder = join(directory, 'locks')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const giveUpAt = performance.now() + patience
  for (;;) {
    const newest = Math.max(0, ...(await numbersIn(folder)))
    const holder = await readHolder(join(folder, String(newest)))
    if (!holder || !(await isRunning(holder))) {
      const path = await claim(folder, newest + 1)
      if (path !== undefined) return () => writeFile(path, '')
    } else if (performance.now() >= giveUpAt) {
      throw new StartError(
        `${directory} is in use by another server (process ${holder.id}). ` +
          'Stop that one, or set DATABASE_URL to another folder.',
      )
    } else {
      await wait(LOOK_EVERY)
    }
  }
}

interface Holder {
  readonly id: number
  /** When the process started, in the kernel's own units; empty where there is no /proc. */
  readonly startedAt: string
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder)
  return names.filter((name) => /^\d{1,15}$/.test(name)).map(Number)
}

/** The path of the lock; `undefined` when somebody else was quicker. */
async function claim(folder: string, number: number): Promise<string | undefined> {
  const path = join(folder, String(number))
  const temporary = `${path}.${process.pid}.tmp`
  const { startedAt = '' } = (await processState(process.pid)) ?? {}
  await writeFile(temporary, `${process.pid} ${startedAt}`, { mode: 0o600 })
  try {
    // Appears whole or not at all, and never replaces another's.
    await link(temporary, path)
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
  const others = await numbersIn(folder)
  const isNewest = others.every((other) => other <= number)
  const left = isNewest ? others.filter((other) => other < number) : [number]
  await Promise.all(left.map((other) => rm(join(folder, String(other)), { force: true })))
  return isNewest ? path : undefined
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const [, id, startedAt = ''] = /^(\d+) (\d*)$/.exec(text) ?? []
  return id === undefined ? undefined : { id: Number(id), startedAt }
}

async function isRunning({ id, startedAt }: Holder): Promise<boolean> {
  // In a container every server is process 1: what names us is what an earlier life of ours left.
  if (id === process.pid) return false
  try {
    process.kill(id, 0)
  } catch (error) {
    if (systemCode(error) !== 'EPERM') return false
  }
  const state = await processState(id)
  // The number may belong to another program by now, or to one that has ended and was not waited for.
  if (state && (state.isDead || (startedAt !== '' && state.startedAt !== startedAt))) return false
  return true
}

/** What Linux tells of a process (proc(5), `stat`); `undefined` elsewhere. */
async function processState(
  id: number,
): Promise<{ readonly isDead: boolean; readonly startedAt: string } | undefined> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => undefined)
  // The program's name comes second, in parentheses, and may hold anything.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (!fields) return undefined
  return { isDead: fields[0] === 'Z' || fields[0] === 'X', startedAt: fields[19] ?? '' }
}
