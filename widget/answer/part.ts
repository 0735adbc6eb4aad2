/** What shows one segment of an answer (`Part`), and what it may ask of the answer around it (`PartContext`). */
import type { CSSResult } from 'lit'
import type { AllowsImage } from '../ui/image-origins.ts'
import type { AnswerStrings } from '../words/strings.ts'
import type { ToolCard } from './tool-card.ts'

/** How long one part of an answer's thinking took, as far as it was seen. */
interface ThinkTime {
  /** When it was first seen running, on the context's clock. */
  since?: number
  /** Whole seconds, once it is over. */
  seconds?: number
}

/** By the array that holds an answer's text: an answer that is drawn again has the same one. */
const kept = new WeakMap<readonly string[], ThinkTime[]>()

/** Gives the times of an answer's parts that think, one after the other. */
export function thinkTimesOf(chunks: readonly string[]): () => ThinkTime {
  const times = kept.get(chunks) ?? []
  kept.set(chunks, times)
  let next = 0
  return () => {
    const time = times[next] ?? {}
    times[next] = time
    next += 1
    return time
  }
}

/** What a part may ask of the answer that it belongs to. */
export interface PartContext {
  /** Their language may change while the answer is written. */
  readonly strings: () => AnswerStrings
  /** Milliseconds, rising. */
  readonly now: () => number
  /** What is known of the time that the next part that thinks took, or takes. */
  readonly nextThink: () => ThinkTime
  /** Turns the numbers of sources in finished text into buttons. */
  readonly cite: (root: DocumentFragment) => void
  /** Whether an image of this address may be loaded. */
  readonly allowsImage: AllowsImage
  /** The page's title of a tool. */
  readonly titleOf: (name: string) => string | undefined
  /** Cards of calls whose result has not come, oldest first. */
  readonly waitingCalls: ToolCard[]
  /** Cards of all calls, oldest first. */
  readonly callCards: ToolCard[]
  /** Gives the answer the styles of a part, once. */
  readonly style: (styles: CSSResult) => void
  /** A part that had to be loaded is there. */
  readonly arrived: () => void
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
  /** Shows everything again: the sources, the titles of tools or the language have changed. */
  refresh(): void
}

export type PartFactory = (context: PartContext) => Part
