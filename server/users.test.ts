/** The command about accounts, as it is called, beside a server and without one. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoKnowledgeDirectory, packageDirectory } from './package.ts'
import { readConfig } from './config/index.ts'
import { StartError } from './core/errors.ts'
import { askForAccounts, readAccounts } from './stores/json-accounts.ts'
import { lockFolder } from './stores/disk/folder-lock.ts'

import { exampleAccount } from './testing/stores/store-examples.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { spawnServer } from './testing/spawn-server.ts'
import { eventually } from './testing/eventually.ts'
import { readNewPassword, users } from './users.ts'

const PATIENT = 120_000
const PASSWORD = 'a good password'

let directory: string
let data: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-users-'))
  data = join(directory, 'data')
})
afterEach(() => rm(directory, { recursive: true }))

const environment = (variables: Readonly<Record<string, string>> = {}) => ({
  AUTH_MODE: 'local',
  PASSWORD_COST: '4',
  DATABASE_URL: `file:${data}`,
  LOG_LEVEL: 'SILENT',
  ...variables,
})

const asked = (remarks: PassThrough) => String(remarks.read() ?? '').trim()

/** The command in this process. */
async function runWith(
  input: string | Uint8Array,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
) {
  const options = { directory, demoKnowledge: demoKnowledgeDirectory() }
  const config = readConfig(environment(variables), options)
  const remarks = new PassThrough()
  const said = { config, logger: createRecordingLogger(), input: Readable.from([input]), remarks }
  try {
    return { stdout: await users(args, said), stderr: asked(remarks) }
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return { stdout: '', stderr: `${asked(remarks)}${error.message}` }
  }
}

/** The command as it is called. */
async function call(input: string, ...args: readonly string[]) {
  const program = [join(packageDirectory(), 'server/main.ts'), 'users', ...args]
  const child = spawn(process.execPath, program, { cwd: directory, env: environment() })
  child.stdin.end(input)
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = await closed
  return { code, stdout: stdout.trim(), stderr: stderr.trim() }
}

const run = (...args: readonly string[]) => runWith('', args)
const add = (name: string, ...options: readonly string[]) =>
  runWith(`${PASSWORD}\n`, ['add', name, ...options])

describe('samosa-chat users', { timeout: PATIENT }, () => {
  it('adds, lists, switches and changes users while no server runs', async () => {
    expect(await run('list')).toMatchObject({
      stdout: 'There are no users yet: samosa-chat users add <name>',
    })
    // Without --admin there would be nobody to add others by the API.
    expect(await add('Ada', '--email', 'ada@example.com')).toEqual({
      stdout: 'Ada was added, as an admin.',
      stderr: '',
    })
    expect(await add('bob')).toMatchObject({ stdout: 'bob was added.' })
    expect(await run('disable', 'BOB')).toMatchObject({
      stdout: 'bob is switched off, and signed out everywhere.',
    })
    const { stdout } = await run('list')
    expect(stdout).toMatch(/^username {3}e-mail {12}roles.*\nAda {8}ada@example.com {3}admin/)
    expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['username', 'e-mail', 'roles', 'state', 'added (UTC)', 'last sign-in'],
      ['Ada', 'ada@example.com', 'admin', 'active', expect.stringMatching(/^2.*:\d\d$/), 'never'],
      ['bob', '–', '–', 'disabled', expect.stringMatching(/^2.*:\d\d$/), 'never'],
    ])
    const [, before] = await readAccounts(data)
    expect(await run('enable', 'bob')).toMatchObject({ stdout: 'bob can sign in.' })
    const changed = await runWith('another good one', ['passwd', 'bob'])
    expect(changed).toMatchObject({
      stdout: 'bob has a new password, and is signed out everywhere.',
    })
    const [, after] = await readAccounts(data)
    expect(before).toMatchObject({ isActive: false, tokenVersion: 1 })
    expect(after).toMatchObject({ isActive: true, tokenVersion: 2 })
    expect(after?.passwordHash).not.toBe(before?.passwordHash)
    // No trace of a request, and the folder is free.
    expect(await readdir(data)).toEqual(['accounts', 'locks'])
  })

  it('has a running server do it, which ends sessions at once', async () => {
    const server = await spawnServer(environment({ LOG_LEVEL: 'INFO' }))
    try {
      const post = async (path: string, body: object) => {
        const response = await fetch(`${server.url}/api/auth/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
        return { status: response.status, body: (await response.json()) as Record<string, string> }
      }
      const signIn = (password: string) => post('login', { username: 'ada', password })
      const meStatus = async (token: string | undefined) => {
        const headers = { authorization: `Bearer ${token}` }
        return (await fetch(`${server.url}/api/auth/me`, { headers })).status
      }

      expect(await call(`${PASSWORD}\n`, 'add', 'ada')).toEqual({
        code: 0,
        stdout: 'ada was added, as an admin.',
        stderr: 'Handing it to the server that uses the data folder …',
      })
      const { status, body } = await signIn(PASSWORD)
      expect(status).toBe(200)
      expect(await meStatus(body['access_token'])).toBe(200)
      expect((await run('list')).stdout).toContain('ada')

      expect((await run('disable', 'ada')).stdout).toContain('signed out everywhere')
      expect(await meStatus(body['access_token'])).toBe(401)
      expect((await signIn(PASSWORD)).status).toBe(401)

      await run('enable', 'ada')
      const again = await signIn(PASSWORD)
      expect(again.status).toBe(200)
      await runWith('another good one', ['passwd', 'ada'])
      expect(await meStatus(again.body['access_token'])).toBe(401)
      expect((await signIn(PASSWORD)).status).toBe(401)
      expect((await signIn('another good one')).status).toBe(200)

      // The server says no, in words.
      await add('bob', '--email', 'bob@example.com')
      expect(await add('cy', '--email', 'BOB@example.com')).toMatchObject({
        stdout: '',
        stderr: expect.stringMatching(/Another user has the e-mail address BOB@example\.com\.$/),
      })
      expect(await readdir(join(data, 'account-requests'))).toEqual([])
      expect(server.output()).not.toContain(PASSWORD)
      expect(server.output()).not.toContain('$2b$')
    } finally {
      server.process.kill('SIGTERM')
      await server.exited
    }
    expect((await readAccounts(data)).map(({ username }) => username)).toEqual(['ada', 'bob'])
  })

  it('is told by a running server of what was left for it before it started', async () => {
    const account = exampleAccount({ username: 'late' })
    const folder = join(data, 'account-requests')
    await mkdir(folder, { recursive: true })
    const path = join(folder, `${account.id}.json`)
    await writeFile(path, JSON.stringify({ kind: 'add', account }))
    const broken = '00000000-0000-4000-8000-000000000000.json'
    await writeFile(join(folder, broken), '{"kind":"add"')
    await writeFile(join(folder, 'notes.txt'), 'of somebody else')
    const server = await spawnServer(environment())
    await eventually(async () => {
      expect((await readAccounts(data)).map(({ username }) => username)).toEqual(['late'])
      expect(await readdir(folder)).toEqual([`${account.id}.done`, 'notes.txt'])
    })
    server.process.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    const answer: unknown = JSON.parse(await readFile(join(folder, `${account.id}.done`), 'utf8'))
    expect(answer).toEqual({ isDone: true, sentence: 'late was added, as an admin.' })
  })

  it('changes nothing and says so when who holds the folder does not answer', async () => {
    const logger = createRecordingLogger()
    const lock = await lockFolder({ directory: data, patience: 0, logger })
    const asking = askForAccounts(
      { kind: 'add', account: exampleAccount() },
      { directory: data, logger, onWait: () => undefined, patience: 300 },
    )
    await expect(asking).rejects.toThrow('has not done it. Is it running with AUTH_MODE=local?')
    expect(await readdir(join(data, 'account-requests'))).toEqual([])
    await lock.release()
  })

  it('does it itself when who holds the folder leaves meanwhile', async () => {
    const logger = createRecordingLogger()
    const lock = await lockFolder({ directory: data, patience: 0, logger })
    const waiting = Promise.withResolvers<void>()
    const asking = askForAccounts(
      { kind: 'add', account: exampleAccount({ username: 'ada' }) },
      { directory: data, logger, onWait: waiting.resolve },
    )
    await waiting.promise
    await lock.release()
    expect(await asking).toBe('ada was added, as an admin.')
    expect(await readdir(join(data, 'account-requests'))).toEqual([])
    expect(await readAccounts(data)).toHaveLength(1)
  })

  it.each<readonly [readonly string[], string, string]>([
    [['add'], '', 'Name the user: samosa-chat users add <name>'],
    [['add', 'ada', PASSWORD], '', 'A password does not belong on the command line'],
    [['add', 'ada', '--password', 'x'], '', 'A password does not belong on the command line'],
    [['passwd', 'ada', '--password=x'], '', 'A password does not belong on the command line'],
    [['passwd', 'ada', '-p', 'x'], '', 'A password does not belong on the command line'],
    [['add', 'a\u202eb'], '', 'must not contain control characters.'],
    [['add', ' '], '', 'must have 1 to 150 characters.'],
    [['add', 'ada', '--email', 'x'], '', 'The e-mail address "x" must be an e-mail address.'],
    [['add', 'ada'], '', 'There is no password: give it on standard input'],
    [['add', 'ada'], '\n', 'There is no password: give it on standard input'],
    [['add', 'ada'], 'short\n', 'The password must have 8 to 72 bytes in UTF-8.'],
    [['add', 'ada'], 'x'.repeat(100_000), 'The password must have 8 to 72 bytes in UTF-8.'],
    [['add', 'ada'], 'one line and\nanother', 'Standard input has more than one line'],
    [['add', 'ada'], 'with NUL \0 in it', 'The password must not contain NUL'],
    [['disable', 'nobody'], '', 'There is no user "nobody". See samosa-chat users list.'],
    [['disable'], '', 'Name the user: samosa-chat users disable <name>'],
    [['disable', 'a', 'b'], '', 'samosa-chat users disable takes one name'],
    [['disable', 'a', '--admin'], '', '--email and --admin are for samosa-chat users add.'],
    [['list', 'a'], '', 'samosa-chat users list takes nothing else.'],
    [['remove', 'a'], '', 'takes add, list, disable, enable or passwd, not "remove".'],
    [['add', 'ada', '--amdin'], '', "Unknown option '--amdin'"],
  ])('says in a sentence what is wrong with %j', async (args, input, sentence) => {
    const { stdout, stderr } = await runWith(input, args)
    expect(stderr).toContain(sentence)
    expect(stdout).toBe('')
    expect(await readAccounts(data)).toEqual([])
  })

  it('refuses bytes that are no text, a name that is taken, and a database that is not there', async () => {
    const bytes = Buffer.from('caf\u00e9 in latin-1', 'latin1')
    expect((await runWith(bytes, ['add', 'ada'])).stderr).toBe('The password is not text in UTF-8.')
    await add('ada')
    expect((await add('ADA')).stderr).toBe('There is a user "ada" already.')
    const nowhere = { DATABASE_URL: 'postgres://u:p@127.0.0.1:9/d' }
    expect((await runWith('', ['list'], nowhere)).stderr).toContain(
      'DATABASE_URL: no PostgreSQL listens at 127.0.0.1:9.',
    )
    const visitors = { AUTH_MODE: 'visitor' }
    expect((await runWith('', ['list'], visitors)).stderr).toBe(
      'AUTH_MODE is "visitor": accounts count when it is "local".',
    )
  })

  it('tells what it takes, and ends with 1 when it is asked for something else', async () => {
    const help = await call('', '--help')
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toMatch(/^samosa-chat users <what>: the accounts of AUTH_MODE=local\./)
    expect(await call('', 'remove', 'ada')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'samosa-chat users takes add, list, disable, enable or passwd, not "remove".',
    })
  })
})

describe('a password that is typed', () => {
  /** A terminal at which these keys are pressed, and what it shows. */
  function terminal(...lines: readonly string[]) {
    /** How it was set, and what it had shown by then: nothing may be asked while it shows what is typed. */
    const raw: string[] = []
    let shown = ''
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (isRaw: boolean) => raw.push(`${isRaw ? 'raw' : 'cooked'}: ${shown}`),
    })
    const output = new PassThrough()
    let left = lines
    output.on('data', (piece: Buffer) => {
      shown += piece.toString()
      // Whoever types waits for the question.
      if (!piece.toString().endsWith(': ')) return
      for (const key of left[0] ?? '') input.write(key)
      left = left.slice(1)
    })
    return { input, output, raw, shown: () => shown }
  }

  it('is asked for twice and not shown', async () => {
    const { input, output, raw, shown } = terminal('pässwörd 😀\r', 'pässwörd 😀\n')
    expect(await readNewPassword(input, output)).toBe('pässwörd 😀')
    expect(shown()).toBe('Password: \nOnce more: \n')
    expect(raw).toEqual(['raw: ', 'cooked: Password: \nOnce more: \n'])
  })

  it('can be corrected', async () => {
    const { input, output } = terminal(
      'wrong\u0015a good😀\u007f pasx\bsword\r',
      'a good password\r',
    )
    expect(await readNewPassword(input, output)).toBe('a good password')
  })

  it.each([
    [['a good password\r', 'a good passwort\r'], 'These are not the same. Nothing was changed.'],
    [['short\r'], 'The password must have 8 to 72 bytes in UTF-8.'],
    [['a good pass\u0003'], 'Nothing was changed.'],
    [['a good password\r', '\u0004'], 'Nothing was changed.'],
  ])('is not taken: %j', async (lines, sentence) => {
    const { input, output, raw } = terminal(...lines)
    await expect(readNewPassword(input, output)).rejects.toThrow(sentence)
    expect(raw).toEqual(['raw: ', expect.stringMatching(/^cooked: /)])
  })
})
