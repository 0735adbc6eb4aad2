/**
 * Conversations and their messages in PostgreSQL. Whatever changes one locks its row first, so that servers which write
 * at the same time do so one after the other; begin at `createPostgresConversations`.
 */
import { z } from 'zod'
import { ChatError } from '../../core/errors.ts'
import type {
  Conversation,
  ConversationChanges,
  ConversationPage,
  ConversationStore,
  ListPlace,
  Logger,
  Message,
  MessageAddition,
  NotedAnswer,
  NotedAnswersPage,
  NotedAnswersQuery,
  ProviderThread,
  ProviderThreadChanges,
} from '../../core/ports/index.ts'
import { canonicalId } from '../disk/paths.ts'
import { begunAlready, touched, TURN_KEY_LIFETIME_MS } from '../records.ts'
import type { Database, Sql } from './database.ts'
import {
  bodyOf,
  conversationColumns,
  createReaders,
  messageColumns,
  ownerKey,
  type Readers,
} from './rows.ts'
import { searchConversations } from './search.ts'

/** Conversations that are read together with their messages, where all are. */
const READ_AT_ONCE = 100
/** How long it is remembered that a turn has ended, as PostgreSQL writes it: a frozen server may wake up that late. */
const ENDED_FOR = '1 day'
/** Milliseconds between two times that it is forgotten. */
const TIDYING = 10 * 60_000

export interface PostgresConversationsOptions {
  readonly database: Database
  readonly logger: Logger
  /** Milliseconds since 1970; tests set it. */
  readonly clock?: () => number
}

interface Row {
  readonly number: number
  readonly body: unknown
}

/** A conversation whose row nobody else changes until the transaction ends. */
interface Locked {
  readonly number: number
  readonly conversation: Conversation
  /** How many messages there are. */
  readonly messages: number
}

export function createPostgresConversations(
  options: PostgresConversationsOptions,
): ConversationStore {
  const { database, logger, clock = Date.now } = options
  const { sql, transaction, explain } = database
  const readers = createReaders(logger)
  const rowsOf = createRows(readers)
  const { inLine, inOwnersLine } = createLines()
  let isClosed = false
  let tidied = clock()

  /** @throws ChatError when the database cannot be asked */
  const read = <Value>(work: () => Promise<Value>) =>
    explain('The conversations could not be read', work)

  const findAny = async (ownerId: string, id: string) => {
    const canonical = canonicalId(id)
    if (canonical === undefined) return undefined
    const [row] = await sql<Row[]>`
      select number, body from conversations
      where owner = ${ownerKey(ownerId)} and id = ${canonical}`
    const conversation = row && readers.conversation(row.body, { conversation: row.number })
    return conversation && { number: row.number, conversation }
  }

  const findLiving = async (ownerId: string, id: string) => {
    const found = await findAny(ownerId, id)
    return found?.conversation.deletedAt === undefined ? found : undefined
  }

  /** Runs a change of a conversation that is there; nobody else changes it meanwhile, on any server. */
  const change = async <Value>(
    ownerId: string,
    id: string,
    work: (on: Sql, locked: Locked) => Promise<Value | undefined>,
  ): Promise<Value | undefined> => {
    const canonical = canonicalId(id)
    if (canonical === undefined) return undefined
    const save = () =>
      transaction(async (on) => {
        const [row] = await on<(Row & { readonly messages: number })[]>`
          select number, body, messages from conversations
          where owner = ${ownerKey(ownerId)} and id = ${canonical} and deleted_at is null
          for update`
        const conversation = row && readers.conversation(row.body, { conversation: row.number })
        return conversation && (await work(on, { ...row, conversation }))
      })
    return await explain('The conversation could not be saved', () =>
      inLine(ownerKey(ownerId), canonical, save),
    )
  }

  /** What is known of ended turns goes now and then, behind what somebody waits for. */
  const tidy = () => {
    if (clock() - tidied < TIDYING) return
    tidied = clock()
    const tidying = sql`
      delete from ended_turns where ended_at < now() - ${ENDED_FOR}::text::interval`
    tidying.catch((error: unknown) => {
      logger.warn({ err: error }, 'ended turns could not be forgotten; it is tried later')
    })
  }

  /** Everything an owner has, newest first, each page when it is asked for. */
  async function* everything(ownerId: string): AsyncGenerator<readonly Found[]> {
    let after: ListPlace | undefined
    for (;;) {
      const rows = await read(
        () => sql<ListedRow[]>`
          select number, id, updated_at, body from conversations
          where owner = ${ownerKey(ownerId)} and deleted_at is null ${behind(sql, after)}
          order by updated_at desc, id desc
          limit ${READ_AT_ONCE}`,
      )
      const last = rows.at(-1)
      if (!last) return
      after = { id: last.id, updatedAt: new Date(last.updated_at).toISOString() }
      yield rowsOf.conversations(rows)
    }
  }

  const readMessages = async (numbers: readonly number[]) => {
    const rows = await read(
      () => sql<(Row & { readonly conversation: number })[]>`
        select conversation, conversation as number, body from messages
        where conversation in ${sql(numbers)}
        order by conversation, place`,
    )
    return Map.groupBy(rows, ({ conversation }) => conversation)
  }

  return {
    find: (ownerId, id) => read(async () => (await findLiving(ownerId, id))?.conversation),
    findDeleted: (ownerId, id) =>
      read(async () => {
        const conversation = (await findAny(ownerId, id))?.conversation
        return conversation?.deletedAt === undefined ? undefined : conversation
      }),
    exists: (id) =>
      read(async () => {
        const canonical = canonicalId(id)
        if (canonical === undefined) return false
        const found = await sql`select 1 from conversations where id = ${canonical} limit 1`
        return found.length > 0
      }),

    list: (ownerId, { limit, offset, after }) =>
      read(async () => {
        const owner = ownerKey(ownerId)
        const [counted, rows] = await Promise.all([
          sql<Counted[]>`
            select count(*) as count from conversations
            where owner = ${owner} and deleted_at is null`,
          sql<Row[]>`
            select number, body from conversations
            where owner = ${owner} and deleted_at is null ${behind(sql, after)}
            order by updated_at desc, id desc
            limit ${limitOf(limit)} offset ${offset}`,
        ])
        return pageOf(rowsOf.conversations(rows), limit, counted)
      }),

    listThreads: (ownerId, { limit, offset, includeDeleted }) =>
      read(async () => {
        const begun = includeDeleted
          ? sql``
          : sql`and deleted_at is null and has_title and messages > 0`
        const owner = ownerKey(ownerId)
        const [counted, rows] = await Promise.all([
          sql<Counted[]>`
            select count(*) as count from conversations where owner = ${owner} ${begun}`,
          sql<Row[]>`
            select number, body from conversations
            where owner = ${owner} ${begun}
            order by created_at desc, id desc
            limit ${limitOf(limit)} offset ${offset}`,
        ])
        return pageOf(rowsOf.conversations(rows), limit, counted)
      }),

    conversationIds: (ownerId) =>
      read(async () => {
        const rows = await sql<{ id: string }[]>`
          select id from conversations where owner = ${ownerKey(ownerId)}`
        return rows.map(({ id }) => id)
      }),

    owners: () =>
      read(async () => {
        const rows = await sql<OwnerRow[]>`
          select owned.*, body from (
            select min(number) as number, count(*) as conversations, sum(messages)::bigint as messages
            from conversations where deleted_at is null group by owner
          ) as owned join conversations on conversations.number = owned.number`
        return rows.flatMap(({ number, body, conversations, messages }) => {
          const conversation = readers.conversation(body, { conversation: number })
          return conversation ? [{ ownerId: conversation.ownerId, conversations, messages }] : []
        })
      }),

    messages: (ownerId, id) =>
      read(async () => {
        const canonical = canonicalId(id)
        if (canonical === undefined) return undefined
        // At once: a token waits for every way to the database.
        const [found, rows] = await Promise.all([
          findLiving(ownerId, canonical),
          sql<Row[]>`
            select conversation as number, messages.body from messages
            join conversations on conversations.number = conversation
            where conversations.owner = ${ownerKey(ownerId)} and conversations.id = ${canonical}
            order by place`,
        ])
        return found && rowsOf.messages(rows)
      }),

    newestMessages: (ownerId, id, { limit, before }) =>
      read(async () => {
        const found = await findLiving(ownerId, id)
        const place = found && (await placeBefore(sql, found.number, before))
        if (!found || place === undefined) return undefined
        const rows = await sql<Row[]>`
          select conversation as number, body from messages
          where conversation = ${found.number} ${place === null ? sql`` : sql`and place < ${place}`}
          order by place desc limit ${limitOf(limit)}`
        const messages = rowsOf.messages(rows.slice(0, limit)).toReversed()
        return { messages, hasMore: rows.length > limit }
      }),

    async *readAll(ownerId, isWanted = () => true) {
      for await (const page of everything(ownerId)) {
        const wanted = page.filter(({ conversation }) => isWanted(conversation))
        if (wanted.length === 0) continue
        const messages = await readMessages(wanted.map(({ number }) => number))
        for (const { number, conversation } of wanted) {
          yield { conversation, messages: rowsOf.messages(messages.get(number) ?? []) }
        }
      }
    },

    findTurnKey: (ownerId, id, key) =>
      read(async () => {
        const found = await findLiving(ownerId, id)
        if (!found) return undefined
        const [row] = await sql<Row[]>`
          select conversation as number, body from turn_keys
          where conversation = ${found.number} and key = ${keyOf(key)}
            and created_at > ${clock() - TURN_KEY_LIFETIME_MS}`
        return row && readers.turnKey(row.body, { conversation: found.number })
      }),

    providerThread: (ownerId, id, provider) =>
      read(async () => {
        const found = await findLiving(ownerId, id)
        return found && (await providerThreadOf(sql, found.number, provider, readers))
      }),

    search: (ownerId, search) =>
      read(() => searchConversations({ sql, readers, owner: ownerKey(ownerId) }, search)),

    notedAnswers: (query) => read(() => findNotedAnswers(sql, readers, query)),

    async create(conversation) {
      const id = canonicalId(conversation.id)
      if (id === undefined) {
        throw new ChatError('internal', 'The conversation could not be saved: its id is no UUID.')
      }
      await explain('The conversation could not be saved', async () => {
        const made = await sql`
          insert into conversations ${sql({
            owner: ownerKey(conversation.ownerId),
            id,
            body: bodyOf(sql, { ...conversation, id }),
            ...conversationColumns(conversation),
          })}
          on conflict (owner, id) do nothing returning number`
        if (made.length > 0) return
        throw new ChatError('conflict', 'There is a conversation with this id already.')
      })
    },

    async addMessage(ownerId, id, addition, onWritten) {
      const written = await change(ownerId, id, (on, locked) =>
        addToConversation(on, locked, addition, { readers, now: clock() }),
      )
      if (written) onWritten?.(written)
      tidy()
      return written
    },

    updateMessage: (ownerId, id, messageId, changes) =>
      change(ownerId, id, async (on, locked) => {
        const changed = await changeMessage(on, locked, messageId, readers, (known) => ({
          ...known,
          ...changes,
        }))
        if (changed)
          await saveConversation(on, locked, touched(locked.conversation, undefined, clock()))
        return changed
      }),

    setFeedback: (ownerId, id, messageId, feedback) =>
      change(ownerId, id, (on, locked) =>
        changeMessage(on, locked, messageId, readers, (known) => ({ ...known, feedback })),
      ),

    update: (ownerId, id, changes) =>
      change(ownerId, id, async (on, locked) => {
        const conversation = touched(locked.conversation, changes, clock())
        await saveConversation(on, locked, conversation)
        return conversation
      }),

    updateProviderThread: (ownerId, id, changes) =>
      change(ownerId, id, (on, { number }) => putProviderThread(on, number, changes, readers)),

    async remove(ownerId, id, unchangedSince) {
      const canonical = canonicalId(id)
      if (canonical === undefined) return false
      const isMeant =
        unchangedSince === undefined ? sql`` : sql`and updated_at < ${Date.parse(unchangedSince)}`
      return await explain('The conversation could not be removed', async () => {
        const owner = ownerKey(ownerId)
        const gone = await inLine(
          owner,
          canonical,
          () => sql`
            delete from conversations
            where owner = ${owner} and id = ${canonical} ${isMeant} returning number`,
        )
        return gone.length > 0
      })
    },

    async *unchangedSince(time) {
      const before = Date.parse(time)
      let last = { updated_at: Number.MIN_SAFE_INTEGER, number: 0 }
      for (;;) {
        const rows = await read(
          () => sql<ListedRow[]>`
            select number, id, updated_at, body from conversations
            where updated_at < ${before}
              and (updated_at, number) > (${last.updated_at}, ${last.number})
            order by updated_at, number limit ${READ_AT_ONCE}`,
        )
        const newest = rows.at(-1)
        if (!newest) return
        last = newest
        for (const { number, id, body } of rows) {
          const owned = ownedSchema.safeParse(body).data
          if (owned) yield { ownerId: owned.ownerId, conversationId: id }
          else logger.error({ conversation: number }, 'nobody can tell whose conversation this is')
        }
      }
    },

    removeOwner: (ownerId) =>
      explain('The conversations could not be removed', async () => {
        const owner = ownerKey(ownerId)
        await inOwnersLine(owner, () => sql`delete from conversations where owner = ${owner}`)
      }),

    /** What searches look at stands beside each body; it is written anew from there. */
    async reindex({ signal, onProgress }) {
      const [counted] = await read(
        () => sql<Counted[]>`select count(*) as count from conversations where deleted_at is null`,
      )
      const of = counted?.count ?? 0
      let done = 0
      let last = 0
      for (;;) {
        signal.throwIfAborted()
        const rows = await read(
          () => sql<Row[]>`
            select number, body from conversations
            where number > ${last} and deleted_at is null order by number limit ${READ_AT_ONCE}`,
        )
        const newest = rows.at(-1)
        if (!newest) return
        last = newest.number
        for (const { number, conversation } of rowsOf.conversations(rows)) {
          signal.throwIfAborted()
          await explain('The index could not be made', () =>
            indexAgain(sql, number, conversation, rowsOf),
          )
          done += 1
          onProgress({ done, of })
        }
      }
    },

    isReady: async () => !isClosed && (await database.isReady()),
    async close() {
      isClosed = true
      await database.close()
    },
  }
}

/**
 * What one server changes of a conversation happens in the order in which it was asked for, whichever connection is
 * quicker; what is done to all that an owner has waits for all of these, and they for it.
 */
function createLines() {
  const last = new Map<string, Promise<unknown>>()
  const stand = async <Value>(
    key: string,
    before: readonly (Promise<unknown> | undefined)[],
    work: () => Promise<Value>,
  ) => {
    const due = Promise.allSettled(before.filter((one) => one !== undefined)).then(work)
    last.set(key, due)
    try {
      return await due
    } finally {
      if (last.get(key) === due) last.delete(key)
    }
  }
  const ofOwner = (owner: string) => JSON.stringify([owner])
  return {
    inLine: <Value>(owner: string, id: string, work: () => Promise<Value>) => {
      const key = JSON.stringify([owner, id])
      return stand(key, [last.get(key), last.get(ofOwner(owner))], work)
    },
    inOwnersLine: <Value>(owner: string, work: () => Promise<Value>) => {
      const key = ofOwner(owner)
      const whose = key.slice(0, -1)
      const before = [...last].flatMap(([line, due]) => (line.startsWith(whose) ? [due] : []))
      return stand(key, before, work)
    },
  }
}

type Found = Pick<Locked, 'number' | 'conversation'>

interface Counted {
  readonly count: number
}

interface ListedRow extends Row {
  readonly id: string
  readonly updated_at: number
}

/** Whose a conversation is, also of a row that somebody has changed by hand. */
const ownedSchema = z.object({ ownerId: z.string() })

interface OwnerRow extends Row {
  readonly conversations: number
  readonly messages: number
}

/** Rows as the core knows them, without those that cannot be read. */
function createRows(readers: Readers) {
  return {
    conversations: (rows: readonly Row[]): readonly Found[] =>
      rows.flatMap(({ number, body }) => {
        const conversation = readers.conversation(body, { conversation: number })
        return conversation ? [{ number, conversation }] : []
      }),
    messages: (rows: readonly Row[]): readonly Message[] =>
      rows.flatMap(({ number, body }) => readers.message(body, { conversation: number }) ?? []),
  }
}

/** One more than a page has, which tells whether something follows it. */
const limitOf = (limit: number) => Math.min(limit, 1_000_000) + 1

function pageOf(
  found: readonly Found[],
  limit: number,
  [counted]: readonly Counted[],
): ConversationPage {
  return {
    items: found.slice(0, limit).map(({ conversation }) => conversation),
    total: counted?.count ?? 0,
    hasMore: found.length > limit,
  }
}

/** The place of a message; `null` where none is named, `undefined` where there is no such message. */
async function placeBefore(
  sql: Sql,
  number: number,
  id: string | undefined,
): Promise<number | null | undefined> {
  if (id === undefined) return null
  const [row] = await sql<{ place: number }[]>`
    select place from messages where conversation = ${number} and id = ${id}`
  return row?.place
}

const behind = (on: Sql, after: ListPlace | undefined) =>
  after ? on`and (updated_at, id) < (${Date.parse(after.updatedAt)}, ${after.id})` : on``

/** A key as a column has it: clients may send what PostgreSQL's text cannot hold. */
export const keyOf = (key: string) => JSON.stringify(key)

async function saveConversation(
  on: Sql,
  { number, messages }: Locked,
  conversation: Conversation,
  { count = messages, keysFrom = 0 } = {},
): Promise<void> {
  const columns = {
    ...conversationColumns(conversation),
    body: bodyOf(on, conversation),
    messages: count,
  }
  // Keys go with the next write after their day, and not by a statement of their own.
  await on`
    with forgotten as (
      delete from turn_keys where conversation = ${number} and created_at <= ${keysFrom}
    )
    update conversations set ${on(columns)} where number = ${number}`
}

/** One write of a turn, all of it or nothing. */
async function addToConversation(
  on: Sql,
  locked: Locked,
  addition: MessageAddition,
  { readers, now }: { readonly readers: Readers; readonly now: number },
): Promise<Conversation | undefined> {
  const { number } = locked
  const { message, changes, opening, turnKey, providerThread, endsTurn } = addition
  const { dropMessageIds = [], updates = [] } = addition
  if (endsTurn !== undefined) {
    const ended = await on`
      insert into ended_turns (turn) values (${endsTurn}) on conflict do nothing returning turn`
    if (ended.length === 0) return undefined
  }
  let count = locked.messages
  if (dropMessageIds.length > 0) {
    const dropped = await on`
      delete from messages where conversation = ${number} and id in ${on(dropMessageIds)} returning id`
    count -= dropped.length
  }
  for (const { messageId, changes: ofMessage } of updates) {
    await changeMessage(on, locked, messageId, readers, (known) => ({ ...known, ...ofMessage }))
  }
  const insertMessage = message && (await putMessage(on, locked, message, readers))
  if (insertMessage) count += 1
  if (turnKey) {
    const row = {
      conversation: number,
      key: keyOf(turnKey.key),
      body: bodyOf(on, turnKey),
      created_at: Date.parse(turnKey.createdAt),
    }
    // The same again after an unclear failure, or in the place of one that has expired.
    const kept = await on`
      insert into turn_keys ${on(row)} on conflict (conversation, key)
      do update set body = excluded.body, created_at = excluded.created_at
      where turn_keys.created_at <= ${now - TURN_KEY_LIFETIME_MS} or turn_keys.body->>'turnId' = excluded.body->>'turnId'
      returning key`
    if (kept.length === 0) throw begunAlready()
  }
  if (providerThread) await putProviderThread(on, number, providerThread, readers)
  // Of messages that come at once, one alone is the first: the one that is written first.
  const isOpening = opening !== undefined && locked.messages === 0
  const all: ConversationChanges | undefined = isOpening
    ? { ...changes, titleUnlessRenamed: opening.title, metadata: opening.metadata }
    : changes
  const conversation = touched(locked.conversation, all, now)
  // One behind the other, and nobody waits in between.
  await Promise.all([
    insertMessage?.(),
    saveConversation(on, locked, conversation, { count, keysFrom: now - TURN_KEY_LIFETIME_MS }),
  ])
  return conversation
}

/** Resolves to what the message is then; `undefined` when there is none. */
async function changeMessage(
  on: Sql,
  { number }: Locked,
  id: string,
  readers: Readers,
  become: (known: Message) => Message,
): Promise<Message | undefined> {
  const [row] = await on<Row[]>`
    select place as number, body from messages where conversation = ${number} and id = ${id}`
  const known = row && readers.message(row.body, { conversation: number })
  if (!known) return undefined
  const changed = become(known)
  const columns = { ...messageColumns(changed), body: bodyOf(on, changed) }
  await on`
    update messages set ${on(columns)} where conversation = ${number} and place = ${row.number}`
  return changed
}

/**
 * Storing the same message twice (a retry after an unclear failure) leaves it there once; one that was written on keeps
 * what was said of it meanwhile. One that is new is inserted by what this resolves to.
 */
async function putMessage(
  on: Sql,
  locked: Locked,
  message: Message,
  readers: Readers,
): Promise<(() => Promise<unknown>) | undefined> {
  const { number, conversation } = locked
  const [known, [last]] = await Promise.all([
    changeMessage(on, locked, message.id, readers, ({ feedback }) => ({
      ...message,
      feedback: message.feedback ?? feedback,
    })),
    on<{ place: number | null }[]>`
      select max(place) as place from messages where conversation = ${number}`,
  ])
  if (known) return undefined
  const row = {
    conversation: number,
    place: (last?.place ?? 0) + 1,
    id: message.id,
    owner: ownerKey(conversation.ownerId),
    body: bodyOf(on, message),
    ...messageColumns(message),
  }
  return async () => await on`insert into messages ${on(row)}`
}

async function providerThreadOf(
  on: Sql,
  number: number,
  provider: string,
  readers: Readers,
): Promise<ProviderThread | undefined> {
  const [row] = await on<Row[]>`
    select conversation as number, body from provider_threads
    where conversation = ${number} and provider = ${keyOf(provider)}`
  return row && readers.providerThread(row.body, { conversation: number })
}

async function putProviderThread(
  on: Sql,
  number: number,
  { newId, ...changes }: ProviderThreadChanges,
  readers: Readers,
): Promise<ProviderThread> {
  const known = await providerThreadOf(on, number, changes.provider, readers)
  const begun = { id: newId, conversationId: null, payload: null, createdAt: changes.updatedAt }
  const thread: ProviderThread = { ...begun, ...known, ...changes }
  const row = {
    conversation: number,
    provider: keyOf(thread.provider),
    body: bodyOf(on, thread),
  }
  await on`
    insert into provider_threads ${on(row)}
    on conflict (conversation, provider) do update set body = excluded.body`
  return thread
}

interface NotedRow extends Row {
  readonly answer: unknown
  readonly question: unknown
}

/** Answers of everybody, newest first, each with the question before it. */
async function findNotedAnswers(
  sql: Sql,
  readers: Readers,
  { limit, offset, rating, outcomes, since, until }: NotedAnswersQuery,
): Promise<NotedAnswersPage> {
  const wanted = sql`
    (rating is not null or outcome is not null)
    ${rating === undefined ? sql`` : sql`and rating = ${rating}`}
    ${outcomes === undefined ? sql`` : sql`and outcome in ${sql(outcomes)}`}
    ${since === undefined ? sql`` : sql`and messages.created_at >= ${Date.parse(since)}`}
    ${until === undefined ? sql`` : sql`and messages.created_at < ${Date.parse(until)}`}
    and deleted_at is null`
  const from = sql`
    from messages join conversations on conversations.number = messages.conversation
    where ${wanted}`
  const [counted] = await sql<Counted[]>`select count(*) as count ${from}`
  const rows = await sql<NotedRow[]>`
    select conversations.number, conversations.body, messages.body as answer,
      (select asked.body from messages as asked
        where asked.conversation = messages.conversation and asked.place < messages.place
          and asked.role = 'user'
        order by asked.place desc limit 1) as question
    ${from}
    order by messages.created_at desc, messages.conversation desc, messages.place desc
    limit ${limit} offset ${offset}`
  const items = rows.flatMap(({ number, body, answer, question }): NotedAnswer[] => {
    const place = { conversation: number }
    const conversation = readers.conversation(body, place)
    const message = readers.message(answer, place)
    if (!conversation || !message) return []
    const asked = question === null ? null : (readers.message(question, place) ?? null)
    return [{ conversation, answer: message, question: asked }]
  })
  return { items, total: counted?.count ?? 0 }
}

/** Writes what searches look at of a conversation and its messages. */
async function indexAgain(
  sql: Sql,
  number: number,
  conversation: Conversation,
  rowsOf: ReturnType<typeof createRows>,
): Promise<void> {
  const { title, around, models } = conversationColumns(conversation)
  await sql`
    update conversations set ${sql({ title, around, models })} where number = ${number}`
  const rows = await sql<Row[]>`
    select place as number, body from messages where conversation = ${number}`
  for (const message of rowsOf.messages(rows)) {
    const { said, model } = messageColumns(message)
    await sql`
      update messages set ${sql({ said, model })}
      where conversation = ${number} and id = ${message.id}`
  }
}
