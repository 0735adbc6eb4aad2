import type { FinishReason, Source, TurnEvent, Usage } from '../protocol/events.ts'
import type { InferenceEvent, ToolCall, ToolRound } from './ports.ts'

/** How the model ended what it says. */
export interface Finish {
  readonly reason: FinishReason
  readonly carry: ToolRound['carry']
}

/** What has come of an answer; read while it is being written. */
export interface AnswerSoFar {
  /** Takes an event in; gives it back when readers are to see it. */
  note(event: InferenceEvent): TurnEvent | undefined
  content(): string
  readonly sources: readonly Source[]
  readonly tokenCount: number
  /** UTF-16 units of the text. */
  readonly length: number
  /** Of all rounds together, as far as the model server has counted. */
  readonly usage: Usage | undefined
  /** Of the round that is running, as the following are; `undefined` until it has ended. */
  readonly finish: Finish | undefined
  /** What the model has called. */
  readonly calls: readonly ToolCall[]
  roundText(): string
  /** The model is asked again, with what its tools gave. */
  startRound(): void
}

export function createAnswerSoFar(): AnswerSoFar {
  const parts: string[] = []
  let sources: readonly Source[] = []
  let tokenCount = 0
  let length = 0
  let usage: Usage | undefined
  let finish: Finish | undefined
  let calls: ToolCall[] = []
  /** How many parts belong to earlier rounds. */
  let earlierParts = 0
  return {
    note(event) {
      switch (event.type) {
        case 'token':
          if (event.text === '') return undefined
          parts.push(event.text)
          length += event.text.length
          tokenCount += 1
          return event
        case 'sources':
          sources = event.sources
          return event
        case 'tool_call':
          calls.push(event.call)
          return undefined
        case 'finish':
          finish = { reason: event.reason, carry: event.carry }
          usage = addUsage(usage, event.usage)
          return undefined
      }
    },
    content: () => parts.join(''),
    get sources() {
      return sources
    },
    get tokenCount() {
      return tokenCount
    },
    get length() {
      return length
    },
    get usage() {
      return usage
    },
    get finish() {
      return finish
    },
    get calls() {
      return calls
    },
    roundText: () => parts.slice(earlierParts).join(''),
    startRound() {
      finish = undefined
      calls = []
      earlierParts = parts.length
    },
  }
}

function addUsage(sum: Usage | undefined, more: Usage | undefined): Usage | undefined {
  if (!sum || !more) return more ?? sum
  const added: { -readonly [Key in keyof Usage]: Usage[Key] } = { ...sum }
  for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) {
    const count = more[key]
    if (count !== undefined) added[key] = (sum[key] ?? 0) + count
  }
  return added
}
