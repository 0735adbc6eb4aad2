/** The files of messages in PostgreSQL, as they came. */
import { ChatError } from '../../core/errors.ts'
import type { AttachmentPlace, AttachmentStore, Logger } from '../../core/ports/index.ts'
import { canonicalId } from '../disk/paths.ts'
import { SMALLEST_SHARE } from '../json-attachments.ts'
import type { Database } from './database.ts'
import { bodyOf, ownerKey } from './rows.ts'

/** Of the advisory locks that owners have while their files are counted: the first of two numbers. */
const COUNTING = 7_266_730
/** How old a file is, as PostgreSQL writes it, that may be swept: its message may be another server's, and on its way. */
const SWEPT_FROM = '1 hour'
/** Conversations that are looked through together. */
const SWEPT_AT_ONCE = 100

export interface PostgresAttachmentsOptions {
  readonly database: Database
  readonly logger: Logger
  /** Bytes that one owner may keep. */
  readonly limit: number
}

interface PlaceRow {
  readonly owner: string
  /** In a list of one: whose files they are, as the core has it. */
  readonly owner_id: readonly [string]
  readonly conversation: string
  readonly ids: readonly string[]
}

export function createPostgresAttachments(options: PostgresAttachmentsOptions): AttachmentStore {
  const { database, logger, limit } = options
  const { sql, transaction, explain } = database

  const placeOf = ({ ownerId, conversationId }: AttachmentPlace) => ({
    owner: ownerKey(ownerId),
    conversation: canonicalId(conversationId) ?? '',
  })

  return {
    save: (place, files) =>
      explain('The files could not be saved', () =>
        transaction(async (on) => {
          const { owner, conversation } = placeOf(place)
          // Of one owner's files that come at once, each is counted with the others.
          await on`select pg_advisory_xact_lock(${COUNTING}::int, hashtext(${owner}))`
          const [kept] = await on<{ taken: number }[]>`
            select coalesce(sum(greatest(size, ${SMALLEST_SHARE}::bigint)), 0)::bigint as taken
            from attachments where owner = ${owner}`
          const coming = files.reduce(
            (sum, { bytes }) => sum + Math.max(bytes.length, SMALLEST_SHARE),
            0,
          )
          if ((kept?.taken ?? 0) + coming > limit) {
            const sentence =
              'There is no room for more files: delete conversations whose files are not needed any more.'
            throw new ChatError('too_large', sentence)
          }
          for (const { id, bytes } of files) {
            const row = { owner, conversation, id, bytes: Buffer.from(bytes), size: bytes.length }
            const columns = { ...row, owner_id: bodyOf(on, [place.ownerId]) }
            await on`
              insert into attachments ${on(columns)} on conflict (owner, id)
              do update set bytes = excluded.bytes, size = excluded.size, saved_at = now()`
          }
        }),
      ),
    read: (place, id) =>
      explain('The file could not be read', async () => {
        const { owner, conversation } = placeOf(place)
        const [row] = await sql<{ bytes: Uint8Array }[]>`
          select bytes from attachments
          where owner = ${owner} and conversation = ${conversation} and id = ${id}`
        return row?.bytes
      }),
    conversationOf: (ownerId, id) =>
      explain('The files could not be read', async () => {
        const [row] = await sql<{ conversation: string }[]>`
          select conversation from attachments where owner = ${ownerKey(ownerId)} and id = ${id}`
        return row?.conversation
      }),
    remove: (place, ids) =>
      explain('The files could not be erased', async () => {
        const { owner, conversation } = placeOf(place)
        if (ids?.length === 0) return
        await sql`
          delete from attachments where owner = ${owner} and conversation = ${conversation}
          ${ids ? sql`and id in ${sql(ids)}` : sql``}`
      }),
    removeOwner: (ownerId) =>
      explain('The files could not be erased', async () => {
        await sql`delete from attachments where owner = ${ownerKey(ownerId)}`
      }),
    async sweep(wanted, { signal }) {
      let last = { owner: '', conversation: '' }
      let swept = 0
      while (!signal.aborted) {
        const { owner: lastOwner, conversation: lastConversation } = last
        const places = await explain(
          'The files of messages could not be looked through',
          () => sql<PlaceRow[]>`
            select owner, (array_agg(owner_id))[1] as owner_id, conversation, array_agg(id) as ids
            from attachments
            where (owner, conversation) > (${lastOwner}, ${lastConversation})
              and saved_at < now() - ${SWEPT_FROM}::text::interval
            group by owner, conversation order by owner, conversation limit ${SWEPT_AT_ONCE}`,
        )
        const newest = places.at(-1)
        if (!newest) break
        last = newest
        for (const place of places) {
          if (signal.aborted) break
          const { owner, conversation, ids } = place
          const [ownerId] = place.owner_id
          const keeps = await wanted({ ownerId, conversationId: conversation, ids })
          const doomed = ids.filter((id) => !keeps.has(id))
          swept += doomed.length
          if (doomed.length === 0) continue
          await explain(
            'The files could not be erased',
            () => sql`delete from attachments where owner = ${owner} and id in ${sql(doomed)}`,
          )
        }
      }
      if (swept > 0) logger.info({ files: swept }, 'files without a message went')
    },
  }
}
