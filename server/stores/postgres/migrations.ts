/** The tables, and how they came to be: each version of them is made from the one before, once. */
import { StartError } from '../../core/errors.ts'
import type { Logger } from '../../core/ports/index.ts'
import type { Database, Sql } from './database.ts'
import { whyNoStart, within } from './database.ts'

/** Milliseconds that a database may take to answer at the start. */
const CONNECT_PATIENCE = 10_000
/** Of the advisory lock that whoever migrates has: servers that start together wait for each other. */
const LOCK = 7_266_729

/**
 * What stands in a column `body` is the thing as the core has it, as JSON text: it comes back as it was, with characters
 * that PostgreSQL’s text cannot hold (a null, half a surrogate pair). The columns beside it are what is looked for.
 * Owners and models are named as JSON writes them, for the same reason. Times are milliseconds since 1970.
 *
 * A version that has been published is never changed; a new one is added at the end.
 */
export const MIGRATIONS: readonly string[] = [
  // 1: conversations with their messages, and what is kept of their turns.
  `
  create table conversations (
    number bigint generated always as identity primary key,
    owner text collate "C" not null,
    id text collate "C" not null,
    body json not null,
    has_title boolean not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    messages bigint not null default 0,
    title text not null,
    around text not null,
    models text[] not null,
    unique (owner, id)
  );
  create index conversations_by_id on conversations (id);
  create index conversations_listed on conversations (owner, updated_at desc, id desc)
    where deleted_at is null;
  create index conversations_of_owner on conversations (owner, created_at desc, id desc);

  create table messages (
    conversation bigint not null references conversations (number) on delete cascade,
    place bigint not null,
    id text collate "C" not null,
    owner text collate "C" not null,
    body json not null,
    role text not null,
    model text collate "C",
    said text not null,
    rating text,
    outcome text,
    created_at bigint not null,
    primary key (conversation, place),
    unique (conversation, id)
  );
  create index messages_of_owner on messages (owner);
  create index messages_noted on messages (created_at desc, conversation desc, place desc)
    where rating is not null or outcome is not null;

  create table turn_keys (
    conversation bigint not null references conversations (number) on delete cascade,
    key text collate "C" not null,
    body json not null,
    created_at bigint not null,
    primary key (conversation, key)
  );

  create table provider_threads (
    conversation bigint not null references conversations (number) on delete cascade,
    provider text collate "C" not null,
    body json not null,
    primary key (conversation, provider)
  );

  create table ended_turns (
    turn text collate "C" primary key,
    ended_at timestamptz not null default now()
  );
  create index ended_turns_by_time on ended_turns (ended_at);
  `,
  // 2: people, files, and what is kept beside conversations.
  `
  create table attachments (
    owner text collate "C" not null,
    conversation text collate "C" not null,
    id text collate "C" not null,
    owner_id json not null,
    bytes bytea not null,
    size bigint not null,
    saved_at timestamptz not null default now(),
    primary key (owner, id)
  );
  create index attachments_of_conversation on attachments (owner, conversation);

  create table servers (
    id text primary key,
    seen_at timestamptz not null default now()
  );

  create table drafts (
    message text collate "C" primary key,
    owner text collate "C" not null,
    conversation text collate "C" not null,
    server text not null,
    body json not null
  );
  create index drafts_of_owner on drafts (owner, conversation);

  create table users (
    id text collate "C" primary key,
    body json not null
  );

  create table accounts (
    id text collate "C" primary key,
    username text collate "C" not null unique,
    email text collate "C" unique,
    body json not null,
    created_at bigint not null
  );
  create index accounts_by_age on accounts (created_at, id);

  create table contacts (
    number bigint generated always as identity primary key,
    id text collate "C" not null unique,
    owner text collate "C" not null,
    key text collate "C",
    conversation text collate "C",
    is_pending boolean not null,
    claimed_until timestamptz not null default '-infinity',
    body json not null
  );
  create index contacts_of_owner on contacts (owner, key);
  create index contacts_about on contacts (conversation) where conversation is not null;
  create index contacts_pending on contacts (number) where is_pending;

  create table texts (
    name text collate "C" primary key,
    body text not null
  );
  `,
  // 3: by what servers tell that they sign with the same secret.
  'alter table servers add column secret text',
  // 4: conversations in which nothing has changed for long, of everybody, and who is erasing them.
  `
  create index conversations_by_change on conversations (updated_at, number);
  create table chores (
    name text primary key,
    server text not null,
    claimed_until timestamptz not null
  );
  `,
]

/**
 * Parts of words are found by an index of their letters in threes. An owner has few messages of all: with the owner in
 * the same index, those of others are never looked at.
 */
const SEARCH = `
  create index if not exists messages_searched on messages using gin (owner, said gin_trgm_ops);
  create index if not exists conversations_searched on conversations using gin (owner, title gin_trgm_ops, around gin_trgm_ops);
`
const EXTENSIONS = ['pg_trgm', 'btree_gin']

/**
 * Makes the tables, or brings them up to what this version needs.
 * @throws StartError when the database cannot be used, or a newer version has made its tables
 */
export async function migrate(database: Database, url: string, logger: Logger): Promise<void> {
  try {
    await within(CONNECT_PATIENCE, () => database.sql`select 1`)
    await database.transaction(async (sql) => {
      // However long another server's migration takes.
      await sql`set local statement_timeout = 0`
      await sql`select pg_advisory_xact_lock(${LOCK})`
      await bringUpToDate(sql)
    })
    await prepareSearch(database, logger)
  } catch (error) {
    throw whyNoStart(error, url)
  }
}

async function bringUpToDate(sql: Sql): Promise<void> {
  await sql`create table if not exists samosa_schema (
    version integer primary key, applied_at timestamptz not null default now()
  )`
  const [newest] = await sql<
    { version: number | null }[]
  >`select max(version) as version from samosa_schema`
  const version = newest?.version ?? 0
  if (version > MIGRATIONS.length) {
    throw new StartError(
      `DATABASE_URL: a newer version of Samosa Chat has made these tables (schema ${version}; this version knows ${MIGRATIONS.length}). Start that version, or name another database.`,
    )
  }
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < version) continue
    await sql.unsafe(statements)
    await sql`insert into samosa_schema (version) values (${index + 1})`
  }
}

/** Searches work without the indexes as well, only slower. */
async function prepareSearch(database: Database, logger: Logger): Promise<void> {
  try {
    await database.transaction(async (sql) => {
      await sql`set local statement_timeout = 0`
      await sql`select pg_advisory_xact_lock(${LOCK})`
      for (const name of EXTENSIONS) await sql.unsafe(`create extension if not exists ${name}`)
      await sql.unsafe(SEARCH)
    })
  } catch (error) {
    if (!(error instanceof Error) || !('severity' in error)) throw error
    logger.warn(
      { cause: error.message },
      `searches in conversations have no index: let a superuser run CREATE EXTENSION for ${EXTENSIONS.join(' and ')}, and start again`,
    )
  }
}
