import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import type { ConversationStore } from '../core/ports/index.ts'
import { nodeFileSystem } from './disk/file-system.ts'
import { createJsonFileStore, type JsonFileStoreOptions } from './json-conversations.ts'
import {
  EXAMPLE_TIME,
  exampleConversation,
  exampleMessage,
} from '../testing/stores/store-examples.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import {
  createRecordingLogger,
  createTemporaryStore,
  type TemporaryStore,
} from '../testing/stores/testing.ts'

const OWNER = 'visitor-1'
/** Of a data folder. */
const TOP_LEVEL = ['README.txt', 'conversations', 'erased', 'journal']
const ALL = { limit: 1000, offset: 0 }

let opened: TemporaryStore[] = []
afterEach(async () => {
  await Promise.all(opened.map((temporary) => temporary.end()))
  opened = []
})

async function temporaryStore(options: Partial<JsonFileStoreOptions> = {}) {
  const temporary = await createTemporaryStore(options)
  opened.push(temporary)
  return temporary
}

async function withConversation(store: ConversationStore) {
  const conversation = exampleConversation()
  await store.create(conversation)
  return conversation.id
}

async function add(store: ConversationStore, id: string, content: string) {
  return store.addMessage(OWNER, id, { message: exampleMessage({ content }) })
}

async function contents(store: ConversationStore, id: string) {
  return (await store.messages(OWNER, id))?.map(({ content }) => content)
}

async function listedIds(store: ConversationStore) {
  return (await store.list(OWNER, ALL)).items.map(({ id }) => id)
}

/** The folder of the only owner. */
async function ownerFolder(directory: string) {
  const [name] = await readdir(join(directory, 'conversations'))
  return join(directory, 'conversations', name!)
}

/** A store on what a server would leave that is killed now. */
async function killed(directory: string) {
  const copy = await temporaryStore()
  await copy.store.close()
  await cp(directory, copy.directory, { recursive: true })
  return copy.reopen()
}

/** What the files say, without the journal. */
async function storedContents(directory: string) {
  const folder = await ownerFolder(directory)
  const names = (await readdir(folder)).filter((name) => !/^(?:index|owner)\.json$/.test(name))
  return Promise.all(
    names.map(async (name) => {
      const record: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'))
      return (record as { messages: { content: string }[] }).messages.map(({ content }) => content)
    }),
  )
}

describe('writing', () => {
  it('groups what piles up on one conversation into few writes', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    const before = disk.count('sync')
    const wanted = Array.from({ length: 100 }, (_, n) => `message ${n}`)
    await Promise.all(wanted.map((content) => add(store, id, content)))
    expect(disk.count('sync') - before).toBeLessThanOrEqual(2)
    expect(await contents(store, id)).toEqual(wanted)
  })

  it('groups what piles up on many conversations into few waits for the disk', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const ids = await Promise.all(Array.from({ length: 50 }, () => withConversation(store)))
    const before = disk.count('sync')
    await Promise.all(ids.map((id) => add(store, id, 'x')))
    expect(disk.count('sync') - before).toBeLessThanOrEqual(2)
    for (const id of ids) expect(await contents(store, id)).toEqual(['x'])
  })

  it('acknowledges only after the line has been synced, and nothing else', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    const before = disk.calls.length
    await add(store, id, 'x')
    const journal = join(directory, 'journal', '1.jsonl')
    expect(disk.calls.slice(before)).toEqual([`append ${journal}`, `sync ${journal}`])
  })

  it('begins a conversation only after its file has been synced, renamed and the name synced', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({ files: disk.files })
    await withConversation(store)
    const folder = await ownerFolder(directory)
    const before = disk.calls.length
    await withConversation(store)
    const calls = disk.calls.slice(before)
    const [write, ...rest] = calls.filter((call) => !/^(?:read|stamp) /.test(call))
    expect(write).toMatch(/^write .*\.tmp$/)
    expect(rest).toEqual([write?.replace('write', 'rename'), `syncFolder ${folder}`])
  })

  it('begins an owner’s folder so that its name is synced before anything in it tells that it is made', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({ files: disk.files })
    const before = disk.calls.length
    await withConversation(store)
    const root = join(directory, 'conversations')
    const calls = disk.calls.slice(before).filter((call) => !/^(?:read|stamp) /.test(call))
    expect(calls.slice(0, 3)).toEqual([
      `makeFolder ${await ownerFolder(directory)}`,
      `syncFolder ${root}`,
      `write ${join(await ownerFolder(directory), 'owner.json')}`,
    ])
  })

  it('answers readers with what the disk has while a write is under way', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    const { reached, release } = disk.hold('sync')
    const adding = add(store, id, 'x')
    await reached
    expect(await contents(store, id)).toEqual([])
    release()
    await adding
    expect(await contents(store, id)).toEqual(['x'])
  })

  it('never touches another conversation, nor the list until later', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const ids = await Promise.all(Array.from({ length: 20 }, () => withConversation(store)))
    await listedIds(store)
    const before = disk.count('write', '/conversations/')
    await add(store, ids[0]!, 'one')
    expect(disk.count('write', '/conversations/') - before).toBe(0)
    expect(disk.count('write', 'index.json')).toBe(0)
    await store.close()
    expect(disk.count('write', ids[0])).toBe(2)
    expect(disk.count('write', 'index.json')).toBe(1)
    expect(disk.count('write', '/conversations/') - before).toBe(2)
  })

  it('saves the list by itself after a while, once for many changes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const disk = createTestDisk()
      const { store, directory } = await temporaryStore({ files: disk.files })
      const ids = await Promise.all(Array.from({ length: 5 }, () => withConversation(store)))
      await listedIds(store)
      for (const id of ids) await add(store, id, 'x')
      expect(disk.count('write', 'index.json')).toBe(0)
      vi.advanceTimersByTime(2000)
      const index = join(await ownerFolder(directory), 'index.json')
      await eventually(async () => {
        const text = await readFile(index, 'utf8')
        expect(JSON.parse(text)).toMatchObject({ version: 1, entries: { length: 5 } })
      })
      expect(disk.count('write', 'index.json')).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves files that only the server’s own user may read', async () => {
    const { store, directory } = await temporaryStore()
    const id = await withConversation(store)
    const folder = await ownerFolder(directory)
    expect((await stat(folder)).mode & 0o077).toBe(0)
    expect((await stat(join(folder, `${id}.json`))).mode & 0o077).toBe(0)
  })

  it('keeps every owner inside the data folder', async () => {
    const { store, directory } = await temporaryStore()
    for (const ownerId of ['../../escaped', '/etc', '..', 'a\u0000b', 'A', 'a']) {
      await store.create(exampleConversation({ ownerId }))
    }
    expect((await readdir(directory)).toSorted()).toEqual(TOP_LEVEL)
    const folders = await readdir(join(directory, 'conversations'))
    expect(new Set(folders.map((name) => name.toLowerCase())).size).toBe(6)
    for (const name of folders) expect(name).toMatch(/^[0-9a-f]{64}$/)
    expect(await readdir(dirname(directory))).not.toContain('escaped')
  })

  it('says in every owner’s folder whose it is, readable for nobody else', async () => {
    const names = ['asha@example.com', '../../escaped', 'Zoë "zo" 😀', '\ud800', '']
    const { store, directory, reopen } = await temporaryStore()
    for (const ownerId of names) await store.create(exampleConversation({ ownerId }))
    const told = async () => {
      const root = join(directory, 'conversations')
      const files = (await readdir(root)).map((folder) => join(root, folder, 'owner.json'))
      for (const file of files) expect((await stat(file)).mode & 0o077).toBe(0)
      const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
      return texts.map((text) => (JSON.parse(text) as { ownerId: string }).ownerId).toSorted()
    }
    expect(await told()).toEqual(names.toSorted())
    const again = await reopen()
    expect((await again.owners()).map(({ ownerId }) => ownerId).toSorted()).toEqual(
      names.toSorted(),
    )
    await again.removeOwner('asha@example.com')
    expect(await told()).toEqual(names.slice(1).toSorted())
  })

  it.each([
    ['does not say whose it is, as in earlier versions', undefined],
    ['names another owner, as one that was copied by hand', '{"ownerId":"somebody else"}'],
    ['says it in a file that is damaged', '{"ownerId":'],
  ])('opens a folder that %s, and says it from then on', async (_, text) => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await add(store, id, 'from before')
    await store.close()
    const file = join(await ownerFolder(directory), 'owner.json')
    const right = await readFile(file, 'utf8')
    const spoil = () => (text === undefined ? rm(file) : writeFile(file, text))
    await spoil()
    const again = await reopen()
    expect(await contents(again, id)).toEqual(['from before'])
    expect(await again.owners()).toEqual([{ ownerId: OWNER, conversations: 1, messages: 1 }])
    await withConversation(again)
    expect(await readFile(file, 'utf8')).toBe(right)

    await spoil()
    const indexed = await reopen()
    await indexed.reindex({ signal: AbortSignal.any([]), onProgress() {} })
    expect(await readFile(file, 'utf8')).toBe(right)
    await indexed.removeOwner(OWNER)
    expect(await readdir(join(directory, 'conversations'))).toEqual([])
  })

  it('says in the folder how an owner is found, both ways', async () => {
    const ownerId = 'Zoë O’Neill "zo" 😀'
    const { store, directory, reopen } = await temporaryStore()
    const { id } = exampleConversation()
    await store.create(exampleConversation({ id, ownerId }))
    const path = join(directory, 'README.txt')
    const readme = await readFile(path, 'utf8')
    const grep = (text: string) =>
      execFileSync('grep', ['-rlF', '--include=owner.json', text, 'conversations'], {
        cwd: directory,
        encoding: 'utf8',
      })
    expect(readme).toContain("grep -rlF --include=owner.json 'the id' conversations")
    expect(dirname(join(directory, grep('O’Neill').trim()))).toBe(await ownerFolder(directory))
    const [, script = ''] = /node -p "([^"]+)"/.exec(readme) ?? []
    const found = execFileSync(process.execPath, ['-p', script, ownerId], { encoding: 'utf8' })
    const file = join(directory, 'conversations', found.trim(), `${id}.json`)
    expect(await readFile(file, 'utf8')).toContain(`    "ownerId": ${JSON.stringify(ownerId)},\n`)
    await writeFile(path, 'of another version')
    await reopen()
    expect(await readFile(path, 'utf8')).toBe(readme)
  })

  it('writes conversations for people to read, of long ones a message a line', async () => {
    const { store, directory } = await temporaryStore({ saveDelay: 0 })
    const id = await withConversation(store)
    await add(store, id, 'a word')
    const path = join(await ownerFolder(directory), `${id}.json`)
    const text = () => readFile(path, 'utf8')
    await eventually(async () => expect(await text()).toContain('\n      "content": "a word",\n'))
    for (let count = 1; count <= 200; count += 1) await add(store, id, `message ${count}`)
    await eventually(async () => expect(await text()).toContain('"content":"message 200"'))
    const lines = (await text()).trimEnd().split('\n')
    expect(lines[0]).toBe('{"lines":1}')
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ message: { content: 'a word' } })
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ record: { conversation: { id } } })
  })

  it('takes little more room than what a client sent, however that is nested', async () => {
    const { store, directory } = await temporaryStore()
    const sent = `${'['.repeat(62)}${'1,'.repeat(20_000)}1${']'.repeat(62)}`
    const conversation = exampleConversation({ metadata: { sent: JSON.parse(sent) as unknown } })
    await store.create(conversation)
    const path = join(await ownerFolder(directory), `${conversation.id}.json`)
    expect((await stat(path)).size).toBeLessThan(2 * sent.length)
  })

  it('opens files that earlier versions wrote in one line', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await add(store, id, 'from before')
    await store.close()
    const path = join(await ownerFolder(directory), `${id}.json`)
    const line = JSON.stringify(JSON.parse(await readFile(path, 'utf8')))
    await writeFile(path, line)
    await rm(join(directory, 'README.txt'))
    const again = await reopen()
    expect(await contents(again, id)).toEqual(['from before'])
    await add(again, id, 'from now')
    expect(await contents(await reopen(), id)).toEqual(['from before', 'from now'])
  })

  it('refuses work once it is closed, and loses nothing that was under way', async () => {
    const { store, reopen } = await temporaryStore()
    const id = await withConversation(store)
    const adding = add(store, id, 'under way')
    await store.close()
    await adding
    await expect(add(store, id, 'late')).rejects.toMatchObject({ code: 'interrupted' })
    expect(await contents(await reopen(), id)).toEqual(['under way'])
  })
})

describe('a failing disk', () => {
  it.each([
    ['append', 'ENOSPC', 'the disk is full'],
    ['append', 'EIO', 'the disk reported an error'],
    ['sync', 'EIO', 'the disk reported an error'],
    ['sync', 'ESTALE', 'the system answered ESTALE'],
  ] as const)('fails the message when %s says %s, and recovers', async (name, code, words) => {
    const disk = createTestDisk()
    const { store, directory, logger, reopen } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    await add(store, id, 'kept')
    const kept = await store.find(OWNER, id)
    disk.break(name, code)
    const lost = await Promise.allSettled([add(store, id, 'lost 1'), add(store, id, 'lost 2')])
    for (const result of lost) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { name: 'ChatError', code: 'internal', cause: { code } },
      })
      expect(`${result.status === 'rejected' && result.reason}`).toContain(words)
      expect(`${result.status === 'rejected' && result.reason}`).not.toContain(directory)
    }
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(await contents(store, id)).toEqual(['kept'])
    expect(await store.find(OWNER, id)).toEqual(kept)
    expect((await store.list(OWNER, ALL)).items).toEqual([kept])
    disk.repair()
    await add(store, id, 'later')
    expect(await contents(store, id)).toEqual(['kept', 'later'])
    expect(await contents(await reopen(), id)).toEqual(['kept', 'later'])
    expect((await readdir(await ownerFolder(directory))).filter((f) => f.endsWith('.tmp'))).toEqual(
      [],
    )
  })

  it.each(['append', 'sync'] as const)(
    'takes a message back for good when %s fails and half of it is there',
    async (operation) => {
      const disk = createTestDisk()
      const { store, directory } = await temporaryStore({ files: disk.files })
      const id = await withConversation(store)
      await listedIds(store)
      await add(store, id, 'kept')
      const journal = join(directory, 'journal', '1.jsonl')
      const lines = async () => (await readFile(journal, 'utf8')).replaceAll('\0', '')
      const line = await lines()
      disk.break(operation, 'EIO')
      await expect(add(store, id, 'lost')).rejects.toMatchObject({ code: 'internal' })
      expect(await lines()).toBe(line)
      disk.repair()
      expect(await contents(store, id)).toEqual(['kept'])
      expect((await store.list(OWNER, ALL)).items).toEqual([await store.find(OWNER, id)])
      await add(store, id, 'next')
      // What the disk has now is what a killed server would leave.
      expect(await contents(await killed(directory), id)).toEqual(['kept', 'next'])
    },
  )

  it('forgets what it took back even if the disk would not cut it off', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    disk.break('sync', 'EIO', 'truncate')
    await expect(add(store, id, 'lost')).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    expect(await readFile(join(directory, 'journal', '1.jsonl'), 'utf8')).toContain('lost')
    await add(store, id, 'next')
    expect(await contents(await killed(directory), id)).toEqual(['next'])
  })

  it('goes on with lines while files cannot be written, and is not ready meanwhile', async () => {
    const disk = createTestDisk()
    const { store, directory, logger } = await temporaryStore({ files: disk.files, saveDelay: 0 })
    const id = await withConversation(store)
    disk.break('write', 'ENOSPC')
    await add(store, id, 'one')
    await eventually(() => expect(logger.lines.map(({ level }) => level)).toEqual(['error']))
    await add(store, id, 'two')
    expect(await contents(store, id)).toEqual(['one', 'two'])
    disk.repair()
    expect(await store.isReady()).toBe(false)
    expect(await contents(await killed(directory), id)).toEqual(['one', 'two'])
    await store.close()
    const [stored] = await storedContents(directory)
    expect(stored).toEqual(['one', 'two'])
  })

  it('takes nothing more when the journal is full and files cannot be written, until they can', async () => {
    const disk = createTestDisk()
    const options = { files: disk.files, journalLimit: 1, saveDelay: 60_000 }
    const { store } = await temporaryStore(options)
    const id = await withConversation(store)
    await add(store, id, 'one')
    disk.break('write', 'ENOSPC')
    await expect(add(store, id, 'two')).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    await add(store, id, 'three')
    expect(await contents(store, id)).toEqual(['one', 'three'])
  })

  it('fails a new conversation whose folder cannot be made, and makes it the next time', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const conversation = exampleConversation()
    disk.break('makeFolder', 'EACCES')
    await expect(store.create(conversation)).rejects.toMatchObject({ code: 'internal' })
    expect(await store.find(OWNER, conversation.id)).toBeUndefined()
    disk.repair()
    await store.create(conversation)
    expect(await store.find(OWNER, conversation.id)).toEqual(conversation)
  })

  it('keeps a conversation that could not be removed', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    disk.break('remove', 'EACCES')
    await expect(store.remove(OWNER, id)).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    expect(await store.find(OWNER, id)).toBeDefined()
    expect(await store.remove(OWNER, id)).toBe(true)
  })

  it('keeps an owner who could not be erased', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    disk.break('rename', 'EACCES')
    await expect(store.removeOwner(OWNER)).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    expect(await listedIds(store)).toEqual([id])
    await store.removeOwner(OWNER)
    expect(await listedIds(store)).toEqual([])
  })

  it('fails a reading, and reads again later without setting anything aside', async () => {
    const disk = createTestDisk()
    const { store, directory, reopen } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    const again = await reopen()
    disk.break('read', 'EIO')
    await expect(again.find(OWNER, id)).rejects.toMatchObject({ code: 'internal' })
    await expect(add(again, id, 'x')).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    expect(await again.find(OWNER, id)).toBeDefined()
    const names = await readdir(await ownerFolder(directory))
    expect(names.toSorted()).toEqual([`${id}.json`, 'owner.json'])
  })

  it('is not ready while it cannot write', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    disk.break('write', 'ENOSPC')
    expect(await store.isReady()).toBe(false)
    disk.repair()
    expect(await store.isReady()).toBe(true)
  })

  it('loses only a cache when the list cannot be saved', async () => {
    const disk = createTestDisk()
    const { store, logger, reopen } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    await listedIds(store)
    disk.break('write', 'ENOSPC')
    await store.close()
    disk.repair()
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn'])
    expect(await listedIds(await reopen())).toEqual([id])
  })

  it('stops the start with the folder’s name and the reason', async () => {
    const { directory, logger } = await temporaryStore()
    await expect(createJsonFileStore({ directory: '/dev/null/data', logger })).rejects.toThrow(
      'The data folder /dev/null/data of DATABASE_URL cannot be used: a file is in the place of',
    )
    const disk = createTestDisk()
    disk.break('write', 'EROFS')
    await expect(createJsonFileStore({ directory, logger, files: disk.files })).rejects.toThrow(
      'the disk is read-only',
    )
  })
})

describe('a file system', () => {
  it('that cannot sync folders is used all the same, which the log says once', async () => {
    const files = { ...nodeFileSystem, syncFolder: async () => false }
    const { store, logger, reopen } = await temporaryStore({ files })
    const conversation = exampleConversation()
    await store.create(conversation)
    const warned = logger.lines.filter(({ level }) => level === 'warn')
    expect(warned.map(({ message }) => message)).toEqual([
      expect.stringContaining('cannot sync folders'),
    ])
    expect(await (await reopen()).find(OWNER, conversation.id)).toEqual(conversation)
  })

  it('that lets no file take the place of another stops the start, and nothing is left behind', async () => {
    const { directory, logger } = await temporaryStore()
    const files = {
      ...nodeFileSystem,
      async rename() {
        throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' })
      },
    }
    const opening = createJsonFileStore({ directory, logger, files })
    await expect(opening).rejects.toThrow(/DATABASE_URL cannot be used: .* renamed file .*EEXIST/)
    expect((await readdir(directory)).filter((name) => name.includes('probe'))).toEqual([])
  })
})

describe('a file that cannot be understood', () => {
  const damages: readonly [string, (text: string) => string | Uint8Array][] = [
    ['nothing', () => ''],
    ['half of it', (text) => text.slice(0, text.length / 2)],
    ['zeros', (text) => new Uint8Array(text.length)],
    ['null', () => 'null'],
    ['another shape', () => '{"version":1,"conversation":{}}'],
    ['an unknown version', (text) => text.replace('"version": 1', '"version": 9')],
    ['another owner', (text) => text.replace(OWNER, 'visitor-2')],
    ['a broken character', (text) => Buffer.from(text.replace('spicy', 'spic\u00ff'), 'latin1')],
  ]

  it.each(damages)('is set aside, named and kept when it holds %s', async (_name, damage) => {
    const { store, directory, logger, reopen } = await temporaryStore({ clock: () => EXAMPLE_TIME })
    const id = await withConversation(store)
    const other = await withConversation(store)
    await add(store, id, 'spicy')
    await store.close()
    const folder = await ownerFolder(directory)
    const path = join(folder, `${id}.json`)
    const damaged = Buffer.from(damage(await readFile(path, 'utf8')))
    await writeFile(path, damaged)

    const again = await reopen()
    expect(await again.find(OWNER, id)).toBeUndefined()
    expect(await again.messages(OWNER, id)).toBeUndefined()
    expect(await add(again, id, 'x')).toBeUndefined()
    expect(await listedIds(again)).toEqual([other])
    await add(again, other, 'works')

    const aside = `${id}.json.unreadable-20250301T120000000Z`
    expect(await readFile(join(folder, aside))).toEqual(damaged)
    const errors = logger.lines.filter(({ level }) => level === 'error')
    expect(errors).toHaveLength(1)
    expect(errors[0]?.fields).toMatchObject({ file: path, set_aside: aside })
    expect(JSON.stringify(errors)).not.toContain('spic')
  })

  it('does not push an earlier one away', async () => {
    const { store, directory, reopen } = await temporaryStore({ clock: () => EXAMPLE_TIME })
    const id = await withConversation(store)
    const folder = await ownerFolder(directory)
    for (const text of ['first', 'second']) {
      await writeFile(join(folder, `${id}.json`), text)
      expect(await listedIds(await reopen())).toEqual([])
    }
    const names = (await readdir(folder)).filter((name) => name.includes('unreadable')).toSorted()
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
    expect(texts).toEqual(['first', 'second'])
  })

  it('may be the index: it is made again', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await listedIds(store)
    await store.close()
    const folder = await ownerFolder(directory)
    await writeFile(join(folder, 'index.json'), '{"version":1,"entries":[')
    expect(await listedIds(await reopen())).toEqual([id])
    await reopen()
    expect(JSON.parse(await readFile(join(folder, 'index.json'), 'utf8'))).toMatchObject({
      entries: { length: 1 },
    })
  })

  it('is not one whose metadata nobody could write again: they alone are left out', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const conversation = exampleConversation({ metadata: { a: 1 } })
    const { id } = conversation
    await store.create(conversation)
    await add(store, id, 'kept')
    await store.close()
    const path = join(await ownerFolder(directory), `${id}.json`)
    const text = await readFile(path, 'utf8')
    const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    const kept = /\{\s*"a": 1\s*\}/
    expect(text).toMatch(kept)
    await writeFile(path, text.replace(kept, nested))
    const again = await reopen()
    expect((await again.list(OWNER, ALL)).items[0]).toMatchObject({ id, metadata: {} })
    await add(again, id, 'added')
    expect(await contents(again, id)).toEqual(['kept', 'added'])
    const metadata: unknown = JSON.parse('{"__proto__":{"b":1}}')
    await again.update(OWNER, id, { metadata: metadata as Record<string, unknown> })
    const last = await reopen()
    expect(JSON.stringify((await last.find(OWNER, id))?.metadata)).toBe('{"__proto__":{"b":1}}')
  })

  it('is not one that a newer version has added something to', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await store.close()
    const path = join(await ownerFolder(directory), `${id}.json`)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"title": null', '"title": null, "summary": "new"'))
    await add(await reopen(), id, 'x')
    expect(await readFile(path, 'utf8')).toContain('"summary": "new"')
  })
})

describe('the owners', () => {
  async function owned() {
    const disk = createTestDisk()
    const temporary = await temporaryStore({ files: disk.files })
    const { store, directory } = temporary
    const id = await withConversation(store)
    for (const content of ['a', 'b', 'c']) await add(store, id, content)
    for (let count = 0; count < 9; count += 1) await withConversation(store)
    const folder = await ownerFolder(directory)
    await store.owners()
    await store.close()
    const totals = [{ ownerId: OWNER, conversations: 10, messages: 3 }]
    return { ...temporary, disk, folder, totals }
  }

  it('are counted without reading their conversations again', async () => {
    const { reopen, disk, totals } = await owned()
    const store = await reopen()
    const reads = disk.count('read')
    expect(await store.owners()).toEqual(totals)
    // The index, and one file to learn whose folder it is.
    expect(disk.count('read') - reads).toBe(2)
    expect(await store.owners()).toEqual(totals)
    expect(disk.count('read') - reads).toBe(2)
  })

  it('are counted without an index, and with one of a version that did not count', async () => {
    const { reopen, folder, totals } = await owned()
    const index = join(folder, 'index.json')
    const text = await readFile(index, 'utf8')
    await rm(index)
    const store = await reopen()
    expect(await store.owners()).toEqual(totals)
    await store.close()
    await writeFile(index, text.replaceAll(/"messages":\d+,/g, ''))
    expect(await (await reopen()).owners()).toEqual(totals)
  })

  it('are found whatever else lies in their folders', async () => {
    const { reopen, folder, directory, totals } = await owned()
    await writeFile(join(folder, `${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.json`), '{')
    await writeFile(join(directory, 'conversations', 'notes.txt'), 'mine')
    await mkdir(join(directory, 'conversations', 'empty'))
    expect(await (await reopen()).owners()).toEqual(totals)
  })

  it('are not half of the truth when the disk fails', async () => {
    const { reopen, disk } = await owned()
    const store = await reopen()
    disk.break('read', 'EIO')
    await expect(store.owners()).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('the list after a restart', () => {
  async function listed() {
    const disk = createTestDisk()
    const temporary = await temporaryStore({ files: disk.files })
    const { store, directory } = temporary
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) ids.push(await withConversation(store))
    await listedIds(store)
    await store.close()
    return { ...temporary, disk, ids, folder: await ownerFolder(directory) }
  }

  it('reads no conversation when nothing has changed, and writes nothing', async () => {
    const { reopen, disk, ids } = await listed()
    const again = await reopen()
    const [reads, writes] = [disk.count('read'), disk.count('write')]
    expect((await listedIds(again)).toSorted()).toEqual(ids.toSorted())
    expect(disk.count('read') - reads).toBe(1)
    await again.close()
    expect(disk.count('write') - writes).toBe(0)
  })

  it('reads only the file that differs', async () => {
    const { reopen, disk, ids } = await listed()
    // Nobody asks this store for the list, so its index file stays behind.
    const changed = await (await reopen()).update(OWNER, ids[2]!, { title: 'changed' })
    const again = await reopen()
    const reads = disk.count('read')
    const { items } = await again.list(OWNER, ALL)
    expect(items[0]).toEqual(changed)
    expect(items).toHaveLength(5)
    expect(disk.count('read') - reads).toBe(2)
  })

  it('no longer has a file that somebody removed', async () => {
    const { reopen, ids, folder } = await listed()
    await rm(join(folder, `${ids[0]}.json`))
    const again = await reopen()
    expect((await listedIds(again)).toSorted()).toEqual(ids.slice(1).toSorted())
    expect(await again.find(OWNER, ids[0]!)).toBeUndefined()
  })

  it('is right after the index was lost, or an old one came back', async () => {
    const { reopen, ids, folder, directory } = await listed()
    const index = join(folder, 'index.json')
    const backup = join(directory, 'old-index.json')
    await cp(index, backup)
    const store = await reopen()
    await listedIds(store)
    await store.remove(OWNER, ids[0]!)
    const added = await withConversation(store)
    await store.update(OWNER, ids[1]!, { title: 'newer' })
    const expected = await store.list(OWNER, ALL)
    await store.close()
    await rename(backup, index)
    expect(await (await reopen()).list(OWNER, ALL)).toEqual(expected)
    await (await reopen()).close()
    await rm(index)
    const last = await reopen()
    expect(await last.list(OWNER, ALL)).toEqual(expected)
    expect(await last.conversationIds(OWNER)).toContain(added)
  })

  it('is right after a whole folder came back from a backup', async () => {
    const { reopen, ids, folder, directory } = await listed()
    const backup = join(directory, 'backup')
    await cp(folder, backup, { recursive: true })
    const store = await reopen()
    for (const id of ids) await store.update(OWNER, id, { title: 'newer' })
    await store.close()
    await rm(folder, { recursive: true })
    await rename(backup, folder)
    const { items, total } = await (await reopen()).list(OWNER, ALL)
    expect(total).toBe(5)
    for (const { title } of items) expect(title).toBeNull()
  })

  it('notices a change that left the file as long as it was', async () => {
    const { reopen, ids, folder } = await listed()
    const path = join(folder, `${ids[3]}.json`)
    const { size } = await stat(path)
    const changed = await (await reopen()).update(OWNER, ids[3]!, {})
    expect((await stat(path)).size).toBe(size)
    expect((await (await reopen()).list(OWNER, ALL)).items[0]).toEqual(changed)
  })

  it('misses nothing that is written while it is being made', async () => {
    const { reopen, disk, ids } = await listed()
    const store = await reopen()
    // The names in the folder are known by then, and nothing else.
    const { reached, release } = disk.hold('index.json')
    const listing = store.list(OWNER, ALL)
    await reached
    await store.update(OWNER, ids[0]!, { title: 'while listing' })
    await store.remove(OWNER, ids[1]!)
    const added = await withConversation(store)
    release()
    await listing
    const { items } = await store.list(OWNER, ALL)
    const expected = [...ids.filter((id) => id !== ids[1]), added]
    expect(items.map(({ id }) => id).toSorted()).toEqual(expected.toSorted())
    expect(items.find(({ id }) => id === ids[0])?.title).toBe('while listing')
  })

  it('leaves out a conversation that cannot be read just now, until it can', async () => {
    const { disk, reopen, folder } = await listed()
    await rm(join(folder, 'index.json'))
    const store = await reopen()
    disk.break('read', 'EIO')
    expect(await listedIds(store)).toEqual([])
    disk.repair()
    const name = (await readdir(folder)).find((each) => each !== 'owner.json')
    const id = name!.replace('.json', '')
    expect(await store.find(OWNER, id)).toBeDefined()
    expect(await listedIds(store)).toEqual([id])
  })

  it('clears away what a killed server left behind', async () => {
    const { reopen, folder, directory, ids } = await listed()
    await writeFile(join(folder, `${ids[0]}.json.0123-1.tmp`), '{"half":')
    await writeFile(join(folder, 'index.json.0123-2.tmp'), '')
    await writeFile(join(directory, 'probe.0123-3.tmp'), '')
    await mkdir(join(directory, 'erased', 'half'))
    await writeFile(join(directory, 'erased', 'half', `${randomUUID()}.json`), '{}')
    expect(await listedIds(await reopen())).toHaveLength(5)
    expect((await readdir(folder)).toSorted()).toEqual(
      [...ids.map((id) => `${id}.json`), 'index.json', 'owner.json'].toSorted(),
    )
    expect(await readdir(join(directory, 'erased'))).toEqual([])
    expect((await readdir(directory)).toSorted()).toEqual(TOP_LEVEL)
  })

  it('leaves other people’s files alone', async () => {
    const { reopen, folder } = await listed()
    const names = ['notes.txt', `${randomUUID()}.json.bak`, 'UPPER.json', '.DS_Store']
    for (const name of names) await writeFile(join(folder, name), 'mine')
    expect(await listedIds(await reopen())).toHaveLength(5)
    expect(await readdir(folder)).toEqual(expect.arrayContaining(names))
  })
})

describe('erasing an owner', () => {
  it('leaves no file behind, not even what was set aside', async () => {
    const { store, directory, logger } = await temporaryStore()
    const id = await withConversation(store)
    await listedIds(store)
    await writeFile(join(await ownerFolder(directory), `${id}.json.unreadable-1`), 'x')
    await store.removeOwner(OWNER)
    expect(await readdir(join(directory, 'conversations'))).toEqual([])
    expect(await readdir(join(directory, 'erased'))).toEqual([])
    await store.close()
    expect(await readdir(join(directory, 'conversations'))).toEqual([])
    expect(logger.lines).toEqual(createRecordingLogger().lines)
  })
})

describe('memory', () => {
  it('holds a bounded number of conversations and forgets none with a write pending', async () => {
    const disk = createTestDisk()
    const options = { files: disk.files, conversationLimit: 3, saveDelay: 0 }
    const { store } = await temporaryStore(options)
    const ids = await Promise.all(Array.from({ length: 10 }, () => withConversation(store)))
    await Promise.all(ids.map((id) => add(store, id, id)))
    for (const id of ids) expect(await contents(store, id)).toEqual([id])
    await eventually(() => {
      for (const id of ids) expect(disk.count('rename', id)).toBe(2)
    })
    const readsOfTheLast = async () => {
      const before = disk.count('read')
      for (const id of ids.slice(-3)) await store.find(OWNER, id)
      return disk.count('read') - before
    }
    // The last of the files to be saved makes room for them.
    await eventually(async () => expect(await readsOfTheLast()).toBe(0))
    const reads = disk.count('read')
    await store.find(OWNER, ids[0]!)
    expect(disk.count('read')).toBe(reads + 1)
  })
})

describe('a long list after a restart', () => {
  const MANY = 1_200
  const fileOf = (conversation: ReturnType<typeof exampleConversation>) =>
    JSON.stringify({ version: 1, revision: 0, conversation, messages: [], turnKeys: [] })

  /** A store that was ended, with an index of many conversations. */
  async function manyListed() {
    const disk = createTestDisk()
    const { store, directory, reopen } = await temporaryStore({ files: disk.files })
    await withConversation(store)
    const folder = await ownerFolder(directory)
    for (let count = 1; count < MANY; count += 1) {
      const conversation = exampleConversation({ title: `no. ${count}` })
      await writeFile(join(folder, `${conversation.id}.json`), fileOf(conversation))
    }
    const { total, items } = await store.list(OWNER, ALL)
    expect(total).toBe(MANY)
    await store.close()
    const last = (await readdir(folder)).findLast((name) => /^[-0-9a-f]{36}[.]json$/.test(name))!
    return {
      disk,
      folder,
      last,
      items,
      list: async () => (await reopen()).list(OWNER, ALL),
      reopen,
    }
  }

  it('is that of the index, and the files are looked at behind the answer', async () => {
    const { disk, items, reopen } = await manyListed()
    const store = await reopen()
    const before = { stamps: disk.count('stamp'), reads: disk.count('read', '.json') }
    expect((await store.list(OWNER, ALL)).items).toEqual(items)
    expect(disk.count('stamp') - before.stamps).toBeLessThan(100)
    await eventually(() => expect(disk.count('stamp') - before.stamps).toBeGreaterThan(MANY))
    // The index alone, and whose folder it is.
    expect(disk.count('read', '.json') - before.reads).toBeLessThanOrEqual(2)
  })

  it('has a file at once that was put there meanwhile, and none that was taken away', async () => {
    const { folder, last, reopen } = await manyListed()
    const conversation = exampleConversation({ title: 'Brought along' })
    await writeFile(join(folder, `${conversation.id}.json`), fileOf(conversation))
    await rm(join(folder, last))
    const { items } = await (await reopen()).list(OWNER, { limit: MANY, offset: 0 })
    expect(items).toHaveLength(MANY)
    expect(items.map(({ id }) => `${id}.json`)).not.toContain(last)
    expect(items.map(({ title }) => title)).toContain('Brought along')
  })

  it('has what was changed in a file by hand, if a little later', async () => {
    const { folder, last, reopen } = await manyListed()
    const path = join(folder, last)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/"title":"[^"]*"/, '"title":"By hand"'))
    const store = await reopen()
    await store.list(OWNER, ALL)
    await eventually(async () => {
      const { items } = await store.list(OWNER, { limit: MANY, offset: 0 })
      expect(items.map(({ title }) => title)).toContain('By hand')
    })
  })

  it('is compared with the files first in a copy, whose index may be older', async () => {
    const { disk, folder, items } = await manyListed()
    const copy = await temporaryStore({ files: disk.files })
    await copy.store.close()
    await cp(dirname(dirname(folder)), copy.directory, { recursive: true })
    const store = await copy.reopen()
    const before = disk.count('read', '.json')
    expect((await store.list(OWNER, ALL)).items).toEqual(items)
    expect(disk.count('read', '.json') - before).toBeGreaterThanOrEqual(MANY)
  })
})

describe('a folder', () => {
  it.runIf(process.platform === 'linux')('may be one that cannot be synced', async () => {
    // As on shares; this one has no names of its own to lose.
    const folder = await open('/proc', 'r')
    await expect(folder.sync()).rejects.toThrow('EINVAL')
    await folder.close()
    expect(await nodeFileSystem.syncFolder('/proc')).toBe(false)
    expect(await nodeFileSystem.syncFolder(tmpdir())).toBe(true)
    await expect(nodeFileSystem.syncFolder('/proc/missing')).rejects.toThrow('ENOENT')
  })

  it
    .runIf(process.platform !== 'win32')
    .each([...['EBADF', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EACCES', 'EPERM']])(
    'may be one whose file system answers %s to that',
    async (code) => {
      const folder = await open(tmpdir(), 'r')
      await folder.close()
      const failure = Object.assign(new Error(code), { code })
      const sync = vi.spyOn(Object.getPrototypeOf(folder), 'sync').mockRejectedValue(failure)
      onTestFinished(() => sync.mockRestore())
      expect(await nodeFileSystem.syncFolder(tmpdir())).toBe(false)
      sync.mockRejectedValue(Object.assign(new Error('EIO'), { code: 'EIO' }))
      await expect(nodeFileSystem.syncFolder(tmpdir())).rejects.toThrow('EIO')
    },
  )

  it.runIf(process.platform === 'linux')('is not tried for again and again', async () => {
    // Nobody can make one there, and the answer is as if the one above it were missing.
    await expect(mkdir('/proc/missing')).rejects.toThrow('ENOENT')
    await expect(nodeFileSystem.makeFolder('/proc/missing/below')).rejects.toThrow('ENOENT')
  })

  it('is made with all that are above it, once, and for nobody else', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'samosa-folders-'))
    const path = join(parent, 'a', 'b', 'c')
    await Promise.all([path, path, join(path, 'd')].map(nodeFileSystem.makeFolder))
    await nodeFileSystem.makeFolder(path)
    expect((await stat(join(parent, 'a'))).mode & 0o777).toBe(0o700)
    await symlink(path, join(parent, 'link'))
    await nodeFileSystem.makeFolder(join(parent, 'link'))
    await symlink(join(parent, 'nowhere'), join(parent, 'dangling'))
    const dangling = nodeFileSystem.makeFolder(join(parent, 'dangling', 'a'))
    await expect(dangling).rejects.toThrow('EEXIST')
    await rm(parent, { recursive: true })
  })
})

describe('what has not changed for long', () => {
  const LATER = new Date(EXAMPLE_TIME + 1).toISOString()
  /** Removes what is found, and resolves to how much that was. */
  const eraseOld = async (store: ConversationStore, since = LATER) => {
    let count = 0
    for await (const { ownerId, conversationId } of store.unchangedSince(since)) {
      if (await store.remove(ownerId, conversationId, since)) count += 1
    }
    return count
  }
  const folders = async (directory: string) => await readdir(join(directory, 'conversations'))

  it('leaves no folder of who has nothing else, nor a line in a list of who has', async () => {
    const { store, directory } = await temporaryStore({ indexFlushDelay: () => 60_000 })
    await store.create(exampleConversation({ ownerId: 'gone' }))
    const old = exampleConversation({ title: 'Old matters' })
    await store.create(old)
    const young = new Date(EXAMPLE_TIME + 1000).toISOString()
    const kept = exampleConversation({ createdAt: young, updatedAt: young })
    await store.create(kept)
    await store.list(OWNER, ALL)
    expect(await eraseOld(store)).toBe(2)
    expect(await folders(directory)).toHaveLength(1)
    const folder = await ownerFolder(directory)
    expect((await readdir(folder)).toSorted()).toEqual(
      [`${kept.id}.json`, 'index.json', 'owner.json'].toSorted(),
    )
    expect(await readFile(join(folder, 'index.json'), 'utf8')).not.toContain('Old matters')
    expect(await listedIds(store)).toEqual([kept.id])
  })

  it('takes along the folder of whom a killed server has left nothing of but that', async () => {
    const { store, directory } = await temporaryStore()
    const id = await withConversation(store)
    await store.remove(OWNER, id)
    expect(await folders(directory)).toHaveLength(1)
    expect(await eraseOld(store)).toBe(0)
    expect(await folders(directory)).toEqual([])
  })

  it('leaves a folder with a file that was set aside, which somebody may mend', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const [broken, old] = [await withConversation(store), await withConversation(store)]
    await store.close()
    await writeFile(join(await ownerFolder(directory), `${broken}.json`), '{"version":')
    const again = await reopen()
    expect(await eraseOld(again)).toBe(1)
    const names = await readdir(await ownerFolder(directory))
    expect(names.some((name) => name.startsWith(`${broken}.json.unreadable-`))).toBe(true)
    expect(names).not.toContain(`${old}.json`)
  })

  it('is looked for without reading conversations, and of those who have none due not at all', async () => {
    const disk = createTestDisk()
    const { store, reopen } = await temporaryStore({
      ...{ files: disk.files, indexFlushDelay: () => 0 },
    })
    for (const ownerId of ['a', 'b', 'c']) {
      await store.create(exampleConversation({ ownerId }))
      await store.list(ownerId, ALL)
    }
    const reopened = await reopen()
    const since = new Date(EXAMPLE_TIME).toISOString()
    const started = disk.count('read')
    for await (const found of reopened.unchangedSince(since)) expect(found).toBeUndefined()
    // Of each owner who it is, and the list.
    expect(disk.count('read') - started).toBe(6)
    for await (const found of reopened.unchangedSince(since)) expect(found).toBeUndefined()
    expect(disk.count('read') - started).toBe(6)
    expect(await eraseOld(reopened)).toBe(3)
  })

  it('stays where it cannot be removed, and is found again', async () => {
    const disk = createTestDisk()
    const { store } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    disk.break('remove', 'EACCES')
    await expect(eraseOld(store)).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    expect(await listedIds(store)).toEqual([id])
    expect(await eraseOld(store)).toBe(1)
    expect(await listedIds(store)).toEqual([])
  })
})
