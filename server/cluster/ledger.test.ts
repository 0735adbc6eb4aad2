import { expect, it } from 'vitest'
import { type Exchange, judge, type KeptMessage } from './ledger.ts'
import { answerTo, questionOf } from './model.ts'

const question = questionOf(1, { tokens: 9, interval: 1 })
const whole = answerTo(question)
const asked: KeptMessage = { role: 'user', content: question, finish_reason: null }
const answer = (content = whole, finish_reason = 'stop'): KeptMessage => ({
  role: 'assistant',
  content,
  finish_reason,
})
const exchange = (changes: Partial<Exchange> = {}): Exchange => ({
  conversationId: 'c',
  question,
  isAcknowledged: true,
  text: whole,
  finishReason: 'stop',
  wrongEvents: 0,
  longestSilence: 0,
  ...changes,
})
const found = (messages: readonly KeptMessage[], changes?: Partial<Exchange>) => {
  const { lost, doubled, wrong } = judge([exchange(changes)], new Map([['c', messages]]))
  return { lost, doubled, wrong }
}
const FINE = { lost: 0, doubled: 0, wrong: 0 }

it('finds nothing amiss where what was read is what is stored', () => {
  expect(found([asked, answer()])).toEqual(FINE)
})

it('lets an answer that was interrupted be as long as what was read, or longer', () => {
  const cut = { text: whole.slice(0, 10), finishReason: 'interrupted' }
  expect(found([asked, answer(whole.slice(0, 10), 'interrupted')], cut)).toEqual(FINE)
  expect(found([asked, answer(whole.slice(0, 20), 'interrupted')], cut)).toEqual(FINE)
  expect(found([asked, answer(whole.slice(0, 9), 'interrupted')], cut)).toEqual({
    ...FINE,
    lost: 1,
  })
  expect(found([asked], cut)).toEqual({ ...FINE, lost: 1 })
})

it('misses a question or an answer that was acknowledged', () => {
  expect(found([], { text: '', finishReason: undefined })).toEqual({ ...FINE, lost: 1 })
  expect(found([], { text: '', finishReason: undefined, isAcknowledged: false })).toEqual(FINE)
  expect(found([asked])).toEqual({ ...FINE, lost: 1 })
})

it('notices what is there twice', () => {
  expect(found([asked, answer(), asked, answer()])).toEqual({ ...FINE, doubled: 1 })
  expect(found([asked, answer(), answer()])).toEqual({ ...FINE, doubled: 1 })
})

it('notices a byte that the model did not say, read or stored', () => {
  expect(found([asked, answer()], { text: `${whole}x` }).wrong).toBeGreaterThan(0)
  expect(found([asked, answer(`${whole}x`)])).toEqual({ ...FINE, wrong: 1 })
  expect(found([asked, answer('x', 'interrupted')]).wrong).toBe(1)
  expect(found([asked, answer()], { wrongEvents: 2 })).toEqual({ ...FINE, wrong: 1 })
})
