import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConversationStore } from '../core/ports/index.ts'
import { backUp } from './backup.ts'
import { createJsonAccountStore, readAccounts } from './json-accounts.ts'
import { createJsonFileStore } from './json-conversations.ts'
import {
  exampleAccount,
  exampleConversation,
  exampleMessage,
} from '../testing/stores/store-examples.ts'
import { ownerRef } from './disk/paths.ts'
import {
  createRecordingLogger,
  createTemporaryStore,
  type TemporaryStore,
} from '../testing/stores/testing.ts'

const OWNER = 'visitor-1'
const { signal } = new AbortController()

let temporary: TemporaryStore
let parent: string
let target: string
beforeEach(async () => {
  temporary = await createTemporaryStore({ saveDelay: 60_000 })
  parent = await mkdtemp(join(tmpdir(), 'samosa-backup-'))
  target = join(parent, 'backup')
})
afterEach(async () => {
  await temporary.end()
  await rm(parent, { recursive: true, force: true })
})

async function say(store: ConversationStore, content: string) {
  const conversation = exampleConversation()
  await store.create(conversation)
  await store.addMessage(OWNER, conversation.id, { message: exampleMessage({ content }) })
  return conversation.id
}

const contents = async (store: ConversationStore, id: string) =>
  (await store.messages(OWNER, id))?.map(({ content }) => content)

const open = (directory: string) =>
  createJsonFileStore({ directory, logger: createRecordingLogger() })

const backUpThere = (directory = temporary.directory) => backUp({ directory, target, signal })

describe('a backup', () => {
  it('has what a store that works has in its journal only, and what lies beside it', async () => {
    const { store, directory } = temporary
    const id = await say(store, 'in the journal')
    await writeFile(join(directory, 'jwt-secret'), 'secret', { mode: 0o600 })
    await writeFile(join(directory, 'users.json'), '{}', { mode: 0o640 })
    await mkdir(join(directory, 'attachments', 'somebody'), { recursive: true })
    await writeFile(join(directory, 'attachments', 'somebody', 'file'), 'bytes')
    const mode = async (name: string) => (await stat(join(target, name))).mode & 0o777
    const logger = createRecordingLogger()
    const account = exampleAccount()
    const accounts = await createJsonAccountStore({ directory, logger })
    await accounts.add(account, { onlyFirst: false })
    await mkdir(target)
    expect(await backUpThere()).toMatchObject({ conversations: 1, files: 7 })
    expect(await readAccounts(target)).toEqual([account])
    expect(await mode(`accounts/${account.id}.json`)).toBe(0o600)
    expect(await mode('jwt-secret')).toBe(0o600)
    expect(await mode('users.json')).toBe(0o640)
    expect(await readFile(join(target, 'jwt-secret'), 'utf8')).toBe('secret')
    expect(await readFile(join(target, 'attachments', 'somebody', 'file'), 'utf8')).toBe('bytes')
    const copy = await open(target)
    expect(await contents(copy, id)).toEqual(['in the journal'])
    await copy.close()
  })

  it('has the pages that were read into the folder, and leaves out what is made from them', async () => {
    const { store, directory } = temporary
    await say(store, 'beside')
    const write = async (path: string) => {
      await mkdir(join(directory, 'knowledge', path, '..'), { recursive: true })
      await writeFile(join(directory, 'knowledge', path), path)
    }
    for (const path of [
      'sites/site.example/_sources.jsonl',
      'sites/site.example/start-1a2b.html',
    ]) {
      await write(path)
    }
    for (const path of [
      'sites/site.example/.start.01ab.tmp',
      'vectors-01ab.bin',
      'index.json',
      'index.md',
    ]) {
      await write(path)
    }
    for (const path of ['ingest/lock', 'ingest/round/round.jsonl']) await write(path)
    await backUpThere()
    const names = await readdir(join(target, 'knowledge'), { recursive: true, withFileTypes: true })
    const files = names.filter((entry) => entry.isFile()).map(({ name }) => name)
    expect(files.toSorted()).toEqual(['_sources.jsonl', 'index.md', 'start-1a2b.html'])
  })

  it('leaves out what searches of conversations make for themselves', async () => {
    const { store, directory } = temporary
    await say(store, 'saved')
    const folder = join(directory, 'conversations', ownerRef(OWNER).folder)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, '0.words'), 'words')
    await mkdir(join(directory, 'meaning', 'somebody'), { recursive: true })
    await writeFile(join(directory, 'meaning', 'somebody', 'vectors-01ab.bin'), 'vectors')
    await backUpThere()
    const names = await readdir(target, { recursive: true })
    expect(names.filter((name) => /words|meaning|vectors/.test(name))).toEqual([])
  })

  it('leaves out the lock, what is half written or half erased, and lines that the files have', async () => {
    const { store, directory, reopen } = temporary
    await say(store, 'saved')
    const again = await reopen()
    await again.list(OWNER, { limit: 1, offset: 0 })
    await say(again, 'in the journal')
    await mkdir(join(directory, 'locks'))
    await writeFile(join(directory, 'locks', '7'), '1234 5678')
    await mkdir(join(directory, 'erased', 'half'), { recursive: true })
    await writeFile(join(directory, 'users.json.0123-1.tmp'), '{"half":')
    await backUpThere()
    expect((await readdir(target)).toSorted()).toEqual(['conversations', 'journal'])
    expect(await readdir(join(target, 'journal'))).toEqual(['2.jsonl'])
    const names = await readdir(join(target, 'conversations'), { recursive: true })
    expect(names.filter((name) => name.endsWith('index.json'))).toEqual([])
    expect(names.filter((name) => name.endsWith('owner.json'))).toHaveLength(1)
    expect(names.filter((name) => name.endsWith('.json'))).toHaveLength(3)
  })

  it.each([
    ['is not empty', async () => writeFile(await made(target, 'mine'), ''), 'is not empty'],
    ['is a file', () => writeFile(target, ''), 'a file is in the place of a folder'],
    [
      'holds an unfinished one',
      async () => writeFile(await made(target, 'BACKUP-IS-NOT-FINISHED'), ''),
      'was not finished. Remove it first',
    ],
    [
      'is inside the data folder',
      async () => {
        target = join(temporary.directory, 'new', 'backup')
      },
      'is inside the data folder',
    ],
    [
      'is inside the data folder by another name',
      async () => {
        await symlink(temporary.directory, join(parent, 'link'))
        target = join(parent, 'link', 'backup')
      },
      'is inside the data folder',
    ],
  ])('is refused for a place that %s, and changes nothing there', async (_, prepare, words) => {
    await prepare()
    const before = await readdir(parent, { recursive: true })
    await expect(backUpThere()).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining(words),
    })
    expect(await readdir(parent, { recursive: true })).toEqual(before)
    expect(await readdir(temporary.directory)).not.toContain('new')
  })

  it('is refused of what is no data folder', async () => {
    await expect(backUpThere(join(parent, 'nothing'))).rejects.toThrow('Check DATABASE_URL')
  })

  it.each(['new', 'empty'])(
    'leaves nothing in a %s folder when it is interrupted',
    async (kind) => {
      const { store, directory } = temporary
      for (let count = 0; count < 20; count += 1) await say(store, 'x')
      if (kind === 'empty') await mkdir(target)
      const interrupt = new AbortController()
      const onFile = (files: number) => {
        if (files === 5) interrupt.abort(new Error('interrupted'))
      }
      const backup = backUp({ directory, target, signal: interrupt.signal, onFile })
      await expect(backup).rejects.toThrow('interrupted')
      expect(await readdir(parent, { recursive: true })).toEqual(kind === 'empty' ? ['backup'] : [])
    },
  )

  it('that was killed is nothing that a server starts on', async () => {
    const { store, directory } = temporary
    for (let count = 0; count < 3; count += 1) await say(store, 'x')
    const left: string[] = []
    const onFile = (files: number) => {
      const folder = join(parent, `killed after ${files}`)
      cpSync(target, folder, { recursive: true })
      left.push(folder)
    }
    const { files } = await backUp({ directory, target, signal, onFile })
    expect(left).toHaveLength(files)
    for (const folder of left) await expect(open(folder)).rejects.toThrow('backup that was not')
    await (await open(target)).close()
  })
})

async function made(folder: string, name: string): Promise<string> {
  await mkdir(folder)
  return join(folder, name)
}
