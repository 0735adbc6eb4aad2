import { expect, it } from 'vitest'
import { chooseCoding, type Coding } from './assets.ts'

const choose = (
  header: string | undefined,
  there: readonly Coding[] = ['br', 'gzip', 'identity'],
) => chooseCoding(header, (coding) => there.includes(coding))

it.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, deflate', 'gzip'],
  ['x-gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *', 'gzip'],
  ['br;q=0, gzip;q=0', 'identity'],
  ['br;q=0.5, gzip;q=0.8', 'gzip'],
  ['br ; q=0.001', 'br'],
  ['identity, br;q=0.5', 'identity'],
  ['identity;q=0, *;q=0.1', 'br'],
  ['br;q=nonsense, gzip', 'gzip'],
  ['br;q=7', 'identity'],
  ['deflate, zstd', 'identity'],
  [',,;;=,', 'identity'],
] as const)('answers Accept-Encoding %j with %s', (header, coding) => {
  expect(choose(header)).toBe(coding)
})

it('sends what there is, when the compressed form is missing', () => {
  expect(choose('br, gzip', ['identity'])).toBe('identity')
  expect(choose('br, gzip;q=0.1', ['gzip', 'identity'])).toBe('gzip')
  expect(choose('identity;q=0', ['identity'])).toBe('identity')
})
