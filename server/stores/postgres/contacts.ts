/** What visitors wrote to the owner, in PostgreSQL. */
import type { Contact, ContactStore, Logger } from '../../core/ports/index.ts'
import { contactSchema } from '../json-contacts.ts'
import type { Database, Sql } from './database.ts'
import { bodyOf, ownerKey } from './rows.ts'

/** How long an entry is one server's to deliver, as PostgreSQL writes it: longer than a receiver may take. */
const CLAIMED_FOR = '1 minute'

/** Entries that are looked at together for how old they are. */
const LOOKED_AT_ONCE = 100

interface Row {
  readonly id: string
  readonly body: unknown
}

export interface PostgresContactsOptions {
  readonly database: Database
  readonly logger: Logger
}

const columnsOf = ({ about, delivery }: Contact) => ({
  // Whose words the entry has.
  conversation:
    about !== null && (about.title ?? about.question) !== null ? about.conversationId : null,
  is_pending: delivery?.state === 'pending',
})

/** The row of an entry. */
export const contactColumns = (on: Sql, contact: Contact) => ({
  id: contact.id,
  owner: ownerKey(contact.ownerId),
  key: contact.key ?? null,
  body: bodyOf(on, contact),
  ...columnsOf(contact),
})

export function createPostgresContacts({
  database,
  logger,
}: PostgresContactsOptions): ContactStore {
  const { sql, transaction, explain } = database

  const contactIn = ({ id, body }: Row): Contact | undefined => {
    const { data, error } = contactSchema.safeParse(body)
    if (error) logger.error({ id }, 'an entry of the contact form cannot be read and is left out')
    return data
  }
  const contactsIn = (rows: readonly Row[]) => rows.flatMap((row) => contactIn(row) ?? [])

  const read = <Value>(work: () => Promise<Value>) =>
    explain('The entries of the contact form could not be read', work)

  const save = async (on: Sql, contact: Contact) => {
    const columns = { ...columnsOf(contact), body: bodyOf(on, contact) }
    await on`update contacts set ${on(columns)} where id = ${contact.id}`
  }

  return {
    add: (contact) =>
      explain('Your message could not be saved', async () => {
        const row = contactColumns(sql, contact)
        await sql`insert into contacts ${sql(row)} on conflict (id) do nothing`
      }),
    find: (id) =>
      read(async () => {
        const [found] = contactsIn(await sql<Row[]>`select id, body from contacts where id = ${id}`)
        return found
      }),
    findByKey: (ownerId, key) =>
      read(async () => {
        const rows = await sql<Row[]>`
          select id, body from contacts where owner = ${ownerKey(ownerId)} and key = ${key}
          order by number desc limit 1`
        const [found] = contactsIn(rows)
        return found
      }),
    list: ({ limit, offset }) =>
      read(async () => {
        const rows = await sql<Row[]>`
          select id, body from contacts order by number desc limit ${limit} offset ${offset}`
        const [counted] = await sql<{ count: number }[]>`select count(*) as count from contacts`
        return { items: contactsIn(rows), total: counted?.count ?? 0 }
      }),
    pending: () =>
      read(async () =>
        contactsIn(
          await sql<Row[]>`select id, body from contacts where is_pending order by number`,
        ),
      ),
    claimDelivery: (id) =>
      explain('The entry could not be delivered', async () => {
        const claimed = await sql`
          update contacts set claimed_until = now() + ${CLAIMED_FOR}::text::interval
          where id = ${id} and claimed_until < now() returning id`
        return claimed.length > 0
      }),
    setDelivery: (id, delivery) =>
      explain('How far the entry has come could not be saved', () =>
        transaction(async (on) => {
          const rows = await on<Row[]>`select id, body from contacts where id = ${id} for update`
          const [contact] = contactsIn(rows)
          if (!contact) return
          await save(on, { ...contact, delivery })
          // The next try may be any server's.
          await on`update contacts set claimed_until = '-infinity' where id = ${id}`
        }),
      ),
    forgetConversation: (conversationId) =>
      explain('The entries about the conversation could not be changed', () =>
        transaction(async (on) => {
          const rows = await on<Row[]>`
            select id, body from contacts where conversation = ${conversationId} for update`
          for (const contact of contactsIn(rows)) {
            const { about } = contact
            if (about)
              await save(on, { ...contact, about: { ...about, title: null, question: null } })
          }
        }),
      ),
    removeOwner: (ownerId) =>
      explain('The entries could not be erased', async () => {
        await sql`delete from contacts where owner = ${ownerKey(ownerId)}`
      }),
    removeBefore: (time) =>
      explain('The entries could not be erased', async () => {
        let [last, erased] = [0, 0]
        for (;;) {
          // They came in the order of their numbers.
          const rows = await sql<(Row & { readonly number: number })[]>`
            select number, id, body from contacts
            where number > ${last} order by number limit ${LOOKED_AT_ONCE}`
          const old = contactsIn(rows).filter(({ createdAt }) => createdAt < time)
          if (old.length > 0) {
            const ids = old.map(({ id }) => id)
            const gone = await sql`delete from contacts where id in ${sql(ids)} returning id`
            erased += gone.length
          }
          const newest = rows.at(-1)
          if (!newest || old.length === 0) return erased
          last = newest.number
        }
      }),
    close: async () => {},
  }
}
