import { ChatError } from '../core/errors.ts'
import type { Cancellable, GenerateRequest, Inference } from '../core/ports.ts'
import { streamAnswer } from './answer-stream.ts'
import { createOpenaiReader } from './openai-events.ts'
import { openaiMessages } from './openai-history.ts'
import { readModelList, type ModelCard } from './openai-models.ts'
import { createUpstream } from './upstream.ts'
import { openaiBase, urlBelow } from './urls.ts'

export interface OpenaiOptions {
  /** Base URL, with or without `/v1`. */
  readonly url: string
  readonly apiKey: string | undefined
  /** Asked for when a request names none; without it the first one listed. */
  readonly model: string | undefined
  readonly timeoutSeconds: number
}

/** A server that speaks OpenAI's chat completions. */
export function createOpenai(options: OpenaiOptions): Inference {
  const base = openaiBase(options.url)
  const completionsUrl = urlBelow(base, '/chat/completions')
  const upstream = createUpstream(base.origin, options.timeoutSeconds)
  const headers: Readonly<Record<string, string>> = options.apiKey
    ? { authorization: `Bearer ${options.apiKey}` }
    : {}
  const modelsRequest = { method: 'GET', url: urlBelow(base, '/models'), headers } as const
  let firstListed: string | undefined

  const listModels = async (cancellable: Cancellable): Promise<readonly ModelCard[]> => {
    const body = await upstream.json(modelsRequest, cancellable)
    const cards = readModelList(body)
    if (cards) return cards
    throw new ChatError('inference_error', 'The model server sent no list of models.')
  }

  const modelOf = async (request: GenerateRequest, cancellable: Cancellable) => {
    const named = request.model ?? options.model ?? firstListed
    if (named !== undefined) return named
    const [first] = await listModels(cancellable)
    if (!first) throw new ChatError('inference_error', 'The model server has no models.')
    firstListed = first.id
    return first.id
  }

  const open = async (request: GenerateRequest, cancellable: Cancellable) => {
    const model = await modelOf(request, cancellable)
    try {
      return await upstream.open(
        { method: 'POST', url: completionsUrl, headers, body: bodyOf(request, model) },
        cancellable,
      )
    } catch (error) {
      // Another model may be served by now.
      firstListed = undefined
      throw error
    }
  }

  return {
    kind: 'openai',
    generate: (request, cancellable) =>
      streamAnswer(() => open(request, cancellable), createOpenaiReader),
    async models(cancellable) {
      const cards = await listModels(cancellable)
      return { models: cards.map(({ id }) => id), cards }
    },
    isReady: (cancellable) => upstream.isUp(modelsRequest, cancellable),
    close: upstream.close,
  }
}

/** Only what OpenAI itself takes: it refuses a request with a parameter that it does not know. */
function bodyOf(request: GenerateRequest, model: string) {
  return {
    model,
    messages: openaiMessages(request.systemPrompt, request.messages),
    temperature: request.temperature,
    max_tokens: request.maxTokens,
    stream: true,
    stream_options: { include_usage: true },
  }
}
