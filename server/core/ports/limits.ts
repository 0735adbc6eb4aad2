/** Something that fills up within a window of time: a user's messages, an address's sessions. */
export interface Quota {
  /** Whose and of what; the same key is the same quota. */
  readonly key: string
  readonly limit: number
}

/** How a quota stands. */
export interface QuotaState {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Whole seconds until the window begins anew. */
  readonly resetSeconds: number
}

/** Counts what callers take. */
export interface RateLimiter {
  /** Length of a window. */
  readonly windowSeconds: number
  /**
   * Takes one from every quota, or from none when one of them is used up. Resolves to the quota that is
   * closest to its end, `undefined` without any.
   */
  take(quotas: readonly Quota[]): Promise<QuotaState | undefined>
  /** How the quota that is closest to its end stands; takes nothing. */
  look(quotas: readonly Quota[]): Promise<QuotaState | undefined>
  /** Gives so many back to every quota, at most what was taken from it in this window. */
  giveBack(quotas: readonly Quota[], count: number): Promise<void>
}

export interface Caller {
  readonly userId: string
  /** An IP address, or the network that one caller has at hand. */
  readonly address: string
}

/** What may be spent on answers in a day. */
export interface TokenBudget {
  /** @throws ChatError `budget_exhausted` when the caller's or the server's day is used up */
  check(caller: Caller): void
}
