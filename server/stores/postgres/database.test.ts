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

  it.each(['while a statement runs', 'between two statements', 'before the end'])(
    'may be cut %s of a transaction: that alone fails',
    async (when) => {
      const uncaught: unknown[] = []
      const note = (error: unknown) => void uncaught.push(error)
      process.on('uncaughtException', note)
      const [database, other] = [1, 2].map(() =>
        connectDatabase({ url: server.url, logger: createRecordingLogger(), connections: 1 }),
      )
      if (!database || !other) throw new Error('there are two')
      const [begun, goOn] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()]
      const ended = database.transaction(async (on) => {
        const [row] = await on<{ pid: number }[]>`select pg_backend_pid() as pid`
        begun.resolve(row?.pid ?? 0)
        if (when === 'while a statement runs') await on`select pg_sleep(60)`
        await goOn.promise
        if (when === 'between two statements') await on`select 1`
      })
      const pid = await begun.promise
      await eventually(async () => {
        const [row] = await other.sql<{ active: boolean }[]>`
          select state = 'active' as active from pg_stat_activity where pid = ${pid}`
        expect(row?.active).toBe(when === 'while a statement runs')
      })
      await other.sql`select pg_terminate_backend(${pid})`
      await expect(ended).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
      goOn.resolve()
      await eventually(() => database.sql`select 1`)
      expect(await database.transaction(async (on) => await on`select 2 as two`)).toEqual([
        { two: 2 },
      ])
      process.off('uncaughtException', note)
      expect(uncaught).toEqual([])
      await database.close()
      await other.close()
    },
  )

  it('fails a transaction with what went wrong in it, and takes it back', async () => {
    const database = connectDatabase({ url: server.url, logger: createRecordingLogger() })
    await database.sql`create table things (id int)`
    const failing = database.transaction(async (on) => {
      await on`insert into things values (1)`
      throw new Error('the work')
    })
    await expect(failing).rejects.toThrow('the work')
    await expect(
      database.transaction(async (on) => await on`select * from nothing`),
    ).rejects.toMatchObject({ code: '42P01' })
    expect(await database.sql`select id from things`).toHaveLength(0)
    await database.close()
  })
})
