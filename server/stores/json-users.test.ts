import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeFileSystem } from './disk/file-system.ts'
import { createJsonUserDirectory, type JsonUserDirectoryOptions } from './json-users.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'

let directory: string
let logger: ReturnType<typeof createRecordingLogger>
let now: number
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-users-'))
  logger = createRecordingLogger()
  now = Date.UTC(2026, 0, 1)
})
afterEach(() => rm(directory, { recursive: true }))

const open = (options: Partial<JsonUserDirectoryOptions> = {}) =>
  createJsonUserDirectory({ directory, logger, clock: () => now, ...options })
const file = () => join(directory, 'users.json')
const ann = { userId: '7', roles: ['admin'], email: 'ann@example.com', name: 'Ann' }

/** The disk, which counts what is written to it; `fail` says what it answers. */
function createDisk(fail: () => Error | undefined = () => undefined) {
  const disk = {
    writes: 0,
    files: {
      ...nodeFileSystem,
      async write(path: string, content: string | AsyncIterable<string>) {
        disk.writes += 1
        const failure = fail()
        if (failure) throw failure
        return nodeFileSystem.write(path, content)
      },
    },
  }
  return disk
}

const diskFull = () => Object.assign(new Error('full'), { code: 'ENOSPC' })

describe('the directory of users', () => {
  it('writes once for many notes, some time after the first', async () => {
    const disk = createDisk()
    let written = () => {}
    const write = new Promise<void>((resolve) => {
      written = resolve
    })
    const files = {
      ...disk.files,
      async rename(from: string, to: string) {
        await nodeFileSystem.rename(from, to)
        written()
      },
    }
    const users = await open({ files, flushDelay: () => 20 })
    for (let count = 0; count < 1_200; count += 1) users.note({ userId: `${count}`, roles: [] })
    expect(disk.writes).toBe(0)
    await write
    expect(disk.writes).toBe(1)
    const { users: stored } = JSON.parse(await readFile(file(), 'utf8')) as { users: unknown[] }
    expect(stored).toHaveLength(1_200)
    await users.close()
    expect(disk.writes).toBe(1)
  })

  it('writes nothing when nobody was noted', async () => {
    const users = await open()
    await users.remove('nobody')
    await users.close()
    expect(await readdir(directory)).toEqual([])
  })

  it('forgets somebody for good before it says so', async () => {
    const users = await open()
    users.note(ann)
    users.note({ userId: 'bob', roles: [] })
    await users.remove('7')
    expect(await readFile(file(), 'utf8')).not.toContain('ann@')
    expect((await users.list()).map(({ id }) => id)).toEqual(['bob'])
    await users.close()
  })

  it('says so when somebody could not be forgotten, and can be asked again', async () => {
    let failure: Error | undefined
    const users = await open({ files: createDisk(() => failure).files })
    users.note(ann)
    failure = diskFull()
    await expect(users.remove('7')).rejects.toMatchObject({
      code: 'internal',
      message: 'The user could not be removed: the disk is full.',
    })
    failure = undefined
    users.note(ann)
    await users.remove('7')
    expect(await readFile(file(), 'utf8')).not.toContain('ann@')
    await users.close()
  })

  it('fails no request and no shutdown when the disk does, and logs it without names', async () => {
    const users = await open({ files: createDisk(diskFull).files })
    users.note(ann)
    await users.close()
    expect(logger.lines).toMatchObject([
      { level: 'error', message: 'the list of users could not be saved' },
    ])
    expect(JSON.stringify(logger.lines)).not.toContain('ann')
  })

  it('is for nobody else to read, and leaves no temporary file', async () => {
    const users = await open()
    users.note(ann)
    await users.close()
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect(await readdir(directory)).toEqual(['users.json'])
  })

  it('sets a file aside that it cannot understand, and starts anew', async () => {
    await writeFile(file(), '{"version":1,"users":[{"id":')
    const users = await open()
    expect(await users.list()).toEqual([])
    users.note(ann)
    await users.close()
    expect((await readdir(directory)).toSorted()).toEqual([
      'users.json',
      'users.json.unreadable-20260101T000000000Z',
    ])
  })
})
