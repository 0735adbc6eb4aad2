import type { Cancellable, GenerateRequest, Inference } from '../core/ports.ts'
import { streamAnswer } from './transport/answer-stream.ts'
import { extraBodiesFor, type ExtraBody } from './extra-body.ts'
import type { JsonRecord } from './json.ts'
import { buildBody, type Part } from './openai-body.ts'
import { createOpenaiReader } from './openai-events.ts'
import { createRefusalMemory } from './openai-memory.ts'
import { createModelList, readModelList } from './openai-models.ts'
import { hasParts, loadFiles, NO_FILES } from './openai-question.ts'
import { isNoRoute, refusedPart } from './openai-refusals.ts'
import { isKnownByAddress, thinkingParameters } from './thinking-parameters.ts'
import { createUpstream, isGood, jsonOf, type UpstreamAnswer } from './transport/upstream.ts'
import { createOpenaiRoutes } from './urls.ts'

/** A server that refuses more than this of one request is not asked again; those of threads have more in them. */
const MOST_REFUSALS = 4
const MOST_REFUSALS_OF_THREADS = 8

export interface OpenaiOptions {
  /** Base URL, or the address of the route, with or without `/v1`. */
  readonly url: string
  readonly apiKey: string | undefined
  /** Asked for when a request names none; without it the first one listed. */
  readonly model: string | undefined
  readonly timeoutSeconds: number
  /** How long the answer to a thread may be silent; for ever without one. */
  readonly threadTimeoutSeconds?: number | undefined
  /** Whether its models may be sent images; true unless the operator says otherwise. */
  readonly takesImages?: boolean
  /** Fields for every request. */
  readonly extraBody?: ExtraBody | undefined
  /** Fields that turn thinking on and off; without them, what is known of the server. */
  readonly thinkBody?: { readonly on: ExtraBody; readonly off: ExtraBody } | undefined
}

/** What is wrong may be one image or one conversation, which says nothing about the next. */
const lastingOf = (refused: ReadonlySet<Part>): ReadonlySet<Part> =>
  new Set([...refused].filter((part) => part !== 'images' && part !== 'conversation_id'))

/** A server that speaks OpenAI's chat completions. */
export function createOpenai(options: OpenaiOptions): Inference {
  const address = new URL(options.url)
  const routes = createOpenaiRoutes(options.url)
  const upstream = createUpstream(address.origin, options.timeoutSeconds)
  const headers: Readonly<Record<string, string>> = options.apiKey
    ? { authorization: `Bearer ${options.apiKey}` }
    : {}
  const askForModels = (cancellable: Cancellable) =>
    routes.ask(
      '/models',
      (url) => upstream.ask({ method: 'GET', url, headers }, cancellable),
      (answer) =>
        isNoRoute(answer) || (isGood(answer.status) && readModelList(answer.body) === undefined),
    )
  const list = createModelList(async (cancellable) => jsonOf(await askForModels(cancellable)))
  const memory = createRefusalMemory()
  const { threadTimeoutSeconds = Number.POSITIVE_INFINITY } = options

  const patience = ({ thread }: GenerateRequest) =>
    thread && { silenceMs: threadTimeoutSeconds * 1_000 }

  const modelOf = async (request: GenerateRequest, cancellable: Cancellable) =>
    request.model ?? options.model ?? (await list.first(cancellable))

  const thinkingOf = (model: string, on: boolean): readonly JsonRecord[] => {
    if (options.thinkBody) return extraBodiesFor(options.thinkBody[on ? 'on' : 'off'], model)
    if (!isKnownByAddress(address)) list.learn()
    return [thinkingParameters({ url: address, owner: list.ownerOf(model), model }, on)]
  }

  const open = async (
    request: GenerateRequest,
    cancellable: Cancellable,
  ): Promise<UpstreamAnswer> => {
    const model = await modelOf(request, cancellable)
    const thinking = thinkingOf(model, request.thinkingMode)
    const extra = options.extraBody ? extraBodiesFor(options.extraBody, model) : []
    const hasAny = request.messages.some(hasParts)
    const files = hasAny ? await loadFiles(request.messages) : NO_FILES
    const refused = new Set<Part>(memory.of(model))
    const mostRefusals = request.thread ? MOST_REFUSALS_OF_THREADS : MOST_REFUSALS
    for (let refusals = 0; ; refusals += 1) {
      const { body, parts } = buildBody(request, { model, thinking, extra, files, refused })
      const opened = await routes.ask(
        '/chat/completions',
        (url) =>
          upstream.tryOpen(
            { method: 'POST', url, headers, body, ...patience(request) },
            cancellable,
          ),
        (answer) => 'refused' in answer && isNoRoute(answer.refused),
      )
      if (!('refused' in opened)) {
        if (refusals > 0) memory.remember(model, lastingOf(refused))
        return opened
      }
      const part = refusals < mostRefusals ? refusedPart(opened.refused, parts) : undefined
      if (part === undefined) throw opened.error
      refused.add(part)
    }
  }

  const openListed = async (request: GenerateRequest, cancellable: Cancellable) => {
    try {
      return await open(request, cancellable)
    } catch (error) {
      // Another model may be served by now.
      list.forgetFirst()
      throw error
    }
  }

  return {
    kind: 'openai',
    callsTools: true,
    takesImages: options.takesImages ?? true,
    generate: (request, cancellable) =>
      streamAnswer(
        () => openListed(request, cancellable),
        () =>
          createOpenaiReader({
            usedCallIds: request.rounds.flatMap(({ calls }) => calls.map(({ id }) => id)),
            tools: request.tools.map(({ name }) => name),
            keepsReasoning: request.tools.length > 0,
            isThread: request.thread !== undefined,
          }),
      ),
    async models(cancellable) {
      const cards = await list.read(cancellable)
      return {
        models: cards.map(({ id }) => id),
        cards: cards.map(({ id, name }) => ({ id, name })),
      }
    },
    async isReady(cancellable) {
      try {
        return (await askForModels(cancellable)).status < 500
      } catch {
        // Whatever the reason, the answer is no.
        return false
      }
    },
    async close() {
      list.close()
      await upstream.close()
    },
  }
}
