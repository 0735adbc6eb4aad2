import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDisk } from '../../testing/stores/test-disk.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { createCompactingLog } from './append-log.ts'
import { createStoreContext } from './atomic-file.ts'
import { nodeFileSystem } from './file-system.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-growing-'))
  path = join(folder, 'file')
})
afterEach(() => rm(folder, { recursive: true }))

const open = (ahead: number) => nodeFileSystem.grow(path, ahead)
const text = () => readFile(path, 'latin1')

describe('a growing file with zeros ahead', () => {
  it('keeps its size while lines fit, and gets more zeros when they no longer do', async () => {
    const file = await open(8)
    file.append(Buffer.from('ab\n'))
    await file.sync()
    expect(await text()).toBe('ab\n\0\0\0\0\0')
    file.append(Buffer.from('cdefgh\n'))
    expect(await text()).toBe(`ab\ncdefgh\n${'\0'.repeat(8)}`)
    await file.close()
  })

  it('ends where its lines end once it is closed', async () => {
    const file = await open(100)
    file.append(Buffer.from('ab\n'))
    await file.close()
    expect(await text()).toBe('ab\n')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('goes on where it was cut off', async () => {
    const file = await open(8)
    file.append(Buffer.from('ab\ncd\n'))
    file.truncate(3)
    expect(await text()).toBe('ab\n')
    file.append(Buffer.from('ef\n'))
    expect(await text()).toBe(`ab\nef\n${'\0'.repeat(8)}`)
    await file.close()
  })
})

describe('a growing file without', () => {
  it('goes on behind what it has', async () => {
    for (const line of ['ab\n', 'cd\n']) {
      const file = await open(0)
      file.append(Buffer.from(line))
      await file.sync()
      await file.close()
    }
    expect(await text()).toBe('ab\ncd\n')
  })
})

describe('a log of which the newest lines count', () => {
  const openLog = (needed = 1) => {
    const disk = createTestDisk()
    const logger = createRecordingLogger()
    const context = createStoreContext({ files: disk.files, logger })
    return { disk, log: createCompactingLog({ context, path, needed: () => needed }) }
  }
  const linesOf = async (log: ReturnType<typeof openLog>['log']) =>
    (await log.read())?.map(({ bytes }) => Buffer.from(bytes).toString())

  it('goes on behind the last whole line, and says where lines stand', async () => {
    await writeFile(path, 'é\nhalf a li')
    const { log } = openLog()
    expect(await linesOf(log)).toEqual(['é'])
    expect(log.isDue).toBe(false)
    expect(await log.append(['bc', 'd'])).toBe(3)
    expect(await log.append(['e'])).toBe(8)
    await log.close()
    expect(await readFile(path, 'utf8')).toBe('é\nbc\nd\ne\n')
  })

  it('is to be written before it is gone on with where there is none', async () => {
    const { log } = openLog()
    expect(await linesOf(log)).toBeUndefined()
    expect(log.isDue).toBe(true)
    await log.rewrite(['a'])
    expect(log.isDue).toBe(false)
    await log.append(['b'])
    await log.close()
    expect(await linesOf(openLog().log)).toEqual(['a', 'b'])
  })

  it('is due once most of its lines are old, also when another process has written them', async () => {
    await writeFile(path, 'old\n'.repeat(1_002))
    const { log } = openLog()
    await log.read()
    expect(log.isDue).toBe(false)
    await log.append(['new'])
    expect(log.isDue).toBe(true)
    await log.rewrite(['new'])
    expect(log.isDue).toBe(false)
    await log.close()
    expect(await text()).toBe('new\n')
  })

  it('takes back what the disk refuses, and is written anew when nobody can tell what it has', async () => {
    const { disk, log } = openLog()
    await log.rewrite(['a'])
    disk.break('append', 'ENOSPC')
    await expect(log.append(['b'])).rejects.toThrow('ENOSPC')
    disk.repair()
    expect(log.isDue).toBe(false)
    expect(await text()).toBe('a\n')
    disk.break('sync', 'EIO')
    await expect(log.append(['c'])).rejects.toThrow('EIO')
    disk.repair()
    expect(log.isDue).toBe(true)
    disk.break('rename', 'EIO')
    await expect(log.rewrite(['d'])).rejects.toThrow('EIO')
    disk.repair()
    expect(log.isDue).toBe(true)
    expect(await text()).toBe('a\n')
    await log.rewrite(['d'])
    await log.close()
    expect(await text()).toBe('d\n')
  })
})
