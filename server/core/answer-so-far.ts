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
  /** How many parts belong to earlier rounds. */
  let earlierParts = 0
  let calls: ToolCall[] = []
  // Fields, and no getters: those would make it a slow dictionary to V8, and it is read for every token.
  const answer: { -readonly [Key in keyof AnswerSoFar]: AnswerSoFar[Key] } = {
    sources: [],
    tokenCount: 0,
    length: 0,
    usage: undefined,
    finish: undefined,
    calls,
    note(event) {
      switch (event.type) {
        case 'token':
          if (event.text === '') return undefined
          parts.push(event.text)
          answer.length += event.text.length
          answer.tokenCount += 1
          return event
        case 'sources':
          answer.sources = event.sources
          return event
        case 'tool_call':
          calls.push(event.call)
          return undefined
        case 'finish':
          answer.finish = { reason: event.reason, carry: event.carry }
          answer.usage = addUsage(answer.usage, event.usage)
          return undefined
      }
    },
    content: () => parts.join(''),
    roundText: () => parts.slice(earlierParts).join(''),
    startRound() {
      answer.finish = undefined
      calls = []
      answer.calls = calls
      earlierParts = parts.length
    },
  }
  return answer
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
