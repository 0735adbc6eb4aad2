import { cpSync } from 'node:fs'
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import type { ConversationStore } from '../core/ports/index.ts'
import { createStoreContext } from './disk/atomic-file.ts'
import { createMemoryDisk } from '../testing/stores/memory-disk.ts'
import { replayJournal } from './open-store.ts'
import {
  exampleConversation,
  exampleMessage,
  exampleTurnKey,
} from '../testing/stores/store-examples.ts'
import { storePaths } from './disk/paths.ts'
import { createTestDisk, createVolatileDisk } from '../testing/stores/test-disk.ts'
import {
  createRecordingLogger,
  createTemporaryStore,
  type TemporaryStore,
} from '../testing/stores/testing.ts'
import { createJsonFileStore, type JsonFileStoreOptions } from './json-conversations.ts'

const OWNER = 'visitor-1'

let opened: TemporaryStore[] = []
afterEach(async () => {
  await Promise.all(opened.map((temporary) => temporary.end()))
  opened = []
})

/** Files are not brought up to date by themselves. */
async function temporaryStore(options: Partial<JsonFileStoreOptions> = {}) {
  const temporary = await createTemporaryStore({ saveDelay: 60_000, ...options })
  opened.push(temporary)
  return temporary
}

async function withConversation(store: ConversationStore, ownerId = OWNER) {
  const conversation = exampleConversation({ ownerId })
  await store.create(conversation)
  return conversation.id
}

const add = (store: ConversationStore, id: string, content: string) =>
  store.addMessage(OWNER, id, { message: exampleMessage({ content }) })

const contents = async (store: ConversationStore, id: string) =>
  (await store.messages(OWNER, id))?.map(({ content }) => content)

/** A store on a copy of the folder, as it is now; `change` does something to it before it is opened. */
async function killed(directory: string, change = async (_directory: string) => {}) {
  const copy = await temporaryStore()
  await copy.store.close()
  // In one step: a server that is not killed goes on meanwhile.
  cpSync(directory, copy.directory, { recursive: true })
  await change(copy.directory)
  return { ...copy, store: await copy.reopen() }
}

/** Every text below a folder. */
async function textBelow(directory: string) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'))
  return (await Promise.all(texts)).join('\n')
}

const HOUR = 60 * 60_000

/** As a tool that keeps times, and writes over what is there. */
const AS_IS = { recursive: true, preserveTimestamps: true }

const ownerFolderOf = async (directory: string) =>
  (await readdir(join(directory, 'conversations')))[0]!

const journalLines = async (directory: string) =>
  (await readFile(journalOf(directory), 'utf8'))
    .replaceAll('\0', '')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { delta: { from: number } })

const segmentsOf = async (directory: string) =>
  (await readdir(join(directory, 'journal'))).filter((name) => name.endsWith('.jsonl'))

const savedUpTo = (directory: string, segment: number) =>
  eventually(async () => {
    const noted = await readFile(join(directory, 'journal', 'saved.json'), 'utf8')
    expect(JSON.parse(noted)).toMatchObject({ segment })
  })

const journalOf = (directory: string) => join(directory, 'journal', '1.jsonl')

/** Without the zeros that are ready for more. */
async function linesOf(directory: string): Promise<Buffer> {
  const content = await readFile(journalOf(directory))
  return content.subarray(0, content.indexOf(0))
}

describe('the journal', () => {
  it('has a short line for a change of a long conversation', async () => {
    const { store, directory } = await temporaryStore()
    const id = await withConversation(store)
    const first = exampleMessage({ content: 'long '.repeat(20_000) })
    await store.addMessage(OWNER, id, { message: first })
    const before = (await linesOf(directory)).length
    await add(store, id, 'short')
    await store.setFeedback(OWNER, id, first.id, null)
    await store.update(OWNER, id, { title: 'short' })
    await store.addMessage(OWNER, id, { message: exampleMessage(), dropMessageIds: [first.id] })
    const length = (await linesOf(directory)).length
    // The rating has the message that it is on.
    expect(length - before - first.content.length).toBeLessThan(4_000)
    const all = await store.messages(OWNER, id)
    expect(await (await killed(directory)).store.messages(OWNER, id)).toEqual(all)
  })

  it('is in the files a moment later, stays for copies, and is not read by the next start', async () => {
    const disk = createTestDisk()
    const { store, directory, reopen } = await temporaryStore({ files: disk.files, saveDelay: 0 })
    const id = await withConversation(store)
    await add(store, id, 'one')
    await eventually(async () => {
      const without = await killed(directory, (copy) =>
        rm(join(copy, 'journal'), { recursive: true }),
      )
      expect(await contents(without.store, id)).toEqual(['one'])
    })
    const again = await reopen()
    expect(await readFile(journalOf(directory), 'utf8')).toContain('one')
    expect(disk.count('read', journalOf(directory))).toBe(0)
    expect(await contents(again, id)).toEqual(['one'])
  })

  it('is read from where it is not known to be in the files, once the server was killed', async () => {
    const options = { saveDelay: 0, segmentLength: 1 }
    const { store, directory } = await temporaryStore(options)
    const id = await withConversation(store)
    for (const [index, content] of ['one', 'two', 'three'].entries()) {
      await add(store, id, content)
      await savedUpTo(directory, index + 1)
    }
    const disk = createTestDisk()
    const logger = createRecordingLogger()
    const next = await createJsonFileStore({ directory, logger, files: disk.files, ...options })
    expect(disk.calls.filter((call) => /^read .*journal.*jsonl/.test(call))).toEqual([
      `read ${join(directory, 'journal', '4.jsonl')}`,
    ])
    expect(await contents(next, id)).toEqual(['one', 'two', 'three'])
    await next.close()
  })

  it('stays for a day after the files have it, over restarts too', async () => {
    let now = Date.now()
    const options = { saveDelay: 0, segmentLength: 1, clock: () => now }
    const { store, directory, reopen } = await temporaryStore(options)
    const id = await withConversation(store)
    await add(store, id, 'one')
    await savedUpTo(directory, 1)
    now += 23 * HOUR
    await add(store, id, 'two')
    await savedUpTo(directory, 2)
    expect(await segmentsOf(directory)).toContain('1.jsonl')
    now += 2 * HOUR
    await add(store, id, 'three')
    await savedUpTo(directory, 3)
    await eventually(async () => expect(await segmentsOf(directory)).not.toContain('1.jsonl'))
    // What an earlier process has left is as old as its file.
    now = Date.now()
    await reopen()
    expect(await segmentsOf(directory)).toEqual(expect.arrayContaining(['2.jsonl', '3.jsonl']))
    now += 25 * HOUR
    const again = await reopen()
    expect(await segmentsOf(directory)).toHaveLength(1)
    expect(await contents(again, id)).toEqual(['one', 'two', 'three'])
  })

  it('goes early where the disk is full', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({
      files: disk.files,
      saveDelay: 0,
      segmentLength: 1,
    })
    const id = await withConversation(store)
    await add(store, id, 'one')
    await savedUpTo(directory, 1)
    disk.break('write', 'ENOSPC')
    await add(store, id, 'two')
    await eventually(async () => expect(await segmentsOf(directory)).not.toContain('1.jsonl'))
    disk.repair()
    expect(await contents((await killed(directory)).store, id)).toEqual(['one', 'two'])
  })

  it('can be read by nobody but the server’s own user', async () => {
    const { directory } = await temporaryStore()
    expect((await stat(join(directory, 'journal'))).mode & 0o077).toBe(0)
    expect((await stat(journalOf(directory))).mode & 0o077).toBe(0)
  })

  it('may be lost with the last moments, and nothing else is', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await add(store, id, 'saved')
    const again = await reopen()
    await add(again, id, 'in the journal')
    const { store: without } = await killed(directory, (copy) =>
      rm(join(copy, 'journal'), { recursive: true }),
    )
    expect(await contents(without, id)).toEqual(['saved'])
  })

  it('brings nothing to files of a version without one that is not theirs', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await add(store, id, 'old')
    await store.close()
    const [folder] = await readdir(join(directory, 'conversations'))
    const path = join(directory, 'conversations', folder!, `${id}.json`)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/"revision":\d+,/, ''))
    const again = await reopen()
    expect(await contents(again, id)).toEqual(['old'])
    await add(again, id, 'new')
    expect(await contents((await killed(directory)).store, id)).toEqual(['old', 'new'])
  })
})

describe('a killed server', () => {
  it('leaves whole changes only, whatever byte of the journal was the last', async () => {
    const { store, directory } = await temporaryStore()
    const [a, b] = [await withConversation(store), await withConversation(store, 'other')]
    const paths = storePaths(directory)
    const fileNames = await readdir(paths.conversations, { recursive: true })
    const before = await Promise.all(
      fileNames
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(paths.conversations, name))
        .map(async (path) => [path, await readFile(path)] as const),
    )
    const states: unknown[] = []
    const remember = async () => {
      const all = [await store.messages(OWNER, a), await store.messages('other', b)]
      states.push([...all, await store.find(OWNER, a), await store.find('other', b)])
    }
    await remember()
    const first = exampleMessage({ content: 'समोसा' })
    const changes = [
      () => store.addMessage(OWNER, a, { message: first, turnKey: exampleTurnKey() }),
      () => store.addMessage('other', b, { message: exampleMessage() }),
      () => store.setFeedback(OWNER, a, first.id, { rating: 'up', comment: null }),
      () => store.update(OWNER, a, { title: 'a' }),
      () => store.addMessage(OWNER, a, { message: exampleMessage(), dropMessageIds: [first.id] }),
    ]
    for (const change of changes) {
      await change()
      await remember()
    }
    const journal = await linesOf(directory)
    const logger = createRecordingLogger()
    for (let length = 0; length <= journal.length; length += 1) {
      // With the zeros behind it, or cut off with them.
      const zeros = Buffer.alloc(length % 2 === 0 ? 0 : 40)
      const bytes = Buffer.concat([journal.subarray(0, length), zeros])
      const disk = createMemoryDisk([...before, [journalOf(directory), bytes]])
      const context = createStoreContext({ files: disk.files, logger })
      await replayJournal(context, paths)
      const lines = bytes.filter((byte) => byte === 0x0a).length
      const found = new Map(
        [...disk.contents()].flatMap(([path, content]) => {
          if (path === journalOf(directory) || basename(path) === 'owner.json') return []
          const record: unknown = JSON.parse(Buffer.from(content).toString())
          return [[basename(path), record as { messages: unknown; conversation: unknown }]]
        }),
      )
      const [one, two] = [found.get(`${a}.json`), found.get(`${b}.json`)]
      const state = [one?.messages, two?.messages, one?.conversation, two?.conversation]
      expect(state).toEqual(states[lines])
      expect(found.size).toBe(2)
      // Cut again by a kill in the middle of this: the journal is the same, the files are not what they were.
      const saved = disk.contents()
      await replayJournal(context, paths)
      expect(disk.contents()).toEqual(saved)
    }
    expect(logger.lines).toEqual([])
  })

  it('loses nothing acknowledged with the power either', async () => {
    const disk = createVolatileDisk()
    const { store, directory } = await temporaryStore({ files: disk.files })
    const ids = await Promise.all([1, 2, 3].map(() => withConversation(store)))
    const acknowledged: (readonly [string, string])[] = []
    const writing = ids.map(async (id) => {
      for (let count = 0; count < 60; count += 1) {
        const content = `${id} ${count}`
        await add(store, id, content)
        acknowledged.push([id, content])
      }
    })
    const check = async () => {
      const known = [...acknowledged]
      const left = disk.synced()
      const after = await killed(directory, async (copy) => {
        for (const name of await readdir(join(copy, 'journal'))) {
          const path = join('journal', name)
          await truncate(join(copy, path), left.get(join(directory, path)) ?? 0)
        }
      })
      for (const [id, content] of known) expect(await contents(after.store, id)).toContain(content)
      expect(after.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
    }
    for (let cuts = 0; cuts < 5; cuts += 1) await check()
    await Promise.all(writing)
    await check()
  })

  it('is in the file of its conversation once a turn has ended, question and answer in one go', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({ files: disk.files, saveDelay: 5 })
    const [asked, other] = [await withConversation(store), await withConversation(store)]
    const written = () => disk.count('rename', `${asked}.json`)
    const before = written()
    const question = exampleMessage({ content: 'a question' })
    await store.addMessage(OWNER, asked, { message: question, beginsTurn: 'turn' })
    await add(store, other, 'meanwhile')
    const folder = join(directory, 'conversations', await ownerFolderOf(directory))
    const saved = (id: string) => readFile(join(folder, `${id}.json`), 'utf8')
    await eventually(async () => expect(await saved(other)).toContain('meanwhile'))
    expect(written()).toBe(before)
    expect(await contents((await killed(directory)).store, asked)).toEqual(['a question'])
    const message = exampleMessage({ content: 'an answer', role: 'assistant' })
    await store.addMessage(OWNER, asked, { message, endsTurn: 'turn' })
    await eventually(async () => expect(await saved(asked)).toContain('an answer'))
    expect(await saved(asked)).toContain('a question')
    expect(written()).toBe(before + 1)
  })

  it('sets a journal aside that makes no sense, and keeps what does', async () => {
    const { store, directory } = await temporaryStore()
    const [a, b] = [await withConversation(store), await withConversation(store)]
    await add(store, a, 'one')
    await add(store, b, 'secret')
    await add(store, a, 'two')
    const after = await killed(directory, async (copy) => {
      const text = await readFile(journalOf(copy), 'utf8')
      await writeFile(journalOf(copy), text.replace('secret', 'secret\n'))
    })
    expect(await contents(after.store, a)).toEqual(['one', 'two'])
    expect(await contents(after.store, b)).toEqual([])
    const errors = after.logger.lines.filter(({ level }) => level === 'error')
    expect(errors).toHaveLength(1)
    expect(errors[0]?.fields).toMatchObject({ file: journalOf(after.directory), lines: 2 })
    expect(JSON.stringify(errors)).not.toContain('secret')
    await after.store.close()
    const [aside] = await readdir(join(after.directory, 'journal'))
    expect(aside).toContain('1.jsonl.unreadable-')
  })
})

describe('what was erased', () => {
  it('does not come back from the journal, nor does a conversation that was removed', async () => {
    const { store, directory } = await temporaryStore()
    const [kept, removed] = [await withConversation(store), await withConversation(store)]
    const gone = await withConversation(store, 'other')
    await add(store, kept, 'kept')
    await add(store, removed, 'removed')
    await store.addMessage('other', gone, { message: exampleMessage({ content: 'erased words' }) })
    await store.remove(OWNER, removed)
    const again = exampleConversation({ id: removed })
    await store.create(again)
    await store.removeOwner('other')
    const after = await killed(directory)
    expect(await contents(after.store, kept)).toEqual(['kept'])
    expect(await contents(after.store, removed)).toEqual([])
    expect(await after.store.find('other', gone)).toBeUndefined()
  })

  it('has left the disk when an owner was erased', async () => {
    const { store, directory } = await temporaryStore()
    const kept = await withConversation(store)
    const gone = await withConversation(store, 'other')
    await add(store, kept, 'kept words')
    await store.addMessage('other', gone, { message: exampleMessage({ content: 'erased words' }) })
    expect(await textBelow(directory)).toContain('erased words')
    await store.removeOwner('other')
    expect(await textBelow(directory)).not.toContain('erased words')
    expect(await textBelow(directory)).toContain('kept words')
  })

  it('has left the disk when a conversation was removed', async () => {
    const { store, directory } = await temporaryStore()
    const [kept, removed] = [await withConversation(store), await withConversation(store)]
    await add(store, kept, 'kept words')
    await add(store, removed, 'removed words')
    await store.remove(OWNER, removed)
    const text = await textBelow(directory)
    expect(text).not.toContain('removed words')
    expect(text).toContain('kept words')
    expect(await contents((await killed(directory)).store, kept)).toEqual(['kept words'])
  })

  it('has left what stays for copies, of this process and of those before', async () => {
    const { store, directory, reopen } = await temporaryStore({ segmentLength: 1 })
    const [kept, removed] = [await withConversation(store), await withConversation(store)]
    const gone = await withConversation(store, 'other')
    const say = async (saying: ConversationStore) => {
      await add(saying, kept, 'kept words')
      await add(saying, removed, 'removed words')
      const message = exampleMessage({ content: 'erased words' })
      await saying.addMessage('other', gone, { message })
    }
    await say(store)
    const again = await reopen()
    await say(again)
    const third = await reopen()
    expect(await textBelow(join(directory, 'journal'))).toMatch(/removed words|erased words/)
    await third.remove(OWNER, removed)
    expect(await textBelow(directory)).not.toContain('removed words')
    await third.removeOwner('other')
    expect(await textBelow(directory)).not.toMatch(/removed words|erased words/)
    expect(await textBelow(join(directory, 'journal'))).toContain('kept words')
    const after = await killed(directory)
    expect(await contents(after.store, kept)).toEqual(['kept words', 'kept words'])
  })

  it('leaves the conversation whole when the journal cannot be written anew', async () => {
    const disk = createTestDisk()
    const { store, directory } = await temporaryStore({ files: disk.files })
    const id = await withConversation(store)
    await add(store, id, 'still there')
    disk.break('rename', 'EIO')
    await expect(store.remove(OWNER, id)).rejects.toMatchObject({ code: 'internal' })
    disk.repair()
    expect(await contents(store, id)).toEqual(['still there'])
    expect(await contents((await killed(directory)).store, id)).toEqual(['still there'])
    expect(await store.remove(OWNER, id)).toBe(true)
    expect(await textBelow(directory)).not.toContain('still there')
  })

  it('has left the disk a moment after a message, its rating or a title was replaced', async () => {
    const { store, directory } = await temporaryStore({ saveDelay: 5 })
    const edited = await withConversation(store)
    const [first, second] = [
      exampleMessage({ content: 'replaced words' }),
      exampleMessage({ content: 'words that stay' }),
    ]
    await store.update(OWNER, edited, { title: 'replaced title' })
    await store.addMessage(OWNER, edited, { message: second })
    await store.addMessage(OWNER, edited, { message: first })
    await store.setFeedback(OWNER, edited, second.id, { rating: 'up', comment: 'replaced comment' })
    await store.setFeedback(OWNER, edited, second.id, null)
    await store.update(OWNER, edited, { title: 'title that stays' })
    const dropMessageIds = [first.id]
    const last = exampleMessage({ content: 'new words' })
    await store.addMessage(OWNER, edited, { message: last, dropMessageIds })
    await eventually(async () => expect(await textBelow(directory)).not.toContain('replaced'))
    // A copy that has the conversation as it was at first needs each of the steps all the same.
    const all = await store.messages(OWNER, edited)
    const path = join(directory, 'conversations', await ownerFolderOf(directory), `${edited}.json`)
    const early = await killed(directory, async (copy) => {
      const record = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
      const [line] = await journalLines(copy)
      const begun = { ...record, revision: line?.delta.from, messages: [], turnKeys: [] }
      await writeFile(path.replace(directory, copy), JSON.stringify(begun))
    })
    expect(await early.store.messages(OWNER, edited)).toEqual(all)
  })

  it('has left the disk after a start too, when the server was killed before it had', async () => {
    const { store, directory } = await temporaryStore()
    const id = await withConversation(store)
    const message = exampleMessage({ content: 'replaced words' })
    await store.addMessage(OWNER, id, { message })
    const dropMessageIds = [message.id]
    await store.addMessage(OWNER, id, { message: exampleMessage(), dropMessageIds })
    const logger = createRecordingLogger()
    const next = await createJsonFileStore({ directory, logger, saveDelay: 5 })
    await eventually(async () => expect(await textBelow(directory)).not.toContain('replaced words'))
    await next.close()
  })
})

describe('a conversation that was put in its place by hand', () => {
  it('is as it was put there, and goes on from that, in copies too', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await add(store, id, 'one')
    const again = await reopen()
    const path = join(directory, 'conversations', await ownerFolderOf(directory), `${id}.json`)
    const early = await readFile(path)
    await add(again, id, 'two')
    await again.list(OWNER, { limit: 10, offset: 0 })
    await again.close()
    await writeFile(path, early)
    const third = await reopen()
    expect(await contents(third, id)).toEqual(['one'])
    const { items } = await third.list(OWNER, { limit: 10, offset: 0 })
    expect(items).toEqual([await third.find(OWNER, id)])
    await add(third, id, 'three')
    expect(await contents((await killed(directory)).store, id)).toEqual(['one', 'three'])
  })

  it('is there again after it was removed', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    await add(store, id, 'one')
    const again = await reopen()
    const path = join(directory, 'conversations', await ownerFolderOf(directory), `${id}.json`)
    const text = await readFile(path, 'utf8')
    await again.remove(OWNER, id)
    await again.close()
    await writeFile(path, text.replace('one', 'edited'))
    const third = await reopen()
    expect(await third.conversationIds(OWNER)).toEqual([id])
    expect(await contents(third, id)).toEqual(['edited'])
    expect(await contents((await killed(directory)).store, id)).toEqual(['edited'])
  })
})

describe('a copy', () => {
  it('that is put back over the folder itself counts as a copy', async () => {
    const { store, directory, logger } = await temporaryStore({ saveDelay: 60_000 })
    const id = await withConversation(store)
    await add(store, id, 'one')
    const copy = await temporaryStore()
    await copy.store.close()
    // The conversation before it was saved, the rest long after.
    cpSync(join(directory, 'conversations'), join(copy.directory, 'conversations'), AS_IS)
    await store.close()
    cpSync(join(directory, 'journal'), join(copy.directory, 'journal'), AS_IS)
    cpSync(copy.directory, directory, AS_IS)
    const again = await createJsonFileStore({ directory, logger })
    expect(await contents(again, id)).toEqual(['one'])
    await again.close()
    expect(logger.lines).toEqual([])
  })

  it('says so when it took longer than lines stay, and is used as it is', async () => {
    const { store, directory, reopen } = await temporaryStore()
    const id = await withConversation(store)
    const path = join(directory, 'conversations', await ownerFolderOf(directory), `${id}.json`)
    const early = await readFile(path)
    await add(store, id, 'one')
    const again = await reopen()
    await add(again, id, 'two')
    const after = await killed(directory, async (copied) => {
      await rm(journalOf(copied))
      await writeFile(path.replace(directory, copied), early)
    })
    expect(await contents(after.store, id)).toEqual([])
    const errors = after.logger.lines.filter(({ level }) => level === 'error')
    expect(errors).toMatchObject([{ fields: { conversations: 1 } }])
    expect(errors[0]?.message).toContain('gap')
    await add(after.store, id, 'three')
    expect(await contents((await killed(after.directory)).store, id)).toEqual(['three'])
  })
})
