import type { CascadeTier, Source } from '../protocol/events.ts'

/** What is said, before it is cut into tokens. */
export interface Reply {
  readonly sources: readonly Source[]
  /** Whose documents they are, where there was a cascade. */
  readonly tier?: CascadeTier | undefined
  /** Goes into `<think>` when the visitor wants to see it. */
  readonly thinking: string
  /** Tool calls and results in their tags, each one token. */
  readonly toolParts: readonly string[]
  readonly markdown: string
  /** Behind the rest, where there is nothing to suggest. */
  readonly unlessSuggested?: string | undefined
  /** The documents do not answer it, and it says so. */
  readonly declines?: boolean
  /** What may be asked next; looked for once the rest is said. */
  readonly suggest?: () => Promise<readonly string[]>
}
