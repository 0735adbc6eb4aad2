/** Adds up what the test runners counted. */
import { z } from 'zod'

/** How many tests passed, failed and were skipped. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Those that failed, each with the first line of why, and files that broke outside their tests. */
  readonly failures: readonly string[]
}

export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0, failures: [] }

/** A failure's name and the first line of its reason, so that a log's last lines are enough to begin with. */
function withReason(name: string, reason = ''): string {
  const line = reason.split('\n').find((text) => text.trim() !== '')
  return line === undefined ? name : `${name} (${line.trim()})`
}

/** The counts that `widget/testing/count-reporter.ts` writes. */
export const BrowserCounts = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  failures: z.array(z.string()),
})

/** The part of vitest's JSON report that counts. */
export const VitestCounts = z
  .object({
    numPassedTests: z.number(),
    numFailedTests: z.number(),
    numPendingTests: z.number(),
    numTodoTests: z.number(),
    testResults: z.array(
      z.object({
        name: z.string(),
        status: z.string(),
        message: z.string().optional(),
        assertionResults: z.array(
          z.object({
            status: z.string(),
            fullName: z.string(),
            failureMessages: z.array(z.string()).nullish(),
          }),
        ),
      }),
    ),
  })
  .transform((report): TestCounts => {
    // A file that does not load has no tests to fail; it is a failure all the same.
    const broken = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    )
    const failing = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed'),
    )
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
      failures: [
        ...failing.map(({ fullName, failureMessages }) =>
          withReason(fullName, failureMessages?.[0]),
        ),
        ...broken.map(({ name, message }) => withReason(name, message)),
      ],
    }
  })

/** What a runner's counts come to, knowing how it exited: one that failed has at least one failure. */
export function settle(counts: TestCounts | undefined, exitCode: number): TestCounts {
  const settled = counts ?? NO_TESTS
  if (exitCode === 0 || settled.failed > 0) return settled
  return { ...settled, failed: 1, failures: [`the runner ended with exit code ${exitCode}`] }
}

/** The sum of several runners' counts. */
export function add(all: readonly TestCounts[]): TestCounts {
  const sum = (kind: 'passed' | 'failed' | 'skipped') =>
    all.reduce((total, counts) => total + counts[kind], 0)
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: all.flatMap(({ failures }) => failures),
  }
}

/** `12 passed, 0 failed`, with `, 1 skipped` when any was. */
export function inWords({ passed, failed, skipped }: TestCounts): string {
  const numbers = `${passed} passed, ${failed} failed`
  return skipped > 0 ? `${numbers}, ${skipped} skipped` : numbers
}
