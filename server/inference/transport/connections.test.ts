import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Connections, Exchange, type Transport } from './exchange.ts'

import { listenLocally } from '../../testing/listen-locally.ts'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('a connection to a model server', () => {
  const sockets: Socket[] = []
  const requests: string[] = []
  /** What the server does when something comes. */
  let answer: (socket: Socket) => void
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      requests.push(bytes.toString('utf8'))
      answer(socket)
    })
  })
  let transport: Transport

  beforeEach(async () => {
    answer = (socket) => socket.write(OK)
    const host = await listenLocally(server)
    transport = new Connections(new URL(`http://${host}`), { connectTimeout: 30_000 })
  })
  afterEach(async () => {
    await transport.destroy()
    for (const socket of sockets.splice(0)) socket.destroy()
    requests.length = 0
    server.close()
    await once(server, 'close')
  })

  const ask = (headers: Readonly<Record<string, string>> = {}, body: string | null = null) =>
    new Exchange(
      transport,
      { method: 'POST', path: '/a?b=c', headers, body },
      { signal: new AbortController().signal, silenceMs: 5_000 },
    )

  /** A connection is used again once the event loop has turned. */
  const freed = async () => {
    await nextTurn()
    await nextTurn()
  }

  const textOf = async (exchange: Exchange) => {
    await exchange.head
    return await new Promise<string>((resolve, reject) => {
      let text = ''
      exchange.receive({
        chunk: (bytes) => (text += Buffer.from(bytes).toString()),
        end: (failure) => (failure ? reject(failure) : resolve(text)),
      })
    })
  }

  it('sends what it is given, with the length in bytes', async () => {
    expect(await textOf(ask({ 'x-a': 'b' }, '"ü"'))).toBe('ok')
    const [request = ''] = requests
    expect(request.startsWith('POST /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:')).toBe(true)
    expect(request).toContain('\r\nx-a: b\r\n')
    expect(request.endsWith('\r\ncontent-length: 4\r\n\r\n"ü"')).toBe(true)
  })

  it('is used again, one request after the other', async () => {
    for (let count = 0; count < 3; count += 1) {
      expect(await textOf(ask())).toBe('ok')
      await freed()
    }
    expect(sockets).toHaveLength(1)
  })

  it('is one of its own for each of several at once', async () => {
    expect(await Promise.all([ask(), ask(), ask()].map(textOf))).toEqual(['ok', 'ok', 'ok'])
    expect(sockets).toHaveLength(3)
  })

  it('is not used again once the server has closed it, or said more than was asked', async () => {
    for (const rest of ['end', 'more'] as const) {
      answer = (socket) => {
        socket.write(OK)
        if (rest === 'end') socket.end()
        else socket.write('HTTP/1.1 200 OK\r\n\r\n')
      }
      const before = sockets.length
      for (let count = 0; count < 2; count += 1) {
        expect(await textOf(ask())).toBe('ok')
        const used = sockets.at(-1)
        if (used && !used.destroyed) await once(used, 'close')
      }
      expect(sockets).toHaveLength(before + 2)
    }
  })

  it('keeps what comes before anybody receives it', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\none')
    }
    const first = ask()
    await first.head
    answer = (socket) => socket.write(OK)
    expect(await textOf(ask())).toBe('ok')
    sockets[0]?.write('two')
    expect(await textOf(first)).toBe('onetwo')
  })

  it('fails without asking when a header holds what HTTP does not allow', async () => {
    await expect(ask({ 'x-a': 'b\r\nc: d' }).head).rejects.toThrow(/header/)
    expect(sockets).toHaveLength(0)
  })

  it('belongs to its running request alone, whatever those before it still ask for', async () => {
    const first = ask()
    expect(await textOf(first)).toBe('ok')
    await freed()
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\none')
    }
    const second = ask()
    await second.head
    first.pause()
    first.abort()
    first.finish()
    sockets[0]?.write('two')
    expect(await textOf(second)).toBe('onetwo')
    expect(sockets).toHaveLength(1)
  })

  it('serves the next request, although the last answer was paused at its end', async () => {
    const first = ask()
    const paused = Promise.withResolvers<void>()
    const ended = new Promise<void>((resolve) => {
      first.receive({
        chunk() {
          first.pause()
          paused.resolve()
        },
        end: () => resolve(),
      })
    })
    await paused.promise
    await freed()
    first.resume()
    await ended
    await freed()
    expect(await textOf(ask())).toBe('ok')
    expect(sockets).toHaveLength(1)
  })

  it('reads no more than what is under way while it is paused', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
    }
    const exchange = ask()
    await exchange.head
    let length = 0
    const ended = new Promise<void>((resolve) => {
      exchange.receive({ chunk: (bytes) => (length += bytes.length), end: () => resolve() })
    })
    exchange.pause()
    const [socket] = sockets
    const flood = Buffer.alloc(32 * 1024 * 1024)
    const isTaken = new Promise((resolve) => socket?.end(flood, () => resolve(true)))
    expect(await textOf(startOther())).toBe('ok')
    expect(length).toBeLessThan(flood.length / 64)
    exchange.resume()
    await ended
    expect(await isTaken).toBe(true)
    expect(length).toBe(flood.length)
  })

  const startOther = () => {
    answer = (socket) => socket.write(OK)
    return ask()
  }
})

describe('a server that takes no connections', () => {
  it('is given up after its time, however silent an answer may be', async () => {
    // Its queue is full, and it never looks at it.
    const program = `const server = require('node:net').createServer().listen(
      { port: 0, host: '127.0.0.1', backlog: 1 },
      () => {
        require('node:fs').writeSync(1, server.address().port + '\\n')
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      },
    )`
    const child = spawn(process.execPath, ['-e', program])
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    const waiting = Array.from({ length: 8 }, () =>
      connect(Number(port.toString()), '127.0.0.1').on('error', () => {}),
    )
    await once(waiting[0]!, 'connect')
    const transport = new Connections(new URL(`http://127.0.0.1:${Number(port.toString())}`), {
      connectTimeout: 200,
    })
    try {
      const exchanges = Array.from(
        { length: 8 },
        () =>
          new Exchange(
            transport,
            { method: 'GET', path: '/', headers: {}, body: null },
            { signal: new AbortController().signal, silenceMs: Number.POSITIVE_INFINITY },
          ),
      )
      await expect(Promise.all(exchanges.map(({ head }) => head))).rejects.toMatchObject({
        code: 'UND_ERR_CONNECT_TIMEOUT',
      })
    } finally {
      await transport.destroy()
      for (const socket of waiting) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  })
})
