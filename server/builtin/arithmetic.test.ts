import { describe, expect, it } from 'vitest'
import { calculate, CALCULATOR_CONSTANTS, CALCULATOR_FUNCTIONS } from '../tools/calculator.ts'

import { CALCULATOR_NAMES, readArithmetic } from './arithmetic.ts'

function answered(question: string): string | undefined {
  const found = readArithmetic(question)
  return found?.answer(calculate(found.expression))
}

describe('arithmetic in a question', () => {
  it('knows exactly the names of the calculator', () => {
    expect([...CALCULATOR_NAMES].toSorted()).toEqual(
      [...CALCULATOR_FUNCTIONS.keys(), ...CALCULATOR_CONSTANTS.keys()].toSorted(),
    )
  })

  it.each([
    ['What is 18% of 250?', 'percent(250,18)', '18% of 250 is 45.'],
    ['18 percent of 1,250', 'percent(1250,18)', '18% of 1,250 is 225.'],
    ['20% off 50', '50-percent(50,20)', '50 less 20% is 40.'],
    ['250 + 18%', '250+percent(250,18)', '250 plus 18% is 295.'],
    ['30 is what percent of 120?', '30/120*100', '30 is 25% of 120.'],
    ['what percentage of 120 is 30', '30/120*100', '30 is 25% of 120.'],
    [
      'percent change from 120 to 150',
      'percent_change(120,150)',
      'From 120 to 150 is a change of 25%.',
    ],
    [
      'What is the percentage increase from 80 to 100?',
      'percent_change(80,100)',
      'From 80 to 100 is a change of 25%.',
    ],
    [
      'monthly EMI for a 500000 loan at 8% over 240 months',
      'emi(500000,8,240)',
      'The monthly instalment for 500000 at 8% a year over 240 months is 4,182.20.',
    ],
    [
      'What is the EMI on ₹5 lakh at 8% for 20 years?',
      'emi(500000,8,240)',
      'The monthly instalment for 5 lakh at 8% a year over 20 years is 4,182.20.',
    ],
    [
      'simple interest on $1,000 at 5% for 3 years',
      'simple_interest(1000,5,3)',
      'The simple interest on 1,000 at 5% a year over 3 years is 150.00.',
    ],
    [
      'compound interest on 1000 at 12% for 1 year compounded monthly',
      'compound_interest(1000,12,12,1)-1000',
      'The compound interest on 1000 at 12% a year over 1 year is 126.83.',
    ],
    [
      'CAGR from 100 to 121 over 2 years',
      'cagr(100,121,2)',
      'From 100 to 121 in 2 years is 10% a year.',
    ],
    ['12*3', '12*3', '`12*3` is 36.'],
    ['2 + 2 =', '2 + 2', '`2 + 2` is 4.'],
    ["What's 7 x 8?", '7 * 8', '`7 * 8` is 56.'],
    ['what is 12 times 12', '12 * 12', '`12 * 12` is 144.'],
    ['1,250 * 3', '1250 * 3', '`1250 * 3` is 3,750.'],
    ['sqrt(2)^2', 'sqrt(2)^2', '`sqrt(2)^2` is 2.'],
    ['What is the square root of 144?', 'sqrt(144)', '`sqrt(144)` is 12.'],
    ['5 squared', '5^2', '`5^2` is 25.'],
    ['2 to the power of 10', '2 ^ 10', '`2 ^ 10` is 1,024.'],
    ['Please calculate (3+4)*2.5', '(3+4)*2.5', '`(3+4)*2.5` is 17.5.'],
    ['0.1+0.2', '0.1+0.2', '`0.1+0.2` is 0.3.'],
    ['percent(250,180)', 'percent(250,180)', '`percent(250,180)` is 450.'],
    ['100 ÷ 8', '100 / 8', '`100 / 8` is 12.5.'],
    ['calculate 2024-2020', '2024-2020', '`2024-2020` is 4.'],
    ['500-120', '500-120', '`500-120` is 380.'],
  ])('%s', (question, expression, answer) => {
    expect(readArithmetic(question)?.expression).toBe(expression)
    expect(answered(question)).toBe(answer)
  })

  it.each([
    '24/7',
    'Are you open 24/7?',
    'and/or',
    '9/11',
    '2026-11-20',
    'What is 2026-11-20?',
    '20/11/2026',
    '1/2/26',
    '2024-2025',
    'What changed in 2024-25?',
    '+1 555 123 4567',
    '+1-555-123-4567',
    '555-1234',
    'Call 555-1234',
    '1.2.3',
    'Node 22.19',
    'Which Node version, 22.19 or 24?',
    '1920x1080',
    'hello',
    '42',
    '-5',
    '100%',
    'How do I get 100% privacy?',
    'What is the PORT 8787 for?',
    'Does it cost 50% of 20 dollars per site and month?',
    'What is an EMI?',
    'monthly payment at 8%',
    'percent change',
    'COVID-19',
    'useState(0)',
    'createApp(1)',
    'a+b',
    'C++',
    'x = 3',
    '3-in-1',
    'TypeScript 7 + Node 24',
    '127.0.0.1',
    'http://127.0.0.1:8787/',
    '',
    '   ',
    '1'.repeat(400),
  ])('is not seen in %j', (question) => {
    expect(readArithmetic(question)).toBeUndefined()
  })
})
