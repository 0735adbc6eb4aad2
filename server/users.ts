/** The command `samosa-chat users`: adds, lists and switches accounts, also of a running server. */
import { stat } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { newAccount } from './auth/local.ts'
import { createPasswords } from './auth/passwords.ts'
import type { Config } from './config/index.ts'
import {
  ADMIN,
  carryOut,
  emailProblem,
  foldName,
  passwordProblem,
  usernameProblem,
} from './core/accounts.ts'
import { ChatError, StartError } from './core/errors.ts'
import type { Account, AccountRequest, AccountStore, Logger } from './core/ports/index.ts'
import { systemEnvironment } from './core/settings.ts'
import { askForAccounts, readAccounts } from './stores/json-accounts.ts'
import { openPostgresStores } from './stores/postgres/index.ts'
import { parseOptions } from './terminal.ts'
import { formatTable } from './text/table.ts'

export const USERS_HELP = `samosa-chat users <what>: the accounts of AUTH_MODE=local.

  users add <name> [--email <address>] [--admin]
                        a new user; the first one is an admin in any case
  users list            who there is
  users disable <name>  signs a user out everywhere, and lets them in no more
  users enable <name>   lets them in again
  users passwd <name>   a new password; ends every session of the user

A password is asked for, and not shown; without a terminal it is read from standard input:
  samosa-chat users add ada --admin < password.txt

It can be run while the server runs, which takes changes up within a second, and while it does not.`

/** Characters that a password can be given with, and then some. */
const LONGEST_INPUT = 10_000

const NO_PASSWORD_HERE =
  'A password does not belong on the command line, where others can read it. Leave it out: it is asked for, or read from standard input.'

export interface UsersDependencies {
  readonly config: Config
  readonly logger: Logger
  /** Where passwords come from. */
  readonly input: PasswordInput
  /** For questions and remarks. */
  readonly remarks: Writable
}

/** Resolves to what is to be printed. @throws StartError with a sentence for what is wrong */
export async function users(
  args: readonly string[],
  { config, logger, input, remarks }: UsersDependencies,
): Promise<string> {
  if (args.some((argument) => /^-(?:p|-pass(?:w(?:or)?d)?)(?:$|=)/.test(argument))) {
    throw new StartError(NO_PASSWORD_HERE)
  }
  const { values, positionals } = parseOptions(args, {
    email: { type: 'string' },
    admin: { type: 'boolean' },
  })
  const [what = '', name, ...more] = positionals
  const accounts = await accountsOf(config, logger, remarks)
  if (config.auth.mode !== 'local') {
    remarks.write(`AUTH_MODE is "${config.auth.mode}": accounts count when it is "local".\n`)
  }
  if (what !== 'add' && (values.email !== undefined || values.admin === true)) {
    throw new StartError('--email and --admin are for samosa-chat users add.')
  }
  if (what === 'list') {
    if (name !== undefined) throw new StartError('samosa-chat users list takes nothing else.')
    return listOf(await accounts.list())
  }
  if (!isChange(what)) {
    throw new StartError(
      `samosa-chat users takes add, list, disable, enable or passwd${what === '' ? '' : `, not "${what}"`}.`,
    )
  }
  if (name === undefined) {
    throw new StartError(`Name the user: samosa-chat users ${what} <name>`)
  }
  if (more.length > 0) {
    const hint = what === 'add' || what === 'passwd' ? ` ${NO_PASSWORD_HERE}` : ''
    throw new StartError(
      `samosa-chat users ${what} takes one name; put it in quotes when it has blanks.${hint}`,
    )
  }
  const username = name.trim()
  const known = (await accounts.list()).find(
    (account) => foldName(account.username) === foldName(username),
  )
  const { email, admin: isAdmin = false } = values
  const request = await requestOf({ what, username, email: email?.trim(), isAdmin, known }, () =>
    hashNewPassword(config, input, remarks),
  )
  return await accounts.change(request)
}

/** The accounts of a data folder, which a server may be using, or of a database. */
interface AccountsAtHand {
  list(): Promise<readonly Account[]>
  /** Resolves to a sentence. @throws StartError when it is refused */
  change(request: AccountRequest): Promise<string>
}

async function accountsOf(
  { database }: Config,
  logger: Logger,
  remarks: Writable,
): Promise<AccountsAtHand> {
  if (database.kind === 'postgres') return accountsIn(database.url, logger)
  const directory = await checkDataFolder(database.directory)
  return {
    list: () => readAccounts(directory),
    change: (request) =>
      askForAccounts(request, {
        directory,
        logger,
        onWait: () => remarks.write('Handing it to the server that uses the data folder …\n'),
      }),
  }
}

/** Any number of servers may use a database: nobody need be asked. */
function accountsIn(url: string, logger: Logger): AccountsAtHand {
  const use = async <Value>(work: (store: AccountStore) => Promise<Value>): Promise<Value> => {
    const stores = await openPostgresStores({ url, logger, attachmentBytes: 0 })
    try {
      return await work(await stores.openAccounts())
    } finally {
      await stores.drafts.close()
      await stores.conversations.close()
    }
  }
  return {
    list: () => use((store) => store.list()),
    change: (request) =>
      use(async (store) => {
        try {
          return await carryOut(store, request)
        } catch (error) {
          throw error instanceof ChatError ? new StartError(error.message, { cause: error }) : error
        }
      }),
  }
}

interface Wanted {
  readonly what: Change
  readonly username: string
  readonly email: string | undefined
  readonly isAdmin: boolean
  /** The user who has that name already. */
  readonly known: Account | undefined
}

/** What is to be done; a password is asked for only where it is of use. */
async function requestOf(
  { what, username, email, isAdmin, known }: Wanted,
  hash: () => Promise<string>,
): Promise<AccountRequest> {
  if (what === 'add') {
    refuse(`The username "${username}"`, usernameProblem(username))
    if (email !== undefined) refuse(`The e-mail address "${email}"`, emailProblem(email))
    if (known) throw new StartError(`There is a user "${known.username}" already.`)
    const registration = {
      username,
      fullName: undefined,
      email,
      roles: isAdmin ? [ADMIN] : [],
      allowedProducts: [],
      allowedAgents: [],
      isActive: true,
    }
    return { kind: what, account: newAccount(registration, await hash(), systemEnvironment) }
  }
  if (!known) throw new StartError(`There is no user "${username}". See samosa-chat users list.`)
  const at = new Date().toISOString()
  return what === 'passwd'
    ? { kind: what, username, at, passwordHash: await hash() }
    : { kind: what, username, at }
}

async function hashNewPassword(config: Config, input: PasswordInput, remarks: Writable) {
  const password = await readNewPassword(input, remarks)
  const passwords = createPasswords({ cost: config.accounts.passwordCost })
  try {
    return await passwords.inTurn('', (turn) => turn.hash(password))
  } finally {
    await passwords.close()
  }
}

const CHANGES = ['add', 'disable', 'enable', 'passwd'] as const
type Change = (typeof CHANGES)[number]
const isChange = (what: string): what is Change => CHANGES.some((change) => change === what)

function refuse(what: string, problem: string | undefined): void {
  if (problem !== undefined) throw new StartError(`${what} ${problem}.`)
}

/** @throws StartError where what is written there could not be read by the server */
async function checkDataFolder(directory: string): Promise<string> {
  const owner = await stat(directory).then(
    ({ uid }) => uid,
    // It is made with the first user.
    () => undefined,
  )
  if (owner !== undefined && process.getuid && owner !== process.getuid()) {
    throw new StartError(
      `${directory} belongs to another user of this machine: run this as that one, or the server cannot read what is written.`,
    )
  }
  return directory
}

function listOf(accounts: readonly Account[]): string {
  if (accounts.length === 0) return 'There are no users yet: samosa-chat users add <name>'
  const day = (time: string | null) => time?.slice(0, 16).replace('T', ' ') ?? 'never'
  const rows = [
    ['username', 'e-mail', 'roles', 'state', 'added (UTC)', 'last sign-in'],
    ...accounts.map(({ username, email, roles, isActive, createdAt, lastLoginAt }) => [
      username,
      email ?? '–',
      roles.join(', ') || '–',
      isActive ? 'active' : 'disabled',
      day(createdAt),
      day(lastLoginAt),
    ]),
  ]
  return formatTable(rows, 'texts')
}

// ── passwords ────────────────────────────────────────────────────────────────────────────────────

/** Standard input: a terminal, which can be told not to show what is typed, or anything else. */
export type PasswordInput = Readable & {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

/**
 * A password that may be one: typed twice in a terminal, which does not show it, or the one line of an input.
 * @throws StartError
 */
export async function readNewPassword(input: PasswordInput, output: Writable): Promise<string> {
  input.setEncoding('utf8')
  if (input.isTTY !== true) {
    const password = await readLine(input)
    refuse('The password', passwordProblem(password))
    return password
  }
  // Before anything is asked: whoever types quickly must not see it either.
  input.setRawMode?.(true)
  try {
    const password = await typed(input, output, 'Password: ')
    refuse('The password', passwordProblem(password))
    const again = await typed(input, output, 'Once more: ')
    if (again !== password) throw new StartError('These are not the same. Nothing was changed.')
    return password
  } finally {
    input.setRawMode?.(false)
  }
}

async function readLine(input: Readable): Promise<string> {
  let text = ''
  for await (const piece of input) {
    text += String(piece)
    if (text.length > LONGEST_INPUT) break
  }
  const [line = '', ...more] = text.replace(/\r?\n$/, '').split(/\r?\n/)
  if (more.length > 0) throw new StartError('Standard input has more than one line for a password.')
  if (line === '') {
    throw new StartError(
      'There is no password: give it on standard input, or run this in a terminal.',
    )
  }
  // What is no UTF-8 would be another password than the one that is typed later.
  if (line.includes('\u{FFFD}')) throw new StartError('The password is not text in UTF-8.')
  return line
}

async function typed(input: PasswordInput, output: Writable, prompt: string): Promise<string> {
  let characters: string[] = []
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const giveUp = () => reject(new StartError('Nothing was changed.'))
  const take = (piece: string) => {
    // An arrow or a function key.
    if (piece.startsWith('\u001B')) return
    for (const character of piece) {
      switch (character) {
        case '\r':
        case '\n':
          return resolve(characters.join(''))
        // Ctrl-C, Ctrl-D
        case '\u0003':
        case '\u0004':
          return giveUp()
        // Backspace
        case '\u007F':
        case '\b':
          characters.pop()
          break
        // Ctrl-U
        case '\u0015':
          characters = []
          break
        default:
          characters.push(character)
      }
    }
  }
  input.on('data', take)
  input.once('end', giveUp)
  // It was paused after an earlier one.
  input.resume()
  output.write(prompt)
  try {
    return await promise
  } finally {
    input.off('data', take)
    input.off('end', giveUp)
    input.pause()
    output.write('\n')
  }
}
