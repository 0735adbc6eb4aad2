/** Keeps two servers from writing the same files: each would overwrite what the other has acknowledged. */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
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
 * @throws StartError when another server uses the folder
 */
export async function lockFolder(options: FolderLockOptions): Promise<() => Promise<void>> {
  const { directory, patience } = options
  const path = join(directory, 'server.lock')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const giveUpAt = performance.now() + patience
  for (;;) {
    if (await claim(path)) return () => rm(path, { force: true })
    const holder = await readHolder(path)
    if (holder === undefined || !(await isRunning(holder))) {
      // Left behind by a killed process.
      await rm(path, { force: true })
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

async function claim(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const { startedAt = '' } = (await processState(process.pid)) ?? {}
      await file.writeFile(`${process.pid} ${startedAt}`)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
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
