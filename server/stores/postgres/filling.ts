/**
 * Fills a database with what another store keeps, so that afterwards it has that and nothing else. What is there
 * already is compared and left alone: whoever is interrupted begins again, and only the rest is written. As long as it
 * is not finished, a mark in the database keeps servers from starting on it; the first server that starts on a finished
 * one takes the mark away, and from then on nothing is filled into it.
 */
import { createHash } from 'node:crypto'
import { ChatError, StartError } from '../../core/errors.ts'
import type { AttachmentPlace, Logger } from '../../core/ports/index.ts'
import { foldName } from '../../core/accounts.ts'
import type { SmallThings } from '../folder-contents.ts'
import type { ConversationRecord } from '../records.ts'
import { accountColumns } from './accounts.ts'
import { createPostgresAttachments } from './attachments.ts'
import { contactColumns } from './contacts.ts'
import { keyOf } from './conversations.ts'
import { connectDatabase, type Database, type Sql } from './database.ts'
import { DEAD_AFTER } from './drafts.ts'
import { migrate } from './migrations.ts'
import { bodyOf, conversationColumns, messageColumns, ownerKey } from './rows.ts'

/** The row of the table texts that is the mark. */
const MARK = 'migrate-data'
const [UNFINISHED, FINISHED] = ['unfinished', 'finished']
/** Rows that are written with one statement. */
const ROWS_AT_ONCE = 200
/** Conversations whose names are looked through together. */
const NAMES_AT_ONCE = 1_000
/** Whose drafts they are: of no server, so that the first one that starts stores them as far as they came. */
const NO_SERVER = 'migrate-data'

/** What became of something: it was written, or it was there as it should be. */
export type Filled = 'copied' | 'there'

export interface Filling {
  conversation(record: ConversationRecord): Promise<Filled>
  attachment(place: AttachmentPlace, id: string, bytes: Uint8Array): Promise<Filled>
  /** Writes each kind whole where anything in it differs. */
  small(things: SmallThings): Promise<Readonly<Record<keyof SmallThings, Filled>>>
  /** Erases what is none of these, which has been deleted since it was copied. Resolves to how many. */
  keepOnlyConversations(kept: ReadonlySet<string>): Promise<number>
  keepOnlyAttachments(kept: ReadonlySet<string>): Promise<number>
  /** How many there are now. */
  count(): Promise<{
    readonly conversations: number
    readonly messages: number
    readonly attachments: number
  }>
  /** Lets servers start on the database. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Names a conversation or a file, whoever's it is. */
export const nameOf = (ownerId: string, id: string) => `${ownerKey(ownerId)} ${id}`

export interface FillingOptions {
  readonly url: string
  /** Names what it is filled from: another source is not mixed in. */
  readonly source: string
  readonly logger: Logger
}

/** @throws StartError when the database cannot be used, or has something that is not of this source */
export async function openFilling({ url, source, logger }: FillingOptions): Promise<Filling> {
  const database = connectDatabase({ url, logger })
  try {
    await migrate(database, url, logger)
    await begin(database, source)
  } catch (error) {
    await database.close()
    throw error
  }
  return createFilling(database, source, logger)
}

// ── the mark ───────────────────────────────────────────────────────────────────────────────────────

const markOf = (source: string, state: string) => `${state} ${source}`

/**
 * Marks the database first and looks for servers then; a server says that it lives first, and looks for the mark then.
 * Whichever comes second sees the other.
 */
async function begin(database: Database, source: string): Promise<void> {
  const { sql } = database
  const before = await database.transaction(async (on) => {
    await on`lock table texts in exclusive mode`
    const [mark] = await on<{ body: string }[]>`select body from texts where name = ${MARK}`
    if (mark === undefined) await checkEmpty(on)
    else if (![UNFINISHED, FINISHED].some((state) => mark.body === markOf(source, state))) {
      const other = mark.body.slice(mark.body.indexOf(' ') + 1)
      throw new StartError(
        `The database has what samosa-chat migrate-data copied from ${other}. Go on with that folder, or name an empty database.`,
      )
    }
    await on`
      insert into texts (name, body) values (${MARK}, ${markOf(source, UNFINISHED)})
      on conflict (name) do update set body = excluded.body`
    return mark?.body
  })
  const living = await sql`
    select 1 from servers where seen_at > now() - ${DEAD_AFTER}::text::interval limit 1`
  if (living.length === 0) return
  if (before !== markOf(source, UNFINISHED)) await sql`delete from texts where name = ${MARK}`
  throw new StartError(
    'A server uses the database, or was killed less than ten seconds ago. Stop it, and run samosa-chat migrate-data again.',
  )
}

/** @throws StartError when it has anything: nothing is written over what somebody's server has kept */
async function checkEmpty(on: Sql): Promise<void> {
  const [found] = await on<{ has_any: boolean }[]>`
    select exists (select 1 from conversations) or exists (select 1 from attachments)
      or exists (select 1 from users) or exists (select 1 from accounts)
      or exists (select 1 from contacts) or exists (select 1 from drafts)
      or exists (select 1 from texts) as has_any`
  if (found?.has_any !== true) return
  throw new StartError(
    'A server has used this database already; nothing is copied over what it keeps. Name an empty database (createdb <name>).',
  )
}

/**
 * Called by a server that has said that it lives.
 * @throws StartError when the database is being filled
 */
export async function endFilling({ sql }: Database): Promise<void> {
  await sql`delete from texts where name = ${MARK} and body like ${`${FINISHED} %`}`
  const unfinished = await sql`select 1 from texts where name = ${MARK}`
  if (unfinished.length === 0) return
  throw new StartError(
    'DATABASE_URL: samosa-chat migrate-data has not finished with this database. Run it again; it goes on where it was.',
  )
}

// ── filling ────────────────────────────────────────────────────────────────────────────────────────

const hashOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

interface Body {
  readonly body: unknown
}
const bodiesIn = (rows: readonly Body[]) => rows.map(({ body }) => body)

/** @throws ChatError when what was written does not read as it was */
function checkSame(isSame: boolean, what: string): void {
  if (isSame) return
  throw new ChatError('internal', `${what} does not read from the database as it was written.`)
}

function createFilling(database: Database, source: string, logger: Logger): Filling {
  const { sql, transaction, explain } = database
  const attachments = createPostgresAttachments({
    database,
    logger,
    limit: Number.MAX_SAFE_INTEGER,
  })

  const hashOfStored = async (owner: string, id: string): Promise<string | undefined> => {
    const [found] = await sql<(Body & { readonly number: number })[]>`
      select number, body from conversations where owner = ${owner} and id = ${id}`
    if (!found) return undefined
    const { number } = found
    const [messages, keys, threads] = await Promise.all([
      sql<Body[]>`select body from messages where conversation = ${number} order by place`,
      sql<Body[]>`select body from turn_keys where conversation = ${number} order by key`,
      sql<Body[]>`
        select body from provider_threads where conversation = ${number} order by provider`,
    ])
    return hashOf([found.body, ...[messages, keys, threads].map(bodiesIn)])
  }

  const hashOfFile = async (place: AttachmentPlace, id: string): Promise<string | undefined> => {
    const [found] = await sql<{ hash: string }[]>`
      select encode(sha256(bytes), 'hex') as hash from attachments
      where owner = ${ownerKey(place.ownerId)} and id = ${id}
        and conversation = ${place.conversationId}`
    return found?.hash
  }

  const failure = 'The data could not be copied'

  return {
    conversation: (record) =>
      explain(failure, async () => {
        const { id, ownerId } = record.conversation
        const owner = ownerKey(ownerId)
        const wanted = hashOfRecord(record)
        if ((await hashOfStored(owner, id)) === wanted) return 'there'
        await transaction((on) => writeRecord(on, record))
        checkSame((await hashOfStored(owner, id)) === wanted, `The conversation ${id}`)
        return 'copied'
      }),
    attachment: (place, id, bytes) =>
      explain(failure, async () => {
        const wanted = createHash('sha256').update(bytes).digest('hex')
        if ((await hashOfFile(place, id)) === wanted) return 'there'
        await sql`delete from attachments where owner = ${ownerKey(place.ownerId)} and id = ${id}`
        const said = { filename: '', contentType: '', sizeBytes: bytes.length }
        await attachments.save(place, [{ id, bytes, ...said }])
        checkSame((await hashOfFile(place, id)) === wanted, `The file ${id}`)
        return 'copied'
      }),
    small: (things) => explain(failure, () => fillSmall(database, things)),
    keepOnlyConversations: (kept) =>
      explain(failure, async () => {
        let [last, erased] = [0, 0]
        for (;;) {
          const rows = await sql<{ number: number; owner: string; id: string }[]>`
            select number, owner, id from conversations where number > ${last}
            order by number limit ${NAMES_AT_ONCE}`
          const newest = rows.at(-1)
          if (!newest) return erased
          last = newest.number
          for (const { number, owner, id } of rows) {
            if (kept.has(`${owner} ${id}`)) continue
            await sql`delete from conversations where number = ${number}`
            erased += 1
          }
        }
      }),
    keepOnlyAttachments: (kept) =>
      explain(failure, async () => {
        let last = { owner: '', id: '' }
        let erased = 0
        for (;;) {
          const rows = await sql<{ owner: string; id: string }[]>`
            select owner, id from attachments where (owner, id) > (${last.owner}, ${last.id})
            order by owner, id limit ${NAMES_AT_ONCE}`
          const newest = rows.at(-1)
          if (!newest) return erased
          last = newest
          for (const { owner, id } of rows) {
            if (kept.has(`${owner} ${id}`)) continue
            await sql`delete from attachments where owner = ${owner} and id = ${id}`
            erased += 1
          }
        }
      }),
    count: () =>
      explain(failure, async () => {
        const [counted] = await sql<
          { conversations: number; messages: number; attachments: number }[]
        >`
          select (select count(*) from conversations) as conversations,
            (select count(*) from messages) as messages,
            (select count(*) from attachments) as attachments`
        return counted ?? { conversations: 0, messages: 0, attachments: 0 }
      }),
    finish: () =>
      explain(failure, async () => {
        await sql`update texts set body = ${markOf(source, FINISHED)} where name = ${MARK}`
      }),
    close: () => database.close(),
  }
}

/** By what it is ordered in the database, as its column is: by the bytes of the letters. */
const sorted = <Value>(values: readonly Value[], nameIn: (value: Value) => string) =>
  values.toSorted((a, b) =>
    Buffer.compare(Buffer.from(keyOf(nameIn(a))), Buffer.from(keyOf(nameIn(b)))),
  )

const hashOfRecord = ({
  conversation,
  messages,
  turnKeys,
  providerThreads = [],
}: ConversationRecord) =>
  hashOf([
    conversation,
    messages,
    sorted(turnKeys, ({ key }) => key),
    sorted(providerThreads, ({ provider }) => provider),
  ])

/** In the place of what there is of it. */
async function writeRecord(on: Sql, record: ConversationRecord): Promise<void> {
  const { conversation, messages, turnKeys, providerThreads = [] } = record
  const owner = ownerKey(conversation.ownerId)
  await on`delete from conversations where owner = ${owner} and id = ${conversation.id}`
  const [made] = await on<{ number: number }[]>`
    insert into conversations ${on({
      owner,
      id: conversation.id,
      body: bodyOf(on, conversation),
      messages: messages.length,
      ...conversationColumns(conversation),
    })} returning number`
  if (!made) throw new ChatError('internal', 'The conversation was not taken.')
  const of = { conversation: made.number }
  const rows = messages.map((message, index) => ({
    ...of,
    place: index + 1,
    id: message.id,
    owner,
    body: bodyOf(on, message),
    ...messageColumns(message),
  }))
  await insertAll(rows, (some) => on`insert into messages ${on(some)}`)
  const keys = turnKeys.map((turnKey) => ({
    ...of,
    key: keyOf(turnKey.key),
    body: bodyOf(on, turnKey),
    created_at: Date.parse(turnKey.createdAt),
  }))
  await insertAll(keys, (some) => on`insert into turn_keys ${on(some)}`)
  const threads = providerThreads.map((thread) => ({
    ...of,
    provider: keyOf(thread.provider),
    body: bodyOf(on, thread),
  }))
  await insertAll(threads, (some) => on`insert into provider_threads ${on(some)}`)
}

async function insertAll<Row>(
  rows: readonly Row[],
  insert: (some: readonly Row[]) => PromiseLike<unknown>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await insert(rows.slice(start, start + ROWS_AT_ONCE))
  }
}

/** Each in a transaction of its own: written whole, or as it was. */
async function fillSmall({ sql, transaction }: Database, things: SmallThings) {
  const { users, accounts, contacts, drafts, texts } = things
  const fill = async (
    what: string,
    wanted: readonly unknown[],
    read: (on: Sql) => PromiseLike<readonly Body[]>,
    write: (on: Sql) => Promise<void>,
  ): Promise<Filled> => {
    const isThere = async (on: Sql) => hashOfAll(bodiesIn(await read(on))) === hashOfAll(wanted)
    if (await isThere(sql)) return 'there'
    await transaction(async (on) => {
      await write(on)
      checkSame(await isThere(on), what)
    })
    return 'copied'
  }
  return {
    users: await fill(
      'The list of users',
      users,
      (on) => on<Body[]>`select body from users`,
      async (on) => {
        await on`delete from users`
        const rows = users.map((user) => ({ id: ownerKey(user.id), body: bodyOf(on, user) }))
        await insertAll(rows, (some) => on`insert into users ${on(some)}`)
      },
    ),
    accounts: await fill(
      'The accounts',
      accounts,
      (on) => on<Body[]>`select body from accounts`,
      async (on) => {
        checkUnique(accounts.map(({ username }) => foldName(username)))
        await on`delete from accounts`
        const rows = accounts.map((account) => accountColumns(on, account))
        await insertAll(rows, (some) => on`insert into accounts ${on(some)}`)
      },
    ),
    contacts: await fill(
      'The entries of the contact form',
      contacts,
      (on) => on<Body[]>`select body from contacts`,
      async (on) => {
        await on`delete from contacts`
        const rows = contacts.map((contact) => contactColumns(on, contact))
        await insertAll(rows, (some) => on`insert into contacts ${on(some)}`)
      },
    ),
    drafts: await fill(
      'The drafts',
      drafts,
      (on) => on<Body[]>`select body from drafts`,
      async (on) => {
        await on`delete from drafts`
        const rows = drafts.map((draft) => ({
          message: draft.message.id,
          owner: ownerKey(draft.ownerId),
          conversation: draft.message.conversationId,
          server: NO_SERVER,
          body: bodyOf(on, draft),
        }))
        await insertAll(rows, (some) => on`insert into drafts ${on(some)}`)
      },
    ),
    texts: await fill(
      'A text beside the conversations',
      texts,
      async (on) =>
        (
          await on<{ name: string; body: string }[]>`
            select name, body from texts where name <> ${MARK}`
        ).map(({ name, body }) => ({ body: { name, body } })),
      async (on) => {
        await on`delete from texts where name <> ${MARK}`
        await insertAll(
          [...texts],
          (some) => on`insert into texts ${on([...some], 'name', 'body')}`,
        )
      },
    ),
  }
}

/** Whatever their order. */
const hashOfAll = (bodies: readonly unknown[]) => hashOf(bodies.map(hashOf).toSorted())

/** @throws StartError; a database takes no name twice */
function checkUnique(usernames: readonly string[]): void {
  if (new Set(usernames).size === usernames.length) return
  throw new StartError(
    'Two accounts have the same username. Rename or remove one of their files, in the folder accounts.',
  )
}
