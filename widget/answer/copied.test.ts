import { afterEach, expect, it, vi } from 'vitest'
import { fullTime, timeInWords } from './copied.ts'

const now = new Date(2026, 2, 1, 0, 30)

afterEach(() => vi.unstubAllGlobals())

it.each([
  ['today', new Date(2026, 2, 1, 0, 5), /^00?:05/],
  ['ten minutes before midnight', new Date(2026, 1, 28, 23, 50), /^Gestern, 23:50$/],
  ['this year', new Date(2026, 1, 27, 9, 7), /^27\. Feb\..*9:07$/],
  ['another year', new Date(2025, 11, 31, 9, 7), /^31\. Dez\. 2025.*9:07$/],
])('says when something was said, by the calendar of the visitor: %s', (_, date, words) => {
  expect(timeInWords(date, 'de', now)).toMatch(words)
})

it.each([
  ['en', ['en-GB', 'de'], '14:05'],
  ['en', ['de', 'en-US'], '2:05 PM'],
  ['ja', ['en-US'], '14:05'],
])('writes %s as a visitor with %j is used to', (language, languages, words) => {
  vi.stubGlobal('navigator', { languages })
  const said = timeInWords(new Date(2026, 2, 1, 14, 5), language, now)
  expect(said.replaceAll(/\s/gu, ' ')).toBe(words)
})

it('says the whole date to who asks', () => {
  expect(fullTime(new Date(2026, 1, 27, 9, 7), 'de')).toMatch(/Freitag, 27\. Februar 2026.*09:07/)
})
