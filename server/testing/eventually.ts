import { vi } from 'vitest'

/** Resolves when a check passes. A little shorter than a test may take, so that what it waited for is told. */
export const eventually = <Value>(check: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(check, { timeout: 110_000, interval: 10 })
