import { expect, it } from 'vitest'
import { countTests } from './count-reporter.ts'

const passed = { name: 'good', passed: true, skipped: false }
const failed = { name: 'bad', passed: false, skipped: false }
const skipped = { name: 'left out', passed: false, skipped: true }

it('counts tests at every depth of every file', () => {
  const deep = { tests: [failed], suites: [{ tests: [passed, skipped], suites: [] }] }
  const files = [
    { testFile: 'a.ts', errors: [], testResults: { tests: [passed], suites: [deep] } },
    { testFile: 'a.ts', errors: [], testResults: { tests: [passed], suites: [] } },
  ]
  expect(countTests(files)).toEqual({ passed: 3, failed: 1, skipped: 1, failures: ['bad'] })
})

it('counts a file that broke outside its tests as a failure', () => {
  const files = [
    { testFile: 'a.ts', errors: [new Error('could not load')], passed: false },
    {
      testFile: 'a.ts',
      errors: [new Error('after')],
      testResults: { tests: [passed], suites: [] },
    },
  ]
  expect(countTests(files)).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
    failures: ['a.ts', 'a.ts'],
  })
})

it('does not count a failing test twice', () => {
  const file = {
    testFile: 'a.ts',
    errors: [],
    passed: false,
    testResults: { tests: [failed], suites: [] },
  }
  expect(countTests([file])).toEqual({ passed: 0, failed: 1, skipped: 0, failures: ['bad'] })
})
