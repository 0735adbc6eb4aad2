import type { Browser } from 'playwright-core'
import type { BenchModelServer } from './model-server.ts'

/** What all measurements share. */
export interface Bench {
  readonly browser: Browser
  /** Of the pages that are measured. */
  readonly url: string
  /** Base URL of the product's server, which lets those pages in. */
  readonly endpoint: string
  /** Base URL of the server that has the element: the product's, but for profiles. */
  readonly scripts: string
  readonly model: BenchModelServer
  /** For the data of further servers. */
  readonly directory: string
  /** How often a short measurement is repeated. */
  readonly rounds: number
  /** How often one that takes long is. */
  readonly longRounds: number
  /** Those that are measured against each other. */
  readonly contenders: readonly string[]
  /** Where CPU profiles go, if they are wanted. */
  readonly profiles: string | undefined
}
