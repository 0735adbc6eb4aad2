/**
 * Milliseconds of processor time that some work takes in this thread: what other programs do meanwhile
 * does not count, so that a limit far above the usual only fails for work that grows without measure.
 */
export function cpuTimeOf(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}
