import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFaultProxy } from '../../cluster/fault-proxy.ts'
import {
  type DatabaseServer,
  startPostgres,
  whyNoPostgres,
} from '../../testing/database-servers.ts'
import { eventually } from '../../testing/eventually.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { connectDatabase } from './database.ts'

describe.skipIf(whyNoPostgres())(`a connection to PostgreSQL ${whyNoPostgres() ?? ''}`, () => {
  let server: DatabaseServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  it('is there again after more failures than there are connections', async () => {
    const proxy = await startFaultProxy(server.port)
    const url = server.url.replace(String(server.port), String(proxy.port))
    const database = connectDatabase({ url, logger: createRecordingLogger(), connections: 3 })
    const ask = () => database.explain('It could not be asked', () => database.sql`select 1 as one`)
    expect(await ask()).toEqual([{ one: 1 }])
    proxy.cut()
    for (let count = 0; count < 12; count += 1) {
      await expect(ask()).rejects.toMatchObject({ code: 'storage_unreachable', status: 503 })
    }
    proxy.heal()
    await eventually(async () => expect(await ask()).toEqual([{ one: 1 }]))
    await Promise.all(Array.from({ length: 9 }, ask))
    await database.close()
    await proxy.close()
  })
})
