import { describe, expect, it } from 'vitest'
import { streamAnswer } from './answer-stream.ts'
import type { Receiver } from './exchange.ts'
import { createNanochatReader } from './nanochat-events.ts'

/** An answer whose bytes the test hands over. */
function createAnswer() {
  const calls: string[] = []
  let receiver: Receiver | undefined
  const answer = {
    receive: (given: Receiver) => {
      receiver = given
    },
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    abort: () => calls.push('abort'),
    finish: () => calls.push('finish'),
  }
  return {
    calls,
    batches: streamAnswer(() => Promise.resolve(answer), createNanochatReader)[
      Symbol.asyncIterator
    ](),
    chunk: (text: string) => receiver?.chunk(new TextEncoder().encode(text)),
    end: (failure?: Error) => receiver?.end(failure),
  }
}

const token = (text: string) => `data: ${JSON.stringify({ token: text })}\n\n`
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the stream of an answer', () => {
  it('gives what came together together, and what is there before it says what failed', async () => {
    const { batches, chunk, end, calls } = createAnswer()
    const first = batches.next()
    await settled()
    chunk(token('a'))
    chunk(token('b') + token('c'))
    chunk(token('d'))
    end(new Error('reset'))
    const events = (...texts: string[]) => texts.map((text) => ({ type: 'token', text }))
    expect(await first).toEqual({ done: false, value: events('a') })
    expect(await batches.next()).toEqual({ done: false, value: events('b', 'c', 'd') })
    await expect(batches.next()).rejects.toThrow('reset')
    expect(await batches.next()).toEqual({ done: true, value: undefined })
    expect(calls).toEqual(['abort'])
  })

  it('is complete with the last event, however the connection ends', async () => {
    const { batches, chunk, end, calls } = createAnswer()
    const first = batches.next()
    await settled()
    chunk(`${token('a')}data: {"done":true}\n\n`)
    end(new Error('reset'))
    expect((await first).value).toHaveLength(2)
    expect(await batches.next()).toEqual({ done: true, value: undefined })
    expect(calls).toEqual(['finish'])
  })

  it('stops reading the server while nobody takes the events, and loses none', async () => {
    const { batches, chunk, calls } = createAnswer()
    const first = batches.next()
    await settled()
    chunk(token('a'))
    await first
    for (let count = 0; count < 5_000; count += 1) chunk(token('b'))
    expect(calls).toContain('pause')
    expect(calls).not.toContain('resume')
    expect((await batches.next()).value).toHaveLength(5_000)
    expect(calls.at(-1)).toBe('resume')
  })

  it('asks for nothing before it is read, and for nothing after its reader has left', async () => {
    let asked = 0
    const stream = streamAnswer(() => {
      asked += 1
      return Promise.reject(new Error('refused'))
    }, createNanochatReader)
    const batches = stream[Symbol.asyncIterator]()
    await batches.return?.()
    expect(await batches.next()).toEqual({ done: true, value: undefined })
    expect(asked).toBe(0)
  })
})
