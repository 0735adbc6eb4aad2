import { expect, it } from 'vitest'
import { drawerStrings as words } from '../words/en/conversations.ts'
import { groupByDay } from './rows.ts'

const at = (time: string) => ({ updatedAt: new Date(time).toISOString() })
const labels = (now: string, ...times: readonly string[]) =>
  groupByDay(times.map(at), new Date(now), words).map(({ label }) => label)

it('counts days of the calendar here, not spans of 24 hours', () => {
  expect(labels('2026-03-02T00:10:00', '2026-03-02T00:05:00', '2026-03-01T23:55:00')).toEqual([
    words.today,
    words.yesterday,
  ])
  expect(labels('2026-03-10T23:00:00', '2026-03-08T01:00:00', '2026-03-03T23:00:00')).toEqual([
    words.week,
  ])
})

it('counts days of 23 and of 25 hours as one', () => {
  for (const [now, before] of [
    ['2026-03-30T01:00:00', '2026-03-29T01:00:00'],
    ['2026-10-26T01:00:00', '2026-10-25T01:00:00'],
  ]) {
    expect(labels(now!, before!)).toEqual([words.yesterday])
  }
})

it('names months, and years that are over', () => {
  expect(
    labels('2026-03-20T12:00:00', '2026-03-01T12:00:00', '2026-01-01T12:00:00', '2025-12-31T12:00'),
  ).toEqual(['March', 'January', 'December 2025'])
})

it('takes what a clock ahead of ours wrote, and what is no date, for today', () => {
  expect(labels('2026-03-20T12:00:00', '2026-03-22T12:00:00')).toEqual([words.today])
  expect(groupByDay([{ updatedAt: '' }], new Date(), words)[0]?.label).toBe(words.today)
})

it('keeps every item once and in order', () => {
  const items = ['2026-03-20', '2026-03-20', '2026-03-19', '2025-01-01'].map((day) =>
    at(`${day}T09:00:00`),
  )
  const groups = groupByDay(items, new Date('2026-03-20T12:00:00'), words)
  expect(groups.flatMap((group) => group.items)).toEqual(items)
  expect(groups).toHaveLength(3)
})
