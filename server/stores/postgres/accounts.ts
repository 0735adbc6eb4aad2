/** Accounts in PostgreSQL. Usernames and addresses are unique by its own constraints, whichever server adds them. */
import { LRUCache } from 'lru-cache'
import { foldName } from '../../core/accounts.ts'
import type { Account, AccountStore, Addition } from '../../core/ports/index.ts'
import { accountSchema } from '../json-accounts.ts'
import type { Database, Sql } from './database.ts'
import { bodyOf } from './rows.ts'

/** Milliseconds that an account is not looked up again: what another server has changed counts after that. */
const KNOWN_FOR = 1_000
const MOST_KNOWN = 10_000
/** Of the advisory lock that whoever adds an account has: the first one is the first one. */
const ADDING = 7_266_731

interface Row {
  readonly body: unknown
}

/** @throws Error when somebody has made something else of a row: its user would be locked out, or worse */
const accountIn = (row: Row | undefined): Account | undefined =>
  row && accountSchema.parse(row.body)

const emailKey = (email: string | null) => (email === null ? null : JSON.stringify(foldName(email)))
const usernameKey = (username: string) => JSON.stringify(foldName(username))

/** The row of an account. */
export const accountColumns = (on: Sql, account: Account) => ({
  id: account.id,
  username: usernameKey(account.username),
  email: emailKey(account.email),
  body: bodyOf(on, account),
  created_at: Date.parse(account.createdAt),
})

export function createPostgresAccounts({ sql, transaction, explain }: Database): AccountStore {
  const known = new LRUCache<string, Account>({
    max: MOST_KNOWN,
    ttl: KNOWN_FOR,
    perf: { now: () => performance.now() },
  })
  const failure = 'The account could not be read'

  return {
    async find(id) {
      const cached = known.get(id)
      if (cached) return cached
      const account = await explain(failure, async () => {
        const [row] = await sql<Row[]>`select body from accounts where id = ${id.toWellFormed()}`
        return accountIn(row)
      })
      if (account) known.set(id, account)
      return account
    },
    findByUsername: (username) =>
      explain(failure, async () => {
        const [row] = await sql<Row[]>`
          select body from accounts where username = ${usernameKey(username)}`
        return accountIn(row)
      }),
    list: () =>
      explain(failure, async () => {
        const rows = await sql<Row[]>`select body from accounts order by created_at, id`
        return rows.map(({ body }) => accountSchema.parse(body))
      }),
    count: () =>
      explain(failure, async () => {
        const [row] = await sql<{ count: number }[]>`select count(*) as count from accounts`
        return row?.count ?? 0
      }),
    add: (account, { onlyFirst }) =>
      explain('The account could not be saved', () =>
        transaction(async (on): Promise<Addition> => {
          await on`select pg_advisory_xact_lock(${ADDING})`
          if (onlyFirst) {
            const others = await on`select 1 from accounts limit 1`
            if (others.length > 0) return 'not first'
          }
          const { username, email } = account
          const taken = await on`select 1 from accounts where username = ${usernameKey(username)}`
          if (taken.length > 0) return 'username taken'
          if (email !== null) {
            const used = await on`select 1 from accounts where email = ${emailKey(email)}`
            if (used.length > 0) return 'email taken'
          }
          await on`insert into accounts ${on(accountColumns(on, account))}`
          return 'added'
        }),
      ),
    async change(id, change) {
      const changed = await explain('The account could not be saved', () =>
        transaction(async (on) => {
          const [row] = await on<Row[]>`select body from accounts where id = ${id} for update`
          const account = accountIn(row)
          if (!account) return undefined
          const next = { ...account, ...change(account) }
          await on`update accounts set body = ${bodyOf(on, next)} where id = ${id}`
          return next
        }),
      )
      if (changed) known.set(id, changed)
      return changed
    },
    remove: (id) =>
      explain('The account could not be erased', async () => {
        const gone = await sql`delete from accounts where id = ${id.toWellFormed()} returning id`
        known.delete(id)
        return gone.length > 0
      }),
    async close() {
      known.clear()
    },
  }
}
