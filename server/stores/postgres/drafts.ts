/**
 * Drafts of growing answers in PostgreSQL. Each server says again and again that it lives; what one leaves that has
 * not been heard of for a while is anybody's to store.
 */
import type { Draft, DraftStore, Logger } from '../../core/ports/index.ts'
import { draftSchema } from '../records.ts'
import type { Database } from './database.ts'
import { bodyOf, ownerKey } from './rows.ts'

/** Milliseconds between two signs of life. */
const SIGN_OF_LIFE = 3_000
/** How long without one, as PostgreSQL writes it, a server counts as dead. Its clock alone counts. */
export const DEAD_AFTER = '10 seconds'

export interface PostgresDraftsOptions {
  readonly database: Database
  readonly logger: Logger
  /** Another one for each process. */
  readonly serverId: string
}

export async function createPostgresDrafts(options: PostgresDraftsOptions): Promise<DraftStore> {
  const { database, logger, serverId } = options
  const { sql, explain } = database
  let beating: Promise<unknown> = Promise.resolve()

  const giveSignOfLife = () => sql`
    insert into servers (id) values (${serverId}) on conflict (id) do update set seen_at = now()`

  await giveSignOfLife()
  const timer = setInterval(() => {
    beating = giveSignOfLife().catch((error: unknown) => {
      // While the database is away, nobody else hears of anybody either.
      logger.debug({ err: error }, 'no sign of life could be given')
    })
  }, SIGN_OF_LIFE).unref()

  return {
    save: (draft) =>
      explain('The draft could not be saved', async () => {
        const row = {
          message: draft.message.id,
          owner: ownerKey(draft.ownerId),
          conversation: draft.message.conversationId,
          server: serverId,
          body: bodyOf(sql, draft),
        }
        await sql`
          insert into drafts ${sql(row)} on conflict (message)
          do update set server = excluded.server, body = excluded.body`
      }),
    remove: (messageId) =>
      explain('The draft could not be removed', async () => {
        await sql`delete from drafts where message = ${messageId}`
      }),
    erase: (ownerId, conversationId) =>
      explain('The drafts could not be erased', async () => {
        await sql`
          delete from drafts where owner = ${ownerKey(ownerId)}
          ${conversationId === undefined ? sql`` : sql`and conversation = ${conversationId}`}`
      }),
    all: () =>
      explain('The drafts could not be read', async () => {
        const rows = await sql<{ message: string; body: unknown }[]>`
          select message, body from drafts where server <> ${serverId} and not exists (
            select 1 from servers
            where servers.id = drafts.server and seen_at > now() - ${DEAD_AFTER}::text::interval)`
        return rows.flatMap(({ message, body }): Draft[] => {
          const { data, error } = draftSchema.safeParse(body)
          if (error) logger.warn({ message }, 'a draft cannot be read and is left out')
          return data ? [data] : []
        })
      }),
    async close() {
      clearInterval(timer)
      await beating
      // Whoever starts next need not wait for what a server has left that has ended in peace.
      await sql`
        delete from servers where id = ${serverId} or seen_at < now() - interval '1 day'`.catch(
        (error: unknown) => {
          logger.warn({ err: error }, 'the server could not sign off from the database')
        },
      )
    },
  }
}
