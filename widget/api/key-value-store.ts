/** Small texts that should outlive a reload, and that nobody misses where a browser forbids it. */
export interface KeyValueStore {
  get(key: string): string | undefined
  set(key: string, value: string): void
  remove(key: string): void
}

type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    // Forbidden (privacy settings, sandboxed frames) or full: memory serves until the reload.
    return undefined
  }
}

/** A store that lasts as long as the tab does. */
export const createTabStore = (prefix: string): KeyValueStore =>
  createKeyValueStore(
    prefix,
    attempt(() => globalThis.sessionStorage),
  )

/** A store in `localStorage`, each key prefixed; in memory where the browser refuses. */
export function createKeyValueStore(
  prefix: string,
  storage: WebStorage | undefined = attempt(() => globalThis.localStorage),
): KeyValueStore {
  /** What the browser did not take. */
  const memory = new Map<string, string>()
  return {
    get: (key) =>
      memory.get(key) ?? attempt(() => storage?.getItem(prefix + key) ?? undefined) ?? undefined,
    set(key, value) {
      memory.delete(key)
      const kept = attempt(() => {
        storage?.setItem(prefix + key, value)
        // Where there is none it is `null`, or not there.
        return Boolean(storage)
      })
      if (kept !== true) memory.set(key, value)
    },
    remove(key) {
      memory.delete(key)
      attempt(() => storage?.removeItem(prefix + key))
    },
  }
}
