/** Tables of figures, and whether they keep to their budgets. */
import { formatTable as formatRows } from '../text/table.ts'

/** A figure that the bench fails on. */
export interface Budget {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** At most, or at least, this much. */
  readonly atMost?: number
  readonly atLeast?: number
}

export interface Measurement {
  readonly name: string
  /** The first row holds the names of the columns. */
  readonly table: readonly (readonly string[])[]
  readonly budgets: readonly Budget[]
  /** For the JSON file. */
  readonly figures: unknown
}

export function isKept({ value, atMost, atLeast }: Budget): boolean {
  // Written so that no figure at all (NaN) counts as missed.
  return (atMost === undefined || value <= atMost) && (atLeast === undefined || value >= atLeast)
}

/** A number with few digits, thousands apart. */
export function figure(value: number, digits = 1): string {
  if (Number.isNaN(value)) return '–'
  return value.toLocaleString('en', {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  })
}

export const formatTable = (table: Measurement['table']) =>
  `${formatRows(table)}\n`.replaceAll(/^(?=.)/gm, '  ')

export function formatBudget(budget: Budget): string {
  const { what, value, unit, atMost, atLeast } = budget
  const digits = Math.abs(value) < 100 ? 2 : 0
  const limit = atMost === undefined ? `≥ ${(atLeast ?? 0).toLocaleString('en')}` : `≤ ${atMost}`
  const mark = isKept(budget) ? '✓' : '✗'
  return `  ${mark} ${what}: ${figure(value, digits)} ${unit} (${limit})\n`
}

export interface Effort {
  readonly rounds: number
  /** Answers to each server in a round of first tokens. */
  readonly requests: number
  readonly streams: number
  /** Milliseconds of open streams that are measured. */
  readonly window: number
  /** How many conversations a store has, and how many messages one has, while it grows. */
  readonly growth: {
    readonly conversations: readonly number[]
    readonly messages: readonly number[]
  }
}
