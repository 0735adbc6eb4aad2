/** The real server on PostgreSQL: chats with the built-in engine, beside another one, and after files were copied. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { packageDirectory } from './package.ts'
import { connectDatabase } from './stores/postgres/database.ts'
import { type DatabaseServer, startPostgres, whyNoPostgres } from './testing/database-servers.ts'
import { type SpawnedServer, spawnServer } from './testing/spawn-server.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { createTestClient, tokensOf } from './testing/test-client.ts'

const run = promisify(execFile)
const program = join(packageDirectory(), 'server/main.ts')

describe.skipIf(whyNoPostgres())(
  `on PostgreSQL ${whyNoPostgres() ?? ''}`,
  { timeout: 60_000 },
  () => {
    let server: DatabaseServer
    let folder: string
    let url: string
    const started: SpawnedServer[] = []

    beforeAll(async () => {
      server = await startPostgres()
    }, 60_000)
    afterAll(() => server.stop())

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'samosa-postgres-'))
      const name = `d${randomUUID().replaceAll('-', '')}`
      const outside = connectDatabase({ url: server.url, logger: createRecordingLogger() })
      await outside.sql.unsafe(`create database ${name}`)
      await outside.close()
      const address = new URL(server.url)
      address.pathname = name
      url = address.href
    })
    afterEach(async () => {
      await Promise.all(started.splice(0).map(stop))
      await rm(folder, { recursive: true, force: true })
    })

    const stop = async (spawned: SpawnedServer) => {
      spawned.process.kill('SIGTERM')
      await spawned.exited
    }
    const start = async (environment: Readonly<Record<string, string>> = {}) => {
      const spawned = await spawnServer(
        { LOG_LEVEL: 'error', DATABASE_URL: url, ...environment },
        { cwd: folder, command: [process.execPath, program] },
      )
      started.push(spawned)
      return spawned
    }
    const visit = async (at: SpawnedServer) => {
      const answer = await fetch(`${at.url}/api/session`, { method: 'POST' })
      return z.object({ token: z.string() }).parse(await answer.json()).token
    }
    /** Asks, and resolves to the question’s conversation and the answer’s text. */
    const chat = async (at: SpawnedServer, token: string) => {
      const client = createTestClient(() => at.url, token)
      const conversationId = await client.conversation()
      const path = `/api/conversations/${conversationId}/messages`
      const stream = await client.stream('POST', path, { content: 'What is Samosa Chat?' })
      return { conversationId, answer: tokensOf(await stream.rest()).join('') }
    }
    const messagesAt = async (at: SpawnedServer, token: string, id: string) => {
      const answer = await fetch(`${at.url}/api/conversations/${id}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      return { status: answer.status, text: await answer.text() }
    }

    it('is whole again in a database that was made from a backup', async () => {
      const one = await start()
      const token = await visit(one)
      const { conversationId, answer } = await chat(one, token)
      const file = join(folder, 'samosa.dump')
      await run('pg_dump', ['--format=custom', `--file=${file}`, url])
      const restored = new URL(url)
      restored.pathname = `${restored.pathname}_restored`
      await run('createdb', [
        '-h',
        restored.hostname,
        '-p',
        restored.port,
        '-U',
        'samosa',
        restored.pathname.slice(1),
      ])
      await run('pg_restore', [`--dbname=${restored.href}`, file])
      const other = await start({ DATABASE_URL: restored.href })
      const { status, text } = await messagesAt(other, token, conversationId)
      expect(status).toBe(200)
      expect(text).toContain(JSON.stringify(answer).slice(1, -1))
    })

    it('answers, and another server knows the visitor and the answer', async () => {
      const [one, other] = await Promise.all([start(), start()])
      const token = await visit(one)
      const { conversationId, answer } = await chat(one, token)
      expect(answer).not.toBe('')
      const { status, text } = await messagesAt(other, token, conversationId)
      expect(status).toBe(200)
      expect(text).toContain(JSON.stringify(answer).slice(1, -1))
      expect((await fetch(`${other.url}/ready`)).status).toBe(200)
    })

    it('starts no second server with another secret, and says what to do', async () => {
      await start({ JWT_SECRET_KEY: 'a'.repeat(40) })
      const other = start({ JWT_SECRET_KEY: 'b'.repeat(40) })
      await expect(other).rejects.toThrow(/JWT_SECRET_KEY: another server on this database signs/)
    })

    it('goes on with what was kept in files, visitors and their sessions included', async () => {
      const data = `file:${join(folder, 'data')}`
      const before = await start({ DATABASE_URL: data })
      const token = await visit(before)
      const { conversationId, answer } = await chat(before, token)
      await stop(before)
      const args = [program, 'migrate-data', '--from', data, '--to', url]
      const { stdout } = await run(process.execPath, args, {
        cwd: folder,
        env: { LOG_LEVEL: 'SILENT' },
      })
      expect(stdout).toMatch(/^conversations +1 +1 +0 +0$/m)
      expect(stdout).toMatch(/^messages +2 +2 +0 +0$/m)
      const after = await start()
      const { status, text } = await messagesAt(after, token, conversationId)
      expect(status).toBe(200)
      expect(text).toContain(JSON.stringify(answer).slice(1, -1))
      expect((await chat(after, token)).answer).toBe(answer)
    })
  },
)
