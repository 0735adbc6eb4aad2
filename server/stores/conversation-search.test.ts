/** What a search keeps, in memory and on the disk, and how it is rid of it. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import type { ConversationStore } from '../core/ports/index.ts'
import { exampleConversation, exampleMessage } from '../testing/stores/store-examples.ts'
import { ownerRef } from './disk/paths.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'

const OWNER = 'visitor-1'

let open: TemporaryStore | undefined
afterEach(() => open?.end())

/** Everybody's words are on the disk here, not only those of somebody who has many. */
const SAVED = { savedFrom: 1 }

async function opened(searched = SAVED, files = createTestDisk().files, saveDelay = 1_000) {
  open = await createTemporaryStore({ searched, files, saveDelay })
  return open
}

async function saidIn(store: ConversationStore, ...said: readonly string[]) {
  const conversation = exampleConversation({ ownerId: OWNER })
  await store.create(conversation)
  for (const content of said) {
    const message = exampleMessage({ conversationId: conversation.id, content })
    await store.addMessage(OWNER, conversation.id, { message })
  }
  return conversation.id
}

async function idsOf(store: ConversationStore, query: string) {
  const { found } = await store.search(OWNER, { query, limit: 50, offset: 0 })
  return found.map(({ conversation }) => conversation.id)
}

/** What is in the files of words, as text. */
async function wordsOnDisk({ directory }: TemporaryStore): Promise<string> {
  const folder = join(directory, 'conversations', ownerRef(OWNER).folder)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.words'))
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return texts.join('\n')
}

describe('words on the disk', () => {
  it('are there after the store was closed, and spare it the conversations', async () => {
    const disk = createTestDisk()
    const temporary = await opened(SAVED, disk.files)
    const id = await saidIn(temporary.store, 'a pumpkin', 'a cabbage')
    expect(await idsOf(temporary.store, 'pumpkin')).toEqual([id])
    const store = await temporary.reopen()
    expect(await wordsOnDisk(temporary)).toContain('pumpkin')
    await store.list(OWNER, { limit: 1, offset: 0 })
    const before = disk.count('read', '.json')
    expect(await idsOf(store, 'nothing')).toEqual([])
    expect(disk.count('read', '.json')).toBe(before)
    expect(await idsOf(store, 'cabbage')).toEqual([id])
  })

  it('are not there of an owner who has little', async () => {
    const temporary = await opened({ savedFrom: 1_000 })
    await idsOf(temporary.store, await saidIn(temporary.store, 'a pumpkin'))
    await temporary.reopen()
    expect(await wordsOnDisk(temporary)).toBe('')
  })

  it('go before a conversation is gone, whether anybody has searched since the start or not', async () => {
    const temporary = await opened()
    const gone = await saidIn(temporary.store, 'a pumpkin')
    const deleted = await saidIn(temporary.store, 'a radish')
    const stays = await saidIn(temporary.store, 'a cabbage')
    await idsOf(temporary.store, 'pumpkin')
    const store = await temporary.reopen()
    expect(await wordsOnDisk(temporary)).toMatch(/pumpkin[^]*radish|radish[^]*pumpkin/)
    await store.remove(OWNER, gone)
    await store.update(OWNER, deleted, { deletedAt: '2026-01-01T00:00:00.000Z' })
    expect(await wordsOnDisk(temporary)).not.toMatch(/pumpkin|radish/)
    expect(await wordsOnDisk(temporary)).toContain('cabbage')
    expect(await idsOf(store, 'a')).toEqual([stays])
  })

  it('go a little later when only a text of it is gone', async () => {
    const temporary = await opened(SAVED, createTestDisk().files, 10)
    const id = await saidIn(temporary.store, 'a cabbage')
    const message = exampleMessage({ conversationId: id, content: 'a pumpkin' })
    await temporary.store.addMessage(OWNER, id, { message })
    await idsOf(temporary.store, 'pumpkin')
    const store = await temporary.reopen()
    expect(await wordsOnDisk(temporary)).toContain('pumpkin')
    await store.addMessage(OWNER, id, { message: null, dropMessageIds: [message.id] })
    await eventually(async () => expect(await wordsOnDisk(temporary)).not.toContain('pumpkin'))
    expect(await idsOf(store, 'cabbage')).toEqual([id])
  })

  it('go with all that the owner has', async () => {
    const temporary = await opened()
    await saidIn(temporary.store, 'a pumpkin')
    await idsOf(temporary.store, 'pumpkin')
    const store = await temporary.reopen()
    await idsOf(store, 'pumpkin')
    await store.removeOwner(OWNER)
    await temporary.reopen()
    const names = await readdir(temporary.directory, { recursive: true })
    expect(names.filter((name) => name.endsWith('.words'))).toEqual([])
  })

  it('keep a conversation from being removed when they cannot be taken out', async () => {
    const disk = createTestDisk()
    const temporary = await opened(SAVED, disk.files)
    const id = await saidIn(temporary.store, 'a pumpkin')
    await idsOf(temporary.store, 'pumpkin')
    const store = await temporary.reopen()
    disk.break('read', 'EIO')
    await expect(store.remove(OWNER, id)).rejects.toThrow('could not be')
    disk.repair()
    expect(await idsOf(store, 'pumpkin')).toEqual([id])
    expect(await store.remove(OWNER, id)).toBe(true)
    expect(await wordsOnDisk(temporary)).toBe('')
  })

  it('are made again when they are damaged, missing, or cannot be read or written', async () => {
    const disk = createTestDisk()
    const temporary = await opened(SAVED, disk.files)
    const id = await saidIn(temporary.store, 'a pumpkin')
    await idsOf(temporary.store, 'pumpkin')
    let store = await temporary.reopen()
    const folder = join(temporary.directory, 'conversations', ownerRef(OWNER).folder)
    const name = (await readdir(folder)).find((each) => each.endsWith('.words'))
    await writeFile(join(folder, name!), 'nonsense')
    expect(await idsOf(store, 'pumpkin')).toEqual([id])
    store = await temporary.reopen()
    expect(await wordsOnDisk(temporary)).toContain('pumpkin')
    disk.break('write', 'ENOSPC')
    await idsOf(store, 'pumpkin')
    disk.repair()
    store = await temporary.reopen()
    expect(await idsOf(store, 'pumpkin')).toEqual([id])
  })

  it('are found to be old when the store was killed after more was said', async () => {
    const temporary = await opened()
    const id = await saidIn(temporary.store, 'a pumpkin')
    await idsOf(temporary.store, 'pumpkin')
    const store = await temporary.reopen()
    const message = exampleMessage({ conversationId: id, content: 'a cabbage' })
    await store.addMessage(OWNER, id, { message })
    const after = await temporary.reopen()
    expect(await idsOf(after, 'cabbage pumpkin')).toEqual([id])
  })

  it('are made anew by a reindex, also where nobody has searched yet', async () => {
    const temporary = await opened()
    const id = await saidIn(temporary.store, 'a pumpkin')
    const { signal } = new AbortController()
    await temporary.store.reindex({ signal, onProgress: () => undefined })
    expect(await wordsOnDisk(temporary)).toContain('pumpkin')
    expect(await idsOf(temporary.store, 'pumpkin')).toEqual([id])
  })
})

describe('words in memory', () => {
  /** A store that has read nothing yet, and how many conversations a search of it reads. */
  const fresh = async (searched: { kept?: number; keptFor?: number }) => {
    const disk = createTestDisk()
    open = await createTemporaryStore({ files: disk.files, conversationLimit: 1, searched })
    await saidIn(open.store, 'a pumpkin')
    await saidIn(open.store, 'a cabbage')
    await open.store.create(exampleConversation({ ownerId: 'visitor-2', title: 'Fern' }))
    const store = await open.reopen()
    await store.list(OWNER, { limit: 1, offset: 0 })
    await store.list('visitor-2', { limit: 1, offset: 0 })
    const readsOf = async () => {
      const before = disk.count('read', '.json')
      await idsOf(store, 'nothing')
      return disk.count('read', '.json') - before
    }
    return { store, readsOf }
  }

  it('spare the next search the conversations, until nobody has searched for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      // No age is counted from the moment 0.
      vi.advanceTimersByTime(1)
      const { readsOf } = await fresh({ keptFor: 60_000 })
      expect(await readsOf()).toBe(2)
      expect(await readsOf()).toBe(0)
      vi.advanceTimersByTime(130_000)
      expect(await readsOf()).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('make room for those of others', async () => {
    const { store, readsOf } = await fresh({ kept: 1 })
    expect(await readsOf()).toBe(2)
    expect(await readsOf()).toBe(0)
    await store.search('visitor-2', { query: 'fern', limit: 1, offset: 0 })
    expect(await readsOf()).toBe(2)
  })
})

it('counts what was said since and nothing else', async () => {
  const disk = createTestDisk()
  open = await createTemporaryStore({ files: disk.files, conversationLimit: 1 })
  const { store } = open
  const ids: string[] = []
  for (let count = 0; count < 20; count += 1) ids.push(await saidIn(store, `number ${count}`))
  await idsOf(store, 'nothing')
  const before = disk.count('read', '.json')
  const message = exampleMessage({ conversationId: ids[3]!, content: 'a pumpkin' })
  await store.addMessage(OWNER, ids[3]!, { message })
  expect(await idsOf(store, 'pumpkin number')).toEqual([ids[3]])
  expect(disk.count('read', '.json') - before).toBeLessThan(5)
})
