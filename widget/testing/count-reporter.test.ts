import { expect, it } from 'vitest'
import { countTests } from './count-reporter.ts'

const passed = { passed: true, skipped: false }
const failed = { passed: false, skipped: false }
const skipped = { passed: false, skipped: true }

it('counts tests at every depth of every file', () => {
  const deep = { tests: [failed], suites: [{ tests: [passed, skipped], suites: [] }] }
  const files = [
    { errors: [], testResults: { tests: [passed], suites: [deep] } },
    { errors: [], testResults: { tests: [passed], suites: [] } },
  ]
  expect(countTests(files)).toEqual({ passed: 3, failed: 1, skipped: 1 })
})

it('counts a file that broke outside its tests as a failure', () => {
  const files = [
    { errors: [new Error('could not load')], passed: false },
    { errors: [new Error('after')], testResults: { tests: [passed], suites: [] } },
  ]
  expect(countTests(files)).toEqual({ passed: 1, failed: 2, skipped: 0 })
})

it('does not count a failing test twice', () => {
  const file = { errors: [], passed: false, testResults: { tests: [failed], suites: [] } }
  expect(countTests([file])).toEqual({ passed: 0, failed: 1, skipped: 0 })
})
