import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { writeEventStream, type EventStreamOptions } from './sse.ts'

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

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
    let release = () => {}
    const quiet = new Promise<void>((resolve) => {
      release = resolve
    })
    const url = await serve({
      pingAfter: 5,
      async *events() {
        yield 'data: 1\n\n'
        await quiet
        yield 'data: 2\n\n'
      },
    })
    const response = await fetch(url)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes(': ping\n\n')) text += (await reader?.read())?.value ?? ''
    release()
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
      async *events(signal) {
        yield 'data: 1\n\n'
        await once(signal, 'abort')
        left?.()
      },
    })
    const leaving = new AbortController()
    const response = await fetch(url, { signal: leaving.signal })
    await response.body?.getReader().read()
    leaving.abort()
    await expect(gone).resolves.toBeUndefined()
  })

  it('stop asking for more while a slow reader holds much already, and end when it leaves', async () => {
    const block = `data: ${'x'.repeat(64 * 1024)}\n\n`
    let produced = 0
    let ended: (() => void) | undefined
    const end = new Promise<void>((resolve) => {
      ended = resolve
    })
    const url = await serve(
      {
        async *events() {
          for (;;) {
            produced += 1
            yield block
          }
        },
      },
      () => ended?.(),
    )
    const leaving = new AbortController()
    await fetch(url, { signal: leaving.signal })
    leaving.abort()
    await end
    expect(produced * block.length).toBeLessThan(64 * 1024 * 1024)
  })
})
