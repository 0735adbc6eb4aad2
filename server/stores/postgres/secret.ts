/** Whether all servers on one database sign with the same secret: else a visitor of one is a stranger to the other. */
import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { StartError } from '../../core/errors.ts'
import type { KeptText } from '../../core/ports/index.ts'
import type { Database } from './database.ts'
import { DEAD_AFTER } from './drafts.ts'

/** Of the advisory lock that a server has while it looks: of two that start together, one is the first. */
const LOOKING = 7_266_732
const BYTES = 16

const derive = promisify<string, string, number, Buffer>(scrypt)

export interface SecretOptions {
  readonly database: Database
  /** The server that has said that it lives. */
  readonly serverId: string
  /** Where the salt is kept; the same for all servers. */
  readonly salt: KeptText
}

/**
 * Compares the secret with that of every server that lives; what is kept of it says nothing of it. Once all have
 * stopped, another may take its place.
 * @returns a function that throws StartError when another server has another secret
 */
export function createSecretCheck({ database, serverId, salt }: SecretOptions) {
  return async (secret: string): Promise<void> => {
    const kept = await salt.keepFirst(randomBytes(BYTES).toString('base64url'))
    const print = (await derive(secret, kept, BYTES)).toString('base64url')
    const others = await database.explain('The servers could not be looked through', () =>
      database.transaction(async (on) => {
        await on`select pg_advisory_xact_lock(${LOOKING})`
        const different = await on`
          select 1 from servers where id <> ${serverId} and secret <> ${print}
            and seen_at > now() - ${DEAD_AFTER}::text::interval limit 1`
        if (different.length === 0) {
          await on`update servers set secret = ${print} where id = ${serverId}`
        }
        return different.length
      }),
    )
    if (others === 0) return
    throw new StartError(
      'JWT_SECRET_KEY: another server on this database signs with another secret, and would not know the visitors of this one. Give all of them the same, or leave it out everywhere; to change it, stop all of them first.',
    )
  }
}
