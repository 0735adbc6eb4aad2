import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockFolder } from './folder-lock.ts'

const HOLDER = new URL('hold-lock.ts', import.meta.url)

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-lock-'))
  await mkdir(join(directory, 'locks'))
})
afterEach(() => rm(directory, { recursive: true }))

const lock = () => lockFolder({ directory, patience: 0 })
const locks = () => join(directory, 'locks')

/** The one lock there is, as another server would have left it. */
async function leave(content: string) {
  for (const name of await readdir(locks())) await rm(join(locks(), name))
  await writeFile(join(locks(), '7'), content)
}

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

/** A process that wants the lock, with what it says line by line. */
function contend() {
  const child = spawn(process.execPath, [fileURLToPath(HOLDER), directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const says = async (wanted: string | RegExp): Promise<string> => {
    const line = await lines.next()
    if (line.done) throw new Error('it has ended')
    return line.value.match(wanted) ? line.value : says(wanted)
  }
  return { child, says, gone: once(child, 'exit') }
}

describe('the lock of a data folder', () => {
  it('is refused while another process holds it, by name', async () => {
    const other = await otherProcess()
    await leave(`${other.pid} ${other.startedAt}`)
    await expect(lock()).rejects.toThrow(`in use by another server (process ${other.pid})`)
    await other.end()
    await (
      await lock()
    )()
  })

  it('is taken over from a process that is gone, and from another that has its number now', async () => {
    const other = await otherProcess()
    if (other.startedAt !== '') {
      await leave(`${other.pid} 1`)
      await (
        await lock()
      )()
    }
    await leave(`${other.pid} ${other.startedAt}`)
    await other.end()
    const release = await lock()
    const [newest = ''] = await readdir(locks())
    expect(await readFile(join(locks(), newest), 'utf8')).toMatch(`${process.pid} `)
    await release()
  })

  it('is taken over when nobody can be told from it', async () => {
    await leave('')
    await (
      await lock()
    )()
  })

  it('waits for a server that is leaving', async () => {
    const other = await otherProcess()
    await leave(`${other.pid} ${other.startedAt}`)
    const waiting = lockFolder({ directory, patience: 60_000 })
    await other.end()
    await (
      await waiting
    )()
  })

  it('goes to one alone of many that find a dead one’s lock together', async () => {
    for (let round = 0; round < 5; round += 1) {
      await leave('999999999 1')
      const contenders = Array.from({ length: 6 }, contend)
      await Promise.all(contenders.map((contender) => contender.says('ready')))
      for (const { child } of contenders) child.stdin.write('go')
      const outcomes = await Promise.all(contenders.map((contender) => contender.says(/ed$/)))
      for (const { child } of contenders) child.kill('SIGKILL')
      await Promise.all(contenders.map((contender) => contender.gone))
      expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1)
    }
  })
})
