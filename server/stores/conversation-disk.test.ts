import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ConversationStore, Message } from '../core/ports/index.ts'
import { exampleConversation, exampleMessage } from '../testing/stores/store-examples.ts'
import { createMemoryDisk } from '../testing/stores/memory-disk.ts'
import {
  createRecordingLogger,
  createTemporaryStore,
  type TemporaryStore,
} from '../testing/stores/testing.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import { backUp } from './backup.ts'
import { createStoreContext } from './disk/atomic-file.ts'
import { nodeFileSystem } from './disk/file-system.ts'
import { ownerRef } from './disk/paths.ts'
import { createConversationDisk, parseConversation } from './conversation-disk.ts'
import { readFolder } from './folder-contents.ts'
import { createJsonFileStore, type JsonFileStoreOptions } from './json-conversations.ts'
import { anyConversationRecord, type ConversationRecord } from './records.ts'

const OWNER = 'visitor-1'
const LONG = { above: 4, newest: 2, loaded: 4, chunk: 512 }

let stores: TemporaryStore[] = []
afterEach(async () => {
  for (const { end } of stores) await end()
  stores = []
})

async function temporaryStore(options: Partial<JsonFileStoreOptions> = {}) {
  const temporary = await createTemporaryStore({ saveDelay: 60_000, ...options })
  stores.push(temporary)
  return temporary
}

const pathOf = (directory: string, id: string) =>
  join(directory, 'conversations', ownerRef(OWNER).folder, `${id}.json`)

/** Says so many things, all at once. */
async function said(store: ConversationStore, id: string, count: number, text = 'said') {
  const messages = Array.from({ length: count }, (_, at) =>
    exampleMessage({ content: `${text} ${at}`, role: at % 2 === 0 ? 'user' : 'assistant' }),
  )
  await Promise.all(messages.map((message) => store.addMessage(OWNER, id, { message })))
  return messages
}

async function begun(store: ConversationStore) {
  const { id } = exampleConversation()
  await store.create(exampleConversation({ id, ownerId: OWNER }))
  return id
}

/** Closes it, with which everything is in the files, and opens it again. */
const saved = ({ reopen }: TemporaryStore) => reopen()

describe('a long conversation', () => {
  it('that an earlier version wrote as one object is read, and becomes lines with the next turn', async () => {
    const temporary = await temporaryStore()
    const id = await begun(temporary.store)
    const path = pathOf(temporary.directory, id)
    let store = await saved(temporary)
    await store.close()
    const before = JSON.parse(await readFile(path, 'utf8')) as ConversationRecord
    const messages = Array.from({ length: 300 }, (_, at) =>
      exampleMessage({ content: `old ${at}`, conversationId: id }),
    )
    await writeFile(path, JSON.stringify({ ...before, messages, another: 'version' }))
    store = await saved(temporary)
    expect(await store.messages(OWNER, id)).toEqual(messages)
    const read = await store.newestMessages(OWNER, id, { limit: 30 })
    expect(read).toEqual({ messages: messages.slice(-30), hasMore: true })
    const [message] = await said(store, id, 1)
    store = await saved(temporary)
    const text = await readFile(path, 'utf8')
    expect(text).toMatch(/^\{"lines":1\}\n\{"message":/)
    expect(text).toContain('"another":"version"')
    expect(await store.messages(OWNER, id)).toEqual([...messages, message])
  })

  it('is opened by reading as much of it as of one that is twenty times as long', async () => {
    const readOf = async (count: number) => {
      let bytes = 0
      const counted = {
        ...nodeFileSystem,
        async read(path: string) {
          const found = await nodeFileSystem.read(path)
          if (path.includes('conversations')) bytes += found?.bytes.length ?? 0
          return found
        },
        async readPart(path: string, start: number, length: number) {
          const part = await nodeFileSystem.readPart(path, start, length)
          bytes += part.length
          return part
        },
      }
      const temporary = await temporaryStore({ files: counted })
      const id = await begun(temporary.store)
      const messages = await said(temporary.store, id, count, 'x'.repeat(1_000))
      const store = await saved(temporary)
      bytes = 0
      const read = await store.newestMessages(OWNER, id, { limit: 30 })
      expect(read?.messages).toEqual(messages.slice(-30))
      await said(store, id, 2)
      return bytes
    }
    const [short, long] = [await readOf(250), await readOf(5_000)]
    expect(long).toBeLessThan(short * 1.1)
    expect(long).toBeLessThan(300_000)
  })

  it('grows by what is new with a turn, and no more', async () => {
    const disk = createTestDisk()
    const temporary = await temporaryStore({ files: disk.files })
    const id = await begun(temporary.store)
    const path = pathOf(temporary.directory, id)
    await said(temporary.store, id, 1_000)
    let store = await saved(temporary)
    const { size } = await stat(path)
    const before = disk.calls.length
    const turn = await said(store, id, 2)
    store = await saved(temporary)
    const calls = disk.calls.slice(before).filter((call) => call.includes(`${id}.json`))
    expect(calls.filter((call) => call.startsWith('append'))).toHaveLength(2)
    expect(calls.filter((call) => /^(?:write|rename|read) /.test(call))).toEqual([])
    expect((await stat(path)).size - size).toBeLessThan(4_000)
    expect((await store.messages(OWNER, id))?.slice(-2)).toEqual(turn)
  })

  it('is written anew before what does not count any more is more than what does', async () => {
    const temporary = await temporaryStore({ long: { ...LONG, newest: 40, loaded: 40 } })
    const id = await begun(temporary.store)
    const messages = await said(temporary.store, id, 60, 'word '.repeat(200))
    const path = pathOf(temporary.directory, id)
    const sizes: number[] = []
    let { store } = temporary
    for (let turn = 0; turn < 12; turn += 1) {
      store = await saved(temporary)
      sizes.push((await stat(path)).size)
      messages.push(...(await said(store, id, 1, `turn ${turn}`)))
    }
    store = await saved(temporary)
    expect(await store.messages(OWNER, id)).toEqual(messages)
    expect(Math.max(...sizes)).toBeLessThan(sizes[0]! * 3.5)
    expect(sizes.some((size, at) => size < (sizes[at - 1] ?? 0))).toBe(true)
  })

  it('has no word in its file that it has lost: of its newest message, its oldest, or their ratings', async () => {
    const temporary = await temporaryStore({ long: LONG })
    const id = await begun(temporary.store)
    const all = await said(temporary.store, id, 20, 'words')
    let store = await saved(temporary)
    const feedback = { rating: 'down', comment: 'a comment on the second' } as const
    await store.setFeedback(OWNER, id, all[1]!.id, feedback)
    store = await saved(temporary)
    const text = () => readFile(pathOf(temporary.directory, id), 'utf8')
    expect(await text()).toContain('a comment on the second')
    await store.setFeedback(OWNER, id, all[1]!.id, null)
    const message = exampleMessage({ content: 'another answer', role: 'assistant' })
    await store.addMessage(OWNER, id, { message, dropMessageIds: [all[19]!.id] })
    await store.updateMessage(OWNER, id, all[4]!.id, { content: 'changed' })
    store = await saved(temporary)
    expect(await text()).not.toMatch(/a comment|words 19|words 4"/)
    expect(await text()).toContain('words 18')
    const edited = exampleMessage({ content: 'asked otherwise' })
    const dropMessageIds = [...all.slice(6, 19), message].map((dropped) => dropped.id)
    await store.addMessage(OWNER, id, { message: edited, dropMessageIds })
    store = await saved(temporary)
    expect(await text()).not.toMatch(/words (?:[6-9]|1\d)|another answer/)
    const left = [...all.slice(0, 4), { ...all[4]!, content: 'changed' }, all[5]!, edited]
    expect(await store.messages(OWNER, id)).toEqual(left)
  })

  it('keeps the ratings of its oldest answers in the list of rated ones', async () => {
    const temporary = await temporaryStore({ long: LONG })
    const id = await begun(temporary.store)
    const all = await said(temporary.store, id, 20)
    const up = { rating: 'up', comment: null } as const
    let store = await saved(temporary)
    await store.setFeedback(OWNER, id, all[1]!.id, up)
    store = await saved(temporary)
    await store.setFeedback(OWNER, id, all[19]!.id, up)
    await said(store, id, 1)
    const rated = async () =>
      (await store.notedAnswers({ limit: 9, offset: 0 })).items.map(({ answer }) => answer.id)
    expect(new Set(await rated())).toEqual(new Set([all[1]!.id, all[19]!.id]))
    store = await saved(temporary)
    await store.addMessage(OWNER, id, { message: null, dropMessageIds: [all[19]!.id] })
    expect(await rated()).toEqual([all[1]!.id])
  })

  it('is counted, found and exported whole', async () => {
    const temporary = await temporaryStore({ long: LONG })
    const id = await begun(temporary.store)
    const all = await said(temporary.store, id, 20, 'cardamom')
    await temporary.store.update(OWNER, id, { title: 'Spices' })
    const store = await saved(temporary)
    await said(store, id, 1)
    expect(await store.owners()).toEqual([{ ownerId: OWNER, conversations: 1, messages: 21 }])
    const { found } = await store.search(OWNER, { query: 'cardamom 0', limit: 5, offset: 0 })
    expect(found.map(({ conversation }) => conversation.id)).toEqual([id])
    for await (const { messages } of store.readAll(OWNER)) {
      expect(messages.slice(0, 20)).toEqual(all)
    }
  })

  it('is copied whole, by a backup and into another store, and says whose folder it is in', async () => {
    const temporary = await temporaryStore({ long: LONG })
    const id = await begun(temporary.store)
    const all = await said(temporary.store, id, 20)
    let store = await saved(temporary)
    all.push(...(await said(store, id, 2)))
    const target = (await temporaryStore()).directory
    const { signal } = new AbortController()
    const backup = join(target, 'backup')
    expect(await backUp({ directory: temporary.directory, target: backup, signal })).toMatchObject({
      conversations: 1,
    })
    const logger = createRecordingLogger()
    const copied = await createJsonFileStore({ directory: backup, logger })
    expect(await copied.messages(OWNER, id)).toEqual(all)
    await copied.close()
    const { conversations, readConversation } = await readFolder({
      directory: backup,
      files: nodeFileSystem,
      logger,
    })
    expect(await readConversation(conversations[0] ?? '')).toMatchObject({
      record: { messages: all },
    })
    await store.close()
    // As in folders that an earlier version made.
    await rm(join(dirname(pathOf(temporary.directory, id)), 'owner.json'))
    store = await saved(temporary)
    expect(await store.owners()).toEqual([{ ownerId: OWNER, conversations: 1, messages: 22 }])
  })

  it('says that messages are missing when a hand takes its file away, and writes nothing over it', async () => {
    const temporary = await temporaryStore({ long: LONG })
    const id = await begun(temporary.store)
    const all = await said(temporary.store, id, 20)
    const store = await saved(temporary)
    await store.newestMessages(OWNER, id, { limit: 2 })
    const path = pathOf(temporary.directory, id)
    const bytes = await readFile(path)
    await writeFile(path, '{"lines":1}\n')
    await expect(store.messages(OWNER, id)).rejects.toMatchObject({ code: 'internal' })
    const dropMessageIds = [all[1]!.id]
    const drop = store.addMessage(OWNER, id, { message: null, dropMessageIds })
    await expect(drop).rejects.toMatchObject({ code: 'internal' })
    await writeFile(path, bytes)
    expect(await store.messages(OWNER, id)).toEqual(all)
  })

  it('that a hand has changed is as it was left there', async () => {
    const temporary = await temporaryStore({ long: LONG })
    const id = await begun(temporary.store)
    const all = await said(temporary.store, id, 20)
    let store = await saved(temporary)
    await store.close()
    const path = pathOf(temporary.directory, id)
    const lines = (await readFile(path, 'utf8')).split('\n')
    // The second message goes, and the third says something longer.
    const changed = lines.toSpliced(2, 1).map((line) => line.replace('said 2"', 'said by hand"'))
    await writeFile(path, changed.join('\n'))
    const left = [all[0]!, { ...all[2]!, content: 'said by hand' }, ...all.slice(3)]
    store = await saved(temporary)
    const read = await store.newestMessages(OWNER, id, { limit: 2 })
    expect(read).toEqual({ messages: left.slice(-2), hasMore: true })
    expect(await store.messages(OWNER, id)).toEqual(left)
    const [next] = await said(store, id, 1)
    store = await saved(temporary)
    expect(await store.messages(OWNER, id)).toEqual([...left, next])
  })
})

describe('a file of lines', () => {
  const path = '/disk/a.json'
  const conversation = exampleConversation({ ownerId: OWNER })
  const messages = Array.from({ length: 12 }, (_, at) =>
    exampleMessage({ content: `समोसा ${at} ${'x'.repeat(20)}` }),
  )
  const recordOf = (all: readonly Message[], revision: number): ConversationRecord => ({
    version: 1,
    revision,
    conversation,
    messages: all,
    turnKeys: [],
  })
  const open = (files = createMemoryDisk().files) => {
    const context = createStoreContext({ files, logger: createRecordingLogger() })
    return createConversationDisk(context, path, anyConversationRecord, LONG)
  }

  it('cut anywhere in what is appended, or with zeros there, is what it was before', async () => {
    const disk = createMemoryDisk()
    const file = open(disk.files)
    const first = recordOf(messages.slice(0, 9), 1)
    await file.write(first)
    const short = disk.contents().get(path)!
    const second = recordOf(messages, 2)
    await file.write(second)
    const whole = disk.contents().get(path)!
    expect(whole.subarray(0, short.length)).toEqual(short)
    for (let length = short.length; length <= whole.length; length += 1) {
      const cut = whole.subarray(0, length)
      for (const bytes of [cut, Buffer.concat([cut, Buffer.alloc(40)])]) {
        const wanted = length === whole.length ? second : first
        expect((await parseConversation(bytes, anyConversationRecord)).value).toEqual(wanted)
        const damaged = createMemoryDisk([[path, bytes]])
        const again = open(damaged.files)
        const newest = (await again.read())!
        expect([newest.revision, newest.messages.at(-1)]).toEqual([
          wanted.revision,
          wanted.messages.at(-1),
        ])
        const older = await again.readOlder(newest)
        expect([...older, ...newest.messages]).toEqual(wanted.messages)
      }
    }
  })

  it('that ends in half a line is written anew, and not appended to', async () => {
    const disk = createMemoryDisk()
    const first = recordOf(messages.slice(0, 9), 1)
    await open(disk.files).write(first)
    const half = Buffer.concat([disk.contents().get(path)!, Buffer.from('{"message":{"id"')])
    disk.put(path, half)
    const file = open(disk.files)
    const newest = (await file.read())!
    await file.write({ ...newest, revision: 2, messages: [...newest.messages, messages[9]!] })
    const { value } = await parseConversation(disk.contents().get(path)!, anyConversationRecord)
    expect(value).toEqual(recordOf(messages.slice(0, 10), 2))
    expect(Buffer.from(disk.contents().get(path)!).toString()).not.toContain('{"message":{"id"{')
  })

  it('has lines of any length, however little is read at a time', async () => {
    const disk = createMemoryDisk()
    const long = [1, 40_000, 3, 700, 5_000, 0].map((length) =>
      exampleMessage({ content: '🥟'.repeat(length) }),
    )
    await open(disk.files).write(recordOf(long, 1))
    for (const chunk of [1, 2, 63, 64, 65, 4_096]) {
      const context = createStoreContext({ files: disk.files, logger: createRecordingLogger() })
      const file = createConversationDisk(context, path, anyConversationRecord, { ...LONG, chunk })
      const newest = (await file.read())!
      expect(newest.messages.length).toBe(LONG.newest + LONG.loaded)
      const older = await file.readOlder(newest)
      expect([...older, ...newest.messages]).toEqual(long)
    }
  })
})
