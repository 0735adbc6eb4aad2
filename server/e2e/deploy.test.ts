/** What stands in `deploy/`: read by the programs that it is for, and followed step by step where these are not here. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path'
import { type Copy, DockerfileParser, type Instruction } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { packageDirectory } from '../package.ts'
import { freePort } from '../testing/database-servers.ts'
import { eventually } from '../testing/eventually.ts'

const deploy = join(packageDirectory(), 'deploy')
const read = (name: string) => readFile(join(deploy, name), 'utf8')
/** Milliseconds to install, build and prune as an image does. */
const BUILDING = 600_000
/** Nobody in particular, for a process without rights; of those who are not root themselves already, themselves. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined

interface Image {
  /** Its root folder. */
  readonly root: string
  readonly environment: Record<string, string>
  workdir: string
  /** What its command and its health check run. */
  readonly commands: Map<string, readonly string[]>
}

const inside = ({ root, workdir }: Image, path: string) => join(root, resolve(workdir, path))

/** Does what a Dockerfile says, with folders for images and this machine's Node for the one of the base image. */
async function follow(text: string, folder: string): Promise<Image> {
  const ignored = new Set((await read('Dockerfile.dockerignore')).trim().split('\n'))
  const stages = new Map<string, Image>()
  let image: Image | undefined
  const steps: Readonly<Record<string, (step: Instruction, args: readonly string[]) => unknown>> = {
    async FROM(_, [, as, name]) {
      const root = await mkdtemp(join(folder, 'stage-'))
      image = { root, environment: {}, workdir: '/', commands: new Map() }
      if (as === 'AS' && name !== undefined) stages.set(name, image)
    },
    ENV(_, args) {
      for (const pair of args)
        Object.assign(the().environment, Object.fromEntries([pair.split('=')]))
    },
    async WORKDIR(_, [path = '/']) {
      the().workdir = resolve(the().workdir, path)
      await mkdir(inside(the(), '.'), { recursive: true })
    },
    async COPY(step, args) {
      const flags = new Map(
        (step as Copy).getFlags().map((flag) => [flag.getName(), flag.getValue()]),
      )
      const from = stages.get(flags.get('from') ?? '')
      const paths = args.filter((arg) => !arg.startsWith('--'))
      const target = paths.at(-1) ?? '.'
      for (const path of paths.slice(0, -1)) {
        const to = inside(the(), target)
        const file = target.endsWith('/') ? join(to, basename(path)) : to
        if (from) {
          // Links in place of copies: nothing is written twice, and the stage is not used any more.
          const copied = spawnSync('cp', ['-alT', inside(from, path), file], { encoding: 'utf8' })
          if (copied.status !== 0) throw new Error(copied.stderr)
        } else {
          await cp(join(packageDirectory(), path), file, {
            recursive: true,
            verbatimSymlinks: true,
            filter: (source) => !ignored.has(relative(packageDirectory(), source)),
          })
        }
        if (flags.has('chown') && NOBODY) chownSync(to, NOBODY.uid, NOBODY.gid)
      }
    },
    RUN(step) {
      const command = step.getArgumentsContent() ?? ''
      const done = spawnSync('sh', ['-ec', command], {
        cwd: inside(the(), '.'),
        // How this machine reaches its registry is a matter of its own.
        env: { ...process.env, ...environmentOf(the()) },
        encoding: 'utf8',
      })
      if (done.status !== 0) throw new Error(`RUN ${command}: ${done.stdout}${done.stderr}`)
    },
    CMD(step) {
      the().commands.set('CMD', words(step.getArgumentsContent()))
    },
    HEALTHCHECK(step) {
      the().commands.set('HEALTHCHECK', words(step.getArgumentsContent()?.split('CMD ')[1]))
    },
  }
  const the = () => {
    if (!image) throw new Error('a Dockerfile begins with FROM')
    return image
  }
  for (const step of DockerfileParser.parse(text).getInstructions()) {
    const args = step.getExpandedArguments().map((argument) => argument.getValue())
    await steps[step.getKeyword()]?.(step, args)
  }
  return the()
}

const words = (json: string | null | undefined) => z.array(z.string()).parse(JSON.parse(json ?? ''))

const environmentOf = ({ environment }: Image) => ({
  HOME: environment['HOME'] ?? process.env.HOME,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  npm_config_prefer_offline: 'true',
  ...environment,
})

describe('the Dockerfile', () => {
  let folder: string
  let image: Image
  let server: ChildProcess | undefined
  let said = ''
  let url: string

  const command = (name: string) => {
    const [program = '', ...args] = image.commands.get(name) ?? []
    return [program === 'node' ? process.execPath : program, args] as const
  }
  const options = () => ({ cwd: inside(image, '.'), env: environmentOf(image), ...NOBODY })
  const isHealthy = () => spawnSync(...command('HEALTHCHECK'), options()).status === 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'samosa-image-'))
    spawnSync('chmod', ['755', folder])
    image = await follow(await read('Dockerfile'), folder)
    spawnSync('chmod', ['755', image.root])
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    Object.assign(image.environment, { HOST: '127.0.0.1', PORT: String(port), EMBEDDINGS: 'off' })
    Object.assign(image.environment, { HOME: '/nonexistent' })
  }, BUILDING)
  afterAll(async () => {
    server?.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('has nothing that its linter objects to', async () => {
    expect(validate(await read('Dockerfile'))).toEqual([])
  })

  it('makes an image whose server answers, for a user who may write into its data folder alone', async () => {
    const running = spawn(...command('CMD'), { ...options(), stdio: ['ignore', 'pipe', 'pipe'] })
    server = running
    for (const stream of [running.stdout, running.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => (said += piece))
    }
    await eventually(() => expect(said).toContain('ready at http:'))
    expect(isHealthy()).toBe(true)
    expect((await fetch(`${url}/embed.js`)).headers.get('content-type')).toContain('javascript')
    const session = z
      .object({ token: z.string() })
      .parse(await (await fetch(`${url}/api/session`, { method: 'POST' })).json())
    const headers = { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' }
    const made = await fetch(`${url}/api/conversations`, { method: 'POST', headers, body: '{}' })
    const { id } = z.object({ id: z.string() }).parse(await made.json())
    const answer = await fetch(`${url}/api/conversations/${id}/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ content: 'What is 12 × 3?' }),
    })
    expect(await answer.text()).toContain('"done":true')
    expect(existsSync(inside(image, 'data/conversations'))).toBe(true)
  })

  it('has a server that ends by itself when it is told to, and is not healthy then', async () => {
    if (!server) throw new Error(`it did not start: ${said}`)
    const exited = once(server, 'exit')
    server.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    expect(isHealthy()).toBe(false)
  })
})

const Probe = z.object({ httpGet: z.object({ path: z.string() }) })
const Deployment = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    replicas: z.number().min(2),
    selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()) }),
      spec: z.object({
        terminationGracePeriodSeconds: z.number().min(25),
        securityContext: z.object({ runAsNonRoot: z.literal(true) }),
        containers: z.tuple([
          z.object({
            startupProbe: Probe,
            livenessProbe: Probe,
            readinessProbe: Probe,
            securityContext: z.object({ readOnlyRootFilesystem: z.literal(true) }),
            volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
          }),
        ]),
        volumes: z.array(z.object({ name: z.string() })),
      }),
    }),
  }),
})

describe('the example for Kubernetes', () => {
  it('has two servers that are replaced one by one, each probed where it answers', async () => {
    const documents = parseAllDocuments(await read('kubernetes.yaml')).map((document) => {
      expect(document.errors).toEqual([])
      return z.looseObject({ kind: z.string() }).parse(document.toJS())
    })
    const { spec } = Deployment.parse(documents.find(({ kind }) => kind === 'Deployment'))
    const pod = spec.template.spec
    const [container] = pod.containers
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
    expect(container.livenessProbe.httpGet.path).toBe('/health')
    expect(container.readinessProbe.httpGet.path).toBe('/ready')
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain('/app/data')
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(
      pod.volumes.map(({ name }) => name),
    )
    for (const document of documents) {
      const { selector } =
        z
          .object({ spec: z.object({ selector: z.looseObject({}).optional() }).optional() })
          .parse(document).spec ?? {}
      const labels = selector?.['matchLabels'] ?? selector
      if (labels !== undefined) expect(labels).toEqual(spec.selector.matchLabels)
    }
  })
})

const Service = z.object({
  read_only: z.boolean().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  healthcheck: z.unknown().optional(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
})

describe('compose.yml', () => {
  it('has two servers on one PostgreSQL and one Redis, which wait for these', async () => {
    const file = z
      .object({ services: z.record(z.string(), Service) })
      .parse(parse(await read('compose.yml'), { merge: true }))
    for (const name of ['chat-1', 'chat-2']) {
      const service = file.services[name]
      expect(service?.read_only).toBe(true)
      expect(service?.environment?.['DATABASE_URL']).toContain('@postgres:5432/')
      expect(service?.environment?.['REDIS_URL']).toBe('redis://redis:6379')
      expect(Object.keys(service?.depends_on ?? {})).toEqual(['postgres', 'redis'])
      expect(
        existsSync(join(deploy, service?.build?.context ?? '', service?.build?.dockerfile ?? '-')),
      ).toBe(true)
    }
    for (const name of ['postgres', 'redis']) expect(file.services[name]?.healthcheck).toBeDefined()
    expect(file.services['nginx']?.volumes).toEqual(['./nginx.conf:/etc/nginx/nginx.conf:ro'])
  })
})

/** Whether a program is here, by what it says of its version. */
const isHere = (program: string, flag: string) => spawnSync(program, [flag]).status === 0

describe.skipIf(!isHere('nginx', '-v'))('nginx.conf (needs nginx)', () => {
  it('is what nginx takes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'samosa-nginx-'))
    // Outside of Docker, these names lead nowhere.
    const here = (await read('nginx.conf'))
      .replaceAll(/chat-\d/g, '127.0.0.1')
      .replaceAll('/tmp/', `${folder}/`)
    await writeFile(join(folder, 'nginx.conf'), here)
    const { stderr, status } = spawnSync(
      'nginx',
      ['-t', '-c', join(folder, 'nginx.conf'), '-p', folder],
      {
        encoding: 'utf8',
      },
    )
    await rm(folder, { recursive: true })
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain('[warn]')
  })
})

describe.skipIf(!isHere('systemd-analyze', '--version'))(
  'samosa-chat.service (needs systemd-analyze)',
  () => {
    it('is what systemd takes', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'samosa-unit-'))
      const unit = (await read('samosa-chat.service')).replace('/usr/bin/node', process.execPath)
      await writeFile(join(folder, 'samosa-chat.service'), unit)
      const { stderr } = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', join(folder, 'samosa-chat.service')],
        {
          encoding: 'utf8',
        },
      )
      await rm(folder, { recursive: true })
      expect(stderr.split('\n').filter((line) => line.includes('samosa-chat'))).toEqual([])
    })
  },
)
