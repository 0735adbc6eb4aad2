import jsep from 'jsep'
import {
  CALCULATOR_CONSTANTS,
  CALCULATOR_FUNCTIONS,
  CalculationError,
} from './calculator-functions.ts'

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
  return finite(called.run(values))
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
 * The value of an arithmetic expression, to 15 digits: `+ - * / % ** ^`, brackets, and the functions and constants of
 * calculator-functions.ts.
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
