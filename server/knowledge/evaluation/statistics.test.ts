import { describe, expect, it } from 'vitest'
import {
  bootstrap,
  chanceOfDifference,
  mcNemar,
  meanOf,
  percentileOf,
  separationOf,
  shareOf,
} from './report.ts'

const times = <Value>(count: number, value: Value) => Array.from({ length: count }, () => value)

describe('a share', () => {
  it.each([
    // Wilson's interval without correction, as tables give it.
    [8, 10, 0.4902, 0.9433],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [81, 263, 0.2553, 0.3662],
  ])('of %i of %i lies between %f and %f', (yes, all, low, high) => {
    const share = shareOf([...times(yes, true), ...times(all - yes, false)])
    expect(share.value).toBeCloseTo(yes / all, 10)
    expect(share.low).toBeCloseTo(low, 4)
    expect(share.high).toBeCloseTo(high, 4)
  })

  it('of nothing is no number', () => {
    expect(shareOf([])).toEqual({ value: Number.NaN, low: Number.NaN, high: Number.NaN })
  })
})

describe('a mean', () => {
  it('has the interval that theory gives, the same one each time', () => {
    const values = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? 0 : 1))
    const mean = bootstrap(values, meanOf)
    expect(mean.value).toBe(0.5)
    // 1.96 × 0.5 / √400
    expect(mean.high - mean.low).toBeCloseTo(0.098, 1)
    expect(bootstrap(values, meanOf)).toEqual(mean)
  })

  it('of equal values is certain, and of none no number', () => {
    expect(bootstrap([2, 2, 2], meanOf)).toEqual({ value: 2, low: 2, high: 2 })
    expect(bootstrap([], meanOf).value).toBeNaN()
  })
})

it('finds the value that half and nearly all do not exceed', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([percentileOf(values, 0.5), percentileOf(values, 0.95)]).toEqual([50, 95])
  expect(percentileOf([7], 0.5)).toBe(7)
  expect(percentileOf([], 0.5)).toBeNaN()
})

describe('the area under the curve', () => {
  it('is 1 when each is above, 0 when each is below, a half when all are alike', () => {
    expect(separationOf([3, 4], [1, 2]).value).toBe(1)
    expect(separationOf([1, 2], [3, 4]).value).toBe(0)
    expect(separationOf([1, 1], [1, 1, 1]).value).toBe(0.5)
  })

  it('counts pairs, a tie as half a pair', () => {
    expect(separationOf([2, 3], [1, 2, 4]).value).toBeCloseTo((1.5 + 2) / 6, 10)
  })

  it('needs both groups', () => {
    expect(separationOf([1], []).value).toBeNaN()
  })
})

describe('McNemar’s test', () => {
  it.each([
    [0, 0, 1],
    [5, 0, 0.0625],
    [6, 0, 0.03125],
    [0, 6, 0.03125],
    [9, 2, 0.0654296875],
    [3, 3, 1],
    [1_000, 1_000, 1],
  ])('of %i lost and %i won is %f', (lost, won, probability) => {
    expect(mcNemar(lost, won)).toBeCloseTo(probability, 10)
  })
})

describe('a paired difference', () => {
  it('is chance when it goes either way, and none when all go one way', () => {
    expect(chanceOfDifference([0, 0, 0])).toBe(1)
    expect(chanceOfDifference([1, -1, 1, -1, 0, 0])).toBeGreaterThan(0.5)
    expect(chanceOfDifference(times(20, -0.5))).toBeLessThan(0.01)
  })

  it('needs more than one question that changed', () => {
    expect(chanceOfDifference([-1, ...times(99, 0)])).toBeGreaterThan(0.05)
  })
})
