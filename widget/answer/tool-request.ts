/** A call that a page of the visitor's runs, and where that stands. */
export interface ToolRequest {
  readonly id: string
  readonly tool: string
  /** What the visitor reads in place of the name. */
  readonly title: string | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  readonly state: 'waiting' | 'asking' | 'running' | 'elsewhere' | 'over'
  /** Why the visitor's answer did not get through. */
  readonly problem: 'busy' | 'failed' | undefined
  readonly allow: () => void
  readonly deny: () => void
}

/** The name in words, where there is no title. */
export const toolTitle = (name: string) => name.replaceAll(/[_-]+/g, ' ')
