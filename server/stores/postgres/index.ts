/** Everything that is kept, in one PostgreSQL. */
import { randomUUID } from 'node:crypto'
import type { KeptText, Logger } from '../../core/ports/index.ts'
import { createPostgresAccounts } from './accounts.ts'
import { createRunAlone } from './alone.ts'
import { createPostgresAttachments } from './attachments.ts'
import { createPostgresContacts } from './contacts.ts'
import { createPostgresConversations } from './conversations.ts'
import { connectDatabase, type Database } from './database.ts'
import { createPostgresDrafts } from './drafts.ts'
import { endFilling } from './filling.ts'
import { migrate } from './migrations.ts'
import { createSecretCheck } from './secret.ts'
import { createPostgresUsers } from './users.ts'

export interface PostgresStoresOptions {
  readonly url: string
  readonly logger: Logger
  /** Bytes of files that one owner may keep. */
  readonly attachmentBytes: number
}

/** @throws StartError with a sentence for the operator when the database cannot be used */
export async function openPostgresStores({ url, logger, attachmentBytes }: PostgresStoresOptions) {
  const database = connectDatabase({ url, logger })
  try {
    await migrate(database, url, logger)
    const at = { database, logger }
    const serverId = randomUUID()
    const drafts = await createPostgresDrafts({ ...at, serverId })
    await endFilling(database).catch(async (error: unknown) => {
      await drafts.close()
      throw error
    })
    return {
      conversations: createPostgresConversations(at),
      drafts,
      attachmentStore: createPostgresAttachments({ ...at, limit: attachmentBytes }),
      contactStore: createPostgresContacts(at),
      users: createPostgresUsers(at),
      openAccounts: async () => createPostgresAccounts(database),
      fileIn: (name: string) => textIn(database, name),
      runAlone: createRunAlone({ database, serverId }),
      checkSecret: createSecretCheck({ database, serverId, salt: textIn(database, 'secret-salt') }),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** A small text that all servers share. */
function textIn({ sql, explain }: Database, name: string): KeptText {
  const read = () =>
    explain('What is kept could not be read', async () => {
      const [row] = await sql<{ body: string }[]>`select body from texts where name = ${name}`
      return row?.body
    })
  const keep = (text: string, onConflict: 'nothing' | 'update set body = excluded.body') =>
    explain('What is to be kept could not be saved', async () => {
      await sql`
        insert into texts (name, body) values (${name}, ${text})
        on conflict (name) do ${sql.unsafe(onConflict)}`
    })
  return {
    place: `the row “${name}” of the table texts in the database`,
    read,
    replace: (text) => keep(text, 'update set body = excluded.body'),
    async keepFirst(text) {
      await keep(text, 'nothing')
      return (await read()) ?? text
    },
  }
}
