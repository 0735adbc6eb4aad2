import { z } from 'zod'
import type { Tool, ToolResult } from '../core/ports/index.ts'
import jsep from 'jsep'

// What a calculator expression may name: functions and constants, nothing else.

/** The expression was understood, but has no answer; `message` is for a person. */
class CalculationError extends Error {
  override readonly name = 'CalculationError'
}

interface CalculatorFunction {
  /** Names of the arguments, in order; the last `optional` of them may be left out. */
  readonly takes: readonly string[]
  readonly optional?: number
  /** What it gives, where the name does not say it; for the model. */
  readonly gives?: string
  /** Is given as many as it takes. */
  run(...values: readonly number[]): number
}

const MAX_ROUND_DIGITS = 15

function logarithm(value: number, base?: number): number {
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
function round(value: number, digits = 0): number {
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

function percentChange(from: number, to: number): number {
  if (from === 0) throw new CalculationError('a change from 0 has no percentage')
  return ((to - from) / from) * 100
}

function growthRate(begin: number, end: number, years: number): number {
  if (begin <= 0 || end < 0) throw new CalculationError('cagr needs a value above 0 to start from')
  if (years <= 0) throw new CalculationError('cagr needs more than 0 years')
  return ((end / begin) ** (1 / years) - 1) * 100
}

function compoundInterest(
  principal: number,
  rate: number,
  timesPerYear: number,
  years: number,
): number {
  if (timesPerYear <= 0) {
    throw new CalculationError('interest is compounded more than 0 times a year')
  }
  return principal * (1 + rate / 100 / timesPerYear) ** (timesPerYear * years)
}

function monthlyInstalment(principal: number, rate: number, months: number): number {
  if (months <= 0) throw new CalculationError('a loan runs for more than 0 months')
  if (rate === 0) return principal / months
  const monthly = rate / 12 / 100
  const growth = (1 + monthly) ** months
  return (principal * monthly * growth) / (growth - 1)
}

/** The functions. Rates are percent a year; angles are radians. */
export const CALCULATOR_FUNCTIONS: ReadonlyMap<string, CalculatorFunction> = new Map(
  Object.entries({
    sqrt: { takes: ['value'], run: squareRoot },
    log: { takes: ['value', 'base'], optional: 1, run: logarithm },
    log10: { takes: ['value'], run: (value: number) => logarithm(value, 10) },
    exp: { takes: ['value'], run: Math.exp },
    sin: { takes: ['angle'], run: Math.sin },
    cos: { takes: ['angle'], run: Math.cos },
    tan: { takes: ['angle'], run: Math.tan },
    asin: { takes: ['value'], run: Math.asin },
    acos: { takes: ['value'], run: Math.acos },
    atan: { takes: ['value'], run: Math.atan },
    abs: { takes: ['value'], run: Math.abs },
    round: { takes: ['value', 'digits'], optional: 1, run: round },
    floor: { takes: ['value'], run: Math.floor },
    ceil: { takes: ['value'], run: Math.ceil },
    degrees: { takes: ['radians'], run: (angle: number) => (angle * 180) / Math.PI },
    radians: { takes: ['degrees'], run: (angle: number) => (angle * Math.PI) / 180 },
    percent: {
      takes: ['value', 'rate'],
      gives: 'rate percent of value',
      run: (value: number, rate: number) => (value * rate) / 100,
    },
    percent_change: { takes: ['old', 'new'], gives: 'percent', run: percentChange },
    cagr: { takes: ['start', 'end', 'years'], gives: 'percent a year', run: growthRate },
    simple_interest: {
      takes: ['principal', 'rate', 'years'],
      gives: 'the interest, without the principal',
      run: (principal: number, rate: number, years: number) => (principal * rate * years) / 100,
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

const MAX_LENGTH = 1_000
const MAX_NESTING = 100
/** Decimal digits that a double always keeps. */
const EXACT_DIGITS = 15

/** Everything an expression can be written with; quotes, brackets, `=` and the like never get to the parser. */
const ALLOWED_CHARACTERS = /^[\dA-Za-z_.,+\-*/%^()\s]*$/
const DANGLING_COMMA = /^\s*,|,\s*[,)]|\(\s*,|,\s*$/

/** As people and models write them. */
const SIGNS: ReadonlyMap<string, string> = new Map([
  ['×', '*'],
  ['÷', '/'],
  ['−', '-'],
])

const POWERS: ReadonlySet<string> = new Set(['**', '^'])

const BINARY: ReadonlyMap<string, (left: number, right: number) => number> = new Map([
  ['+', (left: number, right: number) => left + right],
  ['-', (left: number, right: number) => left - right],
  ['*', (left: number, right: number) => left * right],
  ['/', divide],
  ['%', modulo],
  ['**', power],
  ['^', power],
])

function divide(left: number, right: number): number {
  if (right === 0) throw new CalculationError('division by zero')
  return left / right
}

/** The result has the divisor's sign, as in Python, whose calculators models learned from. */
function modulo(left: number, right: number): number {
  if (right === 0) throw new CalculationError('division by zero')
  const rest = left % right
  return rest !== 0 && Math.sign(rest) !== Math.sign(right) ? rest + right : rest
}

function power(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw new CalculationError('division by zero')
  return base ** exponent
}

// jsep keeps its grammar in one place for the whole process; nothing else here uses it.
jsep.removeAllBinaryOps()
jsep.removeAllUnaryOps()
jsep.removeAllLiterals()
for (const sign of ['+', '-']) {
  jsep.addUnaryOp(sign)
  jsep.addBinaryOp(sign, 1)
}
for (const operator of ['*', '/', '%']) jsep.addBinaryOp(operator, 2)
for (const operator of POWERS) jsep.addBinaryOp(operator, 3, true)

// jsep binds a sign tighter than a power; in arithmetic -2^2 is -(2^2), while 2^-1 stays as it is.
jsep.hooks.add('gobble-token', function signBeforePower(env) {
  const operator = this.char
  if (operator !== '-' && operator !== '+') return
  this.index += 1
  env.node = { type: 'UnaryExpression', operator, argument: readPower(this), prefix: true }
})

function readPower(parser: jsep.HookScope): jsep.Expression {
  const operand: unknown = parser.gobbleToken()
  if (!isNode(operand)) throw new CalculationError('a number is missing')
  parser.gobbleSpaces()
  const operator = parser.expr.startsWith('**', parser.index)
    ? '**'
    : parser.char === '^'
      ? '^'
      : undefined
  if (operator === undefined) return operand
  parser.index += operator.length
  return { type: 'BinaryExpression', operator, left: operand, right: readPower(parser) }
}

function isNode(value: unknown): value is jsep.Expression {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  )
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

function evaluateCall(node: jsep.Expression): number {
  const { callee } = node
  const name = isNode(callee) && callee.type === 'Identifier' ? textOf(callee['name']) : ''
  const called = CALCULATOR_FUNCTIONS.get(name)
  if (!called) throw new CalculationError(`there is no function ${name || 'of that form'}`)
  const values = Array.isArray(node['arguments'])
    ? node['arguments'].map((argument) => evaluate(argument))
    : []
  const { takes, optional = 0 } = called
  if (values.length > takes.length || values.length < takes.length - optional) {
    throw new CalculationError(wrongCount(name, called, values.length))
  }
  return finite(called.run(...values))
}

function wrongCount(
  name: string,
  { takes, optional = 0 }: { readonly takes: readonly string[]; readonly optional?: number },
  given: number,
): string {
  const least = takes.length - optional
  const counts = optional === 0 ? String(least) : `${least} or ${takes.length}`
  const values = takes.length === 1 ? 'value' : 'values'
  return `${name} takes ${counts} ${values} and was given ${given}: use it as ${name}(${takes.join(', ')})`
}

function evaluateNamed(name: string): number {
  const constant = CALCULATOR_CONSTANTS.get(name.toLowerCase())
  if (constant !== undefined) return constant
  if (CALCULATOR_FUNCTIONS.has(name)) throw new CalculationError(`${name} needs its arguments`)
  throw new CalculationError(`unknown name ${name}`)
}

function evaluateBinary(node: jsep.Expression): number {
  const operate = BINARY.get(textOf(node['operator']))
  if (!operate) throw new CalculationError('unknown operator')
  return finite(operate(evaluate(node['left']), evaluate(node['right'])))
}

function evaluate(node: unknown): number {
  if (!isNode(node)) throw new CalculationError('a number is missing')
  switch (node.type) {
    case 'Literal':
      if (typeof node['value'] !== 'number') throw new CalculationError('only numbers are known')
      return finite(node['value'])
    case 'Identifier':
      return evaluateNamed(textOf(node['name']))
    case 'UnaryExpression': {
      const value = evaluate(node['argument'])
      return node['operator'] === '-' ? -value : value
    }
    case 'BinaryExpression':
      return evaluateBinary(node)
    case 'CallExpression':
      return evaluateCall(node)
    default:
      throw new CalculationError('only one arithmetic expression is taken')
  }
}

function finite(value: number): number {
  if (Number.isNaN(value)) throw new CalculationError('the result is not a real number')
  if (!Number.isFinite(value)) throw new CalculationError('the result is too large')
  return value
}

/** Behind 15 digits a binary fraction says more than was calculated: 0.1+0.2 is 0.3. */
function withoutNoise(value: number): number {
  if (Number.isInteger(value)) return value
  return Number(value.toPrecision(EXACT_DIGITS))
}

/** Brackets and signs are where the parser recurses; the length bounds everything else. */
function checkNesting(expression: string): void {
  let open = 0
  let signs = 0
  for (const character of expression) {
    if (character === '(') open += 1
    else if (character === ')') open -= 1
    if (character === '-' || character === '+') signs += 1
    else if (character.trim() !== '') signs = 0
    if (open > MAX_NESTING || signs > MAX_NESTING) {
      throw new CalculationError('the expression is nested too deeply')
    }
  }
}

function parse(expression: string): jsep.Expression {
  try {
    return jsep(expression)
  } catch (error) {
    if (error instanceof CalculationError) throw error
    throw new CalculationError('the expression cannot be read', { cause: error })
  }
}

/**
 * The value of an arithmetic expression, to 15 digits: `+ - * / % ** ^`, brackets, and the functions and constants
 * above.
 * @throws CalculationError
 */
export function calculate(written: string): number {
  const expression = written.replaceAll(/[×÷−]/g, (sign) => SIGNS.get(sign) ?? sign)
  if (expression.trim() === '') throw new CalculationError('the expression is empty')
  if (expression.length > MAX_LENGTH) {
    throw new CalculationError(`an expression has at most ${MAX_LENGTH} characters`)
  }
  if (!ALLOWED_CHARACTERS.test(expression) || DANGLING_COMMA.test(expression)) {
    throw new CalculationError('only numbers, + - * / % ^ ( ) and known functions are taken')
  }
  checkNesting(expression)
  const value = withoutNoise(evaluate(parse(expression)))
  return value === 0 ? 0 : value
}

const Arguments = z.object({ expression: z.string() })

const signatures = [...CALCULATOR_FUNCTIONS]
  .map(([name, { takes, optional = 0, gives }]) => {
    const written = takes.map((value, at) => (at < takes.length - optional ? value : `${value}?`))
    return `${name}(${written.join(',')})${gives === undefined ? '' : `: ${gives}`}`
  })
  .join('; ')

function run(args: unknown): ToolResult {
  const parsed = Arguments.safeParse(args)
  if (!parsed.success) return { success: false, error: 'expression must be a text' }
  const { expression } = parsed.data
  try {
    return { success: true, output: { expression, value: calculate(expression) } }
  } catch (error) {
    if (error instanceof CalculationError) return { success: false, error: error.message }
    throw error
  }
}

/** Arithmetic that models get wrong: parsed and evaluated here, never by a script engine. */
export function createCalculator(): Tool {
  return {
    name: 'calculator',
    description:
      'Evaluates one arithmetic expression exactly. Operators + - * / % ** ^ and brackets; ' +
      `functions, each with its values in this order, those with ? may be left out: ${signatures}. ` +
      `Constants ${[...CALCULATOR_CONSTANTS.keys()].join(' ')}. ` +
      'A rate is in percent a year (8 for 8%, not 0.08); angles are radians; numbers have no thousands separators.',
    parameters: {
      type: 'object',
      properties: {
        expression: { type: 'string', description: 'For example percent(250,18) or (3+4)*2' },
      },
      required: ['expression'],
      additionalProperties: false,
    },
    run: async (args) => run(args),
  }
}
