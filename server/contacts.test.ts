/** The way to a person, through the real server: what visitors write, who reads it, and who is told. */
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger } from './log.ts'
import type { AdminContactsBody } from './dialects/site/admin-routes.ts'
import type { ContactCreatedBody } from './dialects/site/routes.ts'
import type { WidgetConfigBody } from './protocol/api.ts'
import { eventually } from './testing/eventually.ts'
import { startFakeProxy } from './testing/fake-proxy.ts'
import { readExposition } from './testing/read-exposition.ts'
import { spawnServer } from './testing/spawn-server.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'
import { createTestClient, type TestClient, type TestReply } from './testing/test-client.ts'
import { startWebhookReceiver, WEBHOOK_SECRET } from './testing/webhook-receiver.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})
const keep = <Closable extends { close(): Promise<void> }>(opened: Closable): Closable => {
  closers.push(() => opened.close())
  return opened
}

const FORM = { WIDGET_CONTACT_FORM: 'yes' }
const start = async (
  environment: Readonly<Record<string, string>> = FORM,
  logger?: Parameters<typeof startTestServer>[1],
) => keep(await startTestServer(environment, logger))

const withHook = (url: string) => ({
  ...FORM,
  WIDGET_CONTACT_WEBHOOK_URL: url,
  WIDGET_CONTACT_WEBHOOK_SECRET: WEBHOOK_SECRET,
})

const WRITTEN = { message: 'Please call me.', email: 'ann@example.com', consent: true }

const write = (
  visitor: TestClient,
  body: object = {},
  headers: Record<string, string> = {},
): Promise<TestReply> => visitor.request('POST', '/api/contact', { ...WRITTEN, ...body }, headers)

/** The first user of a server with accounts, who is its admin. */
async function signIn(server: TestServer, username = 'boss'): Promise<TestClient> {
  const account = { username, password: 'a good password' }
  const post = (path: string) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    })
  expect((await post('/api/auth/register')).status).toBe(201)
  const response = await post('/api/auth/login')
  const { access_token } = (await response.json()) as { readonly access_token: string }
  return createTestClient(() => server.url, access_token)
}

const listOf = async (admin: TestClient, query = '') => {
  const { status, body } = await admin.request('GET', `/api/admin/contacts${query}`)
  expect(status).toBe(200)
  return body as unknown as AdminContactsBody
}

const WITH_ACCOUNTS = { ...FORM, AUTH_MODE: 'local', REGISTRATION: 'open', PASSWORD_COST: '4' }

const everythingBelow = async (directory: string) => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))))
  return Buffer.concat(texts).toString()
}

const figures = async (server: TestServer) =>
  readExposition(await (await fetch(`${server.url}/metrics`)).text())

describe('the ways to a person', () => {
  const waysOf = async (environment: Readonly<Record<string, string>>) => {
    const server = await start(environment)
    const response = await fetch(`${server.url}/api/widget-config`)
    return ((await response.json()) as WidgetConfigBody).contact
  }

  it('are told to the element, and are none where the owner has set none', async () => {
    expect(await waysOf({})).toBeNull()
    expect(
      await waysOf({
        ...FORM,
        WIDGET_CONTACT_EMAIL: 'help@shop.example',
        WIDGET_CONTACT_URL: 'https://shop.example/contact#form',
        WIDGET_CONTACT_PHONE: '+49 (30) 123-456',
        WIDGET_CONTACT_HOURS: 'Mon–Fri, 9–17 h',
      }),
    ).toEqual({
      email: 'help@shop.example',
      url: 'https://shop.example/contact#form',
      phone: '+49 (30) 123-456',
      hours: 'Mon–Fri, 9–17 h',
      form: true,
    })
    expect(await waysOf({ WIDGET_CONTACT_PHONE: '112' })).toEqual({
      email: null,
      url: null,
      phone: '112',
      hours: null,
      form: false,
    })
  })

  it('are named to who asks for a person with the hours in the language of the answer', async () => {
    const server = await start({
      WIDGET_CONTACT_PHONE: '112',
      WIDGET_CONTACT_HOURS: 'Mon–Fri, 9–17 h',
      WIDGET_CONTACT_HOURS_DE: 'Mo–Fr, 9–17 Uhr',
    })
    const visitor = await server.visitor()
    const answerTo = async (wish: string) => {
      const id = await visitor.conversation()
      await visitor.send(id, wish)
      return (await visitor.request('GET', `/api/conversations/${id}`)).body.messages[1]?.content
    }
    expect(await answerTo('Ich möchte mit einem Menschen sprechen')).toContain('Mo–Fr, 9–17 Uhr')
    expect(await answerTo('I want to talk to a person')).toContain('Mon–Fri, 9–17 h')
    expect(await answerTo('Je voudrais parler à un conseiller')).toContain('Mon–Fri, 9–17 h')
  })
})

describe('what a visitor writes', () => {
  it('is kept, with what it is about, and listed for admins, newest first', async () => {
    const server = await start(WITH_ACCOUNTS)
    const boss = await signIn(server)
    const ann = await signIn(server, 'ann')
    const id = await ann.conversation()
    await ann.send(id, 'What is 2 + 2?')
    const { body } = await ann.request('GET', `/api/conversations/${id}`)
    const answer = body.messages[1]?.id
    const first = await write(ann, { conversation_id: id, message_id: answer })
    expect(first.status).toBe(201)
    const created = first.body as unknown as ContactCreatedBody
    expect(created).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    await write(ann, { message: 'Second', email: ' bo@example.com ' })

    const { items, ...page } = await listOf(boss)
    expect(page).toEqual({ total: 2, limit: 50, offset: 0 })
    expect(items).toMatchObject([
      { message: 'Second', email: 'bo@example.com', conversation: null, delivery: null },
      { ...created, message: 'Please call me.', email: 'ann@example.com', user: { name: 'ann' } },
    ])
    expect(items[1]?.conversation).toEqual({
      id,
      title: 'What is 2 + 2?',
      question: 'What is 2 + 2?',
      message_id: answer,
    })
    expect((await listOf(boss, '?limit=1&offset=1')).items).toEqual([items[1]])
    expect((await ann.request('GET', '/api/admin/contacts')).status).toBe(403)
    expect((await boss.request('GET', '/api/admin/contacts?limit=0')).status).toBe(422)

    await server.restart()
    expect((await listOf(boss)).items).toEqual(items)
  })

  it('outlives a line that nobody can read and one that was never finished', async () => {
    const server = await start(WITH_ACCOUNTS)
    const boss = await signIn(server)
    await write(boss, { message: 'One' })
    const path = join(server.directory, 'data/contacts.jsonl')
    await appendFile(path, '{"contact":{"id":3}}\nno JSON at all\n{"contact":{"id":"ha')
    await server.restart()
    await write(boss, { message: 'Two' })
    await server.restart()
    expect((await listOf(boss)).items.map(({ message }) => message)).toEqual(['Two', 'One'])
    const names = await readdir(join(server.directory, 'data'))
    expect(names.filter((name) => name.startsWith('contacts.jsonl.unreadable'))).toHaveLength(1)
  })

  it.each([
    ['message', { message: '' }],
    ['message', { message: ' \n ' }],
    ['message', { message: '😀'.repeat(4_001) }],
    ['message', { message: null }],
    ['email', { email: 'ann@example.com\nBcc: all@example.com' }],
    ['email', { email: 'ann@example.com\r\n' }],
    ['email', { email: 'ann@example.com\u2028' }],
    ['email', { email: 'ann@example.com, bo@example.com' }],
    ['email', { email: 'Ann <ann@example.com>' }],
    ['email', { email: 'ann@example' }],
    ['email', { email: 'ann@exa..mple.com' }],
    ['email', { email: '@example.com' }],
    ['email', { email: 'ann' }],
    ['email', { email: `${'a'.repeat(65)}@example.com` }],
    ['email', { email: 'ann..bo@example.com' }],
    ['email', { email: '.ann@example.com' }],
    ['email', { email: 'ann.@example.com' }],
    ['email', { email: `ann@${'a'.repeat(64)}.com` }],
    ['email', { email: undefined }],
    ['consent', { consent: false }],
    ['consent', { consent: 'true' }],
    ['consent', { consent: undefined }],
    ['conversation_id', { message_id: '00000000-0000-4000-8000-000000000000' }],
  ])('is refused by the name of its field: %s, %j', async (path, body) => {
    const server = await start()
    const reply = await write(await server.visitor(), body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
  })

  it('may be as long as it says, in any script, from any address that there is', async () => {
    const server = await start({ ...WITH_ACCOUNTS })
    const visitor = await signIn(server)
    for (const body of [
      { message: '😀'.repeat(4_000) },
      { email: 'o’neil+tea@例え.テスト' },
      { email: "a.b-c_d!#$%&'*+/=?^`{|}~@sub.example.co.uk" },
      { conversation_id: null, message_id: null, website: '' },
    ]) {
      expect((await write(visitor, body)).status).toBe(201)
    }
  })

  it('belongs to a conversation and a message of the caller, or of nobody', async () => {
    const server = await start()
    const [ann, bo] = [await server.visitor(), await server.visitor()]
    const id = await ann.conversation()
    await ann.send(id, 'Hello')
    expect((await write(bo, { conversation_id: id })).status).toBe(404)
    expect((await write(bo, { conversation_id: 'no-uuid' })).status).toBe(404)
    const other = await ann.conversation()
    const { body } = await ann.request('GET', `/api/conversations/${id}`)
    const elsewhere = { conversation_id: other, message_id: body.messages[0]?.id }
    expect((await write(ann, elsewhere)).status).toBe(404)

    // Of the cited dialect, without a session.
    const response = await fetch(`${server.url}/api/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'Where is my parcel?' }),
    })
    const [, nobodys] = /"conversation_id":"([^"]+)"/.exec(await response.text()) ?? []
    expect((await write(bo, { conversation_id: nobodys })).status).toBe(201)
    expect(await readFile(join(server.directory, 'data/contacts.jsonl'), 'utf8')).toContain(
      'Where is my parcel?',
    )
  })

  it('needs a token, and a form', async () => {
    const server = await start()
    const guest = createTestClient(() => server.url, 'wrong')
    expect((await write(guest)).status).toBe(401)
    const without = await start({ WIDGET_CONTACT_EMAIL: 'help@shop.example' })
    const reply = await write(await without.visitor(), { email: 'wrong' })
    expect(reply.status).toBe(404)
    expect(reply.body.detail).toBe('There is no contact form here.')
  })

  it('is kept once for a key, at once and after a restart', async () => {
    const server = await start(WITH_ACCOUNTS)
    const boss = await signIn(server)
    const ann = await signIn(server, 'ann')
    const key = { 'idempotency-key': 'the form of 9:41' }
    const replies = await Promise.all([1, 2, 3].map(() => write(ann, {}, key)))
    await server.restart()
    replies.push(await write(ann, { message: 'Changed' }, key))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1)
    await write(boss, {}, key)
    expect((await listOf(boss)).total).toBe(2)
    const text = await readFile(join(server.directory, 'data/contacts.jsonl'), 'utf8')
    expect(text).not.toContain('the form of 9:41')
  })

  it('of a robot looks kept and is not', async () => {
    const server = await start(WITH_ACCOUNTS)
    const boss = await signIn(server)
    const reply = await write(boss, { website: 'https://pills.example' })
    expect(reply.status).toBe(201)
    expect(Object.keys(reply.body).toSorted()).toEqual(['created_at', 'id'])
    await write(boss)
    expect((await listOf(boss)).total).toBe(1)
    const { value } = await figures(server)
    expect(value('samosa_contacts_total{by="person"}')).toBe(1)
    expect(value('samosa_contacts_total{by="robot"}')).toBe(1)
  })

  it('is limited by the hour, for a visitor and for an address', async () => {
    const server = await start({ ...FORM, TRUSTED_PROXIES: 'loopback' })
    const from = (address: string) => ({ 'x-forwarded-for': address })
    const ann = await server.visitor()
    const key = { 'idempotency-key': 'k' }
    for (let count = 0; count < 5; count += 1) {
      const headers = { ...from(`198.51.100.${count}`), ...(count === 0 && key) }
      // What is wrong costs nothing.
      expect((await write(ann, { consent: false })).status).toBe(422)
      expect((await write(ann, {}, headers)).status).toBe(201)
    }
    const refused = await write(ann, {}, from('198.51.100.9'))
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000)
    expect(refused.headers.get('ratelimit-policy')).toBe('"contacts";q=5;w=3600')
    expect(refused.body.detail).toBe(
      'That is too many messages to the team in a short time. Please wait 60 minutes.',
    )
    expect((await write(ann, {}, { ...from('198.51.100.9'), ...key })).status).toBe(201)

    const address = from('203.0.113.7')
    for (let count = 0; count < 15; count += 1) {
      expect((await write(await server.visitor(), {}, address)).status).toBe(201)
    }
    expect((await write(await server.visitor(), {}, address)).status).toBe(429)
    expect((await write(await server.visitor(), {}, from('203.0.113.8'))).status).toBe(201)
  })

  it.each(['conversations', 'threads'])(
    'has no word any more of a conversation that is deleted from the %s',
    async (kind) => {
      const receiver = keep(await startWebhookReceiver(() => ({ status: 500 })))
      const server = await start({ ...withHook(receiver.url), ...WITH_ACCOUNTS })
      const boss = await signIn(server)
      const ann = await signIn(server, 'ann')
      const [goes, stays] = [await ann.conversation(), await ann.conversation()]
      await ann.send(goes, 'Is zucchini a fruit?')
      await ann.send(stays, 'What is 2 + 2?')
      for (const id of [goes, stays]) await write(ann, { message: 'Call me', conversation_id: id })
      expect((await ann.request('DELETE', `/api/${kind}/${goes}`)).status).toBe(204)
      for (const again of [false, true]) {
        if (again) await server.restart()
        const { items } = await listOf(boss)
        expect(items.map(({ message, conversation }) => ({ message, ...conversation }))).toEqual([
          {
            message: 'Call me',
            id: stays,
            title: expect.any(String),
            question: 'What is 2 + 2?',
            message_id: null,
          },
          { message: 'Call me', id: goes, title: null, question: null, message_id: null },
        ])
      }
      // What a thread keeps of itself is in its own file.
      const file = await readFile(join(server.directory, 'data', 'contacts.jsonl'), 'utf8')
      expect(file).not.toContain('zucchini')
    },
  )

  it('is erased with all else of its visitor', async () => {
    const receiver = keep(await startWebhookReceiver(() => ({ status: 500 })))
    const server = await start({ ...withHook(receiver.url), ...WITH_ACCOUNTS })
    const boss = await signIn(server)
    const ann = await signIn(server, 'ann')
    await write(boss, { message: 'This stays' })
    await write(ann, { message: 'This goes', email: 'gone@example.com' })
    expect((await ann.request('DELETE', '/api/session')).status).toBe(204)
    const text = await everythingBelow(join(server.directory, 'data'))
    expect(text).not.toMatch(/This goes|gone@example\.com/)
    const { items } = await listOf(boss)
    expect(items.map(({ message }) => message)).toEqual(['This stays'])
    await eventually(async () => {
      expect((await figures(server)).value('samosa_webhook_waiting')).toBe(1)
    })
    await server.restart()
    expect((await listOf(boss)).total).toBe(1)
  })
})

describe('the owner’s webhook', () => {
  it('is sent what was written, signed, once', async () => {
    const receiver = keep(await startWebhookReceiver())
    const server = await start({ ...withHook(`${receiver.url}?to=team`), ...WITH_ACCOUNTS })
    const boss = await signIn(server)
    const id = await boss.conversation()
    await boss.send(id, 'What is 2 + 2?')
    const { body } = await write(boss, { conversation_id: id }, { 'idempotency-key': 'k' })
    await write(boss, {}, { 'idempotency-key': 'k' })
    await eventually(async () => {
      expect((await listOf(boss)).items[0]?.delivery).toMatchObject({ state: 'delivered' })
    })
    expect(receiver.received).toEqual([
      {
        id: body.id,
        path: '/hook?to=team',
        isSigned: true,
        contentType: 'application/json',
        userAgent: expect.stringMatching(/^samosa-chat\//),
        type: 'contact.created',
        timestamp: body.created_at,
        data: {
          id: body.id,
          created_at: body.created_at,
          message: 'Please call me.',
          email: 'ann@example.com',
          user_id: expect.any(String),
          conversation: {
            id,
            title: 'What is 2 + 2?',
            question: 'What is 2 + 2?',
            message_id: null,
          },
        },
      },
    ])
    expect((await listOf(boss)).items[0]?.delivery).toEqual({
      state: 'delivered',
      attempts: 1,
      last_attempt_at: expect.any(String),
      problem: null,
    })
  })

  it('may have a plain text as its secret', async () => {
    const secret = 'a plain text of many bytes: äöü'
    const receiver = keep(await startWebhookReceiver(undefined, secret))
    const environment = { ...withHook(receiver.url), WIDGET_CONTACT_WEBHOOK_SECRET: secret }
    const server = await start(environment)
    await write(await server.visitor())
    await eventually(() => expect(receiver.received).toMatchObject([{ isSigned: true }]))
  })

  it('is tried again with the same id until it takes the entry; the log tells of it once', async () => {
    const lines: string[] = []
    const logger = createLogger('info', { write: (line) => void lines.push(line) })
    const receiver = keep(
      await startWebhookReceiver((tries) =>
        tries < 3 ? { status: 500 } : tries === 3 ? { status: 400 } : { status: 200 },
      ),
    )
    const path = `${receiver.url}/hush?key=hush`
    const server = await start({ ...withHook(path), ...WITH_ACCOUNTS }, logger)
    const boss = await signIn(server)
    await write(boss)
    await eventually(() => expect(receiver.received.length).toBe(1))
    await eventually(async () => {
      expect((await listOf(boss)).items[0]?.delivery).toMatchObject({
        state: 'pending',
        problem: 'it answered HTTP 500',
      })
    })
    await eventually(() => expect(receiver.taken.size).toBe(1))
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
    expect(receiver.received.every(({ isSigned }) => isSigned)).toBe(true)
    await eventually(() => {
      const told = lines.filter((line) => line.includes('webhook'))
      expect(told.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
        'what visitors wrote cannot be delivered to the webhook; it is tried again for three days',
        'the webhook takes what visitors wrote again',
      ])
    })
    expect(lines.join('')).not.toMatch(/hush|whsec|thirty-two|ann@example|call me/)
    const { value } = await figures(server)
    expect(value('samosa_webhook_attempts_total{outcome="failed"}')).toBe(3)
    expect(value('samosa_webhook_attempts_total{outcome="delivered"}')).toBe(1)
    expect(value('samosa_webhook_waiting')).toBe(0)
  })

  it('that is gone for good is asked no more, and no redirect leads anywhere', async () => {
    const elsewhere = keep(await startWebhookReceiver())
    const receiver = keep(
      await startWebhookReceiver((tries) =>
        tries === 1 ? { status: 307, headers: { location: elsewhere.url } } : { status: 410 },
      ),
    )
    const server = await start({ ...withHook(receiver.url), ...WITH_ACCOUNTS })
    const boss = await signIn(server)
    await write(boss)
    await eventually(async () => {
      expect((await listOf(boss)).items[0]?.delivery).toMatchObject({
        state: 'failed',
        attempts: 2,
        problem: 'it answered HTTP 410',
      })
    })
    expect(elsewhere.received).toEqual([])
    expect((await figures(server)).value('samosa_webhook_given_up_total')).toBe(1)
  })

  it('that never answers holds nobody up, and not the server’s end', async () => {
    const receiver = keep(await startWebhookReceiver(() => new Promise(() => undefined)))
    const server = await start({ ...withHook(receiver.url), ...WITH_ACCOUNTS })
    const boss = await signIn(server)
    for (let count = 0; count < 5; count += 1) expect((await write(boss)).status).toBe(201)
    await eventually(() => expect(receiver.received).toHaveLength(4))
    await server.restart()
    // A try that was ended with its server is none.
    await eventually(() => expect(receiver.received).toHaveLength(8))
    const { items } = await listOf(boss)
    expect(items.map(({ delivery }) => delivery)).toEqual(
      items.map(() => ({ state: 'pending', attempts: 0, last_attempt_at: null, problem: null })),
    )
  })

  it('is reached through the proxy of the environment', async () => {
    const receiver = keep(await startWebhookReceiver())
    const proxy = keep(await startFakeProxy({ url: new URL(receiver.url).origin }))
    const environment = withHook('http://hooks.corp.example/hook')
    const server = await start({ ...environment, HTTP_PROXY: `http://${proxy.host}` })
    await write(await server.visitor())
    await eventually(() => expect(receiver.taken.size).toBe(1))
    expect(proxy.requests).not.toEqual([])
  })

  it('is told of what was acknowledged before the server was killed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'samosa-contacts-'))
    let isDown = true
    const receiver = keep(
      await startWebhookReceiver(() => (isDown ? new Promise(() => undefined) : { status: 204 })),
    )
    const environment = {
      ...withHook(receiver.url),
      LOG_LEVEL: 'error',
      DATABASE_URL: `file:${directory}`,
    }
    const first = await spawnServer(environment)
    closers.push(async () => {
      first.process.kill('SIGKILL')
      await first.exited
      await rm(directory, { recursive: true, force: true })
    })
    const response = await fetch(`${first.url}/api/session`, { method: 'POST' })
    const { token } = (await response.json()) as { readonly token: string }
    const { status, body } = await write(createTestClient(() => first.url, token))
    expect(status).toBe(201)
    first.process.kill('SIGKILL')
    await first.exited
    isDown = false
    const second = await spawnServer(environment)
    closers.push(async () => {
      second.process.kill('SIGKILL')
      await second.exited
    })
    await eventually(() => expect([...receiver.taken.keys()]).toEqual([body.id]))
    expect(receiver.taken.get(body.id)).toMatchObject({ isSigned: true, data: { id: body.id } })
  })
})
