/** Requests that are no requests: lines, framing, headers. */
import { describe, expect, it } from 'vitest'
import { openSocket, readAll, requestBytes } from '../testing/raw-request.ts'
import { abuseServer, expectProblem } from '../testing/abuse-suite.ts'

const server = abuseServer()

describe('a request line', () => {
  it.each([
    ['of nonsense', 'nonsense\r\n\r\n'],
    ['of zeros', '\0\0\0\0\r\n\r\n'],
    ['of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['with a version that does not exist', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['with a method that does not exist', 'FROBNICATE / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['without a path', 'GET HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['with a line break in the path', 'GET /a\nb HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['with a NUL in the path', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is refused as a problem', async (_name, bytes) => {
    expectProblem(await server.raw(Buffer.from(bytes, 'latin1')), 400)
  })

  it('with a method that a path does not have is told which it has', async () => {
    for (const method of ['DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'PATCH', 'PURGE']) {
      for (const [path, allow] of [
        ['/api/conversations', 'get, post, head, options'],
        ['/health', 'get, head, options'],
        ['/page.html', 'get, head, options'],
        ['/', 'get, head, options'],
      ]) {
        const reply = await server.send(`${method} ${path} HTTP/1.1`)
        expectProblem(reply, 405)
        expect(reply.head).toContain(`allow: ${allow}`)
      }
    }
  })

  it('for a tunnel is refused', async () => {
    expectProblem(await server.send('CONNECT example.com:443 HTTP/1.1'), 405)
  })

  it('for another protocol is answered as though it asked for none', async () => {
    const reply = await server.send('GET /health HTTP/1.1', [
      'Connection: Upgrade, close',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ])
    expect(reply.status).toBe(200)
  })

  it('for the server as a whole is answered', async () => {
    const reply = await server.send('OPTIONS * HTTP/1.1')
    expect(reply.status).toBe(204)
    expect(reply.head).toContain('allow:')
  })

  it('in absolute form is served here, whatever host it names', async () => {
    expect((await server.send('GET http://elsewhere.example/health HTTP/1.1')).status).toBe(200)
    expectProblem(await server.send('GET ftp://elsewhere.example/health HTTP/1.1'), 400)
    expectProblem(await server.send('GET http:// HTTP/1.1'), 400)
  })

  it('of HTTP/1.0 is answered, without a host too', async () => {
    expect((await server.raw('GET /health HTTP/1.0\r\n\r\n')).status).toBe(200)
    expect((await server.raw('GET /health HTTP/1.0\r\nHost: x\r\n\r\n')).status).toBe(200)
  })
})

describe('framing', () => {
  const chunked = ['Transfer-Encoding: chunked', 'Content-Type: application/json']
  const line = 'POST /api/conversations HTTP/1.1'

  it.each([
    ['both a length and chunks', ['Transfer-Encoding: chunked', 'Content-Length: 4'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{}'],
    ['two lengths in one', ['Content-Length: 2, 2'], '{}'],
    ['a negative length', ['Content-Length: -1'], '{}'],
    ['a length of letters', ['Content-Length: 0x2'], '{}'],
    ['a length beyond all numbers', ['Content-Length: 99999999999999999999'], '{}'],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a coding after chunks', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['a coding before chunks', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
    ['chunks twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['a folded coding', ['Transfer-Encoding:\r\n chunked', 'Content-Length: 3'], 'abc'],
    ['a space before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
  ])('with %s is refused', async (_name, headers, body) => {
    expectProblem(await server.send(line, headers, body), 400)
  })

  it.each([
    ['no number', 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a negative number', '-2\r\n{}\r\n0\r\n\r\n'],
    ['a number beyond all numbers', 'fffffffffffffffff\r\n{}\r\n'],
    ['another size than it says', '1\r\n{}\r\n0\r\n\r\n'],
    ['line feeds alone', '2\n{}\n0\n\n'],
  ])('by chunks with %s is refused', async (_name, body) => {
    const reply = await server.post('/api/conversations', body, chunked.slice(0, 1))
    expectProblem(reply, 400)
  })

  it('by chunks whose extensions never end is refused', async () => {
    const body = `2;${'x'.repeat(64 * 1024)}\r\n{}\r\n0\r\n\r\n`
    const reply = await server.post('/api/conversations', body, chunked.slice(0, 1))
    expectProblem(reply, 413)
  })

  it('never lets a second request hide in the body of the first', async () => {
    const hidden = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'
    const reply = await server.raw(
      `${line}\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    )
    expectProblem(reply, 400)
    expect(reply.text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  it('by chunks in HTTP/1.0, which has none, is refused, and the connection ends', async () => {
    const head = ['Host: x', `Authorization: Bearer ${server.visitor.token}`, ...chunked]
    const keep = 'Connection: keep-alive'
    const reply = await server.raw(
      ['POST /api/conversations HTTP/1.0', ...head, keep, '', '2', '{}', '0', '', ''].join('\r\n'),
    )
    expectProblem(reply, 400)
    expect(reply.head).toContain('connection: close')
  })

  it('with an announced body that is refused does not wait for it', async () => {
    const large = await server.send(line, [
      `Authorization: Bearer ${server.visitor.token}`,
      'Content-Type: application/json',
      'Content-Length: 99999999',
      'Expect: 100-continue',
    ])
    expect(large.text).toMatch(/HTTP\/1\.1 413 /)
    const expectation = await server.send('GET /health HTTP/1.1', ['Expect: the-impossible'])
    expect(expectation.status).toBe(417)
  })

  it('of requests one after the other without waiting answers each in its order', async () => {
    const socket = await openSocket(server.url)
    const reply = readAll(socket)
    const request = (id: string, more: readonly string[]) =>
      requestBytes('GET /health HTTP/1.1', [`X-Trace-Id: ${id}`, ...more])
    for (let count = 0; count < 20; count += 1) {
      socket.write(request(`t${count}`, ['Connection: keep-alive']))
    }
    socket.write(request('last', []))
    const ids = [...(await reply).text.matchAll(/x-trace-id: (\S+)/gi)].map(([, id]) => id)
    expect(ids).toEqual([...Array.from({ length: 20 }, (_, count) => `t${count}`), 'last'])
  })
})

describe('headers', () => {
  const get = 'GET /health HTTP/1.1'

  it('that are too large or too many are refused', async () => {
    expectProblem(await server.send(get, [`X-Large: ${'x'.repeat(17_000)}`]), 431)
    const many = Array.from({ length: 150 }, (_, count) => `X-${count}: x`)
    expectProblem(await server.send(get, many), 431)
  })

  it.each([
    ['a NUL', 'X-A: a\0b'],
    ['a carriage return', 'X-A: a\rb'],
    ['a control character', 'X-A: a\x01b'],
    ['a name with a space', 'X A: b'],
    ['a name of UTF-8', 'X-Ä: b'],
    ['no name', ': b'],
    ['no colon', 'just text'],
    ['a fold', 'X-A: a\r\n\tb'],
  ])('with %s are refused', async (_name, header) => {
    expectProblem(await server.send(get, [header]), 400)
  })

  it.each([
    ['Host: a', 400],
    ['Authorization: Bearer x', 401],
    ['Content-Type: text/plain', 400],
  ])('that may come once only are refused when they come twice: %s', async (header, status) => {
    expectProblem(await server.send(get, [header, header.toUpperCase()]), status)
  })

  it('without a host, or with one that is none, are refused', async () => {
    expectProblem(await server.raw('GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'), 400)
    for (const host of [
      'a b',
      'a/b',
      'a@b',
      '[::1',
      'a:b:c',
      'a?b',
      '%zz',
      'x:99999',
      '<script>',
    ]) {
      expectProblem(await server.send(get, [`Host: ${host}`]), 400)
    }
  })

  it('never come back in an answer, except a sane trace id', async () => {
    const reply = await server.send(get, [
      'X-Trace-Id: evil%0d%0aset-cookie:1',
      'X-Request-Id: "><script>',
      'Origin: https://evil.example',
    ])
    expect(reply.status).toBe(200)
    expect(reply.text).not.toMatch(/evil|script|set-cookie/i)
  })

  it('of any bytes are read as text where they are used', async () => {
    const id = await server.visitor.conversation()
    const path = `/api/conversations/${id}/messages`
    for (const key of ['\u00ff'.repeat(300), '"; drop table', 'ключ', '__proto__', '\u0080']) {
      const header = `Idempotency-Key: ${Buffer.from(key).toString('latin1')}`
      const reply = await server.post(path, '{"content":"1+1"}', [header])
      expect(reply.status).toBe(200)
    }
    const stream = `GET /api/conversations/${id}/stream HTTP/1.1`
    for (const value of ['../../1', '__proto__', '-1', '99999999999999999999', '\u00ff']) {
      const reply = await server.send(stream, [
        `Authorization: Bearer ${server.visitor.token}`,
        `Last-Event-ID: ${value}`,
      ])
      expect(reply.status).toBe(200)
    }
    for (const value of ['Bearer \u00ff\u00fe', 'Bearer ..', `Bearer ${'a.'.repeat(2_000)}`]) {
      const header = `Authorization: ${value}`
      expectProblem(await server.send('GET /api/conversations HTTP/1.1', [header]), 401)
    }
  })
})
