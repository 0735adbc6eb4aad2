import { expect, it } from 'vitest'
import { add, inWords, settle, VitestCounts } from './test-counts.ts'

const report = {
  numPassedTests: 4,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    {
      name: 'a.test.ts',
      status: 'passed',
      assertionResults: [{ status: 'passed', fullName: 'adds' }],
    },
    {
      name: 'b.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'failed', fullName: 'subtracts', failureMessages: ['expected 2, got 3\n  at b'] },
      ],
    },
  ],
}

it("reads vitest's own counts", () => {
  expect(VitestCounts.parse(report)).toEqual({
    passed: 4,
    failed: 1,
    skipped: 2,
    failures: ['subtracts (expected 2, got 3)'],
  })
})

it('counts a file that did not load as a failure', () => {
  const broken = {
    name: 'c.test.ts',
    status: 'failed',
    message: 'no such module',
    assertionResults: [],
  }
  const counts = VitestCounts.parse({ ...report, testResults: [...report.testResults, broken] })
  expect(counts.failed).toBe(2)
  expect(counts.failures).toEqual(['subtracts (expected 2, got 3)', 'c.test.ts (no such module)'])
})

it('believes the exit code when a runner counted no failure, or nothing at all', () => {
  const good = { passed: 3, failed: 0, skipped: 0, failures: [] }
  const bad = { ...good, failed: 2, failures: ['adds', 'subtracts'] }
  expect(settle(good, 1)).toMatchObject({ passed: 3, failed: 1 })
  expect(settle(good, 1).failures).toEqual(['the runner ended with exit code 1'])
  expect(settle(undefined, 1).failed).toBe(1)
  expect(settle(bad, 1)).toEqual(bad)
  expect(settle(good, 0)).toEqual(good)
})

it('sums up, and names skipped tests only when there are any', () => {
  const one = { passed: 2, failed: 0, skipped: 0, failures: [] }
  expect(inWords(add([one, one]))).toBe('4 passed, 0 failed')
  const sum = add([one, { passed: 0, failed: 1, skipped: 3, failures: ['adds'] }])
  expect(inWords(sum)).toBe('2 passed, 1 failed, 3 skipped')
  expect(sum.failures).toEqual(['adds'])
})
