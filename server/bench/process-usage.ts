/** What a process uses, as Linux counts it. */
import { readFileSync } from 'node:fs'

/** Microseconds of one tick of the kernel's CPU accounting. */
const TICK = 10_000

/** Where the CPU of a process stands among what follows its name, in ticks; and that of the children it has buried. */
const OWN = [11, 12]
const BURIED = [13, 14]

function ticksOf(pid: number, places: readonly number[]): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return places.reduce((sum, place) => sum + Number(fields[place]), 0)
}

/** Microseconds of CPU that the process has used, user and system, all threads. */
export const cpuOf = (pid: number): number => ticksOf(pid, OWN) * TICK

/** The same of a process and its children, those that have ended too. */
export function cpuOfFamily(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  const living = children.filter(Boolean).map((child) => ticksOf(Number(child), OWN))
  return living.reduce((sum, ticks) => sum + ticks, ticksOf(pid, [...OWN, ...BURIED])) * TICK
}

/** Bytes of memory that the process holds. */
export function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1_024
}
