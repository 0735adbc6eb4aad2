import { expect, it, vi } from 'vitest'
import { createKeptTexts } from './kept-texts.ts'

const at = '2025-03-01T12:00:00.000Z'
const later = '2025-03-01T12:00:01.000Z'
const text = (length: number) => ({ updatedAt: at, text: 'x'.repeat(length) })

it('gives a text back until the conversation has changed', () => {
  const texts = createKeptTexts({ limit: 100, idle: 1000 })
  texts.keep('owner', 'a', text(10))
  expect(texts.get('owner', 'a', at)).toHaveLength(10)
  expect(texts.get('owner', 'a', later)).toBeUndefined()
  expect(texts.get('other', 'a', at)).toBeUndefined()
})

it('forgets what others searched to make room, and keeps no more than fits', () => {
  const texts = createKeptTexts({ limit: 100, idle: 1000 })
  texts.keep('first', 'a', text(40))
  texts.keep('second', 'a', text(40))
  texts.keep('third', 'a', text(40))
  expect(texts.get('first', 'a', at)).toBeUndefined()
  expect(texts.get('second', 'a', at)).toHaveLength(40)
  texts.keep('third', 'b', text(60))
  texts.keep('third', 'c', text(1))
  expect(texts.get('second', 'a', at)).toBeUndefined()
  expect(texts.get('third', 'b', at)).toHaveLength(60)
  expect(texts.get('third', 'c', at)).toBeUndefined()
})

it('counts a text once, however often it is kept', () => {
  const texts = createKeptTexts({ limit: 100, idle: 1000 })
  for (let count = 0; count < 10; count += 1) texts.keep('owner', 'a', text(60))
  texts.keep('owner', 'b', text(40))
  expect(texts.get('owner', 'b', at)).toHaveLength(40)
})

it('forgets one conversation, an owner, and everything after a while', () => {
  vi.useFakeTimers()
  const texts = createKeptTexts({ limit: 100, idle: 1000 })
  texts.keep('owner', 'a', text(10))
  texts.keep('owner', 'b', text(10))
  texts.keep('other', 'a', text(10))
  texts.forget('owner', 'a')
  expect(texts.get('owner', 'a', at)).toBeUndefined()
  expect(texts.get('owner', 'b', at)).toHaveLength(10)
  texts.forget('owner')
  expect(texts.get('owner', 'b', at)).toBeUndefined()
  vi.advanceTimersByTime(1000)
  expect(texts.get('other', 'a', at)).toBeUndefined()
  vi.useRealTimers()
})
