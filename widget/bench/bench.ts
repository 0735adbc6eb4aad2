import type { Browser } from 'playwright-core'

/** What all measurements share. */
export interface Bench {
  readonly browser: Browser
  /** Of the local server. */
  readonly url: string
  /** How often a short measurement is repeated. */
  readonly rounds: number
  /** How often one that takes long is. */
  readonly longRounds: number
  /** Those that are measured against each other. */
  readonly contenders: readonly string[]
  /** Where CPU profiles go, if they are wanted. */
  readonly profiles: string | undefined
}
