/** How the cost of work grows with what it is given: judged by ratios of processor time, never by a clock. */

/** Milliseconds of processor time for which work is repeated: that clock may only count ticks. */
const MEASURED_MS = 24
/** Work on so many times as much costs as many times as much, or their square where each part looks at all others. */
const linear = (times: number) => times ** 1.5
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

/** How many times as much the work costs on a text that is made four, or so many, times as large. */
export function growthOf(work: Work, make: Make, size: number, times = 4): number {
  const [some, more] = [make(size), make(times * size)]
  let least = Infinity
  for (let round = 0; round < ROUNDS && least >= linear(times); round += 1) {
    // In turns: what makes the processor slow meanwhile, makes it slow for both.
    let [onMore, onSome] = [0, 0]
    while (onSome < MEASURED_MS) {
      onMore += cpuTimeOf(() => work(more))
      onSome += cpuTimeOf(() => work(some))
    }
    least = Math.min(least, onMore / onSome)
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
    if (growthOf(work, make, size) < linear(4)) return []
    // A crowded machine's caches make larger texts dearer, but not ever more so.
    const growth = growthOf(work, make, Math.ceil(size / 4), 16)
    return growth < linear(16) ? [] : [`${name} (${growth.toFixed(1)} times on 16 times as much)`]
  })
}
