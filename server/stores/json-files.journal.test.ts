import { cpSync } from 'node:fs'
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ConversationStore } from '../core/ports.ts'
import { createTemporaryNames } from './atomic-file.ts'
import { createMemoryDisk } from './memory-disk.ts'
import { replayJournal } from './replay-journal.ts'
import { exampleConversation, exampleMessage, exampleTurnKey } from './store-examples.ts'
import { storePaths } from './store-paths.ts'
import { createVolatileDisk } from './test-disk.ts'
import { createRecordingLogger, createTemporaryStore, type TemporaryStore } from './testing.ts'
import type { JsonFileStoreOptions } from './json-files.ts'

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

  it('goes when the files have what it says, a moment later', async () => {
    const { store, directory } = await temporaryStore({ saveDelay: 0 })
    const id = await withConversation(store)
    await add(store, id, 'one')
    await vi.waitFor(async () => {
      expect(await readdir(join(directory, 'journal'))).toEqual(['2.jsonl'])
    })
    const without = await killed(directory, (copy) =>
      rm(join(copy, 'journal'), { recursive: true }),
    )
    expect(await contents(without.store, id)).toEqual(['one'])
    await store.close()
    expect(await readdir(directory)).not.toContain('journal')
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
      const context = {
        files: disk.files,
        logger,
        clock: Date.now,
        temporaryNames: createTemporaryNames(),
      }
      await replayJournal(context, paths)
      const lines = bytes.filter((byte) => byte === 0x0a).length
      const found = new Map(
        [...disk.contents].map(([path, content]) => {
          const record: unknown = JSON.parse(Buffer.from(content).toString())
          return [basename(path), record as { messages: unknown; conversation: unknown }]
        }),
      )
      const [one, two] = [found.get(`${a}.json`), found.get(`${b}.json`)]
      const state = [one?.messages, two?.messages, one?.conversation, two?.conversation]
      expect(state).toEqual(states[lines])
      expect(disk.contents.size).toBe(2)
      // Cut again by a kill in the middle of this: the journal is still there, the files are not what they were.
      const saved = [...disk.contents]
      disk.contents.set(journalOf(directory), bytes)
      await replayJournal(context, paths)
      expect([...disk.contents]).toEqual(saved)
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

  it('has left the disk a moment after a conversation was removed or a message replaced', async () => {
    const { store, directory } = await temporaryStore({ saveDelay: 5 })
    const [removed, edited] = [await withConversation(store), await withConversation(store)]
    await add(store, removed, 'removed words')
    const message = exampleMessage({ content: 'replaced words' })
    await store.addMessage(OWNER, edited, { message })
    await store.remove(OWNER, removed)
    const dropMessageIds = [message.id]
    await store.addMessage(OWNER, edited, { message: exampleMessage(), dropMessageIds })
    await vi.waitFor(async () => {
      expect(await textBelow(directory)).not.toMatch(/removed words|replaced words/)
    })
  })
})
