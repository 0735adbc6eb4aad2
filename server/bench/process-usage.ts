/** What a process uses, as Linux counts it. */
import { readFileSync } from 'node:fs'

/** Microseconds of one tick of the kernel's CPU accounting. */
const TICK = 10_000

/** Microseconds of CPU that the process has used, user and system, all threads. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK
}

/** Bytes of memory that the process holds. */
export function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1_024
}
