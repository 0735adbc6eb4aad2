/** Ways to cut bytes, as a network might. Each is a list of positions, rising. */
export interface CutPlan {
  readonly name: string
  readonly cuts: readonly number[]
}

/** A body is cut in two at this many places at most; a longer one at evenly spread places. */
const MOST_CUTS = 500
const LINE_FEED = 10

/** Whole, per line, per byte (in pieces of at most as many as keeps it quick) and at random. */
export function cutPlans(body: Buffer, seed: number): readonly CutPlan[] {
  const lines: number[] = []
  for (const [index, byte] of body.entries()) if (byte === LINE_FEED) lines.push(index + 1)
  return [
    { name: 'whole', cuts: [] },
    { name: 'per line', cuts: lines },
    { name: 'byte by byte', cuts: spread(body.length, 50_000) },
    { name: 'at random', cuts: randomCuts(body.length, seed) },
  ]
}

/** The places at which a body is cut in two, one after the other. */
export const twoCuts = (length: number) => spread(length, MOST_CUTS)

export function pieces(body: Buffer, cuts: readonly number[]): readonly Buffer[] {
  return [...cuts, body.length].map((cut, index) => body.subarray(cuts[index - 1] ?? 0, cut))
}

/** Every position, or `most` of them evenly spread. */
function spread(length: number, most: number): readonly number[] {
  const count = Math.min(Math.max(0, length - 1), most)
  return Array.from({ length: count }, (_, index) => 1 + Math.floor((index * (length - 1)) / count))
}

/** The same cuts for the same seed: a failure can be seen again. */
function randomCuts(length: number, seed: number): readonly number[] {
  const cuts: number[] = []
  let state = seed
  let at = 0
  while (at < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    at += 1 + (state % 997)
    if (at < length) cuts.push(at)
  }
  return cuts
}
