import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createResponseReader, NotHttpError } from './http-response.ts'

/** What a response is read as when its bytes come in these pieces. */
function read(response: string, cuts: readonly number[] = []) {
  const bytes = Buffer.from(response, 'latin1')
  const seen = { status: 0, body: '', pieces: 0, idleMs: -1, isWhole: false }
  const reader = createResponseReader({
    head: (status) => (seen.status = status),
    body(piece) {
      seen.body += Buffer.from(piece).toString('latin1')
      seen.pieces += 1
    },
    end: (idleMs) => (seen.idleMs = idleMs),
  })
  // All pieces come in one buffer, as they do from a socket.
  const buffer = Buffer.alloc(bytes.length + 16)
  let from = 0
  for (const to of [...cuts.toSorted((one, other) => one - other), bytes.length]) {
    const size = bytes.copy(buffer, 0, from, to)
    reader.read(buffer, size)
    from = to
  }
  seen.isWhole = reader.close()
  return seen
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const HELLO = `${CHUNKED}3\r\nHel\r\n8;why="not"\r\nlo world\r\n`

describe('the reader of HTTP responses', () => {
  it.each([
    ['chunks', `${HELLO}0\r\n\r\n`, 4_000],
    ['chunks and trailers', `${HELLO}000\r\nx-sum: 1\r\ny: 2\r\n\r\n`, 4_000],
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-LENGTH:  11 \r\n\r\nHello world', 4_000],
    ['a length said twice', 'HTTP/1.1 200\r\ncontent-length: 11, 11\r\n\r\nHello world', 4_000],
    ['the end of the connection', 'HTTP/1.1 200 OK\r\nx: y\r\n\r\nHello world', 0],
    ['an old server', 'HTTP/1.0 200 OK\r\ncontent-length: 11\r\n\r\nHello world', 0],
    ['bare line ends', 'HTTP/1.1 200 OK\ncontent-length: 11\n\nHello world', 4_000],
    ['an interim answer first', `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${HELLO}0\r\n\r\n`, 4_000],
    [
      'a connection that closes',
      'HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 11\r\n\r\nHello world',
      0,
    ],
    [
      'a server that waits three seconds',
      'HTTP/1.1 200 OK\r\nkeep-alive: timeout=3\r\ncontent-length: 11\r\n\r\nHello world',
      2_000,
    ],
  ])('understands %s, wherever the bytes are cut', (_, response, idleMs) => {
    const whole = { status: 200, body: 'Hello world', idleMs, isWhole: true }
    expect(read(response)).toEqual({ ...whole, pieces: 1 })
    for (let cut = 0; cut < response.length; cut += 1) {
      expect(read(response, [cut])).toMatchObject(whole)
    }
    expect(read(response, [...[...response].keys()])).toMatchObject(whole)
    const property = fc.property(fc.array(fc.nat(response.length)), (cuts) => {
      expect(read(response, cuts)).toMatchObject(whole)
    })
    fc.assert(property)
  })

  it.each([204, 304])('expects no body after %i', (status) => {
    const response = `HTTP/1.1 ${status} So\r\ncontent-length: 5\r\n\r\n`
    expect(read(response)).toMatchObject({ status, body: '', idleMs: 4_000, isWhole: true })
  })

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nHello world'],
    ['its last chunk', HELLO],
    ['the end of its trailers', `${HELLO}0\r\nx: y\r\n`],
    ['most of its head', 'HTTP/1.1 200 OK\r\nx'],
  ])('tells that a response lacks %s', (_, response) => {
    expect(read(response)).toMatchObject({ idleMs: -1, isWhole: false })
  })

  it.each([
    ['chunked', `${HELLO}0\r\n\r\nHTTP/1.1 200 OK\r\n`],
    ['counted', 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nHello worldHTTP'],
  ])('does not use a connection again that says more than its %s answer', (_, response) => {
    expect(read(response)).toMatchObject({ body: 'Hello world', idleMs: 0, isWhole: true })
  })

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['another protocol to speak from here on', 'HTTP/1.1 101 Go\r\nupgrade: x\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
    ['an endless head', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`],
    ['a chunk without a size', `${CHUNKED}\r\n`],
    ['a size that is no number', `${CHUNKED}-1\r\n`],
    ['a size beyond all measure', `${CHUNKED}${'f'.repeat(14)}\r\n`],
    ['an endless size', `${CHUNKED}1;${'x'.repeat(20_000)}`],
    ['a chunk longer than its size', `${CHUNKED}1\r\nab\r\n`],
    ['endless trailers', `${CHUNKED}0\r\n${'x: y\r\n'.repeat(4_000)}`],
  ])('refuses %s', (_, response) => {
    expect(() => read(response)).toThrow(NotHttpError)
  })
})
