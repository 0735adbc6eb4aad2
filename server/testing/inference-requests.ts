import type { GenerateRequest, Inference, InferenceEvent } from '../core/ports/index.ts'

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
    for await (const batch of inference.generate(request, { signal })) batches.push(batch)
  } catch (thrown) {
    error = thrown
  }
  const events = batches.flat()
  const text = events.map((event) => (event.type === 'token' ? event.text : '')).join('')
  const finish = events.find((event) => event.type === 'finish')
  return { batches, text, finish, error }
}
