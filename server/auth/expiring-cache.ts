/** Keeps values for a time; when it is full, the one that was used longest ago goes. */
export interface ExpiringCache<Value> {
  get(key: string): Value | undefined
  /** `expiresAt`: milliseconds since 1970. */
  set(key: string, value: Value, expiresAt: number): void
}

export function createExpiringCache<Value>(
  maxSize: number,
  now: () => number,
): ExpiringCache<Value> {
  /** Least recently used first. */
  const entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      if (entry.expiresAt <= now()) return undefined
      entries.set(key, entry)
      return entry.value
    },
    set(key, value, expiresAt) {
      if (expiresAt <= now() || maxSize === 0) return
      entries.delete(key)
      for (const oldest of entries.keys()) {
        if (entries.size < maxSize) break
        entries.delete(oldest)
      }
      entries.set(key, { value, expiresAt })
    },
  }
}
