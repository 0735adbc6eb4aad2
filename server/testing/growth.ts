/** How the cost of work grows with what it is given: judged by ratios of processor time, never by a clock. */

/** Milliseconds of processor time for which work is repeated: that clock may only count ticks. */
const MEASURED_MS = 24
/** Work on four times as much costs four times as much, or sixteen where each part looks at all others. */
const LINEAR = 8
/** Work that grows without measure costs many times what the same length of plain text costs. */
const HARMLESS = 8
/** What only once seems to grow was held up by something else. */
const ROUNDS = 5

type Make = (size: number) => string
type Work = (text: string) => unknown

/** Milliseconds of processor time of this thread: what other programs do meanwhile does not count. */
export function cpuTimeOf(work: () => unknown): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

function costOf(work: () => unknown): number {
  let spent = 0
  let runs = 0
  for (; spent < MEASURED_MS; runs += 1) spent += cpuTimeOf(work)
  return spent / runs
}

/** How many times as much the work costs on a text that is made four times as large. */
export function growthOf(work: Work, make: Make, size: number): number {
  const [some, more] = [make(size), make(4 * size)]
  let least = Infinity
  for (let round = 0; round < ROUNDS && least >= LINEAR; round += 1) {
    const cost = costOf(() => work(more))
    least = Math.min(least, cost / costOf(() => work(some)))
  }
  return least
}

const PROSE = 'The quick **brown** fox [jumps](/over) the `lazy` dog, and _so_ on and on.\n'

/** Those of the texts, by name, on which the work costs ever more for each character. */
export function slowTexts(
  work: Work,
  texts: Readonly<Record<string, Make>>,
  size: number,
): string[] {
  const prose = PROSE.repeat((16 * size) / PROSE.length)
  work(prose)
  const usual = costOf(() => work(prose)) / prose.length
  return Object.entries(texts).flatMap(([name, make]) => {
    const text = make(4 * size)
    if (cpuTimeOf(() => work(text)) <= HARMLESS * usual * text.length) return []
    const growth = growthOf(work, make, size)
    return growth < LINEAR ? [] : [`${name} (${growth.toFixed(1)} times)`]
  })
}
