import type {
  AnswerEvents,
  GenerateRequest,
  Inference,
  InferenceEvent,
} from '../core/ports/index.ts'
import { takeAll } from '../core/turn/answer.ts'

/** A request to a model server, with what a test wants different. */
export function generateRequest(changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    messages: [{ role: 'user', content: 'Hello' }],
    systemPrompt: 'Be brief.',
    model: null,
    temperature: 0.8,
    maxTokens: 1024,
    topK: 50,
    thinkingMode: false,
    forceWebSearch: false,
    tools: [],
    mayCallTools: true,
    rounds: [],
    trace: { traceId: 'trace-1', userId: 'user-1' },
    ...changes,
  }
}

export interface GatheredAnswer {
  readonly batches: readonly (readonly InferenceEvent[])[]
  readonly text: string
  readonly finish: Extract<InferenceEvent, { type: 'finish' }> | undefined
  /** What `generate` threw. */
  readonly error: unknown
}

/** Runs a generation to its end, or to its failure. */
export async function gather(
  inference: Inference,
  request: GenerateRequest = generateRequest(),
  signal: AbortSignal = new AbortController().signal,
): Promise<GatheredAnswer> {
  const batches: (readonly InferenceEvent[])[] = []
  let error: unknown
  try {
    await takeAll(inference.generate(request, { signal }), (batch) => batches.push(batch) > 0)
  } catch (thrown) {
    error = thrown
  }
  const events = batches.flat()
  const text = events.map((event) => (event.type === 'token' ? event.text : '')).join('')
  const finish = events.find((event) => event.type === 'finish')
  return { batches, text, finish, error }
}

/** The events of an answer when a test asks for them: each time all that has come since the last. */
export function eventsOf(answer: AnswerEvents) {
  let waiting: InferenceEvent[] = []
  let changed = Promise.withResolvers<void>()
  let isWanted = true
  let reading: Promise<void> | undefined
  let isOver = false

  const read = async () => {
    try {
      await takeAll(answer, (batch) => {
        waiting.push(...batch)
        changed.resolve()
        return isWanted
      })
    } finally {
      isOver = true
      changed.resolve()
    }
  }

  return {
    /** Resolves to `undefined` at the end. Rejects with what failed, once all that came before has been given. */
    async next(): Promise<readonly InferenceEvent[] | undefined> {
      reading ??= read()
      // It is told below, when what came before it has been taken.
      reading.catch(() => {})
      while (waiting.length === 0 && !isOver) {
        await changed.promise
        changed = Promise.withResolvers()
      }
      if (waiting.length === 0) {
        await reading
        return undefined
      }
      const taken = waiting
      waiting = []
      return taken
    },
    /** Nothing more is wanted than what comes next. */
    leave() {
      isWanted = false
    },
  }
}
