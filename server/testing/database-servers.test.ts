import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { startPostgres, startRedis, whyNoPostgres, whyNoRedis } from './database-servers.ts'

/** What a server says to a line. */
async function ask(port: number, line: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.write(line)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}

const psql = (url: string, sql: string) =>
  spawnSync('psql', [url, '-At', '-c', sql], { encoding: 'utf8' }).stdout.trim()

describe.skipIf(whyNoPostgres())(`a PostgreSQL of a test’s own ${whyNoPostgres() ?? ''}`, () => {
  it('keeps what it was told when it is killed and started again, and is gone in the end', async () => {
    const server = await startPostgres()
    expect(psql(server.url, 'create table kept (n int); insert into kept values (7)')).not.toBe('')
    await server.kill()
    expect(psql(server.url, 'select n from kept')).toBe('')
    await server.start()
    expect(psql(server.url, 'select n from kept')).toBe('7')
    await server.stop()
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  })
})

describe.skipIf(whyNoRedis())(`a Redis of a test’s own ${whyNoRedis() ?? ''}`, () => {
  it('answers, and is gone in the end', async () => {
    const server = await startRedis()
    expect(await ask(server.port, 'PING\r\n')).toBe('+PONG\r\n')
    await server.stop()
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
  })
})
