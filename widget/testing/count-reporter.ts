import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter } from '@web/test-runner'

/** What a finished file tells: its tests, and what went wrong outside any test. */
export interface FileResult {
  readonly testFile: string
  readonly errors: readonly unknown[]
  readonly passed?: boolean
  readonly testResults?: SuiteResult
}

interface SuiteResult {
  readonly suites: readonly SuiteResult[]
  readonly tests: readonly TestResult[]
}

interface TestResult {
  readonly name: string
  readonly passed: boolean
  readonly skipped: boolean
  readonly error?: { readonly message?: string }
}

/** How many tests passed, failed and were skipped. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Those that failed, each with why, and files that broke outside their tests. */
  readonly failures: readonly string[]
}

function testsIn(suite: SuiteResult): readonly TestResult[] {
  return [...suite.tests, ...suite.suites.flatMap(testsIn)]
}

/** Counts tests; a file that broke without a failing test of its own counts as one failure. */
export function countTests(files: readonly FileResult[]): Counts {
  const tests = files.flatMap(({ testResults }) => (testResults ? testsIn(testResults) : []))
  const skipped = tests.filter((test) => test.skipped).length
  const passed = tests.filter((test) => !test.skipped && test.passed).length
  const failing = tests.filter((test) => !test.skipped && !test.passed)
  const broken = files.filter(({ errors, passed: filePassed, testResults }) => {
    const hasFailing = testResults && testsIn(testResults).some((t) => !t.passed && !t.skipped)
    return !hasFailing && (errors.length > 0 || filePassed === false)
  })
  const named = failing.map(({ name, error }) =>
    error?.message === undefined ? name : `${name} (${error.message.split('\n')[0]})`,
  )
  const failures = [...named, ...broken.map(({ testFile }) => testFile)]
  return { passed, failed: failures.length, skipped, failures }
}

/** Ends a run with its numbers in one line, and keeps them as JSON in a file. */
export function countReporter(file: string): Reporter {
  return {
    stop({ sessions }) {
      const counts = countTests([...sessions])
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(counts))
      const { passed, failed, skipped } = counts
      const numbers = `${passed} passed, ${failed} failed, ${skipped} skipped`
      // At the very end, below the failures, which other reporters write later than this.
      process.once('exit', () => {
        process.stdout.write(`Browser tests: ${numbers} in ${sessions.length} files\n`)
      })
    },
  }
}
