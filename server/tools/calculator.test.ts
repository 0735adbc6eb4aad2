import { describe, expect, it } from 'vitest'
import { calculate, createCalculator } from './calculator.ts'

const run = (args: unknown) =>
  createCalculator().run(args, { signal: new AbortController().signal, cite: () => [] })

describe('calculate', () => {
  it.each<[string, number]>([
    ['2+3*4', 14],
    ['(2+3)*4', 20],
    ['2*-3', -6],
    ['10/4', 2.5],
    ['7%3', 1],
    ['-7%3', 2],
    ['7%-3', -2],
    ['2**10', 1024],
    ['2^10', 1024],
    ['2^3^2', 512],
    ['2**3**2', 512],
    ['2^3**2', 512],
    ['-2^2', -4],
    ['-2**2', -4],
    ['(-2)^2', 4],
    ['2^-1', 0.5],
    ['2^-2^2', 0.0625],
    ['3*-2^2', -12],
    ['--3', 3],
    ['-(2+3)', -5],
    ['+5', 5],
    ['10-3-2', 5],
    ['100/10/2', 5],
    ['.5+.5', 1],
    ['1.5e3', 1500],
    ['sqrt(2)^2', 2],
    ['sqrt(16)', 4],
    ['log(e)', 1],
    ['log(8,2)', 3],
    ['log(1000,10)', 3],
    ['log10(0.001)', -3],
    ['exp(0)', 1],
    ['sin(0)', 0],
    ['cos(pi)', -1],
    ['atan(1)*4', Number('3.14159265358979')],
    ['tau/pi', 2],
    ['degrees(pi)', 180],
    ['radians(180)', Number('3.14159265358979')],
    ['abs(-3)', 3],
    ['round(2.675, 2)', 2.68],
    ['round(-2.5)', -3],
    ['round(1234.5, -2)', 1200],
    ['floor(-1.5)', -2],
    ['ceil(1.2)', 2],
    ['percent(250,18)', 45],
    ['percent_change(120,150)', 25],
    ['percent_change(150,120)', -20],
    ['cagr(100,121,2)', 10],
    ['simple_interest(1000,5,3)', 150],
    ['compound_interest(1000,10,1,2)', 1210],
    ['compound_interest(1000,0,12,5)', 1000],
    ['compound_interest(2500,6,2,0)', 2500],
    ['percent(80,12.5)', 10],
    ['percent_change(-50,-25)', -50],
    ['emi(500000,8,240)', 4182.20034496733],
    ['emi(1200,0,12)', 100],
    ['0*-1', 0],
    ['0.1+0.2', 0.3],
    ['1/3', 0.333333333333333],
    ['compound_interest(1000,5,1,2)', 1102.5],
    ['123456789*12345678', 1524157763907942],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['2 × 3 ÷ 4 − 1', 0.5],
    ['2×−3', -6],
    ['PI-pi', 0],
    ['Tau/PI', 2],
  ])('%s is %d', (expression, value) => {
    expect(calculate(expression)).toBe(value)
  })

  it('compounds more often than yearly when told to', () => {
    expect(calculate('compound_interest(1000,12,12,1)')).toBeCloseTo(1126.825, 3)
    expect(calculate('compound_interest(1000,12,365,1)')).toBeCloseTo(1127.475, 3)
  })

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['1/0', 'division by zero'],
    ['5%0', 'division by zero'],
    ['0^-1', 'division by zero'],
    ['9**9**9', 'too large'],
    ['1e999', 'too large'],
    ['exp(1000)', 'too large'],
    ['sqrt(-1)', 'not real'],
    ['(-8)^(1/3)', 'not a real number'],
    ['asin(2)', 'not a real number'],
    ['log(0)', 'above 0'],
    ['log(8,1)', 'base'],
    ['percent_change(0,5)', 'no percentage'],
    ['emi(1000,8,0)', 'months'],
    ['cagr(0,5,1)', 'above 0'],
    ['round(1,2.5)', 'whole digits'],
    ['compound_interest(1000,5,0,2)', 'more than 0 times a year'],
    [
      'compound_interest(1000,5,2)',
      'compound_interest takes 4 values and was given 3: use it as compound_interest(principal, rate, times_a_year, years)',
    ],
    ['percent(7)', 'percent takes 2 values and was given 1: use it as percent(value, rate)'],
    ['percent_change(1,2,3)', 'percent_change(old, new)'],
    ['cagr(1,2)', 'cagr(start, end, years)'],
    ['simple_interest(1,2)', 'simple_interest(principal, rate, years)'],
    ['round()', 'round takes 1 or 2 values and was given 0: use it as round(value, digits)'],
    ['log(8,2,2)', 'log takes 1 or 2 values and was given 3'],
    ['sqrt()', 'sqrt(value)'],
    ['sqrt(1,2)', 'sqrt(value)'],
    ['emi(1,2)', 'emi(principal, rate, months)'],
    ['sqrt', 'arguments'],
    ['pi()', 'no function pi'],
    ['constructor', 'unknown name'],
    ['toString', 'unknown name'],
    ['__proto__', 'unknown name'],
    ['hasOwnProperty(1)', 'no function'],
    ['true', 'unknown name'],
    ['this', 'only one arithmetic expression'],
    ['1 2', 'only one arithmetic expression'],
    ['1,2', 'only one arithmetic expression'],
    ['(1,2)', 'only one arithmetic expression'],
    ['1,', 'only numbers'],
    ['sqrt(,4)', 'only numbers'],
    ['2(3)', 'only one arithmetic expression'],
    ['(2)(3)', 'no function'],
    ['sqrt.constructor', 'only one arithmetic expression'],
    ['sqrt.constructor(1)', 'no function'],
    ['"1"', 'only numbers'],
    ['[1]', 'only numbers'],
    ['a=1', 'only numbers'],
    ['`1`', 'only numbers'],
    ['1;2', 'only numbers'],
    ['1?2:3', 'only numbers'],
    ['1<2', 'only numbers'],
    ['~1', 'only numbers'],
    ['7//2', 'cannot be read'],
    ['0x10', 'cannot be read'],
    ['1..2', 'cannot be read'],
    ['2+', 'cannot be read'],
    ['-', 'missing'],
    ['(1', 'cannot be read'],
    ['1)', 'cannot be read'],
    ['１+１', 'only numbers'],
  ])('refuses %j, saying why', (expression, reason) => {
    expect(() => calculate(expression)).toThrow(reason)
  })

  it.each([
    ['brackets', `${'('.repeat(200)}1${')'.repeat(200)}`, 'too deeply'],
    ['signs', `${'-'.repeat(500)}1`, 'too deeply'],
    ['powers', Array.from({ length: 300 }, () => '9').join('^'), 'too large'],
    ['calls', `${'abs('.repeat(180)}1${')'.repeat(180)}`, 'too deeply'],
    ['characters', `1${'+1'.repeat(600)}`, 'at most 1000'],
  ])('refuses endless %s at once', (_, expression, reason) => {
    expect(() => calculate(expression)).toThrow(reason)
  })

  it('reads a sum as long as it may be', () => {
    expect(calculate(`1${'+1'.repeat(499)}`)).toBe(500)
    expect(calculate(`1${'^-1'.repeat(333)}`)).toBe(1)
  })

  it('keeps its grammar when expressions failed before', () => {
    expect(() => calculate('2^-')).toThrow('missing')
    expect(calculate('2^-1')).toBe(0.5)
  })
})

describe('the calculator tool', () => {
  it('gives the expression back with its value', async () => {
    expect(await run({ expression: 'percent(250,18)' })).toEqual({
      success: true,
      output: { expression: 'percent(250,18)', value: 45 },
    })
  })

  it('reports what it cannot calculate as a result', async () => {
    expect(await run({ expression: '1/0' })).toEqual({ success: false, error: 'division by zero' })
  })

  it.each([undefined, null, 7, 'percent(1,2)', {}, { expression: 5 }, { expression: ['1'] }])(
    'refuses arguments %j without throwing',
    async (args) => {
      expect(await run(args)).toMatchObject({ success: false })
    },
  )

  it('describes every function to the model', () => {
    const { description, parameters } = createCalculator()
    for (const name of [
      'emi(principal,rate,months): the monthly instalment',
      'percent(value,rate): rate percent of value',
      'percent_change(old,new): percent',
      'cagr(start,end,years): percent a year',
      'simple_interest(principal,rate,years): the interest, without the principal',
      'compound_interest(principal,rate,times_a_year,years): the final amount',
      'log(value,base?)',
      'A rate is in percent a year',
      'tau',
    ]) {
      expect(description).toContain(name)
    }
    expect(parameters).toMatchObject({ required: ['expression'] })
  })
})
