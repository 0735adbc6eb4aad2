/** Conversations by the local day of their last change. */
import type { DrawerStrings } from './strings.ts'

export interface DayGroup<Item> {
  readonly label: string
  readonly items: readonly Item[]
}

const DAYS_OF_A_WEEK = 7

/** Whole days of the calendar here between two moments; a day may have 23 or 25 hours. */
function daysBetween(earlier: Date, later: Date): number {
  const midday = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midday(later) - midday(earlier)) / 86_400_000)
}

function labelOf(date: Date, now: Date, words: DrawerStrings): string {
  const days = daysBetween(date, now)
  // What comes from a clock that is ahead, or is no date, happened just now as far as anybody knows.
  if (!(days > 0)) return words.today
  if (days === 1) return words.yesterday
  if (days <= DAYS_OF_A_WEEK) return words.week
  return words.month(date, date.getFullYear() === now.getFullYear())
}

/** The items in their order, which is newest first, cut where the label changes. */
export function groupByDay<Item extends { readonly updatedAt: string }>(
  items: readonly Item[],
  now: Date,
  words: DrawerStrings,
): readonly DayGroup<Item>[] {
  const groups = new Map<string, Item[]>()
  /** By day: words for a month take long to make. */
  const labels = new Map<string, string>()
  for (const item of items) {
    const date = new Date(item.updatedAt)
    const day = date.toDateString()
    const label = labels.get(day) ?? labelOf(date, now, words)
    labels.set(day, label)
    const group = groups.get(label)
    if (group) group.push(item)
    else groups.set(label, [item])
  }
  return [...groups].map(([label, of]) => ({ label, items: of }))
}
