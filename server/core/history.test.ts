import { describe, expect, it } from 'vitest'
import {
  countCodePoints,
  firstCodePoints,
  limitHistory,
  withPromptInFirstUserMessage,
  withSystemMessage,
} from './history.ts'
import type { HistoryMessage } from './ports.ts'

const user = (content: string): HistoryMessage => ({ role: 'user', content })
const assistant = (content: string): HistoryMessage => ({ role: 'assistant', content })

describe('history limits', () => {
  const talk = [user('one'), assistant('two'), user('three'), assistant('four'), user('five')]

  it('sends all when it fits, oldest first', () => {
    expect(limitHistory(talk, { messages: 50, characters: 6_000 })).toEqual(talk)
  })
  it('sends the newest messages', () => {
    expect(limitHistory(talk, { messages: 2, characters: 6_000 })).toEqual(talk.slice(-2))
  })
  it('sends the newest characters, in whole messages', () => {
    expect(limitHistory(talk, { messages: 50, characters: 8 })).toEqual(talk.slice(-2))
    expect(limitHistory(talk, { messages: 50, characters: 7 })).toEqual(talk.slice(-1))
  })
  it('sends the newest message even when it alone is too long', () => {
    expect(limitHistory([user('x'), user('long')], { messages: 1, characters: 1 })).toEqual([
      user('long'),
    ])
  })
  it('drops thinking, which also costs no budget', () => {
    const limited = limitHistory(
      [user('a'), assistant(`<think>${'x'.repeat(99)}</think>b`), user('c')],
      {
        messages: 9,
        characters: 3,
      },
    )
    expect(limited).toEqual([user('a'), assistant('b'), user('c')])
  })
  it('leaves tags that a visitor wrote alone', () => {
    const message = user('what is <think>this</think>?')
    expect(limitHistory([message], { messages: 9, characters: 99 })).toEqual([message])
  })
})

describe('prompts', () => {
  it('stand first as a system message', () => {
    expect(withSystemMessage([user('hi')], 'Be kind.')).toEqual([
      { role: 'system', content: 'Be kind.' },
      user('hi'),
    ])
  })
  it('stand in front of the first user message, and of no other', () => {
    const messages = [assistant('a'), user('b'), user('c')]
    expect(withPromptInFirstUserMessage(messages, 'P')).toEqual([
      assistant('a'),
      user('P\n\nb'),
      user('c'),
    ])
  })
  it('leave everything as it is when they are empty', () => {
    expect(withSystemMessage([user('a')], '')).toEqual([user('a')])
    expect(withPromptInFirstUserMessage([user('a')], '')).toEqual([user('a')])
  })
})

describe('code points', () => {
  it('count pairs once and lone halves too', () => {
    expect(countCodePoints('a😀\ud83d')).toBe(3)
    expect(countCodePoints('')).toBe(0)
  })
  it('are never cut in half', () => {
    expect(firstCodePoints('😀😀😀', 2)).toBe('😀😀')
    expect(firstCodePoints('ab', 5)).toBe('ab')
  })
})
