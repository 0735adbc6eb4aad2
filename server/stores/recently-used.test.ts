import { expect, it } from 'vitest'
import { createRecentlyUsed } from './owner-folders.ts'

const keys = (cache: { entries(): Iterable<[string, unknown]> }) =>
  [...cache.entries()].map(([key]) => key)

it('forgets what was used longest ago', () => {
  const cache = createRecentlyUsed<string>(2, () => true)
  for (const key of ['a', 'b', 'a', 'c']) cache.get(key, () => key)
  expect(keys(cache)).toEqual(['a', 'c'])
  expect(cache.peek('b')).toBeUndefined()
})

it('keeps what is busy, and makes up for it later', () => {
  const busy = new Set(['a', 'b'])
  const cache = createRecentlyUsed<string>(2, (value) => !busy.has(value))
  for (const key of ['a', 'b', 'c', 'd']) cache.get(key, () => key)
  expect(keys(cache).toSorted()).toEqual(['a', 'b', 'd'])
  busy.clear()
  cache.get('b', () => 'never made')
  expect(keys(cache)).toHaveLength(2)
  expect(cache.peek('b')).toBe('b')
})

it('looks at few values for each one that is used, however many are busy', () => {
  let looks = 0
  const cache = createRecentlyUsed<number>(10, () => {
    looks += 1
    return false
  })
  for (let value = 0; value < 1_000; value += 1) cache.get(String(value), () => value)
  expect(keys(cache)).toHaveLength(1_000)
  expect(looks).toBeLessThan(5_000)
})
