/** Remembers a bounded number of things for a bounded time; the oldest go first. */
export interface OldestOut<Value> {
  /** Keeps the value from now on, unless the key is known already. */
  keep(key: string, value: Value): void
}

export interface OldestOutOptions<Value> {
  readonly most: number
  /** Milliseconds. */
  readonly lifetime: number
  readonly onDrop?: (value: Value) => void
}

export function createOldestOut<Value>(options: OldestOutOptions<Value>): OldestOut<Value> {
  const { most, lifetime, onDrop } = options
  // A Map gives its entries in the order in which they came, which is the order in which they end.
  const entries = new Map<string, { readonly value: Value; readonly endsAt: number }>()

  const drop = (key: string, value: Value) => {
    entries.delete(key)
    onDrop?.(value)
  }

  const makeRoom = (now: number) => {
    for (const [key, { value, endsAt }] of entries) {
      if (endsAt > now && entries.size < most) return
      drop(key, value)
    }
  }

  return {
    keep(key, value) {
      const now = performance.now()
      const entry = entries.get(key)
      if (entry && entry.endsAt > now) return
      makeRoom(now)
      entries.set(key, { value, endsAt: now + lifetime })
    },
  }
}
