import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageDirectory } from '../package.ts'
import { readConfig } from './index.ts'
import { spawnServer } from '../testing/spawn-server.ts'
import { readEnvironment } from './environment.ts'

const SECRET = `${'k'.repeat(20)}ey-of-the-operator-0815`

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-env-'))
})
afterEach(() => rm(directory, { recursive: true }))

const save = (content: string | Uint8Array) => writeFile(join(directory, '.env'), content)
const read = (ofProcess: Record<string, string> = {}) => readEnvironment(directory, ofProcess)
async function readText(text: string, ofProcess: Record<string, string> = {}) {
  await save(text)
  return read(ofProcess)
}
/** All that a person is told: the refusal, or the warnings. */
async function told(text: string, ofProcess: Record<string, string> = {}): Promise<string> {
  await save(text)
  try {
    return read(ofProcess).warnings.join('\n')
  } catch (error) {
    return `refused: ${error instanceof Error ? error.message : ''}`
  }
}

const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16()
const ENCODINGS: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a mark': (text) => Buffer.from(`\ufeff${text}`),
  'UTF-16LE with a mark': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16BE with a mark': (text) => swapped(`\ufeff${text}`),
  'UTF-16LE': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16BE': swapped,
}
const LINE_ENDS = { LF: '\n', CRLF: '\r\n', CR: '\r' }

describe('.env', () => {
  for (const [encoding, encode] of Object.entries(ENCODINGS)) {
    for (const [end, characters] of Object.entries(LINE_ENDS)) {
      it(`is read in ${encoding} with ${end}`, async () => {
        const lines = ['AUTH_MODE=jwt', `JWT_SECRET_KEY=${SECRET}`, 'WIDGET_TITLE="Käse 芝士"', '']
        await save(encode(lines.join(characters)))
        expect(read()).toEqual({
          variables: { AUTH_MODE: 'jwt', JWT_SECRET_KEY: SECRET, WIDGET_TITLE: 'Käse 芝士' },
          warnings: [],
          unread: [],
        })
      })
    }
  }

  const half = Buffer.from('\ufeffA=1\nB=2', 'utf16le').subarray(0, -1)
  const lone = Buffer.from('\ufeffA=1\nB=\ud800\nC=1', 'utf16le')
  const NO_TEXT: Readonly<Record<string, readonly [Uint8Array, number]>> = {
    'Latin-1': [Buffer.from('PORT=1\r\nWIDGET_TITLE=K\u00e4se\r\n', 'latin1'), 2],
    'a broken sequence': [Buffer.from([0x41, 0x3d, 0x0a, 0x0a, 0xc3, 0x28]), 3],
    'half of UTF-16': [half, 2],
    'a lone surrogate': [lone, 2],
    'UTF-32': [Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), 1],
    'a zero': [Buffer.from('AUTH_MODE=jwt\nWIDGET_TITLE=a\0bc and more of it\nPORT=3000\n'), 2],
  }
  it.each(Object.entries(NO_TEXT))('stops the start when it holds %s', async (_, [bytes, line]) => {
    await save(bytes)
    expect(read).toThrow(
      new RegExp(`^${join(directory, '.env')}: line ${line} .*save the file as UTF-8\\.$`),
    )
  })

  it('names every line that is not understood, by file and number, and no value', async () => {
    const text = await told(`AUTH_MODE: jwt\nPORT=1\nJWT_SECRET_KEY="${SECRET}\nno sense`)
    const file = join(directory, '.env')
    expect(text.split('\n')).toEqual([
      expect.stringMatching(`^refused: ${file}: line 1 `),
      expect.stringMatching(`^${file}: line 3 `),
      expect.stringMatching(`^${file}: line 4 `),
    ])
    expect(text).not.toMatch(/jwt\b|no sense|kkk/)
  })

  it('stops the start when it is there and cannot be read', async () => {
    await mkdir(join(directory, '.env'))
    expect(read).toThrow(/\.env cannot be read\. Make it a readable file, or remove it\./)
    await rm(join(directory, '.env'), { recursive: true })
    await symlink('nowhere', join(directory, '.env'))
    expect(read).toThrow(/cannot be read/)
    await rm(join(directory, '.env'))
    await symlink('.env', join(directory, '.env'))
    expect(read).toThrow(/cannot be read/)
    await rm(join(directory, '.env'))
    await save('PORT=1')
    await chmod(join(directory, '.env'), 0)
    // Nothing is unreadable for the superuser.
    if (process.getuid?.() !== 0) expect(read).toThrow(/cannot be read/)
  })

  it('need not be there, but is missed under the name that an editor gave it', async () => {
    expect(read({ PORT: '1' })).toEqual({ variables: { PORT: '1' }, warnings: [], unread: [] })
    await writeFile(join(directory, '.env.txt'), 'AUTH_MODE=jwt')
    expect(read().warnings).toEqual([expect.stringContaining('.env.txt is not read')])
  })

  it('gives way to the environment, under any name of a setting', async () => {
    const { variables } = await readText('PORT=1\nINFERENCE_SERVICE_URL=http://old', {
      PORT: '2',
      CHAT_LLM_API_BASE: 'http://new',
    })
    const config = readConfig(variables, { directory, demoKnowledge: directory })
    expect(config).toMatchObject({ port: 2, inference: { url: 'http://new' } })
  })

  it('is not undone by an empty variable of the environment', async () => {
    const { variables, warnings } = await readText('AUTH_MODE=jwt', { AUTH_MODE: '' })
    expect(variables).toEqual({ AUTH_MODE: 'jwt' })
    expect(warnings).toEqual([expect.stringContaining('AUTH_MODE is empty in the environment')])
  })

  it('says so when AUTH_MODE is empty', async () => {
    expect(await told('AUTH_MODE=\nPORT=')).toBe(
      'AUTH_MODE is empty, which is as good as not set: its default holds.',
    )
    expect(await told('', { AUTH_MODE: ' ' })).toContain('AUTH_MODE is empty')
  })

  it('does not let a quote swallow a setting', async () => {
    const text = 'WIDGET_TITLE="Shop\nAUTH_MODE=jwt\nWIDGET_GREETING=Hi"'
    expect(await told(text)).toMatch(/^refused: .*line 1 .*line 2, which sets AUTH_MODE/)
  })

  it('tells of what it sets for others, but not of what may be part of a key', async () => {
    const { unread } = await readText('SMTP_HOST=x\nPORT=1\nMIIEvQIBADANBgkqhkiG9w0BAQ==')
    expect(unread).toEqual(['SMTP_HOST', 'line 3'])
  })

  const NEAR: readonly [string, string][] = [
    ['AUTHMODE', 'AUTH_MODE'],
    ['auth_mode', 'AUTH_MODE'],
    ['Auth-Mode', 'AUTH_MODE'],
    ['authMode', 'AUTH_MODE'],
    ['AUTH_MOD', 'AUTH_MODE'],
    ['AUTH_MOED', 'AUTH_MODE'],
    ['AUHT_MODE', 'AUTH_MODE'],
    ['AUTH__MODE', 'AUTH_MODE'],
    ['MODE_AUTH', 'AUTH_MODE'],
    ['SAMOSA_AUTH_MODE', 'AUTH_MODE'],
    ['SAMOSA_CHAT_AUTH_MODE', 'AUTH_MODE'],
    ['CHAT_AUTH_MODE', 'AUTH_MODE'],
    ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
    ['ALOWED_ORIGINS', 'ALLOWED_ORIGINS'],
    ['FRONTENDURL', 'FRONTEND_URL'],
    ['JWT_SECRETKEY', 'JWT_SECRET_KEY'],
    ['JWT_SECRET_KEYS', 'JWT_SECRET_KEY'],
    ['RATE_LIMIT_MESSAGE_PER_MINUTE', 'RATE_LIMIT_MESSAGES_PER_MINUTE'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['WIDGET_STARTER', 'WIDGET_STARTERS'],
    ['WIDGET_GREETNG_DE', 'WIDGET_GREETING_DE'],
    ['WIDGET_STARTER_PT_BR', 'WIDGET_STARTERS_PT_BR'],
    ['WIDGET_FEATURE', 'WIDGET_FEATURES'],
    ['port', 'PORT'],
    ['PROT', 'PORT'],
    ['SAMOSA_PORT', 'PORT'],
    ['CHAT_LLM_API_BASES', 'CHAT_LLM_API_BASE'],
  ]
  it.each(NEAR)('stops the start at %s, and means %s', async (name, meant) => {
    const refusal = await told(`# mine\n${name}=x${SECRET}`)
    expect(refusal).toMatch(/^refused: .*: line 2 sets /)
    const also = `; write that, or, if ${name} is another program's, set ${meant} as well.`
    expect(refusal).toContain(`sets ${name}, which is not read and nearly ${meant}`)
    expect(refusal).toContain(also)
    expect(refusal).not.toContain(SECRET)
    // The way past it.
    expect(await told(`${name}=x\n${meant}=y`)).toBe('')
  })

  it.each([
    ['JWT_SECRET', 'JWT_SECRET_KEY'],
    ['INFERENCE_URL', 'INFERENCE_SERVICE_URL'],
    ['RATE_LIMIT', 'RATE_LIMIT_MESSAGES_PER_MINUTE'],
    ['RATE_LIMIT_PER_MINUTE', 'RATE_LIMIT_MESSAGES_PER_MINUTE'],
    ['EMBEDDING_MODEL', 'EMBEDDING_MODEL_NAME'],
    ['REDIS_URI', 'REDIS_URL'],
  ])('points %s out, which may be another program’s', async (name, meant) => {
    expect(await told(`${name}=x`)).toMatch(
      new RegExp(`^/.*: line 1 sets ${name}, which is not read and nearly ${meant}\\.$`),
    )
  })

  it.each(['SMTP_HOST', 'POSTGRES_PORT', 'HOSTNAME', 'POST', 'API_KEY', 'NODE_ENV', 'TZ', 'USER'])(
    'lets %s be another program’s',
    async (name) => {
      expect(await told(`${name}=x`)).toBe('')
    },
  )

  it('points out texts that it does not read', async () => {
    expect(await told('WIDGET_COLOUR=red')).toMatch(/line 1 sets WIDGET_COLOUR, which this/)
  })

  it('knows texts for single languages as settings like others', async () => {
    expect(await told('WIDGET_TITLE_DE=Hallo\nWIDGET_PRIVACY_URL_PT_BR=https://a.example')).toBe('')
    expect(read().unread).toEqual([])
    expect(read({ WIDGET_TITLE_DE: '' }).variables).toMatchObject({ WIDGET_TITLE_DE: 'Hallo' })
    expect(await told('WIDGET_TITLE_DE=a\nWIDGET_TITLE_DE=b')).toMatch(/refused: .* line 2 sets/)
  })

  it('refuses a setting that is set twice to different things', async () => {
    expect(await told('AUTH_MODE=jwt\nPORT=1\nAUTH_MODE=visitor')).toMatch(
      /^refused: .*: line 3 sets AUTH_MODE, which line 1 has set to something else; keep one/,
    )
    expect(await told('PORT=1\nPORT=1')).toMatch(/^\/.*: line 2 sets PORT, which line 1 has set/)
    expect(await told('OTHER=1\nOTHER=2')).toMatch(
      /line 2 sets OTHER, which line 1 has set already/,
    )
  })

  it('says which of two names of a setting counts', async () => {
    const text = 'ALLOWED_ORIGINS=https://a.example\nFRONTEND_URL=https://b.example'
    expect(await told(text)).toContain('FRONTEND_URL does not count beside ALLOWED_ORIGINS')
  })
})

describe('the environment', () => {
  it('is warned about for what is plainly ours, and only for that', () => {
    const { warnings } = read({
      ...{ AUTHMODE: 'jwt', SAMOSA_LOG_LEVEL: 'x', port: '1', SAMOSA_PORT: '1', JWT_SECRET: 'x' },
      ...{ HOSTNAME: 'h', PATH: 'p', npm_config_port: '1', AUTH_MOD: 'x' },
    })
    expect(warnings).toEqual([
      'AUTHMODE in the environment is not read and nearly AUTH_MODE.',
      'SAMOSA_LOG_LEVEL in the environment is not read and nearly LOG_LEVEL.',
      'AUTH_MOD in the environment is not read and nearly AUTH_MODE.',
    ])
  })
})

describe('the server', () => {
  const command = [process.execPath, join(packageDirectory(), 'server/main.ts')] as const

  it('is closed by an .env with a byte-order mark, and logs what is odd', async () => {
    const lines = ['AUTH_MODE=jwt', `JWT_SECRET_KEY=${SECRET}`, 'RATE_LIMIT=5', 'OTHER=1']
    await save(Buffer.from(`\ufeff${lines.join('\r\n')}`))
    const server = await spawnServer({ KNOWLEDGE_DIR: directory }, { command, cwd: directory })
    const { status } = await fetch(`${server.url}/api/session`, { method: 'POST' })
    server.process.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(status).toBe(404)
    expect(server.output()).toMatch(/"level":"warn".*line 3 sets RATE_LIMIT, which is not read/)
    expect(server.output()).toContain('"unread":["RATE_LIMIT","OTHER"]')
    expect(server.output()).not.toContain(SECRET)
  })

  it('does not start with an .env that it does not understand', async () => {
    await save(`AUTH_MODE: jwt\nJWT_SECRET_KEY=${SECRET}\n`)
    const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), {
      cwd: directory,
      env: { PORT: '0' },
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      /^\S+\.env: line 1 has a colon where an = belongs; write NAME=value\.\n$/,
    )
  })
})
