/** What one server at a time does, of all those that share a database. */
import type { RunAlone } from '../../core/ports/index.ts'
import type { Database } from './database.ts'

/** How long a claim holds, as PostgreSQL writes it, whose clock alone counts: so long is waited for a server that died. */
const CLAIMED_FOR = '1 minute'
/** Milliseconds between two times that it is renewed. */
const RENEW_EVERY = 15_000

export interface RunAloneOptions {
  readonly database: Pick<Database, 'sql' | 'explain'>
  /** Another one for each process. */
  readonly serverId: string
  /** Milliseconds; tests set it. */
  readonly renewEvery?: number
}

/**
 * A claim is a row and no advisory lock: it is held for as long as the work takes, which may be an hour. A lock would
 * keep one of the few connections for as long, would be lost with it, and means nothing behind a pool that shares them.
 */
export function createRunAlone(options: RunAloneOptions): RunAlone {
  const { database, serverId, renewEvery = RENEW_EVERY } = options
  const { sql, explain } = database

  /** Also renews a claim of our own. */
  const claim = () =>
    explain('What one server at a time does could not be claimed', async () => {
      const claimed = await sql`
        insert into chores (name, server, claimed_until)
        values ('retention', ${serverId}, now() + ${CLAIMED_FOR}::text::interval)
        on conflict (name) do update set server = excluded.server, claimed_until = excluded.claimed_until
        where chores.server = excluded.server or chores.claimed_until < now()
        returning name`
      return claimed.length > 0
    })

  return async (work) => {
    if (!(await claim())) return
    const lost = new AbortController()
    const renew = async () => {
      // While the database is away, nobody else can begin either; but nor is there anything to be done.
      if (!(await claim().catch(() => false))) lost.abort()
    }
    let renewing: Promise<void> = Promise.resolve()
    const timer = setInterval(() => {
      renewing = renew()
    }, renewEvery)
    try {
      await work({ signal: lost.signal })
    } finally {
      clearInterval(timer)
      await renewing
      await explain('What one server at a time does could not be given back', async () => {
        await sql`delete from chores where server = ${serverId}`
      })
    }
  }
}
