import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './folder-lock.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-lock-'))
})
afterEach(() => rm(directory, { recursive: true }))

const lock = () => lockFolder({ directory, patience: 0 })
const file = () => join(directory, 'server.lock')

async function otherProcess() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await once(child, 'spawn')
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '')
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const end = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return { pid: child.pid, startedAt, end }
}

describe('the lock of a data folder', () => {
  it('is refused while another process holds it, by name', async () => {
    const other = await otherProcess()
    await writeFile(file(), `${other.pid} ${other.startedAt}`)
    await expect(lock()).rejects.toThrow(`in use by another server (process ${other.pid})`)
    await other.end()
    await (
      await lock()
    )()
  })

  it('is taken over from a process that is gone, and from another that has its number now', async () => {
    const other = await otherProcess()
    if (other.startedAt !== '') {
      await writeFile(file(), `${other.pid} 1`)
      await (
        await lock()
      )()
    }
    await writeFile(file(), `${other.pid} ${other.startedAt}`)
    await other.end()
    const release = await lock()
    expect(await readFile(file(), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
    await release()
  })

  it('is taken over when nobody can be told from it', async () => {
    await writeFile(file(), '')
    await (
      await lock()
    )()
  })

  it('waits for a server that is leaving', async () => {
    const other = await otherProcess()
    await writeFile(file(), `${other.pid} ${other.startedAt}`)
    const waiting = lockFolder({ directory, patience: 60_000 })
    await other.end()
    await (
      await waiting
    )()
  })
})
