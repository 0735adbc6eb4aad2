/**
 * PostgreSQL and Redis of a test’s own: the machine’s programs on throwaway folders and free ports, which end with the
 * test. `startPostgres` and `startRedis` are all there is; whoever needs them skips in sight where `whyNoPostgres` or
 * `whyNoRedis` says why.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where Debian keeps what only administrators call, each version of PostgreSQL in a folder of its own. */
const POSTGRES_HOME = '/usr/lib/postgresql'
/** Milliseconds that a server may take to be ready. */
const PATIENCE = 60_000

/** A server that runs until it is stopped, or this process ends. */
export interface DatabaseServer {
  readonly port: number
  /** Of PostgreSQL the database `samosa`; of Redis all of it. */
  readonly url: string
  readonly pid: number
  /** Sends a signal to the server and whatever it has started. */
  signal(signal: NodeJS.Signals): void
  /** Ends it at once and keeps its data: `start` goes on with them, on the same port. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and erases its data. */
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Settings as `name=value`; what makes it survive a power cut is off unless these turn it on. */
  readonly settings?: readonly string[]
}

export interface RedisOptions {
  /** Further arguments, such as `--requirepass secret`. */
  readonly args?: readonly string[]
}

/** Why this machine cannot start a PostgreSQL; `undefined` where it can. */
export const whyNoPostgres = (): string | undefined =>
  programOf('initdb') === undefined || programOf('postgres') === undefined
    ? 'PostgreSQL is not installed here (Debian: apt-get install postgresql).'
    : undefined

/** Why this machine cannot start a Redis; `undefined` where it can. */
export const whyNoRedis = (): string | undefined =>
  programOf('redis-server') === undefined
    ? 'Redis is not installed here (Debian: apt-get install redis-server).'
    : undefined

/** Why this machine cannot start an nginx; `undefined` where it can. */
export const whyNoNginx = (): string | undefined =>
  programOf('nginx') === undefined
    ? 'nginx is not installed here (Debian: apt-get install nginx).'
    : undefined

/** @throws Error with what it said, when it does not start */
export async function startPostgres({
  settings = [],
}: PostgresOptions = {}): Promise<DatabaseServer> {
  const [initdb, program] = [needed('initdb'), needed('postgres')]
  const folder = mkdtempSync(join(tmpdir(), 'samosa-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  // PostgreSQL does not run as root.
  const who = process.getuid?.() === 0 ? userOf('postgres') : undefined
  if (who) for (const path of [folder, data]) chownSync(path, who.uid, who.gid)
  const made = spawnSync(
    initdb,
    ['-D', data, '-U', 'samosa', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { encoding: 'utf8', cwd: folder, ...who },
  )
  if (made.status !== 0)
    throw new Error(`initdb failed: ${made.stderr}${made.error?.message ?? ''}`)
  const port = await freePort()
  const fast = ['fsync=off', 'full_page_writes=off']
  const own = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`]
  const args = ['-D', data, ...[...fast, ...own, ...settings].flatMap((setting) => ['-c', setting])]
  const server = await run({
    program,
    args,
    who,
    folder,
    port,
    url: `postgres://samosa@127.0.0.1:${port}/samosa`,
    ready: 'database system is ready to accept connections',
    end: 'SIGQUIT',
  })
  const created = spawnSync(
    needed('psql'),
    [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'samosa',
      '-d',
      'postgres',
      '-c',
      'create database samosa',
    ],
    { encoding: 'utf8' },
  )
  if (created.status !== 0) {
    await server.stop()
    throw new Error(`the database could not be created: ${created.stderr}`)
  }
  return server
}

/** @throws Error with what it said, when it does not start */
export async function startRedis({ args = [] }: RedisOptions = {}): Promise<DatabaseServer> {
  const program = needed('redis-server')
  const folder = mkdtempSync(join(tmpdir(), 'samosa-redis-'))
  const port = await freePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  return await run({
    program,
    args: [...own, ...args],
    who: undefined,
    folder,
    port,
    url: `redis://127.0.0.1:${port}`,
    ready: 'Ready to accept connections',
    end: 'SIGKILL',
  })
}

interface Program extends Pick<DatabaseServer, 'port' | 'url'> {
  readonly program: string
  readonly args: readonly string[]
  readonly who: { readonly uid: number; readonly gid: number } | undefined
  readonly folder: string
  /** What it says when it takes connections. */
  readonly ready: string
  /** Ends it at once, with all that it has started. */
  readonly end: NodeJS.Signals
}

async function run(what: Program): Promise<DatabaseServer> {
  const { port, url, folder, end } = what
  let child = await launch(what)
  const endWithUs = () => void child.kill(end)
  process.once('exit', endWithUs)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(end)
    await exited
  }
  return {
    port,
    url,
    get pid() {
      return child.pid ?? 0
    },
    signal(signal: NodeJS.Signals) {
      // In a process group of its own: PostgreSQL has a process for each connection.
      if (child.pid !== undefined) process.kill(-child.pid, signal)
    },
    kill,
    async start() {
      child = await launch(what)
    },
    async stop() {
      await kill()
      process.off('exit', endWithUs)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function launch({ program, args, who, folder, ready, end }: Program): Promise<ChildProcess> {
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
    ...who,
  })
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const listen = (piece: string) => {
    // What a server says in a long test is of no use once it is ready.
    if (said.includes(ready)) return
    said += piece
    if (said.includes(ready)) resolve()
  }
  child.stdout.setEncoding('utf8').on('data', listen)
  child.stderr.setEncoding('utf8').on('data', listen)
  child.once('error', reject)
  child.once('exit', () => reject(new Error(`${program} ended: ${said}`)))
  const late = setTimeout(() => reject(new Error(`${program} is not ready: ${said}`)), PATIENCE)
  try {
    await promise
  } catch (error) {
    child.kill(end)
    throw error
  } finally {
    clearTimeout(late)
  }
  return child
}

/** A port that nobody listens on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The path of a program; of PostgreSQL’s, the newest version’s. */
function programOf(name: string): string | undefined {
  const versions = existsSync(POSTGRES_HOME)
    ? readdirSync(POSTGRES_HOME).toSorted((one, other) => Number(other) - Number(one))
    : []
  const folders = [
    ...versions.map((version) => join(POSTGRES_HOME, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

function needed(name: string): string {
  const found = programOf(name)
  if (found === undefined) throw new Error(`${name} is not installed here.`)
  return found
}

function userOf(name: string): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = ['-u', '-g'].map((option) =>
    Number(spawnSync('id', [option, name], { encoding: 'utf8' }).stdout.trim()),
  )
  if (!uid || !gid) throw new Error(`there is no user ${name} to run its server`)
  return { uid, gid }
}
