import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { INSIDE_NAMESPACE, whyNoNamespaces } from '../../testing/pid-namespace.ts'
import { type FileSystem, guardWrites, nodeFileSystem } from './file-system.ts'
import { type FolderLockOptions, type LockTiming, lockFile, lockFolder } from './folder-lock.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'

const PROGRAM = fileURLToPath(new URL('../../testing/stores/hold-lock.ts', import.meta.url))
/** No record lapses while a test runs: who gets the folder got it for another reason. */
const NEVER = { renewEvery: 20, trust: 60_000, lapse: 3_600_000, lookEvery: 10 }
/** Long enough for a process that has to wait for a busy machine, short enough to be waited for. */
const SOON = { renewEvery: 50, trust: 500, lapse: 1_500, lookEvery: 20 }

/** Calls that only look at the disk. */
type Reading = 'read' | 'readPart' | 'stamp' | 'identity' | 'changedAt' | 'list'

const noNamespaces = whyNoNamespaces()

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-lock-'))
  // The last to be done, after whoever holds the folder is gone.
  onTestFinished(() => rm(directory, { recursive: true }))
})

const lock = async (options: Partial<FolderLockOptions> = {}) => {
  const logger = createRecordingLogger()
  const held = await lockFolder({ directory, patience: 0, logger, timing: NEVER, ...options })
  onTestFinished(() => held.release())
  return { ...held, logger }
}
const withoutKernel = { askKernel: () => ({ kind: 'none' as const }) }

interface ContenderOptions {
  readonly timing?: LockTiming
  readonly kernel?: boolean
  readonly within?: readonly string[]
}

/** Another process that wants the lock, with what it says line by line. */
function contend({ timing = NEVER, kernel = true, within = [] }: ContenderOptions = {}) {
  const options = [directory, JSON.stringify(timing), ...(kernel ? [] : ['--no-kernel'])]
  const [command = '', ...rest] = [...within, process.execPath, PROGRAM, ...options]
  const child: ChildProcess & { stdin: NodeJS.WritableStream } = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = once(child, 'close')
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const says = async (wanted: RegExp): Promise<string> => {
    const line = await lines.next()
    if (line.done) throw new Error(`it has ended without ${String(wanted)}`)
    return wanted.test(line.value) ? line.value : says(wanted)
  }
  const send = (line: string) => child.stdin.write(`${line}\n`)
  return { child, says, send, kill }
}

/** One that has been told to go, and what came of it. */
async function contender(options?: ContenderOptions) {
  const other = contend(options)
  await other.says(/^ready/)
  other.send('go')
  const outcome = await other.says(/^(?:locked|refused)/)
  return { ...other, outcome }
}

const records = async () => {
  const names = await readdir(join(directory, 'locks'))
  return names.filter((name) => name !== 'kernel')
}

/** Each starts processes, which takes its time on a busy machine. */
describe('the lock of a data folder', { timeout: 120_000 }, () => {
  it('is refused while another process holds it, by process, host and time', async () => {
    const other = await contender()
    expect(other.outcome).toBe('locked')
    await expect(lock()).rejects.toThrow(
      new RegExp(
        `^${directory} is in use by another server \\(process ${other.child.pid} on \\S.*, since 2\\d{3}-.*Z\\)\\. ` +
          'Stop that one, or set DATABASE_URL to another folder\\.$',
      ),
    )
  })

  it('is refused for a second server in one process', async () => {
    await lock()
    await expect(lock()).rejects.toThrow('in use by another server')
  })

  it('is got at once after a holder was killed, and when it was given back', async () => {
    const other = await contender()
    await other.kill()
    const held = await lock()
    await held.release()
    await lock()
    expect(await records()).toHaveLength(1)
  })

  it.for<readonly [string, string, readonly string[], readonly string[]]>([
    ['outside', 'inside', [], INSIDE_NAMESPACE],
    ['inside', 'outside', INSIDE_NAMESPACE, []],
    ['inside', 'inside another', INSIDE_NAMESPACE, INSIDE_NAMESPACE],
  ])(
    'held %s a PID namespace is refused %s, and got there at once when the holder is killed',
    async ([, , first, second], { skip }) => {
      skip(noNamespaces !== undefined, noNamespaces)
      const holder = await contender({ within: first })
      expect(holder.outcome).toBe('locked')
      const refused = await contender({ within: second })
      expect(refused.outcome).toMatch(/^refused: .* is in use by another server \(process \d+ on/)
      await holder.kill()
      expect((await contender({ within: second })).outcome).toBe('locked')
    },
  )

  it('waits for a server that is leaving', async () => {
    const other = await contender()
    const logger = createRecordingLogger()
    const waiting = lock({ patience: 60_000, logger })
    await expect.poll(() => logger.lines.length).toBe(1)
    await other.kill()
    await waiting
  })

  it('goes to one alone of many processes that come at the same instant', async () => {
    for (let round = 0; round < 2; round += 1) {
      const all = Array.from({ length: 4 }, () => contend())
      await Promise.all(all.map(({ says }) => says(/^ready/)))
      for (const { send } of all) send('go')
      const outcomes = await Promise.all(all.map(({ says }) => says(/^(?:locked|refused)/)))
      expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1)
      await Promise.all(all.map(({ kill }) => kill()))
    }
  })

  it('goes to one alone of many that come at the same instant where the kernel has no locks', async () => {
    for (let round = 0; round < 20; round += 1) {
      const all = await Promise.allSettled(Array.from({ length: 6 }, () => lock(withoutKernel)))
      const held = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      expect(held).toHaveLength(1)
      await held[0]?.release()
    }
  })

  it('goes to one alone of many that wait for the same record to lapse', async () => {
    const dead = await contender({ kernel: false, timing: SOON })
    await dead.kill()
    const all = Array.from({ length: 4 }, () => contend({ kernel: false, timing: SOON }))
    await Promise.all(all.map(({ says }) => says(/^ready/)))
    for (const { send } of all) send('go')
    const outcomes = await Promise.all(all.map(({ says }) => says(/^(?:locked|refused)/)))
    expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1)
  })

  it('stays with a frozen holder that the kernel knows, which goes on when it wakes', async () => {
    const holder = await contender({ timing: SOON })
    holder.child.kill('SIGSTOP')
    // However long a busy machine takes between two looks, the silence lasts longer than a lapse.
    const timing = { ...SOON, lapse: 100 }
    await expect(lock({ timing, patience: 1_000 })).rejects.toThrow(
      /no sign of life for \d+ s: if it is frozen, end it/,
    )
    holder.send('file')
    holder.child.kill('SIGCONT')
    await holder.says(/^wrote file/)
  })

  it('is refused where nobody has locks of the kernel while the record is renewed', async () => {
    await contender({ kernel: false })
    await expect(lock(withoutKernel)).rejects.toThrow('in use by another server')
  })

  it('is refused where locks are granted to everybody while the record is renewed', async () => {
    await contender()
    const askKernel = () => ({ kind: 'held' as const, isCertain: false, release: () => {} })
    await expect(lock({ askKernel })).rejects.toThrow('in use by another server')
  })

  it('is refused while a record is renewed whose holder has a lock of another kernel', async () => {
    const other = await lock()
    const path = join(directory, 'locks', '1')
    const { kernel, ...record } = JSON.parse(await readFile(path, 'utf8'))
    await other.release()
    let renewals = 0
    const renewed = setInterval(() => {
      renewals += 1
      writeFileSync(path, JSON.stringify({ ...record, kernel: `not ${kernel}`, renewals }))
    }, 10)
    onTestFinished(() => clearInterval(renewed))
    await expect.poll(() => renewals).toBeGreaterThan(0)
    await expect(lock()).rejects.toThrow('in use by another server')
  })

  it('is got when a record lapses that nobody can read', async () => {
    await mkdir(join(directory, 'locks'))
    await writeFile(join(directory, 'locks', '7'), '4711 288147')
    await lock({ timing: { ...NEVER, lapse: 50 } })
    expect(await records()).toEqual(['8'])
  })

  it('does not travel: a copy of the folder is free beside the running original', async () => {
    const holder = await contender()
    const copy = `${directory}-copy`
    await cp(directory, copy, { recursive: true })
    onTestFinished(() => rm(copy, { recursive: true }))
    await lock({ directory: copy })
    holder.send('file')
    await holder.says(/^wrote file/)
  })

  it('says in one sentence when the folder cannot be used', async () => {
    await writeFile(join(directory, 'file'), '')
    await expect(lock({ directory: join(directory, 'file') })).rejects.toThrow(
      /^The data folder .* of DATABASE_URL cannot be used: a file is in the place of a folder\.$/,
    )
  })

  it.runIf(process.platform !== 'win32').each([
    ['a link that leads nowhere', 'nowhere', /a link that leads nowhere, is in the place/],
    ['a link that leads to itself', 'link', /a link leads to itself/],
  ])('says so of %s', async (_, target, reason) => {
    const link = join(directory, 'link')
    await symlink(join(directory, target), link)
    await expect(lock({ directory: link })).rejects.toThrow(reason)
    await expect(lock({ directory: join(directory, 'x'.repeat(300)) })).rejects.toThrow(
      /a name is too long/,
    )
  })

  it.runIf(process.platform === 'linux')(
    'says so too where no folder can be made, and does not try for ever',
    async () => {
      await expect(lock({ directory: '/proc/missing' })).rejects.toThrow(
        'The data folder /proc/missing of DATABASE_URL cannot be used: a folder is missing and cannot be made.',
      )
    },
  )
})

describe('a server that has lost its lock', { timeout: 120_000 }, () => {
  it('writes nothing when it was frozen, and wakes after another has taken over', async () => {
    const frozen = await contender({ kernel: false, timing: SOON })
    frozen.send('before')
    await frozen.says(/^wrote before/)
    frozen.child.kill('SIGSTOP')
    // What it finds first when it wakes.
    frozen.send('after')
    const successor = await contender({ kernel: false, timing: SOON })
    expect(successor.outcome).toBe('locked')
    successor.send('successor')
    await successor.says(/^wrote successor/)
    frozen.child.kill('SIGCONT')
    await frozen.says(/^failed: Another server has taken over from this one.*try again/)
    expect((await readdir(directory)).toSorted()).toEqual(['before', 'locks', 'successor'])
    successor.send('more')
    await successor.says(/^wrote more/)
  })

  /** Every write looks at the record. */
  const wary = { timing: { ...NEVER, trust: 0, renewEvery: 3_600_000 }, ...withoutKernel }

  it('lets nothing reach the disk by any call, says so once, and does not get it back', async () => {
    const held = await lock(wary)
    const calls: string[] = []
    const files = guardWrites(countingFiles(calls), held.assertHeld)
    const growing = await files.grow(join(directory, 'growing'))
    await rename(join(directory, 'locks', '1'), join(directory, 'locks', '2'))
    await rm(join(directory, 'growing'))
    calls.length = 0

    const path = join(directory, 'file')
    const refusal = 'Another server has taken over'
    const attempts = {
      write: () => files.write(path, 'text'),
      grow: () => files.grow(path),
      rename: () => files.rename(path, path),
      remove: () => files.remove(path),
      makeFolder: () => files.makeFolder(path),
      removeFolder: () => files.removeFolder(path),
      syncFolder: () => files.syncFolder(path),
    } satisfies Record<Exclude<keyof FileSystem, Reading>, () => unknown>
    for (const attempt of Object.values(attempts)) await expect(attempt()).rejects.toThrow(refusal)
    expect(() => growing.append(Buffer.from('line'))).toThrow(refusal)
    expect(() => growing.truncate(0)).toThrow(refusal)
    await expect(growing.sync()).rejects.toThrow(refusal)
    await growing.close()
    expect(calls).toEqual([])
    expect(await readdir(directory)).toEqual(['locks'])

    expect(await held.lost).toMatch(/^Another server has taken the data folder/)
    expect(held.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    await rename(join(directory, 'locks', '2'), join(directory, 'locks', '1'))
    expect(() => held.assertHeld()).toThrow(refusal)
  })

  it('acknowledges nothing, and ends what it writes in parts, when that happens meanwhile', async () => {
    const held = await lock(wary)
    const grow = async (path: string) => {
      const file = await nodeFileSystem.grow(path)
      const sync = async () => {
        await file.sync()
        await writeFile(join(directory, 'locks', '2'), '{}')
      }
      return { ...file, sync }
    }
    const files = guardWrites({ ...nodeFileSystem, grow }, held.assertHeld)
    const growing = await files.grow(join(directory, 'growing'))
    growing.append(Buffer.from('line'))
    await expect(growing.sync()).rejects.toMatchObject({ status: 503, code: 'interrupted' })

    const other = await lock({ ...wary, directory: join(directory, 'other') })
    const parts = (async function* () {
      yield 'one'
      await writeFile(join(directory, 'other', 'locks', '2'), '{}')
      yield 'two'
    })()
    const path = join(directory, 'file')
    const written = guardWrites(nodeFileSystem, other.assertHeld).write(path, parts)
    await expect(written).rejects.toThrow('Another server has taken over')
    expect(await readFile(path, 'utf8')).not.toContain('two')
  })

  it('ends as well when its lock was removed by hand', async () => {
    const held = await lock(wary)
    await rm(join(directory, 'locks'), { recursive: true })
    expect(() => held.assertHeld()).toThrow('Another server has taken over')
    expect(await held.lost).toMatch(/^The lock of this server in .* has been removed or replaced/)
    await lock(withoutKernel)
  })

  it('finds out by itself when it has nothing to write', async () => {
    const held = await lock({ timing: { ...NEVER, renewEvery: 5 } })
    await writeFile(join(directory, 'locks', '2'), '{}')
    expect(await held.lost).toMatch(/^Another server has taken the data folder/)
  })

  it('notices the hours that its machine slept, in which the steady clock stood still', async () => {
    const held = await lock({ timing: { ...NEVER, renewEvery: 3_600_000 } })
    await writeFile(join(directory, 'locks', '2'), '{}')
    held.assertHeld()
    const { now } = Date
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000)
    onTestFinished(() => void vi.restoreAllMocks())
    expect(() => held.assertHeld()).toThrow('Another server has taken over')
  })

  it('writes nothing while its record cannot be renewed, and goes on when it can', async () => {
    const held = await lock(wary)
    const path = join(directory, 'locks', '1')
    await rename(path, `${path}.away`)
    await mkdir(path)
    expect(() => held.assertHeld()).toThrow(/cannot save anything at the moment: .*try again/)
    expect(() => held.assertHeld()).toThrow(/cannot save anything at the moment/)
    await rm(path, { recursive: true })
    await rename(`${path}.away`, path)
    held.assertHeld()
    expect(held.logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
  })

  it('writes nothing after it has given the folder back', async () => {
    const held = await lock()
    await held.release()
    expect(() => held.assertHeld()).toThrow('The server is stopping')
  })
})

function countingFiles(calls: string[]): FileSystem {
  const counting =
    <A extends readonly unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    (...args: A) => {
      calls.push(name)
      return call(...args)
    }
  return {
    ...nodeFileSystem,
    write: counting('write', nodeFileSystem.write),
    grow: counting('grow', nodeFileSystem.grow),
    rename: counting('rename', nodeFileSystem.rename),
    remove: counting('remove', nodeFileSystem.remove),
    makeFolder: counting('makeFolder', nodeFileSystem.makeFolder),
    removeFolder: counting('removeFolder', nodeFileSystem.removeFolder),
    syncFolder: counting('syncFolder', nodeFileSystem.syncFolder),
  }
}

describe('the kernel’s lock on a file', () => {
  it('is one process’s at a time, and leaves nothing beside the file', async () => {
    const path = join(directory, 'kernel')
    const first = lockFile(path)
    expect(first).toMatchObject({ kind: 'held', isCertain: true })
    expect(lockFile(path).kind).toBe('busy')
    if (first.kind === 'held') first.release()
    const second = lockFile(path)
    expect(second.kind).toBe('held')
    expect(await readdir(directory)).toEqual(['kernel'])
    if (second.kind === 'held') second.release()
  })

  it('is none where the file cannot be made', () => {
    expect(lockFile(join(directory, 'missing', 'kernel')).kind).toBe('none')
  })
})
