import { expect, it } from 'vitest'
import { createExpiringCache } from './tokens.ts'

it('keeps a value until its end, to the millisecond, and none that has ended already', () => {
  let now = 1_000
  const cache = createExpiringCache<string>(10, () => now)
  cache.set('long', 'kept', 1_500)
  cache.set('short', 'kept', 1_001)
  cache.set('ended', 'never', 1_000)
  cache.set('endless', 'kept', Infinity)
  expect(['long', 'ended', 'endless'].map((key) => cache.get(key))).toEqual([
    'kept',
    undefined,
    'kept',
  ])
  now = 1_001
  expect(cache.get('short')).toBeUndefined()
  now = 1_499
  expect(cache.get('long')).toBe('kept')
  now = 1_500
  expect(cache.get('long')).toBeUndefined()
  expect(cache.get('endless')).toBe('kept')
})

it('forgets what was used longest ago when it is full, and keeps nothing in no room', () => {
  const cache = createExpiringCache<string>(2, () => 1)
  for (const key of ['a', 'b']) cache.set(key, key, 100)
  cache.get('a')
  cache.set('c', 'c', 100)
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c'])
  const none = createExpiringCache<string>(0, () => 1)
  none.set('a', 'a', 100)
  expect(none.get('a')).toBeUndefined()
})

it('takes no room for what it may keep before it keeps it', () => {
  const before = process.memoryUsage().heapTotal
  createExpiringCache<string>(1_000_000_000, () => 1)
  expect(process.memoryUsage().heapTotal - before).toBeLessThan(100_000_000)
})
