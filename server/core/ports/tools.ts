import type { ProgressStep } from '../../protocol/events.ts'
import type { Cancellable } from './common.ts'
import type { KnowledgeHit } from './knowledge.ts'

export type ToolResult =
  | { readonly success: true; readonly output: unknown }
  | { readonly success: false; readonly error: string }

/** What a model is told of a tool. */
export interface ToolDefinition {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface ToolOptions extends Cancellable {
  /** Makes sources of passages that a model gets to read; resolves to the numbers that cite them. */
  cite(hits: readonly KnowledgeHit[]): readonly number[]
  /** Whose documents come first. */
  readonly creator?: string | undefined
}

/** Something a model may call. It reports failure as a result and never throws for bad arguments. */
export interface Tool extends ToolDefinition {
  /** What visitors see while it runs, besides the call. */
  readonly step?: ProgressStep
  /** It looks into the site's documents; an answer that must rest on given passages goes without. */
  readonly readsDocuments?: boolean
  run(args: unknown, options: ToolOptions): Promise<ToolResult>
}

/** A call that the model makes. Its tag stands in the answer's text already. */
export interface ToolCall {
  /** Unique within the turn. */
  readonly id: string
  readonly name: string
  /** JSON text as the model wrote it; empty for none. */
  readonly arguments: string
  /** What the adapter wants to have back with the call; nobody else reads it. */
  readonly carry?: Readonly<Record<string, unknown>>
}

/** One answer of the model that ended in tool calls, and what the tools gave. */
export interface ToolRound {
  /** Tagged text of the answer. */
  readonly text: string
  readonly calls: readonly ToolCall[]
  /** One for each call, in the same order. */
  readonly results: readonly ToolResult[]
  /** What the adapter wants to have back with the answer (its reasoning); nobody else reads it. */
  readonly carry?: Readonly<Record<string, unknown>>
}
