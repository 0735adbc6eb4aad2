import type { Part } from './body.ts'

/** Models that something is remembered of. */
const MOST_MODELS = 200

/** What a model has refused. */
export interface Refused {
  readonly parts: ReadonlySet<Part>
  /** Of an answer. */
  readonly mostTokens: number | undefined
}

const NOTHING: Refused = { parts: new Set(), mostTokens: undefined }

/** What which model has refused, for the life of the process. */
export interface RefusalMemory {
  of(model: string): Refused
  /** To be called once asking in that way has worked. */
  remember(model: string, refused: Refused): void
}

export function createRefusalMemory(): RefusalMemory {
  const known = new Map<string, Refused>()
  return {
    of: (model) => known.get(model) ?? NOTHING,
    remember(model, { parts, mostTokens }) {
      const before = known.get(model) ?? NOTHING
      known.set(model, {
        parts: new Set([...before.parts, ...parts]),
        mostTokens: mostTokens ?? before.mostTokens,
      })
      const [oldest] = known.keys()
      if (known.size > MOST_MODELS && oldest !== undefined) known.delete(oldest)
    },
  }
}
