import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StartError } from '../core/errors.ts'
import { type FileSystem, guardWrites, nodeFileSystem } from './disk/file-system.ts'
import { createJsonAccountStore, readAccounts } from './json-accounts.ts'
import { exampleAccount } from '../testing/stores/store-examples.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-accounts-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = (files: FileSystem = nodeFileSystem) =>
  createJsonAccountStore({ directory, logger: createRecordingLogger(), files })
const anyTime = { onlyFirst: false }
const pathOf = (id: string) => join(directory, 'accounts', `${id}.json`)
const diskFull = () => Object.assign(new Error('full'), { code: 'ENOSPC' })

describe('accounts as files', () => {
  it('are read by nobody else', async () => {
    const store = await open()
    const account = exampleAccount()
    await store.add(account, anyTime)
    expect((await stat(pathOf(account.id))).mode & 0o777).toBe(0o600)
    expect((await stat(join(directory, 'accounts'))).mode & 0o777).toBe(0o700)
  })

  it('have names and addresses of their own, also when all come at once', async () => {
    const store = await open()
    const at = (username: string, email: string | null) =>
      store.add(exampleAccount({ username, email }), anyTime)
    expect(
      await Promise.all([
        at('Ann', 'ann@example.com'),
        at('ＡＮＮ', null),
        at('bob', 'Ann@Example.com'),
        at('cy', null),
        at('dan', null),
      ]),
    ).toEqual(['added', 'username taken', 'email taken', 'added', 'added'])
    expect(await store.count()).toBe(3)
  })

  it('stay as they were when the disk takes no more, and nobody signs in with the new one', async () => {
    let isFull = false
    const store = await open({
      ...nodeFileSystem,
      async write(path, content) {
        if (isFull) throw diskFull()
        return await nodeFileSystem.write(path, content)
      },
    })
    const ann = exampleAccount({ username: 'ann' })
    await store.add(ann, anyTime)
    isFull = true
    const full = { code: 'internal', message: 'The account could not be saved: the disk is full.' }
    await expect(store.add(exampleAccount({ username: 'bob' }), anyTime)).rejects.toMatchObject(
      full,
    )
    await expect(store.change(ann.id, () => ({ isActive: false }))).rejects.toMatchObject(full)
    expect(await store.list()).toEqual([ann])
    isFull = false
    expect(await store.add(exampleAccount({ username: 'bob' }), anyTime)).toBe('added')
    expect(await readdir(join(directory, 'accounts'))).toHaveLength(2)
  })

  it('are not written by a server that has lost the folder', async () => {
    let isHeld = true
    const store = await open(
      guardWrites(nodeFileSystem, () => {
        if (!isHeld) throw new Error('lost')
      }),
    )
    const account = exampleAccount()
    await store.add(account, anyTime)
    isHeld = false
    await expect(store.change(account.id, () => ({ isActive: false }))).rejects.toThrow('saved')
    expect(await readAccounts(directory)).toEqual([account])
  })

  it.each([
    ['nothing', ''],
    ['half of it', '{"version":1,"acc'],
    ['something else', '{"version":1,"account":{"id":"x"}}'],
    ['bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe])],
  ])('stop the start with a sentence when a file holds %s', async (_, content) => {
    const store = await open()
    const account = exampleAccount()
    await store.add(account, anyTime)
    await writeFile(pathOf(account.id), content)
    const opening = open()
    await expect(opening).rejects.toThrow(StartError)
    await expect(open()).rejects.toThrow(`The account in ${pathOf(account.id)} cannot be read`)
    await expect(readAccounts(directory)).rejects.toThrow('Put the file back from a backup')
  })

  it('stop the start when two have one name, or one lies in the place of another', async () => {
    const store = await open()
    const ann = exampleAccount({ username: 'ann' })
    await store.add(ann, anyTime)
    const copy = exampleAccount({ username: 'ANN' })
    await writeFile(pathOf(copy.id), JSON.stringify({ version: 1, account: copy }))
    await expect(open()).rejects.toThrow('have the same username')
    await writeFile(pathOf(copy.id), await readFile(pathOf(ann.id)))
    await expect(open()).rejects.toThrow('it is the file of another account')
  })

  it('cost the same to change, however many there are', async () => {
    let written = 0
    const store = await open({
      ...nodeFileSystem,
      async write(path, content) {
        written += 1
        return await nodeFileSystem.write(path, content)
      },
    })
    const accounts = Array.from({ length: 200 }, (_, index) =>
      exampleAccount({ username: `user ${index}` }),
    )
    for (const account of accounts) await store.add(account, anyTime)
    written = 0
    await store.change(accounts[7]!.id, () => ({ isActive: false }))
    expect(written).toBe(1)
  })

  it('are all there that were acknowledged, and whole, when the process is killed', async () => {
    const program = fileURLToPath(
      new URL('../testing/stores/save-accounts-until-killed.ts', import.meta.url),
    )
    const versions = new Map<string, number>()
    for (let kill = 0; kill < 5; kill += 1) {
      const child = spawn(process.execPath, [program, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const closed = once(child, 'close')
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [id = '', version = ''] = line.split(' ')
        versions.set(id, Number(version))
        lines += 1
        if (lines === 20) setTimeout(() => child.kill('SIGKILL'), Math.random() * 6)
      }
      expect((await closed)[1]).toBe('SIGKILL')
      const found = new Map((await readAccounts(directory)).map((one) => [one.id, one]))
      for (const [id, version] of versions) {
        // One change more may have been made, whose line was not said any more.
        expect([version, version + 1]).toContain(found.get(id)?.tokenVersion)
      }
    }
    expect(versions.size).toBeGreaterThan(5)
    await open()
    const names = await readdir(join(directory, 'accounts'))
    expect(names.filter((name) => !name.endsWith('.json'))).toEqual([])
  })
})
