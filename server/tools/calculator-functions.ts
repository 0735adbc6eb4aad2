/** What a calculator expression may name: functions and constants, nothing else. */

/** The expression was understood, but has no answer; `message` is for a person. */
export class CalculationError extends Error {
  override readonly name = 'CalculationError'
}

interface CalculatorFunction {
  /** Names of the arguments, in order; the last `optional` of them may be left out. */
  readonly takes: readonly string[]
  readonly optional?: number
  /** What it gives, where the name does not say it; for the model. */
  readonly gives?: string
  run(values: readonly number[]): number
}

const MAX_ROUND_DIGITS = 15

const one =
  (calculate: (value: number) => number) =>
  ([value = Number.NaN]: readonly number[]): number =>
    calculate(value)

function logarithm([value = Number.NaN, base]: readonly number[]): number {
  if (value <= 0) throw new CalculationError('a logarithm needs a number above 0')
  if (base === undefined) return Math.log(value)
  if (base <= 0 || base === 1) {
    throw new CalculationError('the base of a logarithm is above 0 and is not 1')
  }
  if (base === 10) return Math.log10(value)
  if (base === 2) return Math.log2(value)
  return Math.log(value) / Math.log(base)
}

/** Halves go away from zero; decimal digits are moved in text, so that 2.675 at 2 digits is 2.68. */
function round([value = Number.NaN, digits = 0]: readonly number[]): number {
  if (!Number.isInteger(digits) || Math.abs(digits) > MAX_ROUND_DIGITS) {
    throw new CalculationError(`round takes whole digits from -${MAX_ROUND_DIGITS} to 15`)
  }
  const shifted = shiftDecimal(Math.abs(value), digits)
  return Math.sign(value) * shiftDecimal(Math.round(shifted), -digits)
}

function shiftDecimal(value: number, places: number): number {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  return Number(`${mantissa}e${Number(exponent) + places}`)
}

function squareRoot(value: number): number {
  if (value < 0) throw new CalculationError('the square root of a negative number is not real')
  return Math.sqrt(value)
}

function percentChange([from = Number.NaN, to = Number.NaN]: readonly number[]): number {
  if (from === 0) throw new CalculationError('a change from 0 has no percentage')
  return ((to - from) / from) * 100
}

function growthRate([
  begin = Number.NaN,
  end = Number.NaN,
  years = Number.NaN,
]: readonly number[]): number {
  if (begin <= 0 || end < 0) throw new CalculationError('cagr needs a value above 0 to start from')
  if (years <= 0) throw new CalculationError('cagr needs more than 0 years')
  return ((end / begin) ** (1 / years) - 1) * 100
}

function compoundInterest([
  principal = Number.NaN,
  rate = Number.NaN,
  timesPerYear = Number.NaN,
  years = Number.NaN,
]: readonly number[]): number {
  if (timesPerYear <= 0) {
    throw new CalculationError('interest is compounded more than 0 times a year')
  }
  return principal * (1 + rate / 100 / timesPerYear) ** (timesPerYear * years)
}

function monthlyInstalment([
  principal = Number.NaN,
  rate = Number.NaN,
  months = Number.NaN,
]: readonly number[]): number {
  if (months <= 0) throw new CalculationError('a loan runs for more than 0 months')
  if (rate === 0) return principal / months
  const monthly = rate / 12 / 100
  const growth = (1 + monthly) ** months
  return (principal * monthly * growth) / (growth - 1)
}

/** The functions. Rates are percent a year; angles are radians. */
export const CALCULATOR_FUNCTIONS: ReadonlyMap<string, CalculatorFunction> = new Map(
  Object.entries({
    sqrt: { takes: ['value'], run: one(squareRoot) },
    log: { takes: ['value', 'base'], optional: 1, run: logarithm },
    log10: { takes: ['value'], run: ([value = Number.NaN]) => logarithm([value, 10]) },
    exp: { takes: ['value'], run: one(Math.exp) },
    sin: { takes: ['angle'], run: one(Math.sin) },
    cos: { takes: ['angle'], run: one(Math.cos) },
    tan: { takes: ['angle'], run: one(Math.tan) },
    asin: { takes: ['value'], run: one(Math.asin) },
    acos: { takes: ['value'], run: one(Math.acos) },
    atan: { takes: ['value'], run: one(Math.atan) },
    abs: { takes: ['value'], run: one(Math.abs) },
    round: { takes: ['value', 'digits'], optional: 1, run: round },
    floor: { takes: ['value'], run: one(Math.floor) },
    ceil: { takes: ['value'], run: one(Math.ceil) },
    degrees: { takes: ['radians'], run: one((angle) => (angle * 180) / Math.PI) },
    radians: { takes: ['degrees'], run: one((angle) => (angle * Math.PI) / 180) },
    percent: {
      takes: ['value', 'rate'],
      gives: 'rate percent of value',
      run: ([value = Number.NaN, rate = Number.NaN]) => (value * rate) / 100,
    },
    percent_change: { takes: ['old', 'new'], gives: 'percent', run: percentChange },
    cagr: { takes: ['start', 'end', 'years'], gives: 'percent a year', run: growthRate },
    simple_interest: {
      takes: ['principal', 'rate', 'years'],
      gives: 'the interest, without the principal',
      run: ([principal = Number.NaN, rate = Number.NaN, years = Number.NaN]) =>
        (principal * rate * years) / 100,
    },
    compound_interest: {
      takes: ['principal', 'rate', 'times_a_year', 'years'],
      gives: 'the final amount, principal and interest',
      run: compoundInterest,
    },
    emi: {
      takes: ['principal', 'rate', 'months'],
      gives: 'the monthly instalment of a loan',
      run: monthlyInstalment,
    },
  } satisfies Record<string, CalculatorFunction>),
)

/** The constants. */
export const CALCULATOR_CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
  ['tau', 2 * Math.PI],
])
