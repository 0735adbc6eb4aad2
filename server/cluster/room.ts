/**
 * The machine room: PostgreSQL and Redis, two servers as they are shipped, nginx in front as it is deployed, and a
 * proxy that can break each of the ways between them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { packageDirectory } from '../package.ts'
import {
  type DatabaseServer,
  freePort,
  startPostgres,
  startRedis,
} from '../testing/database-servers.ts'
import { type SpawnedServer, spawnServer } from '../testing/spawn-server.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { startModel } from './model.ts'

/** A server of ours, and the ways to and from it. */
export interface ChatServer {
  readonly name: string
  /** As nginx reaches it. */
  readonly fromNginx: FaultProxy
  readonly toPostgres: FaultProxy
  readonly toRedis: FaultProxy
  readonly toModel: FaultProxy
  /** Its own address, past nginx. */
  readonly url: string
  readonly running: SpawnedServer
  /** Once it has ended. */
  start(): Promise<void>
  /** Has `Date` of the server jump so many milliseconds, for good. */
  jumpClock(milliseconds: number): void
}

export interface Room {
  /** Of nginx, which gives each request to the next server. */
  readonly url: string
  readonly postgres: DatabaseServer
  readonly redis: DatabaseServer
  readonly servers: readonly [ChatServer, ChatServer]
  /** Every proxy, for counting. */
  faults(): number
  close(): Promise<void>
}

/** What a server that jumps in time is started with: a signal tells it to read how far from a file. */
const JUMPING = `
const { readFileSync } = await import('node:fs')
const RealDate = Date
let offset = 0
const now = () => RealDate.now() + offset
globalThis.Date = class extends RealDate {
  constructor(...args) { if (args.length === 0) super(now()); else super(...args) }
  static now() { return now() }
}
process.on('SIGUSR2', () => { offset += Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) })
`

export async function openRoom(): Promise<Room> {
  const folder = mkdtempSync(join(tmpdir(), 'samosa-cluster-'))
  const [postgres, redis, model] = await Promise.all([startPostgres(), startRedis(), startModel()])
  const modelPort = Number(new URL(model.url).port)
  const parts = { folder, postgres, redis, modelPort }
  const servers = [await startChat('chat-1', parts), await startChat('chat-2', parts)] as const
  const nginx = await startNginx(folder, servers)
  const proxies = servers.flatMap(({ fromNginx, toPostgres, toRedis, toModel }) => [
    ...[fromNginx, toPostgres, toRedis, toModel],
  ])
  return {
    url: nginx.url,
    postgres,
    redis,
    servers,
    faults: () => proxies.reduce((sum, { faults }) => sum + faults, 0),
    async close() {
      nginx.process.kill('SIGTERM')
      for (const { running } of servers) {
        running.process.kill('SIGCONT')
        running.process.kill('SIGKILL')
      }
      await Promise.all(servers.map(({ running }) => running.exited))
      await Promise.all(proxies.map((proxy) => proxy.close()))
      await Promise.all([postgres.stop(), redis.stop(), model.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Parts {
  readonly folder: string
  readonly postgres: DatabaseServer
  readonly redis: DatabaseServer
  readonly modelPort: number
}

async function startChat(name: string, { folder, ...parts }: Parts): Promise<ChatServer> {
  const port = await freePort()
  const home = join(folder, name)
  const clock = join(folder, `${name}.clock`)
  const jumping = join(folder, 'jumping.mjs')
  mkdirSync(home)
  writeFileSync(jumping, JUMPING)
  const [fromNginx, toPostgres, toRedis, toModel] = await Promise.all(
    [port, parts.postgres.port, parts.redis.port, parts.modelPort].map(startFaultProxy),
  )
  if (!fromNginx || !toPostgres || !toRedis || !toModel) throw new Error('a proxy is missing')
  const start = () =>
    spawnServer(
      {
        PORT: String(port),
        DATABASE_URL: `postgres://samosa@127.0.0.1:${toPostgres.port}/samosa`,
        REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
        INFERENCE_SERVICE_URL: `http://127.0.0.1:${toModel.port}/v1`,
        INFERENCE_API: 'openai',
        INFERENCE_MODEL: 'fake-model',
        RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
        MAX_TOKEN_BUDGET: '200',
        TRUSTED_PROXIES: 'loopback',
        LOG_LEVEL: 'WARNING',
        CLOCK_FILE: clock,
        NODE_OPTIONS: `--import=${jumping}`,
      },
      { command: [process.execPath, join(packageDirectory(), 'dist/server/main.js')], cwd: home },
    )
  let running = await start()
  return {
    name,
    fromNginx,
    toPostgres,
    toRedis,
    toModel,
    url: `http://127.0.0.1:${port}`,
    get running() {
      return running
    },
    async start() {
      running = await start()
    },
    jumpClock(milliseconds) {
      writeFileSync(clock, String(milliseconds))
      running.process.kill('SIGUSR2')
    },
  }
}

/** nginx with the configuration that is deployed, whose names and folders are those of this room. */
async function startNginx(folder: string, servers: readonly ChatServer[]) {
  const port = await freePort()
  const deployed = readFileSync(join(packageDirectory(), 'deploy/nginx.conf'), 'utf8')
  const here = servers
    .reduce(
      (text, { name, fromNginx }) => text.replaceAll(`${name}:8787`, `127.0.0.1:${fromNginx.port}`),
      deployed,
    )
    .replaceAll('listen 8080', `listen 127.0.0.1:${port}`)
    .replaceAll('/tmp/', `${folder}/`)
    .replace('worker_processes auto', 'worker_processes 1')
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, `daemon off;\nuser ${process.getuid?.() === 0 ? 'root' : 'nobody'};\n${here}`)
  const nginx: ChildProcess = spawn(
    'nginx',
    ['-p', folder, '-c', file, '-e', join(folder, 'error.log')],
    {
      stdio: 'ignore',
    },
  )
  process.once('exit', () => nginx.kill('SIGKILL'))
  await listening(port, nginx, () => readFileSync(join(folder, 'error.log'), 'utf8'))
  return { process: nginx, url: `http://127.0.0.1:${port}` }
}

/** @throws Error with what the process has said, when it ends before it listens */
async function listening(port: number, child: ChildProcess, said: () => string): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await wait(20)
  }
  throw new Error(`nginx ended: ${said()}`)
}
