import { expect, it } from 'vitest'
import { add, inWords, settle, VitestCounts } from './test-counts.ts'

const report = {
  numPassedTests: 4,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
  ],
}

it("reads vitest's own counts", () => {
  expect(VitestCounts.parse(report)).toEqual({ passed: 4, failed: 1, skipped: 2 })
})

it('counts a file that did not load as a failure', () => {
  const broken = { status: 'failed', assertionResults: [] }
  const counts = VitestCounts.parse({ ...report, testResults: [...report.testResults, broken] })
  expect(counts.failed).toBe(2)
})

it('believes the exit code when a runner counted no failure, or nothing at all', () => {
  expect(settle({ passed: 3, failed: 0, skipped: 0 }, 1).failed).toBe(1)
  expect(settle(undefined, 1).failed).toBe(1)
  expect(settle({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2)
  expect(settle({ passed: 3, failed: 0, skipped: 0 }, 0).failed).toBe(0)
})

it('sums up, and names skipped tests only when there are any', () => {
  const one = { passed: 2, failed: 0, skipped: 0 }
  expect(inWords(add([one, one]))).toBe('4 passed, 0 failed')
  expect(inWords(add([one, { passed: 0, failed: 1, skipped: 3 }]))).toBe(
    '2 passed, 1 failed, 3 skipped',
  )
})
