/** The command `samosa-chat erase`: everything that is stored about somebody, also beside servers that run on a database. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { Config } from './config/index.ts'
import { ADMIN, foldName } from './core/accounts.ts'
import { withMeaning } from './core/chat-search.ts'
import { createConversations } from './core/conversations.ts'
import { ChatError, StartError } from './core/errors.ts'
import type {
  Account,
  AccountStore,
  AttachmentStore,
  ContactStore,
  ConversationStore,
  DraftStore,
  Logger,
  TurnLog,
  UserDirectory,
} from './core/ports/index.ts'
import { systemEnvironment as environment } from './core/settings.ts'
import { createMeaningEraser } from './knowledge/chat-meaning.ts'
import { connectRedis } from './redis.ts'
import { guardWrites, nodeFileSystem } from './stores/disk/file-system.ts'
import { FolderInUse, lockFolder } from './stores/disk/folder-lock.ts'
import { MEANING_FOLDER } from './stores/disk/paths.ts'
import { createJsonAccountStore } from './stores/json-accounts.ts'
import { createJsonAttachmentStore } from './stores/json-attachments.ts'
import { createJsonContactStore } from './stores/json-contacts.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { createJsonDraftStore } from './stores/json-drafts.ts'
import { createJsonUserDirectory } from './stores/json-users.ts'
import { openPostgresStores } from './stores/postgres/index.ts'
import { parseOptions } from './terminal.ts'
import { createInProcessTurnLog } from './turn-logs/in-process.ts'
import { createRedisTurnLog } from './turn-logs/redis.ts'

export const ERASE_HELP = `samosa-chat erase --user <name or id> [--account] [--yes]: everything about somebody.

  --user                an id, a username, an e-mail address (of an account, of who has signed in, or from
                        the contact form), or the name of who has signed in
  --account             erase the account too, where AUTH_MODE is local; without it, it stays
  --yes                 do it without a question

It says whom it found and what there is, asks, and erases: conversations, also deleted ones, with their
messages, ratings, files, drafts and what searches keep of them, messages of the contact form, the entry
in the list of users, and what Redis has of running and just ended answers.

On PostgreSQL it works beside servers that run. A data folder has to be free: stop its server first, or
let the visitor do it, by DELETE /api/session. The exit code is 0 when all of it is gone. Backups that
were made before still have it.`

/** Entries of the contact form that are looked at together. */
const PAGE = 200

export interface EraseContext {
  readonly config: Config
  readonly logger: Logger
  readonly input: Readable & { readonly isTTY?: boolean }
  /** For questions and remarks. */
  readonly remarks: Writable
  readonly print: (text: string) => void
}

/** @throws StartError with a sentence for what is wrong; nothing is erased then, unless the sentence says so */
export async function erase(args: readonly string[], context: EraseContext): Promise<void> {
  const { values, positionals } = parseOptions(args, {
    user: { type: 'string' },
    account: { type: 'boolean' },
    yes: { type: 'boolean' },
  })
  const { user: given = '', account: withAccount = false, yes: isSure = false } = values
  if (given.trim() === '' || positionals.length > 0) {
    throw new StartError(
      'Name one user: samosa-chat erase --user <name or id>. Put a name with blanks in quotes.',
    )
  }
  const kept = await open(context)
  try {
    const who = await findPerson(given, kept)
    if (withAccount) checkAccount(who, await kept.accounts.list())
    const found = await survey(who, kept)
    const isNothing = listOf(found, who, withAccount).length === 0
    context.print(describe(who, found, withAccount))
    if (isNothing) return
    if (!isSure) await ask(context)
    await eraseAll(who, kept, withAccount)
    const left = await survey(who, kept)
    if (left.conversations + left.contacts > 0) {
      throw new StartError(
        'It is erased; but something was written meanwhile, which is there. Run the same command again.',
      )
    }
    context.print('It is erased. Backups that were made before still have it.')
  } finally {
    await kept.close()
  }
}

// ── what is kept ─────────────────────────────────────────────────────────────────────────────────

interface Kept {
  readonly store: ConversationStore
  readonly attachments: AttachmentStore
  readonly drafts: DraftStore
  readonly contacts: ContactStore
  readonly users: UserDirectory
  readonly accounts: Pick<AccountStore, 'list' | 'remove'>
  readonly log: TurnLog
  close(): Promise<void>
}

async function open({ config, logger }: EraseContext): Promise<Kept> {
  const { database, redisUrl } = config
  // First of all: what Redis has of answers must be forgotten as well.
  const redis = redisUrl === undefined ? undefined : await connectRedis(redisUrl, logger)
  try {
    const stores =
      database.kind === 'postgres'
        ? await openTables(database.url, logger)
        : await openFolder(database.directory, logger)
    const log = redis ? await createRedisTurnLog({ ...redis, logger }) : createInProcessTurnLog()
    return {
      ...stores,
      log,
      async close() {
        await log.close()
        await stores.close()
        await redis?.close()
      },
    }
  } catch (error) {
    await redis?.close()
    throw error
  }
}

async function openTables(url: string, logger: Logger): Promise<Omit<Kept, 'log'>> {
  const stores = await openPostgresStores({ url, logger, attachmentBytes: 0 })
  const { conversations: store, attachmentStore, contactStore, drafts, users } = stores
  return {
    ...{ store, attachments: attachmentStore, contacts: contactStore, drafts, users },
    accounts: await stores.openAccounts(),
    async close() {
      await drafts.close()
      await users.close()
      await store.close()
    },
  }
}

/** @throws StartError when there is no such folder, or a server uses it */
async function openFolder(directory: string, logger: Logger): Promise<Omit<Kept, 'log'>> {
  if (!existsSync(join(directory, 'conversations'))) {
    throw new StartError(
      `There is nothing in ${directory}: name the data folder in DATABASE_URL, or run this where .env does.`,
    )
  }
  const lock = await lockFolder({ directory, patience: 0, logger }).catch((cause: unknown) => {
    if (!(cause instanceof FolderInUse)) throw cause
    throw new StartError(
      `Nothing was erased: a server uses ${directory}. Stop it and run this again, or have the user erase it there: DELETE /api/session with the user's token.`,
      { cause },
    )
  })
  try {
    const at = { directory, files: guardWrites(nodeFileSystem, lock.assertHeld), logger }
    const meaning = createMeaningEraser(join(directory, MEANING_FOLDER))
    const store = withMeaning(await createJsonFileStore(at), meaning)
    const drafts = createJsonDraftStore(at)
    // What a killed server has left is known from then on.
    await drafts.all()
    const contacts = await createJsonContactStore(at)
    const users = await createJsonUserDirectory(at)
    const accounts = existsSync(join(directory, 'accounts'))
      ? await createJsonAccountStore(at)
      : { list: async () => [], remove: async () => false }
    return {
      ...{ store, drafts, contacts, users, accounts },
      attachments: createJsonAttachmentStore({ ...at, limit: 0 }),
      async close() {
        await users.close()
        await contacts.close()
        await drafts.close()
        await store.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

// ── whom ─────────────────────────────────────────────────────────────────────────────────────────

/** Whose everything is, with what is known of that person. */
interface Person {
  readonly id: string
  readonly account: Account | undefined
  readonly isListed: boolean
  /** Whatever else the person is known by. */
  readonly names: readonly string[]
}

/** @throws StartError when it is nobody, or may be several */
async function findPerson(given: string, kept: Kept): Promise<Person> {
  const [accounts, users] = [await kept.accounts.list(), await kept.users.list()]
  const wanted = foldName(given)
  const isWanted = (name: string | null) => name !== null && foldName(name) === wanted
  const personOf = (id: string): Person => {
    const account = accounts.find((one) => one.id === id)
    const user = users.find((one) => one.id === id)
    const names = [account?.username, account?.email, account?.fullName, user?.name, user?.email]
    const known = new Set(names.filter((name) => name !== undefined && name !== null))
    return { id, account, isListed: user !== undefined, names: [...known] }
  }

  const isId = [...accounts, ...users].some(({ id }) => id === given)
  if (isId || (await hasAnything(given, kept))) return personOf(given)
  const ids = new Set([
    ...accounts.filter((one) => [one.username, one.email].some(isWanted)).map(({ id }) => id),
    ...users.filter((one) => [one.name, one.email].some(isWanted)).map(({ id }) => id),
  ])
  for await (const { email, ownerId } of contactsOf(kept)) if (isWanted(email)) ids.add(ownerId)
  const [first, ...others] = [...ids]
  if (first === undefined) {
    throw new StartError(
      `There is nobody called "${given}" here, and nothing of anybody with that id. GET /api/admin/users lists the ids of all who chat, samosa-chat users list the accounts; a visitor's own id is visitor_id in the answer of POST /api/session.`,
    )
  }
  if (others.length === 0) return personOf(first)
  const all = [first, ...others].map((id) => `  ${nameOf(personOf(id))}`)
  throw new StartError(
    `"${given}" may be any of these. Say by the id which one is meant:\n${all.join('\n')}`,
  )
}

const nameOf = ({ id, names }: Person) => (names.length > 0 ? `${id} (${names.join(', ')})` : id)

async function hasAnything(ownerId: string, { store, contacts }: Kept): Promise<boolean> {
  if ((await store.conversationIds(ownerId)).length > 0) return true
  for await (const contact of contactsOf({ contacts })) if (contact.ownerId === ownerId) return true
  return false
}

async function* contactsOf({ contacts }: Pick<Kept, 'contacts'>) {
  for (let offset = 0; ; offset += PAGE) {
    const { items } = await contacts.list({ limit: PAGE, offset })
    yield* items
    if (items.length < PAGE) return
  }
}

/** @throws StartError when there is none, or nobody else could let anybody in any more */
function checkAccount({ id, account }: Person, all: readonly Account[]): void {
  if (!account) {
    throw new StartError(
      `Nothing was erased: ${id} has no account of this server. Leave out --account.`,
    )
  }
  const isAdmin = ({ roles, isActive }: Account) => isActive && roles.includes(ADMIN)
  if (!isAdmin(account) || all.some((one) => one.id !== id && isAdmin(one))) return
  throw new StartError(
    `Nothing was erased: ${account.username} is the only administrator. Add another one first: samosa-chat users add <name> --admin`,
  )
}

// ── how much ─────────────────────────────────────────────────────────────────────────────────────

interface Found {
  readonly conversations: number
  readonly contacts: number
}

async function survey({ id }: Person, kept: Kept): Promise<Found> {
  let contacts = 0
  for await (const { ownerId } of contactsOf(kept)) if (ownerId === id) contacts += 1
  return { conversations: (await kept.store.conversationIds(id)).length, contacts }
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`

/** What is to be erased, a line each. */
function listOf(
  { conversations, contacts }: Found,
  { account, isListed }: Person,
  withAccount: boolean,
): readonly string[] {
  return [
    ...(conversations === 0
      ? []
      : [`${counted(conversations, 'conversation', 'conversations')}, with messages and files`]),
    ...(contacts === 0 ? [] : [`${counted(contacts, 'message', 'messages')} of the contact form`]),
    ...(isListed ? ['the entry in the list of users'] : []),
    ...(withAccount && account ? [`the account "${account.username}"`] : []),
  ]
}

function describe(who: Person, found: Found, withAccount: boolean): string {
  const stays =
    who.account && !withAccount
      ? [`The account "${who.account.username}" stays; --account erases it too.`]
      : []
  const list = listOf(found, who, withAccount)
  if (list.length === 0) return [`There is nothing of ${nameOf(who)}.`, ...stays].join('\n')
  return [`Of ${nameOf(who)} there is:`, ...list.map((line) => `- ${line}`), ...stays].join('\n')
}

/** @throws StartError when the answer is not yes, or nobody is there to give one */
async function ask({ input, remarks }: EraseContext): Promise<void> {
  if (input.isTTY !== true) {
    throw new StartError('Nothing was erased: nobody is there to be asked. Add --yes.')
  }
  const terminal = createInterface({ input, output: remarks })
  const ended = new AbortController()
  // Ctrl-D and Ctrl-C say no.
  terminal.once('close', () => ended.abort())
  terminal.once('SIGINT', () => terminal.close())
  const question = 'Erase all of it? It cannot be undone. [y/N] '
  const answer = await terminal.question(question, { signal: ended.signal }).catch(() => 'no')
  terminal.close()
  if (!/^\s*y(?:es)?\s*$/i.test(answer)) throw new StartError('Nothing was erased.')
}

// ── erasing ──────────────────────────────────────────────────────────────────────────────────────

async function eraseAll(who: Person, kept: Kept, withAccount: boolean): Promise<void> {
  const { id, account } = who
  // First of all: nobody signs in with it while the rest goes.
  if (withAccount && account) await kept.accounts.remove(account.id)
  const conversations = createConversations({
    ...kept,
    turns: { stop: (conversationId) => stopTurn(kept.log, conversationId) },
    observer: { answerRated: () => undefined },
    environment,
  })
  await conversations.removeAll(id)
  await kept.contacts.removeOwner(id)
  await kept.users.remove(id)
}

/** Ends what a server writes at this moment. Without Redis none can be asked; what it writes has no place any more. */
async function stopTurn(log: TurnLog, conversationId: string): Promise<void> {
  const latest = await log.latest(conversationId)
  if (!latest?.running) return
  const reply = await log.ask(latest.turnId, { kind: 'stop' })
  if (reply?.isDone === true || (await log.find(latest.turnId))?.running !== true) return
  throw new ChatError(
    'interrupted',
    'An answer to this user is being written, and its server does not end it. Run the same command again in a moment.',
  )
}
