import { ChatError } from '../core/errors.ts'
import type { Cancellable, GenerateRequest, Inference, Logger } from '../core/ports.ts'
import { createNanochat, type NanochatOptions } from './nanochat.ts'
import { createOpenai, type OpenaiOptions } from './openai.ts'
import { readModelList } from './openai-models.ts'
import { createUpstream } from './upstream.ts'
import { openaiBase, urlBelow } from './urls.ts'

export type AutomaticOptions = OpenaiOptions & NanochatOptions

/**
 * Asks the server which protocol it speaks: one with an OpenAI model list speaks `openai`, any other
 * `nanochat`. It is asked when it is first needed, and again until it has answered.
 */
export function createAutomatic(options: AutomaticOptions, logger: Logger): Inference {
  let found: Inference | undefined
  const base = openaiBase(options.url)
  const upstream = createUpstream(base.origin, options.timeoutSeconds)

  const detect = async (cancellable: Cancellable): Promise<Inference> => {
    const speaksOpenai = await hasModelList(cancellable)
    // Another request may have asked at the same time and been answered first.
    if (!found) {
      found = speaksOpenai ? createOpenai(options) : createNanochat(options)
      logger.info({ api: found.kind }, 'The model server has said which protocol it speaks.')
    }
    return found
  }

  const hasModelList = async (cancellable: Cancellable): Promise<boolean> => {
    const headers: Readonly<Record<string, string>> = options.apiKey
      ? { authorization: `Bearer ${options.apiKey}` }
      : {}
    const url = urlBelow(base, '/models')
    const { status, body } = await upstream.ask({ method: 'GET', url, headers }, cancellable)
    // Not ready yet: no answer to the question.
    if (status === 429 || status >= 500) {
      throw new ChatError('inference_error', `inference answered HTTP ${status}`)
    }
    // A list that asks for a key is there.
    if (status === 401 || status === 403) return true
    return status < 300 && readModelList(body) !== undefined
  }

  const inference = async (cancellable: Cancellable) => found ?? (await detect(cancellable))

  return {
    /** What is assumed until the server has answered. */
    get kind() {
      return found?.kind ?? 'openai'
    },
    // While the server has not answered; an adapter that calls no tools passes them over.
    get callsTools() {
      return found?.callsTools ?? true
    },
    generate: (request, cancellable) =>
      found
        ? found.generate(request, cancellable)
        : generateLate(() => inference(cancellable), request, cancellable),
    async swapModel(modelTag, cancellable) {
      const { swapModel } = await inference(cancellable)
      if (swapModel) return await swapModel(modelTag, cancellable)
      throw new ChatError('conflict', 'The model server cannot load another model.')
    },
    models: async (cancellable) => await (await inference(cancellable)).models(cancellable),
    async isReady(cancellable) {
      try {
        return await (await inference(cancellable)).isReady(cancellable)
      } catch {
        // Whatever the reason, the answer is no.
        return false
      }
    },
    async close() {
      await Promise.all([upstream.close(), found?.close()])
    },
  }
}

/** Only while the server has not answered yet: later streams go without this step in between. */
async function* generateLate(
  inference: () => Promise<Inference>,
  request: GenerateRequest,
  cancellable: Cancellable,
) {
  yield* (await inference()).generate(request, cancellable)
}
