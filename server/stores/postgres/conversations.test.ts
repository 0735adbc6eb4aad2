import { afterAll, beforeAll, describe } from 'vitest'
import {
  type DatabaseServer,
  startPostgres,
  whyNoPostgres,
} from '../../testing/database-servers.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { describeConversationStore } from '../../testing/stores/store-suite.ts'
import { createPostgresConversations } from './conversations.ts'
import { connectDatabase } from './database.ts'
import { migrate } from './migrations.ts'

describe.skipIf(whyNoPostgres())(`PostgreSQL ${whyNoPostgres() ?? ''}`, () => {
  let server: DatabaseServer
  const logger = createRecordingLogger()
  beforeAll(async () => {
    server = await startPostgres()
    const database = connectDatabase({ url: server.url, logger })
    await migrate(database, server.url, logger)
    await database.close()
  })
  afterAll(() => server.stop())

  describeConversationStore('PostgreSQL store', async (clock) => {
    const open = () => {
      const database = connectDatabase({ url: server.url, logger })
      return { database, store: createPostgresConversations({ database, logger, clock }) }
    }
    let { database, store } = open()
    await database.sql`truncate conversations, ended_turns cascade`
    return {
      store,
      async reopen() {
        await store.close()
        ;({ database, store } = open())
        return store
      },
      end: () => store.close(),
    }
  })
})
