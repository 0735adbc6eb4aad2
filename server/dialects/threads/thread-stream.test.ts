import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TurnFollower } from '../../core/ports/index.ts'
import type { TurnEvent } from '../../protocol/events.ts'
import { followThread } from './thread-stream.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A stream whose turn is in the test's hands. */
function start() {
  const written: string[] = []
  let takes = true
  let isEnded = false
  let follower: TurnFollower | undefined
  const feed = followThread(
    (given) => {
      follower = given
      return { resume() {}, stop() {} }
    },
    { threadId: 'thread-1', model: 'm' },
  )({
    write(text) {
      written.push(...text.split('\n\n').filter((event) => event !== ''))
      return takes
    },
    end() {
      isEnded = true
    },
  })
  return {
    feed,
    give: (...events: readonly TurnEvent[]) => follower?.events(events, 1),
    end: () => follower?.end(),
    fill: () => {
      takes = false
    },
    take: () => written.splice(0).map((event) => event.replace(/^data: /, '')),
    get isEnded() {
      return isEnded
    },
  }
}

const running = '"agent_status":"running"'
const token = (text: string): TurnEvent => ({ type: 'token', text })
const done = (reason: 'stop' | 'interrupted' = 'stop'): TurnEvent => ({
  type: 'done',
  message_id: 'm',
  finish_reason: reason,
  token_count: 1,
  inference_time_ms: 1,
})

describe('heartbeats', () => {
  it('come every 10 s while there is nothing to say', () => {
    const stream = start()
    expect(stream.take()).toHaveLength(2)
    vi.advanceTimersByTime(9_999)
    expect(stream.take()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(stream.take()).toEqual([expect.stringContaining(running)])
    vi.advanceTimersByTime(30_000)
    expect(stream.take()).toHaveLength(3)
  })

  it('are 10 s away from the last word, however often that comes', () => {
    const stream = start()
    for (let count = 0; count < 10; count += 1) {
      vi.advanceTimersByTime(7_000)
      stream.give(token('a '))
    }
    expect(stream.take().filter((data) => data.includes(running))).toHaveLength(1)
    vi.advanceTimersByTime(9_999)
    expect(stream.take()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(stream.take()).toEqual([expect.stringContaining(running)])
  })

  it('end with the answer, with its reader, and wait for a reader who takes nothing', () => {
    const over = start()
    over.give(done())
    over.end()
    expect(over.isEnded).toBe(true)
    const gone = start()
    gone.feed.stop()
    const full = start()
    full.fill()
    full.give(token('a'))
    for (const stream of [over, gone, full]) stream.take()
    vi.advanceTimersByTime(60_000)
    expect([over, gone, full].map((stream) => stream.take())).toEqual([[], [], []])
    full.feed.resume()
    vi.advanceTimersByTime(10_000)
    expect(full.take()).toEqual([expect.stringContaining(running)])
    full.feed.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('an engine without chunks', () => {
  const deltasOf = (events: readonly string[]) =>
    events.flatMap((data) => {
      if (!data.includes('"agent_status":"streaming"')) return []
      const { choices } = JSON.parse(data) as { choices: { delta: unknown }[] }
      return choices.map(({ delta }) => delta)
    })

  it('has chunks made of its tokens, with reasoning apart and without tools', () => {
    const tagged =
      '<think>Hm.</think>\n\nSee <|python_start|>{"tool":"x"}<|python_end|><|output_start|>{}<|output_end|>a < b'
    for (const size of [1, 3, 200]) {
      const stream = start()
      stream.take()
      for (let at = 0; at < tagged.length; at += size)
        stream.give(token(tagged.slice(at, at + size)))
      stream.give(done())
      stream.end()
      const events = stream.take()
      expect(JSON.parse(events[0] ?? '')).toEqual({
        id: 'thread-1',
        object: 'chat.completion.chunk',
        created: expect.any(Number),
        model: 'm',
        agent_status: 'streaming',
        choices: [{ index: 0, delta: expect.any(Object), finish_reason: null }],
      })
      const deltas = deltasOf(events) as {
        content?: string
        reasoning_content?: string
        role?: string
      }[]
      expect(deltas.map(({ content = '' }) => content).join('')).toBe('See a < b')
      expect(deltas.map(({ reasoning_content: text = '' }) => text).join('')).toBe('Hm.')
      expect(deltas.map(({ role }) => role).filter((role) => role !== undefined)).toEqual([
        'assistant',
      ])
      expect(events.at(-1)).toBe('[DONE]')
    }
  })
})

describe('an end', () => {
  it.each([
    [
      'of a turn that was cut off',
      (stream: ReturnType<typeof start>) => stream.give(done('interrupted')),
    ],
    ['of a log that lost the turn', () => {}],
  ])('%s is a failure of ours', (_, before) => {
    const stream = start()
    stream.give(token('Half'))
    before(stream)
    stream.end()
    const [failed, error, last] = stream.take().slice(-3)
    expect(failed).toContain('"agent_status":"failed"')
    expect(JSON.parse(error ?? '')).toMatchObject({ error: { type: 'internal_error' } })
    expect(last).toBe('[DONE]')
  })

  it('is said once, whatever follows', () => {
    const stream = start()
    stream.give({ type: 'error', message: 'No.', code: 'inference_error', retryable: true }, done())
    stream.give({ type: 'chunk', data: '{}', status: undefined, hasChoices: false })
    stream.end()
    expect(stream.take().filter((data) => data === '[DONE]')).toHaveLength(1)
  })
})

it('writes an empty object as valid JSON', () => {
  const stream = start()
  stream.take()
  stream.give({ type: 'chunk', data: ' { } ', status: undefined, hasChoices: false })
  const [data] = stream.take()
  expect(JSON.parse(data ?? '')).toMatchObject({
    agent_status: 'streaming',
    choices: [{ index: 0 }],
  })
  stream.feed.stop()
})
