/**
 * Accounts as files: `<directory>/accounts/<id>.json`, one for each, all of them in memory. To register costs
 * the same with ten accounts as with ten thousand.
 */
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { foldName } from '../core/accounts.ts'
import { StartError } from '../core/errors.ts'
import type { Account, AccountStore, Logger } from '../core/ports/index.ts'
import {
  createTemporaryNames,
  parseJson,
  replaceFile,
  type StoreContext,
} from './disk/atomic-file.ts'
import { type FileSystem, nodeFileSystem } from './disk/file-system.ts'
import { forEachOf } from './disk/for-each-of.ts'
import { storageError, storageReason } from './disk/storage-error.ts'
import { conversationFileName, conversationIdOf } from './disk/store-paths.ts'

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
    const parsed = parseJson(found.bytes, fileSchema)
    const problem = 'problem' in parsed ? parsed.problem : problemOf(parsed.value.account, name)
    if (problem !== undefined) {
      throw new StartError(
        `The account in ${path} cannot be read (${problem}). Put the file back from a backup; ` +
          'without it, its user cannot sign in any more.',
      )
    }
    if ('value' in parsed) accounts.push(parsed.value.account)
  })
  return accounts.toSorted(byAge)
}

const problemOf = ({ id }: Account, name: string) =>
  conversationFileName(id) === name ? undefined : 'it is the file of another account'

export interface JsonAccountStoreOptions {
  readonly directory: string
  readonly logger: Logger
  readonly files?: FileSystem
}

/**
 * Opens the accounts of a data folder, which must be there; one process at a time may do so.
 * @throws StartError when the folder cannot be used, or an account cannot be read
 */
export async function createJsonAccountStore(
  options: JsonAccountStoreOptions,
): Promise<AccountStore> {
  const { directory, logger, files = nodeFileSystem } = options
  const temporaryNames = createTemporaryNames()
  const context: StoreContext = { files, logger, clock: Date.now, temporaryNames }
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
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }

  /** In memory once it is on the disk, and no sooner: nobody signs in with what a power cut would take back. */
  const save = async (account: Account) => {
    try {
      const path = join(folder, conversationFileName(account.id))
      await replaceFile(context, path, `${JSON.stringify({ version: 1, account })}\n`)
    } catch (error) {
      throw storageError('The account could not be saved', error)
    }
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
    async close() {
      await last
    },
  }
}

async function openFolder(
  context: StoreContext,
  { directory, folder }: { readonly directory: string; readonly folder: string },
): Promise<readonly Account[]> {
  const { files, temporaryNames } = context
  try {
    await files.makeFolder(folder)
    await files.syncFolder(resolve(directory))
    for (const name of await files.list(folder)) {
      if (temporaryNames.isLeftover(name)) await files.remove(join(folder, name))
    }
    return await readAccounts(directory, files)
  } catch (error) {
    if (error instanceof StartError) throw error
    const sentence = `The accounts in ${folder} cannot be read: ${storageReason(error)}.`
    throw new StartError(sentence, { cause: error })
  }
}
