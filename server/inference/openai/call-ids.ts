import type { GatheredCall } from './tool-calls.ts'

/** The server's own ids; one that is missing, or used already in the turn, is replaced. */
export class CallIds {
  readonly #used: Set<string>

  constructor(usedBefore: Iterable<string>) {
    this.#used = new Set(usedBefore)
  }

  of({ id }: GatheredCall): string {
    const used = this.#used
    let unique = id
    for (let count = used.size + 1; unique === undefined || used.has(unique); count += 1) {
      // Nine letters and digits: the narrowest rule that a server has for these ids.
      unique = `turn${String(count).padStart(5, '0')}`
    }
    used.add(unique)
    return unique
  }
}
