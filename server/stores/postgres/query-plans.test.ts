/** No call that a request makes reads a large table from end to end: PostgreSQL itself counts how often one was. */
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConversationStore } from '../../core/ports/index.ts'
import {
  type DatabaseServer,
  startPostgres,
  whyNoPostgres,
} from '../../testing/database-servers.ts'
import { exampleMessage, exampleTurnKey } from '../../testing/stores/store-examples.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { createPostgresAttachments } from './attachments.ts'
import { createPostgresConversations } from './conversations.ts'
import { connectDatabase, type Database } from './database.ts'
import { migrate } from './migrations.ts'

const logger = createRecordingLogger()

/** 400 owners with 50 conversations each, of five messages: what a site has after a while. */
const FILLED = `
  insert into conversations (owner, id, body, has_title, created_at, updated_at, messages, title, around, models)
  select 'owner-' || n % 400, id, json_build_object(
      'id', id, 'ownerId', 'owner-' || n % 400, 'title', 'Fern ' || n, 'renamed', false, 'modelTag', 'default',
      'isFavorited', false, 'createdAt', '2025-03-01T12:00:00.000Z', 'updatedAt', '2025-03-01T12:00:00.000Z'),
    true, 1740830400000 + n, 1740830400000 + n, 5, 'fern ' || n, '', '{"\\"default\\""}'
  from (select n, lpad(n::text, 8, '0') || '-0000-4000-8000-000000000000' as id from generate_series(1, 20000) as n) as made;

  insert into messages (conversation, place, id, owner, body, role, model, said, rating, created_at)
  select number, place, 'm-' || number || '-' || place, owner, json_build_object(
      'id', 'm-' || number || '-' || place, 'conversationId', id, 'role', case when place % 2 = 1 then 'user' else 'assistant' end,
      'content', 'Word ' || number || ' of a fern', 'tokenCount', null, 'modelTag', null, 'inferenceTimeMs', null,
      'finishReason', null, 'feedback', null, 'sources', '[]'::json, 'createdAt', '2025-03-01T12:00:00.000Z'),
    case when place % 2 = 1 then 'user' else 'assistant' end, null, 'word ' || number || ' of a fern',
    case when number % 500 = 0 and place = 2 then 'up' end, created_at + place
  from conversations cross join generate_series(1, 5) as place;

  insert into turn_keys select number, '"k"', '{}', created_at from conversations;
  insert into provider_threads select number, '"p"', '{}' from conversations;
  insert into ended_turns select 'turn-' || number from conversations;
  insert into attachments (owner, conversation, id, owner_id, bytes, size)
    select owner, id, id, to_json(array[owner]), 'x', 1 from conversations;
  analyze;
`
const OWNER = 'owner-7'
const ID = '00000407-0000-4000-8000-000000000000'
const PAGE = { limit: 30, offset: 0 }

type Call = (store: ConversationStore) => Promise<unknown>

const CALLS: Readonly<Record<string, Call>> = {
  find: (store) => store.find(OWNER, ID),
  'find what is deleted': (store) => store.findDeleted(OWNER, ID),
  exists: (store) => store.exists(ID),
  list: (store) => store.list(OWNER, PAGE),
  'list behind a place': (store) =>
    store.list(OWNER, { ...PAGE, after: { id: ID, updatedAt: '2025-03-01T12:00:05.000Z' } }),
  'list threads': (store) => store.listThreads(OWNER, { ...PAGE, includeDeleted: false }),
  'list all threads': (store) => store.listThreads(OWNER, { ...PAGE, includeDeleted: true }),
  'all ids': (store) => store.conversationIds(OWNER),
  messages: (store) => store.messages(OWNER, ID),
  'the newest messages': (store) => store.newestMessages(OWNER, ID, { limit: 2 }),
  'the messages before one': (store) =>
    store.newestMessages(OWNER, ID, { limit: 2, before: 'm-407-4' }),
  'a turn key': (store) => store.findTurnKey(OWNER, ID, 'k'),
  'a provider’s thread': (store) => store.providerThread(OWNER, ID, 'p'),
  'a search': (store) => store.search(OWNER, { ...PAGE, query: 'word fern' }),
  'a search for a rare word': (store) => store.search(OWNER, { ...PAGE, query: '407' }),
  'a search for a letter': (store) => store.search(OWNER, { ...PAGE, query: 'f' }),
  'a search by model': (store) =>
    store.search(OWNER, { ...PAGE, query: 'fern', modelTag: 'default' }),
  'everything of an owner': async (store) => {
    for await (const each of store.readAll(OWNER)) expect(each.messages.length).toBeGreaterThan(0)
  },
  'noted answers': (store) => store.notedAnswers({ ...PAGE, rating: 'up' }),
  'a message': (store) =>
    store.addMessage(OWNER, ID, {
      message: exampleMessage({ conversationId: ID }),
      dropMessageIds: ['m-407-5'],
      turnKey: exampleTurnKey(),
      endsTurn: 'another turn',
      updates: [{ messageId: 'm-407-4', changes: { tokenCount: 1 } }],
    }),
  'a rating': (store) => store.setFeedback(OWNER, ID, 'm-407-2', { rating: 'up', comment: null }),
  'a change': (store) => store.update(OWNER, ID, { title: 'Ferns' }),
  'what has not changed for long': async (store) => {
    const found: string[] = []
    const old = new Date(1740830400000 + 151).toISOString()
    for await (const { conversationId } of store.unchangedSince(old)) found.push(conversationId)
    expect(found).toHaveLength(150)
  },
  'a conversation removed': (store) => store.remove(OWNER, ID),
  'an owner removed': (store) => store.removeOwner('owner-8'),
}

describe.skipIf(whyNoPostgres())(`in large tables of PostgreSQL ${whyNoPostgres() ?? ''}`, () => {
  let server: DatabaseServer
  let database: Database
  let store: ConversationStore
  beforeAll(async () => {
    server = await startPostgres()
    // One connection: what it has counted can be asked for at once.
    database = connectDatabase({ url: server.url, logger, connections: 1 })
    await migrate(database, server.url, logger)
    // Over a connection that nobody gives up for being silent: it may take long on a busy machine.
    const filling = postgres(server.url, { onnotice: () => undefined })
    await filling.unsafe(FILLED)
    await filling.end()
    store = createPostgresConversations({ database, logger })
  })
  afterAll(async () => {
    await store.close()
    await server.stop()
  })

  const readWhole = async () => {
    await database.sql`select pg_stat_force_next_flush()`
    const rows = await database.sql<{ name: string; scans: number }[]>`
      select relname as name, seq_scan as scans from pg_stat_user_tables where n_live_tup > 1000`
    return new Map(rows.map(({ name, scans }) => [name, scans]))
  }

  it.each(Object.keys(CALLS))('%s reads none from end to end', async (name) => {
    const before = await readWhole()
    await CALLS[name]?.(store)
    const after = await readWhole()
    expect([...after].filter(([table, scans]) => scans > (before.get(table) ?? 0))).toEqual([])
  })

  it('a file is found and counted without reading those of others', async () => {
    const files = createPostgresAttachments({ database, logger, limit: 1_000_000 })
    const before = await readWhole()
    const place = { ownerId: OWNER, conversationId: ID }
    const id = '00000807-0000-4000-8000-000000000000'
    const sent = {
      filename: 'a',
      contentType: 'text/plain',
      sizeBytes: 1,
      bytes: new Uint8Array(1),
    }
    await files.conversationOf(OWNER, id)
    await files.read(place, id)
    await files.save(place, [{ id: 'new', ...sent }])
    await files.remove(place)
    expect(await readWhole()).toEqual(before)
  })

  it('is noticed where a table is read from end to end', async () => {
    const before = await readWhole()
    await database.sql`select count(*) from messages where said || '' = 'nothing'`
    const after = await readWhole()
    expect(after.get('messages')).toBe((before.get('messages') ?? 0) + 1)
  })
})
