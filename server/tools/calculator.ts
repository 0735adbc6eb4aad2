import { z } from 'zod'
import type { Tool, ToolResult } from '../core/ports.ts'
import { calculate } from './calculate.ts'
import {
  CALCULATOR_CONSTANTS,
  CALCULATOR_FUNCTIONS,
  CalculationError,
} from './calculator-functions.ts'

const Arguments = z.object({ expression: z.string() })

const signatures = [...CALCULATOR_FUNCTIONS]
  .map(([name, { takes }]) => `${name}(${takes.join(',')})`)
  .join(' ')

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
      `functions ${signatures}; constants ${[...CALCULATOR_CONSTANTS.keys()].join(' ')}. ` +
      'Rates are percent per year, angles are radians.',
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
