import { ChatError } from '../core/errors.ts'
import type { Cancellable, GenerateRequest, Inference, Logger } from '../core/ports/index.ts'
import { createNanochat, type NanochatOptions } from './nanochat/index.ts'
import { createOpenai, type OpenaiOptions } from './openai/index.ts'
import { createUpstream } from './transport/upstream.ts'
import { detectProtocol } from './detect-protocol.ts'

/** Milliseconds between two questions that nobody's message needs: anybody may have them asked. */
const LEARNING_PAUSE = 2_000

export type AutomaticOptions = OpenaiOptions & NanochatOptions

/**
 * Asks the server which protocol it speaks: one with an OpenAI model list speaks `openai`, any other
 * `nanochat`. It is asked when it is first needed, and again until it has answered. One that shows its list
 * to nobody without a key is taken for `openai`, and asked again until an answer has come from it.
 */
export function createAutomatic(options: AutomaticOptions, logger: Logger): Inference {
  let found: Inference | undefined
  let guess: Inference | undefined
  let learnAgainAt = 0
  const upstream = createUpstream(new URL(options.url).origin, options)

  const detect = async (cancellable: Cancellable): Promise<Inference> => {
    const protocol = await detectProtocol(options, upstream, cancellable)
    // Another request may have asked at the same time and been answered first.
    if (found) return found
    if (protocol === undefined) {
      guess ??= createOpenai(options, logger)
      return guess
    }
    return settle(
      protocol === 'openai' ? (guess ?? createOpenai(options, logger)) : createNanochat(options),
    )
  }

  const settle = (inference: Inference): Inference => {
    if (!found) {
      found = inference
      logger.info({ api: found.kind }, 'The model server has said which protocol it speaks.')
    }
    return found
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
    get takesImages() {
      return found ? (found.takesImages ?? false) : (options.takesImages ?? true)
    },
    get messageLimit() {
      return found?.messageLimit
    },
    async learn(cancellable) {
      const now = performance.now()
      if (found || now < learnAgainAt) return
      learnAgainAt = now + LEARNING_PAUSE
      await inference(cancellable)
    },
    generate: (request, cancellable) =>
      found
        ? found.generate(request, cancellable)
        : generateLate(() => inference(cancellable), settle, request, cancellable),
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
      await Promise.all([upstream, found, guess].map(async (opened) => await opened?.close()))
    },
  }
}

/** Only while the server has not answered yet: later streams go without this step in between. */
async function* generateLate(
  inference: () => Promise<Inference>,
  answered: (inference: Inference) => void,
  request: GenerateRequest,
  cancellable: Cancellable,
) {
  const asked = await inference()
  for await (const batch of asked.generate(request, cancellable)) {
    // A guess was right when an answer comes.
    answered(asked)
    yield batch
  }
}
