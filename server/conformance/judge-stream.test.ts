import { describe, expect, it } from 'vitest'
import { ChatError } from '../core/errors.ts'
import type { InferenceEvent } from '../core/ports/index.ts'
import { cutPlans, pieces } from './cuts.ts'
import { judgeStream, madeOf } from './judge-stream.ts'
import type { StreamCase } from './stream-corpus.ts'

const FAILURE = new ChatError('inference_error', 'No.')

function streamCase(changes: Partial<StreamCase['expected']>): StreamCase {
  return {
    id: 'a',
    dialect: 'openai-chat',
    status: 200,
    contentType: 'text/event-stream',
    body: Buffer.from(''),
    expected: {
      text: 'Hi',
      reasoning: 'hm',
      toolCalls: [{ id: 'c1', name: 'f', arguments: '{"a":1,"b":2}' }],
      finishReason: 'stop',
      error: null,
      ...changes,
    },
  }
}

const CALL = '<|python_start|>{"tool":"f","arguments":{"b":2,"a":1}}<|python_end|>'
const token = (text: string): InferenceEvent => ({ type: 'token', text })
const called = (id: string): InferenceEvent => ({
  type: 'tool_call',
  call: { id, name: 'f', arguments: '{"b":2,"a":1}' },
})
const STOP: InferenceEvent = { type: 'finish', reason: 'stop' }
const RIGHT = [token('<think>hm</think>Hi'), token(CALL), called('c1'), STOP]

describe('the judge of recorded streams', () => {
  it('finds nothing wrong with what is right', () => {
    expect(judgeStream(streamCase({}), madeOf(RIGHT, undefined))).toEqual([])
    expect(judgeStream(streamCase({ finishReason: null }), madeOf(RIGHT, undefined))).toEqual([])
  })

  it('notices everything that is wrong', () => {
    for (const expected of [
      { text: 'Ho' },
      { reasoning: '' },
      { finishReason: 'length' },
      { error: { message: 'No.' } },
      { incomplete: true },
    ]) {
      expect(judgeStream(streamCase(expected), madeOf(RIGHT, undefined))).toHaveLength(1)
    }
    expect(judgeStream(streamCase({}), madeOf(RIGHT.slice(0, 3), undefined))).toHaveLength(1)
    expect(judgeStream(streamCase({}), madeOf([], FAILURE))).toHaveLength(1)
    // The tag and the event.
    expect(judgeStream(streamCase({ toolCalls: [] }), madeOf(RIGHT, undefined))).toHaveLength(2)
  })

  it('wants a call as an event too, under an id of its own', () => {
    const judged = (...events: readonly InferenceEvent[]) =>
      judgeStream(streamCase({}), madeOf([...RIGHT.slice(0, 2), ...events, STOP], undefined))
    expect(judged()).toHaveLength(2)
    expect(judged(called('c2'))).toEqual(['the call c1 has another id'])
    expect(judged(called('c1'), called('c1')).join()).toMatch(/events differs.*one id/)
  })

  it('wants what came before an error, and no finish beside it', () => {
    const wanted = streamCase({ error: {} })
    expect(judgeStream(wanted, madeOf(RIGHT.slice(0, 3), FAILURE))).toEqual([])
    expect(judgeStream(wanted, madeOf(RIGHT, FAILURE))).toHaveLength(1)
    expect(judgeStream(wanted, madeOf([], FAILURE)).length).toBeGreaterThan(0)
    expect(judgeStream(wanted, madeOf(RIGHT, new TypeError('oops')))).toEqual([
      'it crashed: TypeError: oops',
    ])
  })
})

describe('the cuts', () => {
  it('leave every byte in its place', () => {
    const body = Buffer.from('data: नमस्ते\n\ndata: b\n\n'.repeat(200))
    for (const { cuts } of cutPlans(body, 1)) {
      expect(Buffer.concat(pieces(body, cuts)).equals(body)).toBe(true)
    }
    expect(cutPlans(body, 1).map(({ cuts }) => cuts.length)).toEqual([
      0,
      800,
      body.length - 1,
      expect.any(Number),
    ])
  })
})
