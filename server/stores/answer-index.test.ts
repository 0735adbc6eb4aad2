import { cpSync } from 'node:fs'
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { ConversationStore } from '../core/ports/index.ts'
import { eventually } from '../testing/eventually.ts'
import { backUp } from './backup.ts'
import { type FileSystem, nodeFileSystem } from './disk/file-system.ts'
import { exampleConversation, exampleMessage } from '../testing/stores/store-examples.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'

const OWNER = 'visitor-1'
const UP = { rating: 'up', comment: null } as const

let opened: TemporaryStore[] = []
afterEach(async () => {
  await Promise.all(opened.map((temporary) => temporary.end()))
  opened = []
})

async function open(options: Parameters<typeof createTemporaryStore>[0] = {}) {
  const temporary = await createTemporaryStore({ saveDelay: 60_000, ...options })
  opened.push(temporary)
  return temporary
}

const fileOf = ({ directory }: { readonly directory: string }) => join(directory, 'answers.jsonl')

/** A conversation with one rated answer. */
async function rate(store: ConversationStore, content: string, ownerId = OWNER) {
  const { id } = exampleConversation()
  await store.create(exampleConversation({ id, ownerId }))
  const message = exampleMessage({ conversationId: id, role: 'assistant', content })
  await store.addMessage(ownerId, id, { message })
  await store.setFeedback(ownerId, id, message.id, UP)
  return id
}

const contents = async (store: ConversationStore) =>
  (await store.notedAnswers({ limit: 100, offset: 0 })).items
    .map(({ answer }) => answer.content)
    .toSorted()

/** A store on what a server leaves that is killed now. */
async function killed(directory: string, change = async (_directory: string) => {}) {
  const copy = await open()
  await copy.store.close()
  cpSync(directory, copy.directory, { recursive: true })
  await change(copy.directory)
  return await copy.reopen()
}

it('reads the conversations of a page and no others, however many there are', async () => {
  const disk = createTestDisk()
  const temporary = await open({ files: disk.files })
  for (let count = 0; count < 40; count += 1) {
    await temporary.store.create(exampleConversation({ ownerId: `visitor-${count}` }))
  }
  await rate(temporary.store, 'one')
  await rate(temporary.store, 'two')
  const store = await temporary.reopen({ conversationLimit: 1 })
  const before = disk.count('read', '/conversations/')
  expect(await contents(store)).toEqual(['one', 'two'])
  expect(disk.count('read', '/conversations/') - before).toBe(2)
})

it('is made of the conversations where there is none, or one that cannot be read', async () => {
  const temporary = await open()
  await rate(temporary.store, 'one')
  await rate(temporary.store, 'two', 'visitor-2')
  const damages: readonly ((path: string) => Promise<void>)[] = [
    (path) => rm(path),
    (path) => appendFile(path, 'no line of ours\n'),
    (path) => writeFile(path, ''),
    (path) => writeFile(path, '{"version":2}\n'),
  ]
  for (const damage of damages) {
    const store = await temporary.reopen()
    expect(await contents(store)).toEqual(['one', 'two'])
    await store.close()
    expect((await readFile(fileOf(temporary), 'utf8')).split('\n')).toHaveLength(4)
    await damage(fileOf(temporary))
  }
  await temporary.reopen()
})

it('is right after a kill, however much of it had come to the disk', async () => {
  const { store, directory } = await open({ saveDelay: 0 })
  const path = fileOf({ directory })
  await rate(store, 'one')
  await eventually(async () => expect(await readFile(path, 'utf8')).toContain('"up"'))
  const { size } = await stat(path)
  await rate(store, 'two')
  for (let length = 0; length <= size; length += 29) {
    const again = await killed(directory, (copy) => truncate(fileOf({ directory: copy }), length))
    expect(await contents(again)).toEqual(['one', 'two'])
  }
})

it('is right after a kill when the disk had not taken it', async () => {
  let isFull = false
  const check = (path: string) => {
    if (isFull && path.includes('answers.jsonl')) {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
  }
  const files: FileSystem = {
    ...nodeFileSystem,
    async write(path, content) {
      check(path)
      return nodeFileSystem.write(path, content)
    },
    async grow(path, ahead) {
      const file = await nodeFileSystem.grow(path, ahead)
      const append = (bytes: Uint8Array) => {
        check(path)
        file.append(bytes)
      }
      return {
        append,
        sync: () => file.sync(),
        truncate: (length) => file.truncate(length),
        close: () => file.close(),
      }
    },
  }
  const { store, directory, logger } = await open({ saveDelay: 0, files })
  const path = fileOf({ directory })
  await rate(store, 'one')
  await eventually(async () => expect(await readFile(path, 'utf8')).toContain('"up"'))
  isFull = true
  await store.remove(OWNER, await rate(store, 'two'))
  await rate(store, 'three')
  await eventually(() =>
    expect(logger.lines.map(({ message }) => message)).toContain(
      'the index of answers could not be saved',
    ),
  )
  expect(await contents(await killed(directory))).toEqual(['one', 'three'])
  isFull = false
})

it('has what changes while it is made', async () => {
  const disk = createTestDisk()
  const temporary = await open({ files: disk.files })
  const first = await rate(temporary.store, 'one')
  const [message] = (await temporary.store.messages(OWNER, first)) ?? []
  await temporary.store.close()
  await rm(fileOf(temporary))
  const store = await temporary.reopen()
  const held = disk.hold(`${first}.json`)
  const made = contents(store)
  await held.reached
  const taken = store.setFeedback(OWNER, first, message?.id ?? '', null)
  await rate(store, 'two', 'visitor-2')
  held.release()
  await Promise.all([made, taken])
  expect(await contents(store)).toEqual(['two'])
})

it('finds what somebody has put back by hand once the index is made anew', async () => {
  const temporary = await open()
  const id = await rate(temporary.store, 'back')
  await temporary.store.close()
  const [folder = ''] = await readdir(join(temporary.directory, 'conversations'))
  const path = join(temporary.directory, 'conversations', folder, `${id}.json`)
  const bytes = await readFile(path)
  let store = await temporary.reopen()
  await store.remove(OWNER, id)
  await store.close()
  await writeFile(path, bytes)
  store = await temporary.reopen()
  await store.reindex({ signal: new AbortController().signal, onProgress: () => undefined })
  expect(await contents(store)).toEqual(['back'])
})

it('is no part of a backup, whose store makes its own', async () => {
  const { store, directory } = await open()
  await rate(store, 'one')
  await store.notedAnswers({ limit: 1, offset: 0 })
  await rate(store, 'two')
  const copy = await open()
  await copy.store.close()
  await rm(copy.directory, { recursive: true })
  await backUp({ directory, target: copy.directory, signal: new AbortController().signal })
  expect(await readdir(copy.directory)).not.toContain('answers.jsonl')
  expect(await contents(await copy.reopen())).toEqual(['one', 'two'])
})

it('says nothing of somebody who was erased', async () => {
  const temporary = await open()
  const { store } = temporary
  await rate(store, 'goes', 'somebody')
  await rate(store, 'stays')
  await temporary.reopen()
  const again = await temporary.reopen()
  expect(await readFile(fileOf(temporary), 'utf8')).toContain('somebody')
  await again.removeOwner('somebody')
  expect(await readFile(fileOf(temporary), 'utf8')).not.toContain('somebody')
  expect(await contents(again)).toEqual(['stays'])
})

it('does not grow with every change of a rating', async () => {
  const temporary = await open({ saveDelay: 0 })
  const { store } = temporary
  const id = await rate(store, 'one')
  const [message] = (await store.messages(OWNER, id)) ?? []
  for (let count = 0; count < 1_200; count += 1) {
    const feedback = count % 2 === 0 ? null : UP
    await store.setFeedback(OWNER, id, message?.id ?? '', feedback)
  }
  await store.close()
  expect((await readFile(fileOf(temporary), 'utf8')).split('\n').length).toBeLessThan(1_010)
  expect(await contents(await temporary.reopen())).toEqual(['one'])
})
