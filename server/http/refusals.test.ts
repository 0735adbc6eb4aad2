/** Requests that are refused before any route sees them leave the same marks as all others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { requestBytes, sendRaw } from '../testing/raw-request.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { expectProblem } from '../testing/abuse-suite.ts'

const logger = createRecordingLogger()
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ ALLOWED_ORIGINS: 'https://shop.example' }, logger)
})
afterAll(() => server.close())

const ORIGIN = 'Origin: https://shop.example'
const send = (line: string, headers: readonly string[]) =>
  sendRaw(server.url, requestBytes(line, headers))

/** How often the server has answered `method` with `status` where no route was. */
async function counted(method: string, status: number): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const labels = `{method="${method}",route="other",status="${status}"}`
  const line = text.split('\n').find((each) => each.includes(`http_requests_total${labels}`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('a request that no route sees', () => {
  it.each([
    ['that expects something', 417, 'POST /api/session?a=secret HTTP/1.1', ['Expect: miracles']],
    ['with two tokens', 401, 'GET /health HTTP/1.1', ['Authorization: a', 'Authorization: b']],
    ['to nowhere', 400, 'GET ftp://elsewhere.example/a HTTP/1.1', []],
    ['for a tunnel', 405, 'CONNECT example.com:443 HTTP/1.1', []],
  ])('%s keeps its trace, is logged and counted', async (name, status, line, headers) => {
    const traceId = `trace-${name.replaceAll(' ', '-')}`
    const [method = ''] = line.split(' ')
    const asMetric = method === 'CONNECT' ? 'other' : method
    const before = await counted(asMetric, status)
    const reply = await send(line, [...headers, ORIGIN, `X-Trace-Id: ${traceId}`])
    expectProblem(reply, status)
    expect(reply.head).toContain(`x-trace-id: ${traceId}`)
    expect(reply.head).toContain('access-control-allow-origin: https://shop.example')
    expect(reply.head).toContain('x-content-type-options: nosniff')
    const logged = logger.lines.filter(({ fields }) => Object.values(fields).includes(traceId))
    expect(logged).toEqual([
      {
        level: 'info',
        message: 'request',
        fields: expect.objectContaining({ traceId, method, status, path: expect.any(String) }),
      },
    ])
    expect(JSON.stringify(logged)).not.toContain('secret')
    expect(await counted(asMetric, status)).toBe(before + 1)
  })

  it('takes its other id when the first is not sane, and says nothing to other origins', async () => {
    const headers = ['Expect: x', 'X-Trace-Id: not sane', 'X-Request-Id: sane', 'Origin: https://b']
    const reply = await send('GET /health HTTP/1.1', headers)
    expect(reply.head).toContain('x-trace-id: sane')
    expect(reply.head).not.toContain('access-control')
  })

  it('is counted and logged when it is none at all', async () => {
    const before = await counted('other', 400)
    const reply = await sendRaw(server.url, 'nonsense\r\n\r\n')
    expectProblem(reply, 400)
    const traceId = /x-trace-id: (\S+)/.exec(reply.head)?.[1]
    expect(logger.lines.at(-1)?.fields).toMatchObject({ traceId, status: 400 })
    expect(await counted('other', 400)).toBe(before + 1)
  })

  it('that expects to be told to go on is told so, and answered', async () => {
    const reply = await send('GET /health HTTP/1.1', ['Expect: 100-Continue'])
    expect(reply.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
  })
})

describe('a page of an origin that may not use the chat', () => {
  const ask = (origin: string, path = '/api/widget-config', headers = {}) =>
    fetch(server.url + path, { headers: { origin, ...headers } })
  const told = () =>
    logger.lines.filter(
      ({ message }) => message === 'a page that may not use the chat has asked for it',
    )

  it('is told to the operator once, with what to set', async () => {
    await ask('https://other.example')
    await ask('https://other.example', '/api/models')
    expect(told()).toEqual([
      {
        level: 'warn',
        fields: {
          origin: 'https://other.example',
          set: 'ALLOWED_ORIGINS=https://shop.example,https://other.example',
        },
        message: expect.any(String),
      },
    ])
  })

  it('is not the server’s own, an allowed one, or one that loads the element', async () => {
    const before = told().length
    await ask(server.url)
    await ask('https://chat.example', undefined, { 'sec-fetch-site': 'same-origin' })
    await ask('https://shop.example')
    await ask('https://third.example', '/samosa-chat.js')
    expect(told()).toHaveLength(before)
  })

  it('fills no log with names that somebody makes up', async () => {
    for (let number = 0; number < 60; number += 1) await ask(`https://${number}.example`)
    expect(told().length).toBeLessThanOrEqual(20)
  })
})
