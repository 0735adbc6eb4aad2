/** Several servers on one database, and what an operator is told who names one that will not do. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StartError } from '../../core/errors.ts'
import type { ConversationStore } from '../../core/ports/index.ts'
import {
  type DatabaseServer,
  startPostgres,
  whyNoPostgres,
} from '../../testing/database-servers.ts'
import { listenLocally } from '../../testing/listen-locally.ts'
import { exampleConversation, exampleMessage } from '../../testing/stores/store-examples.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { createPostgresConversations } from './conversations.ts'
import { connectDatabase } from './database.ts'
import { migrate, MIGRATIONS } from './migrations.ts'

const OWNER = 'asha'

describe.skipIf(whyNoPostgres())(`one PostgreSQL ${whyNoPostgres() ?? ''}`, () => {
  let server: DatabaseServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  const logger = createRecordingLogger()
  const connect = (url = server.url) => connectDatabase({ url, logger })
  const urlOf = (change: (url: URL) => void) => {
    const url = new URL(server.url)
    change(url)
    return url.href
  }
  const withStores = async (
    use: (here: ConversationStore, there: ConversationStore) => Promise<void>,
  ) => {
    const databases = [connect(), connect()]
    // Both servers start at once, on a database that has no tables perhaps.
    await Promise.all(databases.map((database) => migrate(database, server.url, logger)))
    const [here, there] = databases.map((database) =>
      createPostgresConversations({ database, logger }),
    )
    await use(here!, there!)
    await here!.close()
    await there!.close()
  }

  it('loses nothing that two servers write at once, in rising time', async () => {
    await withStores(async (here, there) => {
      const conversation = exampleConversation({ ownerId: OWNER })
      await here.create(conversation)
      const messages = Array.from({ length: 60 }, (_, n) => exampleMessage({ content: String(n) }))
      const written = await Promise.all(
        messages.map((message, n) =>
          (n % 2 ? here : there).addMessage(OWNER, conversation.id, { message }),
        ),
      )
      const stored = (await here.messages(OWNER, conversation.id)) ?? []
      expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(messages.map(({ id }) => id)))
      expect(stored).toHaveLength(60)
      expect(new Set(written.map((one) => one?.updatedAt)).size).toBe(60)
      expect(await there.find(OWNER, conversation.id)).toEqual(
        await here.find(OWNER, conversation.id),
      )
    })
  })

  it('lets a turn end once, whichever server ends it', async () => {
    await withStores(async (here, there) => {
      const conversation = exampleConversation({ ownerId: OWNER })
      await here.create(conversation)
      const turn = randomUUID()
      const answer = exampleMessage({ role: 'assistant' })
      const ends = [here, there, here, there].map((store, n) =>
        store.addMessage(OWNER, conversation.id, {
          message: { ...answer, content: `by ${n}` },
          endsTurn: turn,
        }),
      )
      const results = await Promise.all(ends)
      expect(results.filter((result) => result !== undefined)).toHaveLength(1)
      const [stored, ...more] = (await there.messages(OWNER, conversation.id)) ?? []
      expect(more).toEqual([])
      const winner = results.findIndex((result) => result !== undefined)
      expect(stored?.content).toBe(`by ${winner}`)
    })
  })

  describe('whose rows somebody has changed by hand', () => {
    /** One conversation that is meddled with, and one that is not. */
    const withTwo = async (
      use: (
        store: ConversationStore,
        given: Record<'meddled' | 'other', ReturnType<typeof exampleConversation>> & {
          readonly sql: ReturnType<typeof connect>['sql']
          readonly good: ReturnType<typeof exampleMessage>
          readonly bad: ReturnType<typeof exampleMessage>
        },
      ) => Promise<void>,
    ) =>
      await withStores(async (store) => {
        const [meddled, other] = [
          exampleConversation({ ownerId: OWNER }),
          exampleConversation({ ownerId: OWNER }),
        ]
        const [good, bad] = [exampleMessage(), exampleMessage()]
        const { sql, close } = connect()
        await sql`truncate conversations cascade`
        for (const conversation of [meddled, other]) {
          await store.create(conversation)
          await store.addMessage(OWNER, conversation.id, { message: good })
        }
        await store.addMessage(OWNER, meddled.id, { message: bad })
        await use(store, { meddled, other, sql, good, bad })
        expect(await store.messages(OWNER, other.id)).toEqual([good])
        await close()
      })
    const listed = async (store: ConversationStore) =>
      (await store.list(OWNER, { limit: 10, offset: 0 })).items.map(({ id }) => id)

    it.each([
      ['without a content', (body: object) => ({ ...body, content: null })],
      ['with a status that there is not', (body: object) => ({ ...body, status: 'cooking' })],
      ['with a role that there is not', (body: object) => ({ ...body, role: 'nobody' })],
      ['that is a list', () => []],
      ['that is a text', () => 'hello'],
      ['that is null in JSON', () => null],
    ] as const)('leaves out a message %s, says so, and goes on around it', async (_, change) => {
      await withTwo(async (store, { meddled, other, sql, good, bad }) => {
        const body = JSON.stringify(change(bad))
        await sql`
          update messages set body = ${body}::text::json
          where id = ${bad.id} and body->>'id' = ${bad.id}`
        expect(await store.messages(OWNER, meddled.id)).toEqual([good])
        expect(logger.lines.at(-1)).toMatchObject({
          level: 'error',
          message: expect.stringContaining('cannot be read and is left out'),
        })
        const next = exampleMessage({ content: 'and on' })
        await store.addMessage(OWNER, meddled.id, { message: next })
        expect(await store.messages(OWNER, meddled.id)).toEqual([good, next])
        expect((await listed(store)).toSorted()).toEqual([meddled.id, other.id].toSorted())
        const [row] = await sql`select body::text as body from messages where id = ${bad.id}`
        expect(row?.['body']).toBe(body)
      })
    })

    it.each([
      ['without times', '{"id":"x","title":null}'],
      ['that is a list', '[]'],
      ['that is null in JSON', 'null'],
    ] as const)(
      'leaves out a conversation %s, says so, and writes nothing over it',
      async (_, body) => {
        await withTwo(async (store, { meddled, other, sql }) => {
          await sql`update conversations set body = ${body}::text::json where id = ${meddled.id}`
          expect(await store.find(OWNER, meddled.id)).toBeUndefined()
          expect(logger.lines.at(-1)).toMatchObject({
            level: 'error',
            message: expect.stringContaining('cannot be read and is left out'),
          })
          expect(await listed(store)).toEqual([other.id])
          const message = exampleMessage()
          expect(await store.addMessage(OWNER, meddled.id, { message })).toBeUndefined()
          expect(await store.update(OWNER, meddled.id, { title: 'mine' })).toBeUndefined()
          const [row] =
            await sql`select body::text as body from conversations where id = ${meddled.id}`
          expect(row?.['body']).toBe(body)
        })
      },
    )
  })

  describe('stops the start with a sentence', () => {
    const failure = async (url: string) => {
      const database = connect(url)
      try {
        await migrate(database, url, logger)
        return undefined
      } catch (error) {
        expect(error).toBeInstanceOf(StartError)
        return String(error)
      } finally {
        await database.close()
      }
    }

    it('where nobody listens', async () => {
      const url = urlOf((address) => (address.port = '9'))
      expect(await failure(url)).toContain('no PostgreSQL listens at 127.0.0.1:9.')
    })

    it('where the database is missing, and says nothing of the password', async () => {
      const said = await failure(
        urlOf((address) => {
          address.password = 'hunter2'
          address.pathname = 'nothing'
        }),
      )
      expect(said).toContain('there is no database “nothing”')
      expect(said).not.toContain('hunter2')
    })

    it('where the user is unknown, or may not make tables', async () => {
      const unknown = await failure(urlOf((address) => (address.username = 'nobody')))
      expect(unknown).toContain('the user “nobody”')
      const database = connect()
      await database.sql.unsafe('create database strict')
      await database.sql.unsafe('create user reader')
      await database.close()
      const strict = urlOf((address) => (address.pathname = 'strict'))
      const owner = connect(strict)
      await owner.sql.unsafe('revoke create on schema public from public')
      await owner.close()
      const said = await failure(
        urlOf((address) => {
          address.username = 'reader'
          address.pathname = 'strict'
        }),
      )
      expect(said).toContain('the user “reader” may not make tables')
    })

    it('where something else answers than a PostgreSQL', async () => {
      const stranger = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      const address = await listenLocally(stranger)
      const url = urlOf((changed) => (changed.port = address.split(':')[1] ?? ''))
      expect(await failure(url)).toContain('is it a PostgreSQL?')
      stranger.close()
    })

    it('where a newer version has made the tables', async () => {
      const database = connect()
      await migrate(database, server.url, logger)
      const newer = MIGRATIONS.length + 1
      await database.sql`insert into samosa_schema (version) values (${newer})`
      expect(await failure(server.url)).toContain(
        `a newer version of Samosa Chat has made these tables (schema ${newer}`,
      )
      await database.sql`delete from samosa_schema where version = ${newer}`
      await database.close()
    })
  })
})
