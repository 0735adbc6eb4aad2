import type { Part } from './openai-body.ts'

/** Models that something is remembered of; the names come from visitors too. */
const MOST_MODELS = 200

const NOTHING: ReadonlySet<Part> = new Set()

/** Which parts of a request which model has refused, for the life of the process. */
export interface RefusalMemory {
  of(model: string): ReadonlySet<Part>
  /** To be called once asking without them has worked. */
  remember(model: string, refused: ReadonlySet<Part>): void
}

export function createRefusalMemory(): RefusalMemory {
  const known = new Map<string, ReadonlySet<Part>>()
  return {
    of: (model) => known.get(model) ?? NOTHING,
    remember(model, refused) {
      known.set(model, new Set([...(known.get(model) ?? []), ...refused]))
      const [oldest] = known.keys()
      if (known.size > MOST_MODELS && oldest !== undefined) known.delete(oldest)
    },
  }
}
