/** Starts and stops the server by the commands that people have for it: npm start, the package's, Node itself. */
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { packageDirectory } from './package.ts'
import { ensureBuilt } from './scripts/ensure-built.ts'
import { MANUAL, startFakeModelServer, type FakeModelServer } from './testing/fake-model-server.ts'
import { spawnServer, type SpawnedServer, type SpawnOptions } from './testing/spawn-server.ts'
import { createTestClient, tokensOf } from './testing/test-client.ts'

const MAIN = join(packageDirectory(), 'dist/server/main.js')
const REAL_PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)

let directory: string
let model: FakeModelServer
const started: SpawnedServer[] = []

beforeAll(async () => {
  await ensureBuilt()
  directory = await mkdtemp(join(tmpdir(), 'samosa-main-'))
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => MANUAL })
  await mkdir(join(directory, 'documents'))
  await installPackage(join(directory, 'site'))
}, 120_000)
afterEach(async () => {
  for (const server of started) signalGroup(server, 'SIGKILL')
  await Promise.all(started.splice(0).map(({ exited }) => exited))
})
afterAll(async () => {
  await model.close()
  await rm(directory, { recursive: true, force: true })
})

/** What `npm install samosa-chat` makes of the packed package, with the dependencies of this repository. */
async function installPackage(site: string): Promise<void> {
  const modules = join(site, 'node_modules')
  await mkdir(join(modules, '.bin'), { recursive: true })
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', site]
  const { stdout } = spawnSync('npm', pack, { cwd: packageDirectory(), encoding: 'utf8' })
  spawnSync('tar', ['-xzf', join(site, stdout.trim()), '-C', site])
  const installed = join(modules, 'samosa-chat')
  await cp(join(site, 'package'), installed, { recursive: true })
  await symlink(join(packageDirectory(), 'node_modules'), join(installed, 'node_modules'))
  await symlink('../samosa-chat/dist/server/main.js', join(modules, '.bin/samosa-chat'))
  await writeFile(
    join(site, 'package.json'),
    JSON.stringify({ name: 'site', scripts: { chat: 'samosa-chat start' } }),
  )
}

/** What a terminal does at Ctrl-C. */
function signalGroup(server: SpawnedServer, signal: NodeJS.Signals): void {
  try {
    process.kill(-server.process.pid!, signal)
  } catch (error) {
    // The whole group has ended.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function start(options: SpawnOptions, environment: Record<string, string> = {}) {
  const server = await spawnServer(
    {
      PATH: REAL_PATH,
      npm_config_update_notifier: 'false',
      DATABASE_URL: `file:${await mkdtemp(join(directory, 'data-'))}`,
      KNOWLEDGE_DIR: join(directory, 'documents'),
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'nanochat',
      ...environment,
    },
    { ...options, detached: true },
  )
  started.push(server)
  return server
}

/** A visitor in the middle of an answer. */
async function startAnswer(server: SpawnedServer) {
  const session = await fetch(`${server.url}/api/session`, { method: 'POST' })
  const { token } = (await session.json()) as { token: string }
  const client = createTestClient(() => server.url, token)
  const id = await client.conversation()
  const asked = model.requests.length + 1
  const stream = await client.stream('POST', `/api/conversations/${id}/messages`, {
    content: 'Hello?',
  })
  await model.requested(asked)
  await model.send('Hello')
  while ((await stream.next()).data.token === undefined);
  return { id, stream, token }
}

/** Asked to stop, it lets the running answer end whole, and leaves port and folder free; what was started. */
async function expectGracefulStop(
  options: SpawnOptions,
  stop: (server: SpawnedServer) => void,
): Promise<SpawnedServer> {
  const folder = { DATABASE_URL: `file:${await mkdtemp(join(directory, 'data-'))}` }
  const server = await start(options, folder)
  const { id, stream, token } = await startAnswer(server)
  stop(server)
  await server.said('stopping')
  await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed')
  await model.send(' world')
  await model.finish()
  expect(tokensOf(await stream.rest())).toEqual([' world'])
  await server.exited

  const { port } = new URL(server.url)
  const again = await start({ command: [process.execPath, MAIN] }, { ...folder, PORT: port })
  const client = createTestClient(() => again.url, token)
  const { body } = await client.request('GET', `/api/conversations/${id}`)
  expect(body.messages.at(-1)).toMatchObject({ content: 'Hello world', finish_reason: 'stop' })
  return server
}

const terminate = (server: SpawnedServer) => server.process.kill('SIGTERM')
const pressControlC = (server: SpawnedServer) => signalGroup(server, 'SIGINT')

const npmStart = (shell: string): SpawnOptions => ({
  command: ['npm', 'start', `--script-shell=${shell}`],
})
const inSite = (...command: [string, ...string[]]): SpawnOptions => ({
  command,
  cwd: join(directory, 'site'),
})
const SHELLS = ['sh', 'bash']

describe('the server', () => {
  it('has the same settings by whatever command it is started', async () => {
    const report = join(directory, 'report.mjs')
    await writeFile(
      report,
      `import { getHeapStatistics } from 'node:v8'
       process.stdout.write(JSON.stringify({
         heap: getHeapStatistics().heap_size_limit, threads: process.env.UV_THREADPOOL_SIZE,
       }) + '\\n')`,
    )
    const seen = async (options: SpawnOptions) => {
      const server = await start(options, { NODE_OPTIONS: `--import ${report}` })
      await server.said('"message":"ready"')
      const [flags] = /"flags":\[[^\]]*\]/.exec(server.output()) ?? []
      // The processes before it have reported too.
      return {
        flags,
        began: server
          .output()
          .match(/\{"heap":.*\}/g)
          ?.at(-1),
      }
    }
    const [first, ...others] = [
      await seen(npmStart('sh')),
      await seen({ command: [process.execPath, MAIN] }),
      await seen({ command: [process.execPath, MAIN, 'start'] }),
      await seen(inSite('npx', 'samosa-chat', 'start')),
      await seen({}),
    ]
    expect(first).toEqual({
      flags: '"flags":["--max-semi-space-size=32"]',
      began: expect.stringMatching(/"threads":"8"/),
    })
    for (const other of others) expect(other).toEqual(first)
  })

  it('keeps the operator’s own settings', async () => {
    const server = await start(
      { command: [process.execPath, '--max_semi_space_size=16', MAIN] },
      { UV_THREADPOOL_SIZE: '5' },
    )
    await server.said('"flags":["--max_semi_space_size=16"]')
  })

  it('stays the process that was started', async () => {
    const server = await expectGracefulStop({ command: [process.execPath, MAIN] }, terminate)
    expect(await server.exited).toBe(0)
  })

  it('is started by a process that stays with it where a process cannot be replaced', async () => {
    const remove = 'data:text/javascript,process.execve=undefined'
    const command = [process.execPath, '--import', remove, MAIN] as const
    const server = await expectGracefulStop({ command }, terminate)
    expect(server.output()).toContain('"--max-semi-space-size=32"]')
    expect(await server.exited).toBe(0)
    const [program, ...args] = command
    const { status, stderr } = spawnSync(program, args, { env: { PORT: 'x' }, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('PORT takes')
  })
})

describe('a Node that is too old', () => {
  it.each([
    ['the program', MAIN],
    ['npm start', join(packageDirectory(), 'server/config/node-version.js')],
  ])('is told so by %s in one sentence', (_name, program) => {
    const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })`
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', old, program], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^Samosa Chat needs Node 22\.\d+ or newer, and this is Node 20\.20\.2: .*\n$/,
    )
  })
})

describe('npm start', () => {
  it.each(SHELLS)('stops the server with itself, run by %s', async (shell) => {
    const server = await expectGracefulStop(npmStart(shell), terminate)
    expect(await server.exited).toBe(0)
  })

  it.each(SHELLS)('takes Ctrl-C, which npm passes on again, as one request (%s)', async (shell) => {
    const server = await expectGracefulStop(npmStart(shell), pressControlC)
    expect(await server.exited).toBe(0)
    expect(server.output()).not.toMatch(/npm (?:error|ERR)/)
  })
})

describe('the package', () => {
  it.each(SHELLS)('leaves no server behind when npx is ended, run by %s', async (shell) => {
    const npx = inSite('npx', `--script-shell=${shell}`, 'samosa-chat', 'start')
    await expectGracefulStop(npx, terminate)
  })

  it('takes Ctrl-C on a script of the site as one request', async () => {
    await expectGracefulStop(inSite('npm', 'run', 'chat'), pressControlC)
  })
})

describe('a start from the sources', () => {
  it('compiles the server when it is missing or older than its sources, and only then', async () => {
    const copy = join(directory, 'copy')
    const root = packageDirectory()
    for (const name of ['server', 'package.json', 'package-lock.json', 'tsconfig.json']) {
      await cp(join(root, name), join(copy, name), { recursive: true })
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
    // The widget is there already.
    await mkdir(join(copy, 'dist'))
    for (const name of ['samosa-chat.js', 'embed.js', 'react.js', 'integrity.json']) {
      await writeFile(join(copy, 'dist', name), '')
    }
    const output = async () => {
      const command = ['-c', 'exec "$0" server/scripts/start.ts 2>&1', process.execPath] as const
      const server = await start({ command: ['sh', ...command], cwd: copy }, { LOG_LEVEL: 'warn' })
      server.process.kill('SIGTERM')
      await server.exited
      return server.output()
    }
    expect(await output()).toContain('Building the server (it is not built yet) … done')
    expect(await output()).toMatch(/^Samosa Chat is ready/)

    const source = join(copy, 'server/serve.ts')
    await writeFile(
      source,
      (await readFile(source, 'utf8')).replace('is ready at', 'is now ready at'),
    )
    const soon = new Date(Date.now() + 1_000)
    await utimes(source, soon, soon)
    expect(await output()).toMatch(
      /Building the server \(its sources have changed\) .*is now ready/s,
    )
  })
})
