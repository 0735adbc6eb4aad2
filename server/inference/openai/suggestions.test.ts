import { describe, expect, it } from 'vitest'
import type { InferenceEvent } from '../../core/ports/index.ts'
import type { EventReader } from '../transport/sse.ts'
import { NanochatReader } from '../nanochat.ts'
import { OpenaiReader } from './events.ts'
import { suggestionsOf } from './chunk.ts'

function eventsOf(reader: EventReader, events: readonly unknown[]): readonly InferenceEvent[] {
  const read: InferenceEvent[] = []
  for (const event of events) {
    reader.read(typeof event === 'string' ? event : JSON.stringify(event))
    read.push(...reader.take())
  }
  return read
}

const NEXT = { type: 'suggestions', suggestions: ['Why?', 'And then?'] }

describe('questions that a model server offers', () => {
  it('are read beside the end of an answer, by either name', () => {
    const token = { choices: [{ index: 0, delta: { content: 'Hi' } }] }
    const end = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
    const suggestions = ['Why?', 'And then?']
    const streams = [
      [token, { ...end, suggestions }, '[DONE]'],
      [token, end, { choices: [], follow_ups: suggestions }, '[DONE]'],
    ]
    for (const stream of streams) {
      const events = eventsOf(new OpenaiReader(), stream)
      expect(events.map(({ type }) => type)).toEqual(['token', 'suggestions', 'finish'])
      expect(events[1]).toEqual(NEXT)
    }
  })

  it('are read from nanochat, and are no part of its tokens', () => {
    const events = eventsOf(new NanochatReader(), [
      { token: 'Hi', suggestions: ['no'] },
      { suggestions: ['Why?', 'And then?'] },
      { done: true },
    ])
    expect(events).toEqual([
      { type: 'token', text: 'Hi' },
      NEXT,
      { type: 'finish', reason: 'stop' },
    ])
  })

  it('are few, short and different texts, or none', () => {
    const long = 'a'.repeat(121)
    const suggestions = [' A? ', 'A?', '', 1, null, long, 'B', '😀'.repeat(120), 'C', 'D']
    expect(suggestionsOf({ suggestions })?.suggestions).toEqual(['A?', 'B', '😀'.repeat(120), 'C'])
    for (const none of [undefined, null, 'A?', {}, [], [1]]) {
      expect(suggestionsOf({ suggestions: none })).toBeUndefined()
    }
  })
})
