import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { EventFeed, EventSink } from '../dialects/route.ts'
import { writeEventStream, type EventStreamOptions } from './sse.ts'

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

/** A source that needs no telling. */
const FEED: EventFeed = { resume() {}, stop() {} }

async function serve(options: Omit<EventStreamOptions, 'headers'>, onEnd?: () => void) {
  const server = createServer((_request, response) => {
    void writeEventStream(response, { ...options, headers: { 'x-trace-id': 't' } }).then(onEnd)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}/`
}

describe('event streams', () => {
  it('write a comment when nothing has come for a while', async () => {
    let sink: EventSink | undefined
    const url = await serve({
      pingAfter: 5,
      follow(given) {
        sink = given
        given.write('data: 1\n\n')
        return FEED
      },
    })
    const response = await fetch(url)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes(': ping\n\n')) text += (await reader?.read())?.value ?? ''
    sink?.write('data: 2\n\n')
    sink?.end()
    for (let step = await reader?.read(); !step?.done; step = await reader?.read())
      text += step?.value
    expect(text).toMatch(/^data: 1\n\n(: ping\n\n)+data: 2\n\n$/)
  })

  it('tell their source when the reader has left', async () => {
    let left: (() => void) | undefined
    const gone = new Promise<void>((resolve) => {
      left = resolve
    })
    const url = await serve({
      follow(sink) {
        sink.write('data: 1\n\n')
        return { ...FEED, stop: () => left?.() }
      },
    })
    const leaving = new AbortController()
    const response = await fetch(url, { signal: leaving.signal })
    await response.body?.getReader().read()
    leaving.abort()
    await expect(gone).resolves.toBeUndefined()
  })

  it('give a browser nothing to read on for once its page has left', async () => {
    const url = await serve({
      follow(sink) {
        sink.end()
        return FEED
      },
    })
    const connectionFor = async (agent: string) =>
      (await fetch(url, { headers: { 'user-agent': agent } })).headers.get('connection')
    expect(await connectionFor('Mozilla/5.0 (X11; Linux x86_64)')).toBe('close')
    expect(await connectionFor('node')).toBe('keep-alive')
  })

  it('take no more while a slow reader holds much already, and go on when it has read', async () => {
    const blocks = 200
    const block = `data: ${'x'.repeat(64 * 1024)}\n\n`
    let written = 0
    let breaks = 0
    const url = await serve({
      follow(sink) {
        const resume = () => {
          while (written < blocks) {
            written += 1
            if (!sink.write(block)) {
              breaks += 1
              return
            }
          }
          sink.end()
        }
        resume()
        return { resume, stop() {} }
      },
    })
    const response = await fetch(url)
    expect(written).toBeLessThan(blocks)
    expect(await response.text()).toHaveLength(blocks * block.length)
    expect(breaks).toBeGreaterThan(0)
  })

  it('let go of a reader that takes nothing', async () => {
    const block = `data: ${'x'.repeat(1024 * 1024)}\n\n`
    let ended: (() => void) | undefined
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const url = await serve(
      {
        maxStall: 5,
        follow(sink) {
          const resume = () => {
            while (sink.write(block));
          }
          resume()
          return { resume, stop() {} }
        },
      },
      () => ended?.(),
    )
    // Headers come, the body is never read.
    const response = await fetch(url)
    await end
    await expect(response.text()).rejects.toThrow(/terminated/)
  })

  it('reach clients of HTTP/1.0, and one behind the other on one connection', async () => {
    const url = await serve({
      follow(sink) {
        sink.write('data: ü\n\n')
        setImmediate(() => {
          sink.write('data: 2\n\n')
          sink.end()
        })
        return FEED
      },
    })
    const exchange = async (request: string) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
      socket.write(request)
      let text = ''
      for await (const piece of socket) text += piece
      return text
    }
    const old = await exchange('GET / HTTP/1.0\r\n\r\n')
    expect(old).toMatch(/\r\n\r\ndata: ü\n\ndata: 2\n\n$/)
    const first = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
    const last = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
    const both = await exchange(first + last)
    const chunks = 'a\r\ndata: ü\n\n\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n'
    expect(both.split(chunks)).toHaveLength(3)
  })
})
