import type * as RequestView from './tool-request-view.ts'

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

let view: typeof RequestView | undefined

/** What shows requests on their cards: at once, or as soon as it is loaded with the first one. */
export function withRequestView(show: (loaded: typeof RequestView) => void): void {
  if (view) return show(view)
  const load = async () => {
    view = await import('./tool-request-view.ts')
    show(view)
  }
  // No network: the next change of the answer tries again.
  load().catch(() => undefined)
}
