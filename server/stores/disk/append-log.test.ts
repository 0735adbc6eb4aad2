import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openGrowingFile } from './append-log.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-growing-'))
  path = join(folder, 'file')
})
afterEach(() => rm(folder, { recursive: true }))

const open = (ahead: number) => openGrowingFile(path, { mode: 0o600, ahead })
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
