import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '../../core/errors.ts'
import { SILENCE_AT_THE_END, streamAnswer } from './answer-stream.ts'
import type { EventReader } from './sse.ts'
import type { Receiver } from './exchange.ts'
import type { EventBatch } from '../../core/ports/index.ts'
import { eventsOf } from '../../testing/inference-requests.ts'
import { NanochatReader } from '../nanochat.ts'
import { OpenaiReader } from '../openai/events.ts'

const LONGEST_SILENCE = 30_000

/** An answer whose bytes the test hands over. */
function createAnswer(createReader: () => EventReader = () => new NanochatReader()) {
  const calls: string[] = []
  let receiver: Receiver | undefined
  const answer = {
    silenceMs: LONGEST_SILENCE,
    receive: (given: Receiver) => {
      receiver = given
    },
    abort: () => calls.push('abort'),
    finish: () => calls.push('finish'),
  }
  const stream = streamAnswer(() => Promise.resolve(answer), createReader)
  return {
    calls,
    stream,
    events: eventsOf(stream),
    chunk: (text: string) => receiver?.chunk(new TextEncoder().encode(text)),
    end: (failure?: Error) => receiver?.end(failure),
  }
}

const token = (text: string) => `data: ${JSON.stringify({ token: text })}\n\n`
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the stream of an answer', () => {
  it('gives what came together together, and what is there before it says what failed', async () => {
    const { calls, ...answer } = createAnswer()
    const batches: EventBatch[] = []
    const pushed = answer.stream.push((batch) => batches.push(batch) > 0)
    await settled()
    answer.chunk(token('a'))
    answer.chunk(token('b') + token('c'))
    answer.chunk(token('d'))
    answer.end(new Error('reset'))
    await expect(pushed).rejects.toThrow('reset')
    const tokens = (...texts: string[]) => texts.map((text) => ({ type: 'token', text }))
    expect(batches).toEqual([tokens('a'), tokens('b', 'c'), tokens('d')])
    expect(calls).toEqual(['abort'])
  })

  it('is complete with the last event, however the connection ends', async () => {
    const { events, chunk, end, calls } = createAnswer()
    const first = events.next()
    await settled()
    chunk(`${token('a')}data: {"done":true}\n\n`)
    end(new Error('reset'))
    expect(await first).toHaveLength(2)
    expect(await events.next()).toBeUndefined()
    expect(calls).toEqual(['finish'])
  })

  it('stops the server, and gives nothing more, once its reader wants no more', async () => {
    const { events, chunk, calls } = createAnswer()
    const first = events.next()
    await settled()
    events.leave()
    chunk(token('a'))
    expect(await first).toHaveLength(1)
    expect(calls).toEqual(['abort'])
    chunk(token('b'))
    expect(await events.next()).toBeUndefined()
  })

  it('asks for nothing before it is read', async () => {
    let asked = 0
    const stream = streamAnswer(
      () => {
        asked += 1
        return Promise.reject(new Error('refused'))
      },
      () => new NanochatReader(),
    )
    await settled()
    expect(asked).toBe(0)
    await expect(stream.push(() => true)).rejects.toThrow('refused')
    expect(asked).toBe(1)
  })
})

describe('an answer that has said why it ends', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const chunkOf = (body: object) => `data: ${JSON.stringify(body)}\n\n`
  const choice = (delta: object, finish_reason: string | null = null) =>
    chunkOf({ choices: [{ index: 0, delta, finish_reason }] })
  const USAGE = chunkOf({ choices: [], usage: { total_tokens: 9 } })

  const start = async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const answer = createAnswer(() => new OpenaiReader())
    const first = answer.events.next()
    await settled()
    answer.chunk(choice({ content: 'Hi' }))
    await first
    return answer
  }

  it('is complete after a short silence, with what was counted meanwhile, whatever beats on', async () => {
    const { events, chunk, calls } = await start()
    const last = events.next()
    chunk(choice({}, 'stop'))
    vi.advanceTimersByTime(SILENCE_AT_THE_END - 1)
    chunk(USAGE)
    chunk(': ping\n\n')
    chunk(chunkOf({ type: 'ping' }))
    expect(calls).toEqual([])
    vi.advanceTimersByTime(1)
    expect(await last).toEqual([{ type: 'finish', reason: 'stop', usage: { total_tokens: 9 } }])
    expect(await events.next()).toBeUndefined()
    expect(calls).toEqual(['finish'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['beside text', ['stop', null, null]],
    ['beside every text', ['stop', 'stop', 'stop']],
    ['as the word "null"', ['null', 'null', 'stop']],
  ])('goes on after long silences where it gives its reason %s', async (_, reasons) => {
    const { events, chunk, calls } = await start()
    for (const reason of reasons) {
      chunk(choice({ content: ' word' }, reason))
      vi.advanceTimersByTime(LONGEST_SILENCE - 1)
      expect(calls).toEqual([])
    }
    chunk(USAGE)
    chunk('data: [DONE]\n\n')
    expect(await events.next()).toMatchObject([
      ...reasons.map(() => ({ text: ' word' })),
      { type: 'finish', reason: 'stop', usage: { total_tokens: 9 } },
    ])
    expect(calls).toEqual(['finish'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on after a reason of its own, and then takes none for the end too soon', async () => {
    const { events, chunk, calls } = await start()
    chunk(choice({}, 'stop'))
    vi.advanceTimersByTime(SILENCE_AT_THE_END - 1)
    chunk(choice({ content: ' there' }))
    vi.advanceTimersByTime(LONGEST_SILENCE)
    chunk(choice({}, 'stop'))
    vi.advanceTimersByTime(LONGEST_SILENCE - 1)
    expect(calls).toEqual([])
    vi.advanceTimersByTime(1)
    expect(await events.next()).toMatchObject([{ text: ' there' }, { type: 'finish' }])
    expect(calls).toEqual(['finish'])
  })

  it('waits for what the server’s own tools give', async () => {
    const { events, chunk, calls } = await start()
    chunk(choice({}, 'tool_calls'))
    vi.advanceTimersByTime(LONGEST_SILENCE - 1)
    chunk(choice({ content: ' there' }, 'stop'))
    expect(calls).toEqual([])
    chunk('data: [DONE]\n\n')
    expect(await events.next()).toMatchObject([
      { text: ' there' },
      { type: 'finish', reason: 'stop' },
    ])
  })

  const silence = new ChatError('inference_timeout', 'in time')
  const reset = new ChatError('inference_interrupted', 'cut')
  const CALL = { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] }
  it.each<[string, readonly string[], Error | undefined, 'stop' | 'tool_calls' | Error]>([
    ['once, when nothing more comes', [choice({ content: '!' }, 'stop')], silence, 'stop'],
    ['once, when the body ends', [choice({ content: '!' }, 'stop')], undefined, 'stop'],
    ['once, when the connection breaks', [choice({ content: '!' }, 'stop')], reset, reset],
    [
      'with every piece, when nothing more comes',
      [choice({ content: '!' }, 'stop'), choice({ content: '!' }, 'stop')],
      silence,
      silence,
    ],
    ['by itself, when the connection breaks', [choice({}, 'stop')], reset, 'stop'],
    ['by itself, when nothing more comes', [choice({}, 'stop')], silence, 'stop'],
    ['for its calls', [choice(CALL), choice({}, 'stop')], silence, 'tool_calls'],
  ])('is what it said it is: %s', async (_, said, failure, outcome) => {
    const { events, chunk, end } = await start()
    for (const text of said) chunk(text)
    end(failure)
    const read: unknown[] = []
    const readAll = async () => {
      for (;;) {
        const more = await events.next()
        if (!more) return
        read.push(...more)
      }
    }
    if (typeof outcome === 'string') {
      await readAll()
      expect(read.at(-1)).toMatchObject({ type: 'finish', reason: outcome })
    } else await expect(readAll()).rejects.toBe(outcome)
  })

  it('is over in the end although its server beats on, when its last text came with the reason', async () => {
    const { events, chunk, calls } = await start()
    chunk(choice({ content: '!' }, 'stop'))
    for (let beat = 0; beat < 3; beat += 1) {
      vi.advanceTimersByTime(LONGEST_SILENCE / 3 - 1)
      chunk(': ping\n\n')
    }
    expect(calls).toEqual([])
    vi.advanceTimersByTime(3)
    expect(await events.next()).toMatchObject([{ text: '!' }, { type: 'finish' }])
    expect(calls).toEqual(['finish'])
  })

  it('is no whole answer when its server gave it up and then stays silent', async () => {
    const { events, chunk, calls } = await start()
    const last = events.next()
    chunk(choice({}, 'abort'))
    vi.advanceTimersByTime(SILENCE_AT_THE_END)
    await expect(last).rejects.toMatchObject({ code: 'inference_interrupted' })
    expect(calls).toEqual(['abort'])
  })

  it('still fails with an error that comes in time, and waits for nothing after its end', async () => {
    const failing = await start()
    failing.chunk(choice({}, 'stop'))
    failing.chunk(chunkOf({ error: { message: 'No credit left' } }))
    await expect(failing.events.next()).rejects.toThrow('No credit left')
    const whole = await start()
    whole.chunk(choice({}, 'stop'))
    whole.chunk('data: [DONE]\n\n')
    expect(await whole.events.next()).toMatchObject([{ type: 'finish' }])
    const left = await start()
    left.chunk(choice({}, 'stop'))
    left.events.leave()
    left.chunk(USAGE + choice({ content: '!' }))
    expect(left.calls).toEqual(['abort'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is never complete by silence alone before that', async () => {
    const { events, end } = await start()
    const last = events.next()
    vi.advanceTimersByTime(60_000)
    end()
    await expect(last).rejects.toMatchObject({ code: 'inference_interrupted' })
  })
})
