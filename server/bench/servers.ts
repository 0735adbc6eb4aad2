/** What is measured, and what it is measured against. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Target } from './askers.ts'
import { ensureBuilt } from '../scripts/ensure-built.ts'
import { inRepository } from '../scripts/repository.ts'
import { benchFile, start, type Core, type Started } from './processes.ts'

/** A running server to be measured. */
export interface MeasuredServer {
  readonly target: Target
  readonly pid: number
  stop(): Promise<void>
}

export interface Servers {
  /** Base URL of the bench's model server. */
  readonly model: string
  /** The product, as an operator starts it, on a new data folder and, if not told otherwise, the first core. */
  startProduct(changes?: {
    readonly core?: Core
    readonly environment?: Readonly<Record<string, string>>
  }): Promise<MeasuredServer>
  /** The product, asked in dialect A or C, in front of the model server speaking OpenAI. */
  startDialect(kind: 'chat' | 'thread'): Promise<MeasuredServer>
  /** A bare pipe of `node:http` and undici. */
  startPipe(): Promise<MeasuredServer>
  /** `undefined` when nginx is not installed. */
  startNginx: (() => Promise<MeasuredServer>) | undefined
  stop(): Promise<void>
}

export interface ServersOptions {
  /** For logs, data and configuration. */
  readonly directory: string
  /** Folder for CPU profiles of the product. */
  readonly profiles: string | undefined
}

/** The name of the least that passes an answer on. */
export const PIPE = 'bare pipe'

const PORT_LINE = /^(\d+)\n/

/** Builds the product and starts the model server; the others are started where they are measured. */
export async function createServers({ directory, profiles }: ServersOptions): Promise<Servers> {
  await ensureBuilt()
  const model = await start({
    core: 1,
    command: process.execPath,
    args: [benchFile('model-server.ts')],
    log: join(directory, 'model.log'),
    readyWhen: PORT_LINE,
  })
  const modelUrl = `http://127.0.0.1:${model.ready}`

  return {
    model: modelUrl,
    startProduct: (changes) =>
      startProduct({ directory, profiles, model: modelUrl, core: 0, ...changes }),
    async startDialect(kind) {
      const environment = { INFERENCE_API: 'openai', INFERENCE_MODEL: 'bench' }
      const place = { directory, profiles, model: modelUrl, core: 0 } as const
      const { target, ...server } = await startProduct({ ...place, environment })
      const name = kind === 'chat' ? 'dialect A' : 'dialect C'
      return { ...server, target: { ...target, kind, name } }
    },
    async startPipe() {
      const pipe = await start({
        core: 0,
        command: process.execPath,
        args: [benchFile('pipe.ts'), modelUrl],
        log: join(directory, 'pipe.log'),
        readyWhen: PORT_LINE,
      })
      return measured(PIPE, 'plain', pipe, `http://127.0.0.1:${pipe.ready}`)
    },
    startNginx: isNginxInstalled() ? () => startNginx(directory, model.ready) : undefined,
    stop: model.stop,
  }
}

/** The product as `npm start` runs it, with a data folder of its own below `directory`. */
export async function startProduct(options: {
  readonly directory: string
  /** Folder for CPU profiles. */
  readonly profiles: string | undefined
  /** Base URL of a server that speaks nanochat. */
  readonly model: string
  readonly core: Core
  readonly environment?: Readonly<Record<string, string>>
}): Promise<MeasuredServer> {
  const { profiles } = options
  const home = mkdtempSync(join(options.directory, 'product-'))
  const product = await start({
    core: options.core,
    command: process.execPath,
    args: [
      ...(profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]),
      // What is packaged; it gives itself its settings, as for anybody who starts it.
      inRepository('dist/server/main.js'),
      'start',
    ],
    cwd: home,
    environment: {
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `file:${join(home, 'data')}`,
      INFERENCE_SERVICE_URL: options.model,
      INFERENCE_API: 'nanochat',
      RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
      // The vectors of the manual are made once, after the first start, and not while others are measured.
      EMBEDDINGS: 'off',
      LOG_LEVEL: 'INFO',
      ...options.environment,
    },
    log: join(home, 'server.log'),
    readyWhen: /ready at (http:\S+)/,
  })
  const { stop, ...rest } = measured('samosa', 'chat', product, product.ready)
  return {
    ...rest,
    async stop() {
      await stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function measured(name: string, kind: Target['kind'], started: Started, url: string) {
  const { pid, stop } = started
  return { target: { name, kind, url }, pid, stop }
}

const isNginxInstalled = () => spawnSync('nginx', ['-v']).status === 0

async function startNginx(directory: string, modelPort: string): Promise<MeasuredServer> {
  const port = await freePort()
  const configuration = join(directory, 'nginx.conf')
  const errors = join(directory, 'nginx-errors.log')
  writeFileSync(configuration, nginxConfiguration({ directory, errors, port, modelPort }))
  const nginx = await start({
    core: 0,
    command: 'nginx',
    args: ['-c', configuration, '-e', errors],
    log: join(directory, 'nginx.log'),
    // It says nothing when it is ready, and is before it could say anything.
    readyWhen: /^/,
  })
  await connectable(port)
  return measured('nginx', 'plain', nginx, `http://127.0.0.1:${port}`)
}

function nginxConfiguration(options: {
  readonly directory: string
  readonly errors: string
  readonly port: number
  readonly modelPort: string
}): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(options.directory, `nginx-${kind}`)};`,
  )
  return `daemon off; master_process off; pid ${join(options.directory, 'nginx.pid')};
error_log ${options.errors};
events { worker_connections 8192; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  upstream model { server 127.0.0.1:${options.modelPort}; keepalive 1024; }
  server {
    listen 127.0.0.1:${options.port} backlog=4096;
    location / {
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return address !== null && typeof address === 'object' ? address.port : 0
}

/** Resolves when something listens there. */
async function connectable(port: number): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/models`)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  throw new Error('nginx did not start.')
}
