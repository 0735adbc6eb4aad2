/**
 * Accounts as files: `<directory>/accounts/<id>.json`, one for each, all of them in memory. To register costs
 * the same with ten accounts as with ten thousand.
 */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { foldName, carryOut } from '../core/accounts.ts'
import { StartError, ChatError } from '../core/errors.ts'
import type { Account, AccountStore, Logger, AccountRequest } from '../core/ports/index.ts'
import {
  createStoreContext,
  parseJson,
  removeLeftovers,
  replaceFile,
  type StoreContext,
  type StoreOptions,
} from './disk/atomic-file.ts'
import {
  createInTurn,
  type FileSystem,
  nodeFileSystem,
  explainFailure,
  storageReason,
  forEachOf,
} from './disk/file-system.ts'
import { conversationFileName, conversationIdOf } from './disk/paths.ts'
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { FolderInUse, lockFolder } from './disk/folder-lock.ts'

const FILES_AT_ONCE = 8

export const accountSchema = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  fullName: z.string().nullable(),
  roles: z.array(z.string()),
  allowedProducts: z.array(z.string()),
  allowedAgents: z.array(z.string()),
  isActive: z.boolean(),
  tokenVersion: z.int(),
  passwordHash: z.string(),
  knownPlaces: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
  lastLoginAt: z.string().nullable(),
}) satisfies z.ZodType<Account>

const fileSchema = z.object({ version: z.literal(1), account: accountSchema })

const folderIn = (directory: string) => join(resolve(directory), 'accounts')

const byAge = (a: Account, b: Account) =>
  a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1

/**
 * The accounts of a data folder, which a server may be using, in the order in which they were made.
 * @throws StartError that names a file which is damaged: without it, its user would be locked out, and where
 * it is the only one, the next to register would become the admin
 */
export async function readAccounts(
  directory: string,
  files: FileSystem = nodeFileSystem,
): Promise<readonly Account[]> {
  const folder = folderIn(directory)
  const accounts: Account[] = []
  const names = (await files.list(folder)).filter((name) => conversationIdOf(name) !== undefined)
  await forEachOf(names, FILES_AT_ONCE, async (name) => {
    const path = join(folder, name)
    const found = await files.read(path)
    if (!found) return
    const { value, problem = 'it is the file of another account' } = parseJson(
      found.bytes,
      fileSchema,
    )
    if (!value || conversationFileName(value.account.id) !== name) {
      throw new StartError(
        `The account in ${path} cannot be read (${problem}). Put the file back from a backup; ` +
          'without it, its user cannot sign in any more.',
      )
    }
    accounts.push(value.account)
  })
  return accounts.toSorted(byAge)
}

/**
 * Opens the accounts of a data folder, which must be there; one process at a time may do so.
 * @throws StartError when the folder cannot be used, or an account cannot be read
 */
export async function createJsonAccountStore(options: StoreOptions): Promise<AccountStore> {
  const { directory } = options
  const context = createStoreContext(options)
  const { files } = context
  const folder = folderIn(directory)
  const known = await openFolder(context, { directory, folder })
  const accounts = new Map<string, Account>()
  const ids = { username: new Map<string, string>(), email: new Map<string, string>() }

  const remember = (account: Account) => {
    accounts.set(account.id, account)
    ids.username.set(foldName(account.username), account.id)
    if (account.email !== null) ids.email.set(foldName(account.email), account.id)
  }
  for (const account of known) {
    const other = ids.username.get(foldName(account.username))
    if (other !== undefined) {
      throw new StartError(
        `Two accounts in ${folder} have the same username: ${conversationFileName(other)} and ` +
          `${conversationFileName(account.id)}. Remove one of them.`,
      )
    }
    remember(account)
  }

  /** One change after the other: what is looked up before a change is still true when it is made. */
  const inTurn = createInTurn()

  /** In memory once it is on the disk, and no sooner: nobody signs in with what a power cut would take back. */
  const save = async (account: Account) => {
    const path = join(folder, conversationFileName(account.id))
    await explainFailure('The account could not be saved', () =>
      replaceFile(context, path, `${JSON.stringify({ version: 1, account })}\n`),
    )
    remember(account)
  }

  return {
    find: async (id) => accounts.get(id),
    async findByUsername(username) {
      const id = ids.username.get(foldName(username))
      return id === undefined ? undefined : accounts.get(id)
    },
    list: async () => [...accounts.values()],
    count: async () => accounts.size,
    add: (account, { onlyFirst }) =>
      inTurn(async () => {
        if (onlyFirst && accounts.size > 0) return 'not first'
        if (ids.username.has(foldName(account.username))) return 'username taken'
        if (account.email !== null && ids.email.has(foldName(account.email))) return 'email taken'
        await save(account)
        return 'added'
      }),
    change: (id, change) =>
      inTurn(async () => {
        const account = accounts.get(id)
        if (!account) return undefined
        const changed = { ...account, ...change(account) }
        await save(changed)
        return changed
      }),
    remove: (id) =>
      inTurn(async () => {
        const account = accounts.get(id)
        if (!account) return false
        // First of all: what is on its way must not sign in with an account that is half gone.
        accounts.delete(id)
        ids.username.delete(foldName(account.username))
        if (account.email !== null) ids.email.delete(foldName(account.email))
        await explainFailure('The account could not be erased', async () => {
          await files.remove(join(folder, conversationFileName(id)))
          await files.syncFolder(folder)
        }).catch((error: unknown) => {
          remember(account)
          throw error
        })
        return true
      }),
    close: () => inTurn(async () => {}),
  }
}

async function openFolder(
  context: StoreContext,
  { directory, folder }: { readonly directory: string; readonly folder: string },
): Promise<readonly Account[]> {
  const { files } = context
  try {
    await files.makeFolder(folder)
    await files.syncFolder(resolve(directory))
    await removeLeftovers(context, folder)
    return await readAccounts(directory, files)
  } catch (error) {
    if (error instanceof StartError) throw error
    const sentence = `The accounts in ${folder} cannot be read: ${storageReason(error)}.`
    throw new StartError(sentence, { cause: error })
  }
}

// What the command line asks of accounts. Only who holds the data folder may write them: when that
// is a running server, the command leaves a file `<directory>/account-requests/<id>.json`, and the
// server, which looks every half second, does it and answers in `<id>.done`.

export const REQUESTS_FOLDER = 'account-requests'

/** All in milliseconds: between two looks of the server, and of the command. */
const LOOK_EVERY = 500
const ASK_EVERY = 100
/** Between two times that the command tries whether the folder is free by now. */
const TRY_EVERY = 1_000
/** That a command waits, which is longer than a server takes to stop. */
const PATIENCE = 30_000

const requestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), account: accountSchema }),
  z.object({ kind: z.enum(['disable', 'enable']), username: z.string(), at: z.string() }),
  z.object({
    kind: z.literal('passwd'),
    username: z.string(),
    at: z.string(),
    passwordHash: z.string(),
  }),
]) satisfies z.ZodType<AccountRequest>

const answerSchema = z.object({ isDone: z.boolean(), sentence: z.string() })
type Answer = z.infer<typeof answerSchema>

const requestsFolderIn = (directory: string) => join(resolve(directory), REQUESTS_FOLDER)
const answerFileName = (id: string) => `${id}.done`

async function answerTo(store: AccountStore, request: AccountRequest): Promise<Answer> {
  try {
    return { isDone: true, sentence: await carryOut(store, request) }
  } catch (error) {
    if (error instanceof ChatError) return { isDone: false, sentence: error.message }
    throw error
  }
}

/** The store, which does what the command line asks for until it is closed. */
export function takeRequests(store: AccountStore, options: StoreOptions): AccountStore {
  const context = createStoreContext(options)
  const { files, logger } = context
  const folder = requestsFolderIn(options.directory)
  const closing = new AbortController()

  const take = async (id: string) => {
    const path = join(folder, conversationFileName(id))
    const found = await files.read(path)
    if (!found) return
    const { value: request, problem } = parseJson(found.bytes, requestSchema)
    if (!request) {
      logger.error({ file: path, problem }, 'a request for accounts makes no sense')
    } else {
      const answer = await answerTo(store, request)
      logger.info({ kind: request.kind, done: answer.isDone }, 'accounts were asked for a change')
      await replaceFile(context, join(folder, answerFileName(id)), JSON.stringify(answer))
    }
    // Last of all: after a crash it is done once more, which changes nothing.
    await files.remove(path)
  }

  const look = async () => {
    for (const name of await files.list(folder)) {
      const id = conversationIdOf(name)
      if (id !== undefined && !closing.signal.aborted) await take(id)
    }
  }

  const lookAgainAndAgain = async () => {
    let hasFailed = false
    while (!closing.signal.aborted) {
      try {
        await look()
        hasFailed = false
      } catch (error) {
        // Once, and not twice a second.
        if (!hasFailed)
          logger.error({ folder, err: error }, 'requests for accounts cannot be taken')
        hasFailed = true
      }
      const { signal } = closing
      await wait(LOOK_EVERY, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  const looking = lookAgainAndAgain()
  return {
    ...store,
    async close() {
      closing.abort()
      await looking
      await store.close()
    },
  }
}

interface AskOptions {
  readonly directory: string
  readonly logger: Logger
  /** Told when another process has the folder. */
  readonly onWait: () => void
  /** Milliseconds; tests set it. */
  readonly patience?: number
}

/**
 * Does what is asked for, or has the server do it that holds the folder. Resolves to a sentence.
 * @throws StartError when it is refused, or nobody has done it
 */
export async function askForAccounts(
  request: AccountRequest,
  options: AskOptions,
): Promise<string> {
  const { directory, logger, onWait, patience = PATIENCE } = options
  const context = createStoreContext({ logger })
  const { files } = context
  const folder = requestsFolderIn(directory)
  const id = randomUUID()
  const path = join(folder, conversationFileName(id))
  const answerPath = join(folder, answerFileName(id))

  const readAnswer = async (): Promise<Answer | undefined> => {
    const found = await files.read(answerPath)
    const answer = found && parseJson(found.bytes, answerSchema).value
    if (answer) await files.remove(answerPath)
    return answer
  }

  const handOver = async (): Promise<Answer> => {
    onWait()
    await files.makeFolder(folder)
    await replaceFile(context, path, JSON.stringify(request))
    const startedAt = performance.now()
    let triedAt = startedAt
    for (;;) {
      const answer = await readAnswer()
      if (answer) return answer
      const now = performance.now()
      if (now - startedAt > patience) throw await withdraw()
      if (now - triedAt > TRY_EVERY) {
        const own = await doItself()
        if (own) return own
        triedAt = performance.now()
      }
      await wait(ASK_EVERY)
    }
  }

  const withdraw = async () => {
    await files.remove(path)
    return new StartError(
      `The server that uses ${resolve(directory)} has not done it. Is it running with AUTH_MODE=local? ` +
        'Nothing was changed, unless it does it this very moment.',
    )
  }

  /** Resolves to `undefined` when another process has the folder. */
  const doItself = async (): Promise<Answer | undefined> => {
    let lock
    try {
      lock = await lockFolder({ directory, patience: 0, logger })
    } catch (error) {
      if (error instanceof FolderInUse) return undefined
      throw error
    }
    try {
      // A server that has just ended may have done it before.
      const answer = await readAnswer()
      if (answer) return answer
      const store = await createJsonAccountStore({ directory, logger })
      const ownAnswer = await answerTo(store, request)
      await store.close()
      await files.remove(path)
      return ownAnswer
    } finally {
      await lock.release()
    }
  }

  const { isDone, sentence } = (await doItself()) ?? (await handOver())
  if (!isDone) throw new StartError(sentence)
  return sentence
}
