/**
 * `waiting`: nobody here can run it; it can be refused all the same. `asking`: the visitor must allow it.
 * `elsewhere`: another page has it. `over`: there is nothing more to do about it.
 */
export type PageCallState = 'waiting' | 'asking' | 'running' | 'elsewhere' | 'over'

/** `busy`: the server takes no more just now. `failed`: it cannot be reached, or failed itself. */
export type PageCallProblem = 'busy' | 'failed'

/** A call of one of the page's tools, as the visitor sees it. */
export interface PageCall {
  readonly id: string
  readonly tool: string
  readonly title: string | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  readonly state: PageCallState
  /** Why the visitor's answer to the question did not get through. */
  readonly problem: PageCallProblem | undefined
  readonly allow: () => void
  readonly deny: () => void
}
