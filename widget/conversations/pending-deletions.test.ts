import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PendingDeletions, type Deletable } from './conversation-list.ts'

const conversation = (id: string): Deletable => ({ id, title: `Title of ${id}` })

let asked: (readonly [string, boolean])[]
let removed: string[]
let failed: string[]
let answer: () => Promise<void>
let deletions: PendingDeletions
beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  removed = []
  failed = []
  answer = async () => {}
  deletions = new PendingDeletions({
    remove(id, isLeaving) {
      asked.push([id, isLeaving])
      return answer()
    },
    onRemoved: (id) => removed.push(id),
    onFailed: ({ id }) => failed.push(id),
    onChange() {},
  })
})
afterEach(() => vi.useRealTimers())

it('deletes when nobody has wanted it back in time', async () => {
  deletions.add(conversation('a'))
  await vi.advanceTimersByTimeAsync(5_999)
  expect(asked).toEqual([])
  expect(deletions.has('a')).toBe(true)
  await vi.advanceTimersByTimeAsync(1)
  expect(asked).toEqual([['a', false]])
  expect(removed).toEqual(['a'])
  expect(deletions.has('a')).toBe(false)
})

it('gives several one time, which begins anew with each, and brings all of them back', async () => {
  deletions.add(conversation('a'))
  await vi.advanceTimersByTimeAsync(4_000)
  deletions.add(conversation('b'))
  await vi.advanceTimersByTimeAsync(4_000)
  expect(deletions.undo().map(({ id }) => id)).toEqual(['a', 'b'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
  expect(deletions.has('a') || deletions.has('b')).toBe(false)
})

it('does not wait for whom has decided: the pointer was over what is gone', async () => {
  deletions.add(conversation('a'))
  deletions.hold(true)
  deletions.undo()
  deletions.add(conversation('b'))
  await vi.advanceTimersByTimeAsync(6_000)
  expect(removed).toEqual(['b'])
})

it('waits while somebody is about to decide, and then begins anew', async () => {
  deletions.add(conversation('a'))
  deletions.hold(true)
  await vi.advanceTimersByTimeAsync(60_000)
  deletions.add(conversation('b'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([])
  deletions.hold(false)
  await vi.advanceTimersByTimeAsync(6_000)
  expect(removed).toEqual(['a', 'b'])
})

it('deletes at once when the page is left, each one once', async () => {
  deletions.add(conversation('a'))
  deletions.add(conversation('b'))
  deletions.add(conversation('a'))
  void deletions.flush(true)
  void deletions.flush(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toEqual([
    ['b', true],
    ['a', true],
  ])
})

it('hides it until the server has answered, and brings it back when that failed', async () => {
  let fail = () => {}
  answer = () =>
    new Promise((_, reject) => {
      fail = () => reject(new Error('no'))
    })
  deletions.add(conversation('a'))
  void deletions.flush()
  expect(deletions.has('a')).toBe(true)
  expect(deletions.waiting).toEqual([])
  fail()
  await vi.advanceTimersByTimeAsync(0)
  expect(failed).toEqual(['a'])
  expect(deletions.has('a')).toBe(false)
})
