import { z } from 'zod'
import type { Tool, ToolResult } from '../core/ports/index.ts'
import { calculate } from './calculate.ts'
import {
  CALCULATOR_CONSTANTS,
  CALCULATOR_FUNCTIONS,
  CalculationError,
} from './calculator-functions.ts'

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
