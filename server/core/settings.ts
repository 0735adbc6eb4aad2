/** What the operator decided about turns, and where the core has time and ids from. */
import type { HistoryLimits } from './turn/history.ts'

/** What the operator decided about turns. */
export interface TurnSettings {
  readonly history: HistoryLimits
  readonly prompts: { readonly direct: string; readonly think: string }
  readonly defaults: {
    readonly temperature: number
    readonly maxTokens: number
    readonly topK: number
  }
}

/** How long tools may take, in milliseconds. */
export interface ToolLimits {
  /** One that runs here. */
  readonly server: number
  /** One of the page; a person may have to allow it first. */
  readonly client: number
}

export const TOOL_LIMITS: ToolLimits = { server: 10_000, client: 5 * 60_000 }

/** Where time and ids come from, so that tests can hold them. */
export interface Environment {
  /** Milliseconds since 1970. */
  now(): number
  createId(): string
}

export const systemEnvironment: Environment = {
  now: () => Date.now(),
  createId: () => crypto.randomUUID(),
}
