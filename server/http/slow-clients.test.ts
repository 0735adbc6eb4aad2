/** Connections that are held for nothing. The patience is short here, so that its end is soon seen. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { openSocket, readAll } from '../testing/raw-request.ts'
import { createHttpServer, type HttpServerOptions } from './server.ts'

const PATIENCE = { headers: 150, request: 300, pace: 4_096, idle: 150, stall: 5_000, check: 25 }
/** Connections of each kind. */
const MANY = 170

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function start(options: Partial<HttpServerOptions> = {}) {
  const logger = createRecordingLogger()
  const server = createHttpServer({
    // Reads the whole body first, as a route does that takes one.
    fetch: async (request) => new Response(`${(await request.text()).length} bytes`),
    maxConnections: 10_000,
    allowedOrigins: [],
    observer: {
      requestEnded() {},
      requestFailed() {},
      streamOpened() {},
      streamClosed() {},
    },
    patience: PATIENCE,
    logger,
    ...options,
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { server, logger, url: `http://127.0.0.1:${port}` }
}

/** Sends one byte after the other for as long as the connection stands. */
function trickle(socket: Socket, bytes: string, every: number) {
  let at = 0
  const timer = setInterval(() => {
    socket.write(bytes[at % bytes.length] ?? 'a')
    at += 1
  }, every)
  socket.once('close', () => clearInterval(timer))
}

const connectMany = (url: string) =>
  Promise.all(Array.from({ length: MANY }, () => openSocket(url)))

describe('hundreds of slow connections', () => {
  it('are closed one and all, while everybody else is served', async () => {
    const { server, url } = await start()
    const held = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      held.add(socket)
      socket.once('close', () => held.delete(socket))
    })
    let served = 0
    const serveOne = async () => {
      const response = await fetch(url, { method: 'POST', body: 'hello' })
      expect(await response.text()).toBe('5 bytes')
      served += 1
    }
    /** Between the waves too, however long the machine takes to open them. */
    const serveSome = () => Promise.all(Array.from({ length: 4 }, serveOne))
    const silent = await connectMany(url)
    await serveSome()
    const slowHeaders = await connectMany(url)
    for (const socket of slowHeaders) trickle(socket, 'GET / HTTP/1.1\r\nHost: x\r\nX: aaaa', 20)
    await serveSome()
    const slowBodies = await connectMany(url)
    for (const socket of slowBodies) {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n')
      trickle(socket, 'a', 20)
    }
    const closed = Promise.all([...silent, ...slowHeaders, ...slowBodies].map(readAll))
    let isOver = false
    void closed.then(() => (isOver = true))
    await serveSome()
    while (!isOver) await serveOne()
    expect(served).toBeGreaterThan(10)
    const replies = await closed
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([408]))
    expect(replies[0]?.body).toContain('took too long to arrive')
    server.closeIdleConnections()
    await Promise.all([...held].map((socket) => once(socket, 'close')))
    expect(held.size).toBe(0)
  })
})

describe('a body', () => {
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'

  it('takes as long as it likes while its bytes flow', async () => {
    const { url } = await start()
    const socket = await openSocket(url)
    const reply = readAll(socket)
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    let sent = 0
    const timer = setInterval(() => {
      socket.write(`800\r\n${'a'.repeat(0x800)}\r\n`)
      sent += 0x800
    }, 20)
    // A connection that says nothing outlives neither check; it is the clock of this test.
    for (let count = 0; count < 5; count += 1) await readAll(await openSocket(url))
    clearInterval(timer)
    socket.write('0\r\n\r\n')
    const { status, body } = await reply
    expect(status).toBe(200)
    expect(body).toContain(`${sent} bytes`)
  })

  it.each([
    ['is silent after', () => {}],
    ['drips after', (socket: Socket) => trickle(socket, 'a', 20)],
  ])('that %s most of it came at once is ended', async (_, goOn) => {
    const { url } = await start()
    const socket = await openSocket(url)
    const reply = readAll(socket)
    socket.write(`${head}Content-Length: 1000000\r\n\r\n${'a'.repeat(900_000)}`)
    goOn(socket)
    expect((await reply).status).toBe(408)
  })
})

/** Keeps this process from doing anything else, as a machine does that is busy with other things. */
function freeze(milliseconds: number) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

describe('a client that has sent in time', () => {
  it.each([
    [
      'before its headers were read',
      'POST / HTTP/1.1\r\nHost: x\r\n',
      'Content-Length: 5\r\n\r\nhello',
    ],
    [
      'before its body was read',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n',
      'hello',
    ],
  ])('is served when the server could not run %s', async (_, before, after) => {
    const { server, url } = await start()
    const accepted = once(server, 'connection')
    const socket = await openSocket(url)
    const reply = readAll(socket)
    const [held] = (await accepted) as [Socket]
    socket.write(before)
    while (held.bytesRead < before.length) await new Promise(setImmediate)
    socket.write(after)
    freeze(2 * PATIENCE.request)
    expect((await reply).status).toBe(200)
  })
})

describe('a connection', () => {
  it('that has had its answer and asks nothing more is closed', async () => {
    const { url } = await start()
    const socket = await openSocket(url)
    const reply = readAll(socket)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await reply).status).toBe(200)
  })

  it('whose answer takes longer than any request may is not touched', async () => {
    let release = () => {}
    const { url } = await start({
      fetch: () => {
        const encoder = new TextEncoder()
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(encoder.encode('first '))
            release = () => {
              controller.enqueue(encoder.encode('last'))
              controller.close()
            }
          },
        })
        return new Response(body)
      },
    })
    const streaming = await fetch(url)
    // A connection that says nothing outlives neither check; it is the clock of this test.
    for (let count = 0; count < 3; count += 1) await readAll(await openSocket(url))
    release()
    expect(await streaming.text()).toBe('first last')
  })

  it('that takes nothing of its answer is closed', async () => {
    const { server, url } = await start({
      fetch: () => new Response('x'.repeat(64 * 1024 * 1024)),
      patience: { ...PATIENCE, stall: 200 },
    })
    const accepted = once(server, 'connection')
    const socket = await openSocket(url)
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [held] = (await accepted) as [Socket]
    await once(held, 'close')
    socket.resume()
    const { text } = await readAll(socket)
    expect(text.length).toBeLessThan(64 * 1024 * 1024)
  })

  it('over the limit is turned away, and the log says so once', async () => {
    const { server, url, logger } = await start({
      maxConnections: 3,
      patience: { ...PATIENCE, headers: 10_000, request: 10_000 },
    })
    const accepted: Socket[] = []
    server.on('connection', (socket: Socket) => accepted.push(socket))
    const held = [await openSocket(url), await openSocket(url), await openSocket(url)]
    for (let count = 0; count < 5; count += 1) {
      expect((await readAll(await openSocket(url))).status).toBe(0)
    }
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn'])
    held[0]!.destroy()
    await once(accepted[0]!, 'close')
    expect((await fetch(url)).status).toBe(200)
    for (const socket of held) socket.destroy()
  })
})
