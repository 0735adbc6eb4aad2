/**
 * inference: asks model servers and says what they answer, as the events of the `Inference` port. Begin at
 * `createInference`; the protocols are openai/ and nanochat.ts, HTTP to the servers is transport/.
 */
import { modelsAreOff, ChatError } from '../core/errors.ts'
import type { Inference, Logger, Cancellable } from '../core/ports/index.ts'
import { takeAll } from '../core/turn/answer.ts'
import { createNanochat, type NanochatOptions } from './nanochat.ts'
import { createOpenai, type OpenaiOptions } from './openai/index.ts'
import { createUpstream, type AskedAnswer, type Upstream } from './transport/upstream.ts'
import { readModelList } from './openai/models.ts'
import { refusesAsOpenai, isNoRoute } from './openai/refusals.ts'
import { createOpenaiRoutes, urlBelow } from './urls.ts'

type AutomaticOptions = OpenaiOptions & NanochatOptions

/** What any of the adapters needs. */
export interface InferenceConfig extends Omit<AutomaticOptions, 'url' | 'readyPatience'> {
  /** Base URL of the model server; without one the built-in engine answers. */
  readonly url: string | undefined
  /** A kind of server, or `auto`: the server is asked what it is. */
  readonly api: Inference['kind'] | 'auto'
  /** False: no model is asked anything. */
  readonly isOn?: boolean
}

export interface InferenceDependencies {
  readonly builtin: () => Inference
  readonly logger: Logger
}

/** A model server's adapter registers itself here, and nowhere else. */
const ADAPTERS = {
  openai: createOpenai,
  nanochat: createNanochat,
  auto: createAutomatic,
} satisfies Record<
  Exclude<InferenceConfig['api'], 'builtin'>,
  (config: InferenceConfig & { readonly url: string }, logger: Logger) => Inference
>

/** Stands where no model is to be asked; nothing is down then. */
const SWITCHED_OFF: Inference = {
  kind: 'openai',
  callsTools: false,
  takesImages: true,
  generate() {
    throw modelsAreOff()
  },
  async models() {
    throw modelsAreOff()
  },
  isReady: async () => true,
  close: async () => {},
}

/** The model server that the configuration names. Connects to nothing yet. */
export function createInference(
  config: InferenceConfig,
  dependencies: InferenceDependencies,
): Inference {
  const { url, api, isOn = true } = config
  if (!isOn) return SWITCHED_OFF
  if (url === undefined || api === 'builtin') return dependencies.builtin()
  return ADAPTERS[api]({ ...config, url }, dependencies.logger)
}

type Protocol = 'openai' | 'nanochat'

/**
 * Which protocol a server speaks, by its lists of models; `undefined` when it shows none without a key that
 * we have not got, or none that can be read.
 * @throws ChatError as asking does; `inference_error` while the server is not ready
 */
async function detectProtocol(
  { url, apiKey, internalApiKey }: AutomaticOptions,
  upstream: Upstream,
  cancellable: Cancellable,
): Promise<Protocol | undefined> {
  const ask = async (list: URL, headers: Readonly<Record<string, string>>) => {
    const answer = await upstream.ask({ method: 'GET', url: list, headers }, cancellable)
    // Not ready yet: no answer to the question.
    if (answer.status === 429 || (answer.status >= 500 && answer.status !== 501)) {
      throw new ChatError('inference_error', `inference answered HTTP ${answer.status}`)
    }
    return answer
  }

  const bearer = apiKey ? { authorization: `Bearer ${apiKey}` } : undefined
  const headers = bearer ?? {}
  const askBelow = createOpenaiRoutes(url)
  const openaiList = await askBelow(
    '/models',
    (list) => ask(list, headers),
    (answer) => isNoRoute(answer) || isUnreadable(answer),
  )
  if (!isGuarded(openaiList)) {
    if (openaiList.status < 300 && !isUnreadable(openaiList)) return byList(openaiList)
    // Not all have a list. An answer to nothing costs nothing, and says what is missing.
    const answer = await askBelow(
      '/chat/completions',
      (route) => upstream.ask({ method: 'POST', url: route, headers, body: {} }, cancellable),
      isNoRoute,
    )
    if (isGuarded(answer)) return undefined
    if (refusesAsOpenai(answer)) return 'openai'
    return isUnreadable(openaiList) ? undefined : 'nanochat'
  }
  // With a key of its own kind, the server knows what a refused one is.
  if (bearer && !internalApiKey) return undefined

  const ownList = urlBelow(new URL(url), '/models')
  const internal = internalApiKey ? { 'x-internal-api-key': internalApiKey } : undefined
  const answer = await ask(ownList, internal ?? {})
  if (isGuarded(answer)) return undefined
  if (answer.status < 300) return byList(answer)
  // It has no such list, but a key of nanochat's kind opens the door behind which it would be.
  return internal && isGuarded(await ask(ownList, {})) ? 'nanochat' : undefined
}

const isGuarded = ({ status }: AskedAnswer) => status === 401 || status === 403

/** Cut off, or a page in its place: it says nothing about the server. */
const isUnreadable = ({ status, body }: AskedAnswer) => status < 300 && body === undefined

const byList = ({ body }: AskedAnswer): Protocol => (readModelList(body) ? 'openai' : 'nanochat')

/** Milliseconds between two questions that nobody's message needs: anybody may have them asked. */
const LEARNING_PAUSE = 2_000

/**
 * Asks the server which protocol it speaks: one with an OpenAI model list speaks `openai`, any other
 * `nanochat`. It is asked when it is first needed, and again until it has answered. One that shows its list
 * to nobody without a key is taken for `openai`, and asked again until an answer has come from it.
 */
function createAutomatic(options: AutomaticOptions, logger: Logger): Inference {
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
      found?.generate(request, cancellable) ?? {
        async push(take) {
          const asked = await inference(cancellable)
          await takeAll(asked.generate(request, cancellable), (batch) => {
            // A guess was right when an answer comes.
            settle(asked)
            return take(batch)
          })
        },
      },
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
