import type {
  FinishReason,
  Source,
  SuggestionsEvent,
  TurnEvent,
  Usage,
} from '../../protocol/events.ts'
import type { Interrupt } from './interrupts.ts'
import type { FilesEvent, InferenceEvent, ToolCall, ToolRound } from '../ports/index.ts'

/** How the model ended what it says. */
export interface Finish {
  readonly reason: FinishReason
  /** What the model says is that it gives no answer. */
  readonly declines: boolean
  readonly carry: ToolRound['carry']
}

/** What has come of an answer; read while it is being written. */
export interface AnswerSoFar {
  /** Takes an event in; gives it back when readers are to see it. */
  note(event: Exclude<InferenceEvent, FilesEvent>): TurnEvent | undefined
  content(): string
  readonly sources: readonly Source[]
  /** What the visitor may ask next; readers get it with the end. */
  readonly suggestions: SuggestionsEvent | undefined
  readonly tokenCount: number
  /** UTF-16 units of the text. */
  readonly length: number
  /** UTF-16 units of the chunks that are passed on beside it. */
  readonly passedOn: number
  /** Of all rounds together, as far as the model server has counted. */
  readonly usage: Usage | undefined
  /** What the provider calls its answer, and the conversation. */
  readonly provider: ProviderNames
  /** What an agent asks at its end. */
  readonly interrupt: Interrupt | undefined
  /** Of the round that is running, as the following are; `undefined` until it has ended. */
  readonly finish: Finish | undefined
  /** What the model has called. */
  readonly calls: readonly ToolCall[]
  roundText(): string
  /** The model is asked again, with what its tools gave. */
  startRound(): void
}

export interface ProviderNames {
  readonly responseId: string | undefined
  readonly conversationId: string | undefined
}

const NO_NAMES: ProviderNames = { responseId: undefined, conversationId: undefined }

/** `begun` is what another turn has said of it, and how many tokens that was. */
export function createAnswerSoFar(begun?: {
  readonly content: string
  readonly tokenCount: number | null
  readonly sources: readonly Source[]
}): AnswerSoFar {
  const answer = new GrowingAnswer()
  if (begun) answer.begin(begun.content, begun.tokenCount ?? 0, begun.sources)
  return answer
}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class GrowingAnswer implements AnswerSoFar {
  readonly #parts: string[] = []
  /** How many parts belong to earlier rounds. */
  #earlierParts = 0
  #tokenCount = 0
  #length = 0
  #passedOn = 0
  #finish: Finish | undefined
  #sources: readonly Source[] = []
  #suggestions: SuggestionsEvent | undefined
  #usage: Usage | undefined
  #provider = NO_NAMES
  #interrupt: Interrupt | undefined
  #calls: ToolCall[] = []

  /** Goes on with what was said before. */
  begin(content: string, tokenCount: number, sources: readonly Source[]): void {
    this.#parts.push(content)
    this.#length = content.length
    this.#tokenCount = tokenCount
    this.#sources = sources
    this.startRound()
  }

  get sources(): readonly Source[] {
    return this.#sources
  }

  get suggestions(): SuggestionsEvent | undefined {
    return this.#suggestions
  }

  get tokenCount(): number {
    return this.#tokenCount
  }

  get length(): number {
    return this.#length
  }

  get passedOn(): number {
    return this.#passedOn
  }

  get usage(): Usage | undefined {
    return this.#usage
  }

  get provider(): ProviderNames {
    return this.#provider
  }

  get interrupt(): Interrupt | undefined {
    return this.#interrupt
  }

  get finish(): Finish | undefined {
    return this.#finish
  }

  get calls(): readonly ToolCall[] {
    return this.#calls
  }

  note(event: Exclude<InferenceEvent, FilesEvent>): TurnEvent | undefined {
    switch (event.type) {
      case 'token':
        if (event.text === '') return undefined
        this.#parts.push(event.text)
        this.#length += event.text.length
        this.#tokenCount += 1
        return event
      case 'chunk':
        this.#passedOn += event.data.length
        return event
      case 'provider':
        this.#provider = event
        return undefined
      case 'interrupt':
        this.#interrupt = event.interrupt
        return undefined
      case 'sources':
        this.#sources = event.sources
        return event
      case 'progress':
        return event
      case 'suggestions':
        this.#suggestions = event
        return undefined
      case 'tool_call':
        this.#calls.push(event.call)
        return undefined
      case 'finish':
        this.#finish = {
          reason: event.reason,
          declines: event.declines ?? false,
          carry: event.carry,
        }
        this.#usage = addUsage(this.#usage, event.usage)
        return undefined
    }
  }

  content(): string {
    return this.#parts.join('')
  }

  roundText(): string {
    return this.#parts.slice(this.#earlierParts).join('')
  }

  startRound(): void {
    this.#finish = undefined
    this.#calls = []
    this.#earlierParts = this.#parts.length
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
