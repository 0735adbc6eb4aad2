/** Keeps the values that were used last; one that is busy is never forgotten, whatever the limit. */
export interface RecentlyUsed<V> {
  peek(key: string): V | undefined
  /** The value of a key, made when there is none. */
  get(key: string, create: () => V): V
  delete(key: string): void
  entries(): IterableIterator<[string, V]>
}

/** Values that are looked at to make room for one: however many are busy, that costs the same. */
const LOOKS = 4

/** `isIdle` says whether a value may be forgotten now. */
export function createRecentlyUsed<V>(
  limit: number,
  isIdle: (value: V) => boolean,
): RecentlyUsed<V> {
  /** Least recently used first. */
  const values = new Map<string, V>()

  const makeRoom = () => {
    if (values.size < limit) return
    let looks = 0
    for (const [key, value] of values) {
      values.delete(key)
      // Busy ones are in use: it is the others that are in the way.
      if (!isIdle(value)) values.set(key, value)
      looks += 1
      if (looks === LOOKS || values.size < limit) return
    }
  }

  return {
    peek: (key) => values.get(key),
    get(key, create) {
      const known = values.get(key)
      // Out of the way, lest it be forgotten to make room for itself.
      values.delete(key)
      makeRoom()
      const value = known ?? create()
      values.set(key, value)
      return value
    },
    delete(key) {
      values.delete(key)
    },
    entries: () => values.entries(),
  }
}
