import type { AnswerStrings } from './strings.ts'
import type { ToolCard } from './tool-card.ts'

/** What a part may ask of the answer that it belongs to. */
export interface PartContext {
  readonly strings: AnswerStrings
  /** Milliseconds, rising. */
  readonly now: () => number
  /** Turns the numbers of sources in finished text into buttons. */
  readonly cite: (root: DocumentFragment) => void
  /** The page's title of a tool. */
  readonly titleOf: (name: string) => string | undefined
  /** Cards of calls whose result has not come, oldest first. */
  readonly waitingCalls: ToolCard[]
  /** Cards of all calls, oldest first. */
  readonly callCards: ToolCard[]
}

/** One segment of an answer on the screen. */
export interface Part {
  /** `undefined` when the part is shown inside another one. */
  readonly element: HTMLElement | undefined
  append(text: string): void
  /** Its closing tag has come. */
  close(): void
  /** Brings the screen up to date; at most once per frame. */
  render(): void
  /** The answer has ended. */
  end(): void
  /** Shows everything again, because the sources or the titles of tools have changed. */
  refresh(): void
}

export type PartFactory = (context: PartContext) => Part
