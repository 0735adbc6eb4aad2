/** Models: what the model server has, and which one it runs. */
import { ChatError } from '../../core/errors.ts'
import type { Cancellable, Inference } from '../../core/ports/index.ts'
import { json, type Reply, type Route } from '../route.ts'
import { modelDocs } from './docs.ts'
import { swapModelSchema } from './schemas.ts'

/** How long `GET /api/models` may take, in milliseconds. */
const MODELS_TIMEOUT = 30_000
/** How long a model server may take to load another model, in milliseconds. */
const SWAP_TIMEOUT = 600_000

export function createModelRoutes(inference: Inference): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/models',
      doc: modelDocs.list,
      handle: () => answerWithin(MODELS_TIMEOUT, (options) => inference.models(options)),
    },
    {
      method: 'POST',
      path: '/api/models/swap',
      doc: modelDocs.swap,
      role: 'admin',
      async handle(exchange) {
        const { model_tag } = await exchange.json(swapModelSchema)
        return await answerWithin(SWAP_TIMEOUT, async (options) => {
          // Absent where it is known from the start that the server cannot.
          if (inference.swapModel) return await inference.swapModel(model_tag, options)
          throw new ChatError('conflict', 'This model server cannot load another model.')
        })
      },
    },
  ]
}

/** What a model server answers, as it stands. */
async function answerWithin(
  milliseconds: number,
  ask: (options: Cancellable) => Promise<unknown>,
): Promise<Reply> {
  const signal = AbortSignal.timeout(milliseconds)
  try {
    return json(await ask({ signal }))
  } catch (error) {
    if (!signal.aborted || error instanceof ChatError) throw error
    throw new ChatError('inference_timeout', 'The model server did not answer in time.', {
      cause: error,
    })
  }
}
