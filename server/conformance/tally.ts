/** Counts what was judged and prints what failed. */
export interface Tally {
  judge(name: string, problems: readonly string[]): void
  /** Ran, but there is nothing to judge it by. */
  skip(): void
  /** The last line of the run. */
  summary(): string
  readonly failed: number
}

export function createTally(print: (line: string) => void): Tally {
  let passed = 0
  let failed = 0
  let skipped = 0
  return {
    judge(name, problems) {
      if (problems.length === 0) {
        passed += 1
        return
      }
      failed += 1
      print(`FAILED ${name}`)
      for (const problem of problems) print(`  ${problem}`)
    },
    skip() {
      skipped += 1
    },
    summary: () => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
    get failed() {
      return failed
    },
  }
}
