/** How sure a figure is, and whether two runs really differ. Nothing here is random: resampling has a fixed seed. */

/** A figure with the range that holds the true one in 95 of 100 cases; all NaN where there is nothing to tell. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** The normal distribution has 95 % of its mass within so many standard deviations. */
const Z = 1.959964
const RESAMPLES = 2_000
const SEED = 20_240_607

const NOTHING: Estimate = { value: Number.NaN, low: Number.NaN, high: Number.NaN }

/** A share of yes among answers, with Wilson’s interval, which holds also near 0 and 1. */
export function shareOf(yes: readonly boolean[]): Estimate {
  const n = yes.length
  if (n === 0) return NOTHING
  const value = yes.filter(Boolean).length / n
  const middle = (value + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n)
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((value * (1 - value)) / n + Z ** 2 / (4 * n ** 2))
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

export const meanOf = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The value that `share` (0–1) of the values do not exceed; NaN of none. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Whole numbers below a limit, the same ones each time (xorshift). */
function createDraw(): (below: number) => number {
  let state = SEED
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** As many as there are, each drawn from all of them. */
const resample = (values: readonly number[], draw: (below: number) => number) =>
  values.map(() => values[draw(values.length)] ?? Number.NaN)

function middle95(value: number, figures: readonly number[]): Estimate {
  return { value, low: percentileOf(figures, 0.025), high: percentileOf(figures, 0.975) }
}

/** Any figure of a list of values, with the interval that resampling (bootstrap) gives. */
export function bootstrap(
  values: readonly number[],
  figureOf: (values: readonly number[]) => number,
): Estimate {
  if (values.length === 0) return NOTHING
  const draw = createDraw()
  const figures = Array.from({ length: RESAMPLES }, () => figureOf(resample(values, draw)))
  return middle95(figureOf(values), figures)
}

/** How often a score of `above` is higher than one of `below`, of all pairs; a tie counts half. */
function areaUnderCurve(above: readonly number[], below: readonly number[]): number {
  const sorted = below.toSorted((left, right) => left - right)
  /** How many of the sorted are less than the score, or not more than it. */
  const count = (score: number, orEqual: boolean) => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const at = (low + high) >>> 1
      const value = sorted[at] ?? Infinity
      if (value < score || (orEqual && value === score)) low = at + 1
      else high = at
    }
    return low
  }
  const wins = above.map((score) => (count(score, false) + count(score, true)) / 2)
  return meanOf(wins) / below.length
}

/**
 * Area under the ROC curve: how well a score tells the ones from the others; 0.5 is guessing, 1 is perfect.
 * Both groups are resampled.
 */
export function separationOf(above: readonly number[], below: readonly number[]): Estimate {
  if (above.length === 0 || below.length === 0) return NOTHING
  const draw = createDraw()
  const areas = Array.from({ length: RESAMPLES }, () =>
    areaUnderCurve(resample(above, draw), resample(below, draw)),
  )
  return middle95(areaUnderCurve(above, below), areas)
}

/**
 * McNemar’s exact test: how likely it is that chance alone makes `lost` and `won` differ by so much, when
 * each question whose result has changed could as well have changed the other way.
 */
export function mcNemar(lost: number, won: number): number {
  const changed = lost + won
  // In logarithms: half to the power of a thousand is too small for a number.
  let logarithm = changed * Math.log(0.5)
  let tail = 0
  for (let k = 0; k <= Math.min(lost, won); k += 1) {
    tail += Math.exp(logarithm)
    logarithm += Math.log((changed - k) / (k + 1))
  }
  return Math.min(1, 2 * tail)
}

/** How likely it is that chance alone makes the mean of these differences so far from 0 (paired bootstrap). */
export function chanceOfDifference(differences: readonly number[]): number {
  if (differences.every((difference) => difference === 0)) return 1
  const draw = createDraw()
  let below = 1
  let above = 1
  for (let round = 0; round < RESAMPLES; round += 1) {
    const mean = meanOf(resample(differences, draw))
    if (mean <= 0) below += 1
    if (mean >= 0) above += 1
  }
  return Math.min(1, (2 * Math.min(below, above)) / (RESAMPLES + 1))
}
