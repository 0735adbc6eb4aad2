/** How long one part of an answer's thinking took, as far as it was seen. */
export interface ThinkTime {
  /** When it was first seen running, on the context's clock. */
  since?: number
  /** Whole seconds, once it is over. */
  seconds?: number
}

/** By the array that holds an answer's text: an answer that is drawn again has the same one. */
const kept = new WeakMap<readonly string[], ThinkTime[]>()

/** Gives the times of an answer's parts that think, one after the other. */
export function thinkTimesOf(chunks: readonly string[]): () => ThinkTime {
  const times = kept.get(chunks) ?? []
  kept.set(chunks, times)
  let next = 0
  return () => {
    const time = times[next] ?? {}
    times[next] = time
    next += 1
    return time
  }
}
