/** Copies a data folder with something of every kind into a database, is stopped half way, and begins again. */
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Account, Contact, Draft } from './core/ports/index.ts'
import { migrateData } from './migrate-data.ts'
import { packageDirectory } from './package.ts'
import { lockFolder } from './stores/disk/folder-lock.ts'
import { ownerRef } from './stores/disk/paths.ts'
import { createJsonAccountStore } from './stores/json-accounts.ts'
import { createJsonAttachmentStore } from './stores/json-attachments.ts'
import { createJsonContactStore } from './stores/json-contacts.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { createJsonDraftStore } from './stores/json-drafts.ts'
import { createJsonUserDirectory } from './stores/json-users.ts'
import { connectDatabase, type Database } from './stores/postgres/database.ts'
import { openPostgresStores } from './stores/postgres/index.ts'
import { type DatabaseServer, startPostgres, whyNoPostgres } from './testing/database-servers.ts'
import {
  exampleAccount,
  exampleConversation,
  exampleMessage,
  exampleTurnKey,
} from './testing/stores/store-examples.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'

/** Names and texts may be anything: a null, and half a surrogate pair. */
const OWNER = 'asha \u0000 \ud800'
/** Enough that a kill after the first tenth is in the middle. */
const MANY = 400

const logger = createRecordingLogger()

describe.skipIf(whyNoPostgres())(
  `migrate-data ${whyNoPostgres() ?? ''}`,
  { timeout: 60_000 },
  () => {
    let server: DatabaseServer
    let outside: Database
    let parent: string
    let directory: string
    let url: string

    beforeAll(async () => {
      server = await startPostgres()
      outside = connectDatabase({ url: server.url, logger })
    }, 60_000)
    afterAll(async () => {
      await outside.close()
      await server.stop()
    })

    const emptyDatabase = async () => {
      const name = `d${randomUUID().replaceAll('-', '')}`
      await outside.sql.unsafe(`create database ${name}`)
      const address = new URL(server.url)
      address.pathname = name
      return address.href
    }

    beforeEach(async () => {
      parent = await mkdtemp(join(tmpdir(), 'samosa-migrate-'))
      directory = join(parent, 'data')
      await mkdir(directory)
      url = await emptyDatabase()
    })
    afterEach(() => rm(parent, { recursive: true, force: true }))

    const migrate = async ({
      from = directory,
      to = url,
      signal = AbortSignal.timeout(60_000),
    } = {}) => {
      let told = ''
      const remarks = new Writable({
        write(piece, _, done) {
          told += String(piece)
          done()
        },
      })
      const args = ['--from', `file:${from}`, '--to', to]
      const migration = await migrateData(args, { directory: parent, logger, remarks, signal })
      return { ...migration, told }
    }

    const inDatabase = async <Value>(work: (database: Database) => Promise<Value>) => {
      const database = connectDatabase({ url, logger })
      try {
        return await work(database)
      } finally {
        await database.close()
      }
    }

    const withServer = async <Value>(
      work: (stores: Awaited<ReturnType<typeof openPostgresStores>>) => Promise<Value>,
    ) => {
      const stores = await openPostgresStores({ url, logger, attachmentBytes: 1_000_000 })
      try {
        return await work(stores)
      } finally {
        await stores.drafts.close()
        await stores.users.close()
        await stores.conversations.close()
      }
    }

    const fillConversations = async (count: number, from = directory) => {
      const store = await createJsonFileStore({ directory: from, logger })
      const made = Array.from({ length: count }, () => exampleConversation())
      for (const conversation of made) {
        await store.create(conversation)
        await store.addMessage(conversation.ownerId, conversation.id, { message: exampleMessage() })
      }
      await store.close()
      return made
    }

    const countConversations = () =>
      inDatabase(async ({ sql }) => {
        const [row] = await sql<{ all: number; different: number }[]>`
        select count(*) as all, count(distinct id) as different from conversations`
        return row ?? { all: 0, different: 0 }
      })

    const rowOf = (report: string, name: string) =>
      (new RegExp(`^${name} {2,}(.*)$`, 'm').exec(report)?.[1] ?? '').split(/ +/).map(Number)

    it('copies something of every kind as it is, and does nothing the second time', async () => {
      const at = { directory, logger }
      const now = Date.parse('2026-03-01T12:00:00Z')
      const store = await createJsonFileStore({ ...at, clock: () => now })
      const conversation = exampleConversation({ ownerId: OWNER, title: 'Ferns \u0000' })
      const gone = exampleConversation({ ownerId: OWNER })
      const question = exampleMessage({ conversationId: conversation.id, content: 'half \ud83e' })
      const answer = exampleMessage({
        conversationId: conversation.id,
        role: 'assistant',
        feedback: { rating: 'up', comment: 'yes' },
      })
      const turnKey = exampleTurnKey({ createdAt: new Date(now).toISOString() })
      const providerThread = { newId: randomUUID(), provider: 'p', updatedAt: turnKey.createdAt }
      for (const one of [conversation, gone]) await store.create(one)
      await store.addMessage(OWNER, conversation.id, { message: question, turnKey, providerThread })
      await store.addMessage(OWNER, conversation.id, { message: answer })
      await store.update(OWNER, gone.id, { deletedAt: turnKey.createdAt })
      const thread = await store.providerThread(OWNER, conversation.id, 'p')
      const [listed, deleted] = [
        await store.find(OWNER, conversation.id),
        await store.findDeleted(OWNER, gone.id),
      ]
      await store.close()

      const files = createJsonAttachmentStore({ ...at, limit: 1_000_000 })
      const place = { ownerId: OWNER, conversationId: conversation.id }
      const [id, bytes] = [randomUUID(), Buffer.from([0, 1, 255, 254])]
      await files.save(place, [
        { id, bytes, filename: 'a.bin', contentType: 'a/b', sizeBytes: bytes.length },
      ])
      const draft: Draft = {
        ownerId: OWNER,
        message: exampleMessage({ role: 'assistant', content: 'as far as it \ud83e' }),
      }
      await createJsonDraftStore(at).save(draft)
      const users = await createJsonUserDirectory(at)
      users.note({ userId: OWNER, roles: ['admin'], email: 'asha@example.com' })
      const known = await users.list()
      await users.close()
      const accounts: readonly Account[] = [
        exampleAccount({ username: 'Ada', email: 'ada@example.com', roles: ['admin'] }),
        exampleAccount({ username: 'bob', createdAt: new Date(now).toISOString() }),
      ]
      const accountStore = await createJsonAccountStore(at)
      for (const account of accounts) await accountStore.add(account, { onlyFirst: false })
      await accountStore.close()
      const contacts = ['first', 'second'].map((message): Contact => ({
        id: randomUUID(),
        ownerId: OWNER,
        message,
        email: 'asha@example.com',
        about: { conversationId: conversation.id, title: 'T', question: null, messageId: null },
        key: message,
        delivery: { state: 'pending', attempts: 2, lastAttemptAt: null, problem: 'no' },
        createdAt: turnKey.createdAt,
      }))
      const contactStore = await createJsonContactStore(at)
      for (const contact of contacts) await contactStore.add(contact)
      await contactStore.close()
      const secret = 's'.repeat(64)
      await writeFile(join(directory, 'jwt-secret'), secret)

      const first = await migrate()
      expect(first.isWhole).toBe(true)
      expect(rowOf(first.report, 'conversations')).toEqual([2, 2, 0, 0])
      expect(rowOf(first.report, 'messages')).toEqual([2, 2, 0, 0])
      expect(rowOf(first.report, 'files')).toEqual([1, 1, 0, 0])
      expect(rowOf(first.report, 'accounts')).toEqual([2, 2, 0, 0])
      expect(first.report).toContain('which stay deleted: 1.')
      const { host, pathname } = new URL(url)
      expect(first.report).toContain(`From ${directory} to postgres://${host}${pathname}:`)
      expect(first.told).toContain('2 of 2 conversations\n')

      const again = await migrate()
      for (const name of ['conversations', 'messages', 'files', 'accounts', 'users', 'drafts']) {
        const [found, copied, there, erased] = rowOf(again.report, name)
        expect([name, copied, erased, there]).toEqual([name, 0, 0, found])
      }

      await withServer(async (stores) => {
        const { conversations } = stores
        expect(await conversations.find(OWNER, conversation.id)).toEqual(listed)
        expect(await conversations.findDeleted(OWNER, gone.id)).toEqual(deleted)
        expect(await conversations.messages(OWNER, conversation.id)).toEqual([question, answer])
        expect(await conversations.providerThread(OWNER, conversation.id, 'p')).toEqual(thread)
        const found = await conversations.search(OWNER, { query: 'half', limit: 5, offset: 0 })
        expect(found.total).toBe(1)
        expect(await stores.attachmentStore.read(place, id)).toEqual(bytes)
        expect(await stores.drafts.all()).toEqual([draft])
        expect(await stores.users.list()).toEqual(known)
        const there = await stores.openAccounts()
        expect(await there.list()).toEqual(accounts)
        expect(await there.findByUsername('ADA')).toEqual(accounts[0])
        expect((await stores.contactStore.list({ limit: 5, offset: 0 })).items).toEqual(
          contacts.toReversed(),
        )
        expect(await stores.contactStore.findByKey(OWNER, 'first')).toEqual(contacts[0])
        expect(await stores.fileIn('jwt-secret').read()).toBe(secret)
      })
      const keys = await inDatabase(
        ({ sql }) => sql<{ body: unknown }[]>`select body from turn_keys`,
      )
      expect(keys.map(({ body }) => body)).toEqual([turnKey])

      // A server has had it: what it has kept since is not written over.
      await expect(migrate()).rejects.toThrow(/A server has used this database already/)
    })

    it('goes on after it was killed, doubles nothing, and lets no server start before it is done', async () => {
      const made = await fillConversations(MANY)
      const args = [join(packageDirectory(), 'server/main.ts'), 'migrate-data']
      const child = spawn(process.execPath, [...args, '--from', `file:${directory}`, '--to', url], {
        cwd: parent,
        env: { LOG_LEVEL: 'SILENT' },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const exited = once(child, 'exit')
      const [told] = await once(child.stderr, 'data')
      expect(String(told)).toMatch(/^\d+ of 400 conversations\n/)
      child.kill('SIGKILL')
      await exited
      const { all } = await countConversations()
      expect(all).toBeGreaterThan(0)
      expect(all).toBeLessThan(MANY)
      await expect(withServer(async () => undefined)).rejects.toThrow(
        /migrate-data has not finished with this database\. Run it again/,
      )

      // One is deleted for good before it goes on.
      const store = await createJsonFileStore({ directory, logger })
      const copied = await inDatabase(
        ({ sql }) => sql<{ id: string }[]>`select id from conversations limit 1`,
      )
      const erased = made.find(({ id }) => id === copied[0]?.id)
      expect(await store.remove(erased?.ownerId ?? '', erased?.id ?? '')).toBe(true)
      await store.close()

      const { report } = await migrate()
      const [found = 0, fresh = 0, there = 0, gone] = rowOf(report, 'conversations')
      expect(found).toBe(MANY - 1)
      expect(fresh + there).toBe(MANY - 1)
      expect(there).toBeGreaterThan(0)
      expect(gone).toBe(1)
      expect(await countConversations()).toEqual({ all: MANY - 1, different: MANY - 1 })
      await withServer(async ({ conversations }) => {
        expect(await conversations.exists(erased?.id ?? '')).toBe(false)
      })
    })

    it('takes up what the folder has learned since it was interrupted', async () => {
      const [conversation] = await fillConversations(1)
      await migrate()
      const { ownerId = '', id = '' } = conversation ?? {}
      const store = await createJsonFileStore({ directory, logger })
      const more = exampleMessage({ content: 'and more' })
      await store.addMessage(ownerId, id, { message: more })
      await store.close()
      expect(rowOf((await migrate()).report, 'conversations')).toEqual([1, 1, 0, 0])
      const said = await withServer(({ conversations }) => conversations.messages(ownerId, id))
      expect(said?.at(-1)).toEqual(more)
      expect(said).toHaveLength(2)
    })

    it('stops with a sentence when it is interrupted', async () => {
      await fillConversations(1)
      const signal = AbortSignal.abort(new Error('It was interrupted.'))
      await expect(migrate({ signal })).rejects.toThrow('It was interrupted.')
      expect((await migrate()).isWhole).toBe(true)
    })

    it('names what cannot be read, leaves it where it is, and copies the rest', async () => {
      const [broken] = await fillConversations(2)
      const { folder } = ownerRef(broken?.ownerId ?? '')
      const path = join(directory, 'conversations', folder, `${broken?.id}.json`)
      await writeFile(path, '{"version":1')
      const { report, isWhole } = await migrate()
      expect(isWhole).toBe(false)
      expect(report).toContain(`${path} (it is not JSON in UTF-8)`)
      expect(await readFile(path, 'utf8')).toBe('{"version":1')
      expect(await countConversations()).toMatchObject({ all: 1 })
    })

    it('copies nothing while a server has the folder', async () => {
      await fillConversations(1)
      const lock = await lockFolder({ directory, patience: 0, logger })
      await expect(migrate()).rejects.toThrow(`Nothing was copied: a server uses ${directory}.`)
      await lock.release()
    })

    it('copies nothing while a server has the database, and leaves that to it', async () => {
      await fillConversations(1)
      await withServer(async () => {
        await expect(migrate()).rejects.toThrow(/^A server uses the database/)
      })
      // The server may start again: nothing says any more that the database is being filled.
      await withServer(async ({ conversations }) => {
        expect(await conversations.owners()).toEqual([])
      })
    })

    it('mixes in neither what a server has kept nor another folder', async () => {
      await fillConversations(1)
      const other = join(parent, 'other')
      await mkdir(other)
      await fillConversations(1, other)
      await migrate()
      await expect(migrate({ from: other })).rejects.toThrow(
        /copied from .*\/data\. Go on with that/,
      )
      url = await emptyDatabase()
      await withServer(async ({ fileIn }) => await fileIn('jwt-secret').replace('kept'))
      await expect(migrate()).rejects.toThrow(/A server has used this database already/)
    })

    it.each([
      [[], 'Say from where and to where'],
      [['--from', 'file:./data'], 'Say from where and to where'],
      [['--from', 'postgres://a/b', '--to', 'file:./data'], '--from takes file:<folder>'],
      [['--from', 'file:./data', '--to', 'file:./other'], '--to takes postgres://'],
      [['--from', 'file:./nowhere', '--to', 'postgres://u@127.0.0.1:1/d'], 'is no data folder'],
    ])('says what is wrong with %j', async (args, sentence) => {
      const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
        const program = [join(packageDirectory(), 'server/main.ts'), 'migrate-data', ...args]
        const env = { LOG_LEVEL: 'SILENT' }
        execFile(process.execPath, program, { cwd: parent, env }, (error, _, said) => {
          resolve({ code: error ? Number(error.code) : 0, stderr: said })
        })
      })
      expect(code).toBe(1)
      expect(stderr).toContain(sentence)
      expect(stderr.trim().split('\n')).toHaveLength(1)
    })
  },
)
