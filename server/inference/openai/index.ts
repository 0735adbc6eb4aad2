/**
 * inference/openai: any server that speaks OpenAI's chat completions. Begin at `createOpenai`: body.ts and
 * messages.ts write a request, chunk.ts and events.ts read the answer, refusals.ts asks again in another way.
 */
import { ChatError } from '../../core/errors.ts'
import type {
  Cancellable,
  GenerateRequest,
  Inference,
  Logger,
  PushedAnswer,
} from '../../core/ports/index.ts'
import { streamAnswer } from '../transport/answer-stream.ts'
import { ChanceFailure } from '../failure.ts'
import {
  extraBodiesFor,
  type ExtraBody,
  isKnownByAddress,
  thinkingParameters,
} from './extra-fields.ts'
import type { JsonRecord } from '../../text/json.ts'
import { buildBody, type Part } from './body.ts'
import { OpenaiReader } from './events.ts'
import { createRefusalMemory, isNoRoute, remedyFor, type Remedy } from './refusals.ts'
import {
  chatModels,
  createModelList,
  readModelList,
  type ModelCard,
  createReadiness,
  createWorkWatch,
  type ReadyPatience,
} from './models.ts'
import { hasParts, loadFiles, NO_FILES } from './messages.ts'
import {
  createUpstream,
  isGood,
  jsonOf,
  type UpstreamAnswer,
  type UpstreamOptions,
} from '../transport/upstream.ts'
import { createOpenaiRoutes } from '../urls.ts'

/** Times that one request is asked with fewer tokens, each time fewer. */
const MOST_TOKEN_LIMITS = 4
/** An answer that comes whole is silent until it is complete: it has as many times as long as a stream. */
const WHOLE_ANSWER_PATIENCE = 4
/** Among the models that callers may name: whatever the server lists. */
const ALL_LISTED = '*'

export interface OpenaiOptions extends UpstreamOptions {
  /** Base URL, or the address of the route, with or without `/v1`. */
  readonly url: string
  readonly apiKey: string | undefined
  /** Asked for when a request names none that it may; without it the first one allowed, or listed. */
  readonly model: string | undefined
  /**
   * Models that a request may name besides, `*` for what the server lists. Without it, none; what the server
   * lists where no model is named at all.
   */
  readonly allowedModels?: readonly string[] | undefined
  /** How long the answer to a thread may be silent; for ever without one. */
  readonly threadTimeoutSeconds?: number | undefined
  /** Whether its models may be sent images; true unless the operator says otherwise. */
  readonly takesImages?: boolean
  /** Fields for every request. */
  readonly extraBody?: ExtraBody | undefined
  /** Fields that turn thinking on and off; without them, what is known of the server. */
  readonly thinkBody?: { readonly on: ExtraBody; readonly off: ExtraBody } | undefined
  /** How long it is waited for when it is asked whether it is ready; tests set it. */
  readonly readyPatience?: ReadyPatience
}

/** What is wrong may be one image or one conversation, which says nothing about the next. */
const lastingOf = (refused: ReadonlySet<Part>): ReadonlySet<Part> =>
  new Set([...refused].filter((part) => part !== 'images' && part !== 'conversation_id'))

/** A server that speaks OpenAI's chat completions. The log is told what it refuses. */
export function createOpenai(options: OpenaiOptions, logger?: Logger): Inference {
  const address = new URL(options.url)
  const askBelow = createOpenaiRoutes(options.url)
  const upstream = createUpstream(address.origin, options)
  const headers: Readonly<Record<string, string>> = options.apiKey
    ? { authorization: `Bearer ${options.apiKey}` }
    : {}
  const askForModels = (cancellable: Cancellable) =>
    askBelow(
      '/models',
      (url) => upstream.ask({ method: 'GET', url, headers }, cancellable),
      (answer) =>
        isNoRoute(answer) || (isGood(answer.status) && readModelList(answer.body) === undefined),
    )
  const list = createModelList(async (cancellable) => jsonOf(await askForModels(cancellable)))
  const memory = createRefusalMemory()
  const work = createWorkWatch(options.readyPatience)
  const { threadTimeoutSeconds = Number.POSITIVE_INFINITY, allowedModels } = options
  const named = (allowedModels ?? []).filter((name) => name !== ALL_LISTED)
  const allowed = new Set(options.model === undefined ? named : [options.model, ...named])
  const allowsListed = allowedModels?.includes(ALL_LISTED) ?? options.model === undefined

  const readiness = createReadiness({
    askForModels,
    askForNothing: (cancellable) =>
      askBelow(
        '/chat/completions',
        (url) => upstream.ask({ method: 'POST', url, headers, body: {} }, cancellable),
        isNoRoute,
      ),
    logger,
  })

  const patience = ({ thread }: GenerateRequest, streams: boolean) => {
    if (thread) return { silenceMs: threadTimeoutSeconds * 1_000 }
    return streams ? {} : { silenceMs: options.timeoutSeconds * 1_000 * WHOLE_ANSWER_PATIENCE }
  }

  const isListed = async (model: string, cancellable: Cancellable) => {
    try {
      return await list.has(model, cancellable)
    } catch {
      // A list that cannot be read allows nothing; without a default, that is told when it is looked for.
      cancellable.signal.throwIfAborted()
      return false
    }
  }

  const mayBeNamed = async (model: string, cancellable: Cancellable) =>
    allowed.has(model) || (allowsListed && (await isListed(model, cancellable)))

  /** Who pays is the operator: what a caller names and may not is passed over. */
  const modelOf = async ({ model }: GenerateRequest, cancellable: Cancellable) => {
    if (model !== null && (await mayBeNamed(model, cancellable))) return model
    const [first] = allowed
    return first ?? (await list.first(cancellable))
  }

  const thinkingOf = (model: string, on: boolean): readonly JsonRecord[] => {
    if (options.thinkBody) return extraBodiesFor(options.thinkBody[on ? 'on' : 'off'], model)
    if (!isKnownByAddress(address)) list.learn()
    return [thinkingParameters({ url: address, owner: list.ownerOf(model), model }, on)]
  }

  const send = (request: GenerateRequest, body: JsonRecord, cancellable: Cancellable) =>
    askBelow(
      '/chat/completions',
      (url) =>
        upstream.tryOpen(
          { method: 'POST', url, headers, body, ...patience(request, body.stream === true) },
          cancellable,
        ),
      (opened) => 'refused' in opened && isNoRoute(opened.refused),
    )

  /** Asks until the server takes the request, or says nothing more that could be done about it. */
  const open = async (
    request: GenerateRequest,
    cancellable: Cancellable,
  ): Promise<UpstreamAnswer> => {
    const model = await modelOf(request, cancellable)
    const thinking = thinkingOf(model, request.thinkingMode)
    const extra = options.extraBody ? extraBodiesFor(options.extraBody, model) : []
    const hasAny = request.messages.some(hasParts)
    const files = hasAny ? await loadFiles(request.messages) : NO_FILES
    const known = memory.of(model)
    const refused = new Set<Part>(known.parts)
    let { messages } = request
    let { mostTokens } = known
    let mostOfModel = mostTokens
    let limits = 0
    let isSecondTry = false

    /** Whether there is something in it that has not been tried; every remedy can be taken a few times at most. */
    const take = (remedy: Remedy): boolean => {
      switch (remedy.kind) {
        case 'without':
          refused.add(remedy.part)
          return true
        case 'fewer_tokens':
          limits += 1
          mostTokens = remedy.most
          if (remedy.isOfModel) mostOfModel = remedy.most
          return limits <= MOST_TOKEN_LIMITS
        case 'shorter_history': {
          const shorter = newerHalf(messages)
          if (shorter.length === messages.length) return false
          messages = shorter
          return true
        }
        case 'again': {
          const isFirst = !isSecondTry
          isSecondTry = true
          return isFirst
        }
      }
    }

    for (let tries = 1; ; tries += 1) {
      const { body, parts } = buildBody(
        { ...request, messages },
        { model, thinking, extra, files, refused, mostTokens },
      )
      const opened = await send(request, body, cancellable)
      if (!('refused' in opened)) {
        readiness.answered(true)
        if (tries > 1) {
          memory.remember(model, { parts: lastingOf(refused), mostTokens: mostOfModel })
        }
        return opened
      }
      const remedy = remedyFor(opened.refused, { body, parts })
      if (!remedy || !take(remedy)) {
        readiness.answered(false)
        throw remedy?.kind === 'again' ? worthAnotherTry(opened.error) : opened.error
      }
      const { said, ...change } = remedy
      logger?.info({ model, ...change, said }, REMEDIES[remedy.kind])
    }
  }

  const openListed = async (request: GenerateRequest, cancellable: Cancellable) => {
    try {
      return await open(request, cancellable)
    } catch (error) {
      list.forget()
      throw error
    }
  }

  /** What a request may name; what the operator has named is there also where the server does not list it. */
  const offered = (cards: readonly ModelCard[]): readonly Pick<ModelCard, 'id' | 'name'>[] => {
    const listed = allowsListed ? chatModels(cards) : cards.filter(({ id }) => allowed.has(id))
    const isAmong = (id: string) => listed.some((card) => card.id === id)
    const others = [...allowed].filter((id) => !isAmong(id)).map((id) => ({ id, name: id }))
    return [...listed, ...others]
  }

  return {
    kind: 'openai',
    callsTools: true,
    takesImages: options.takesImages ?? true,
    generate: (request, cancellable) =>
      work.watch(
        withSecondTry(
          () =>
            streamAnswer(
              () => openListed(request, cancellable),
              () =>
                new OpenaiReader({
                  usedCallIds: request.rounds.flatMap(({ calls }) => calls.map(({ id }) => id)),
                  tools: request.tools.map(({ name }) => name),
                  keepsReasoning: request.tools.length > 0,
                  isThread: request.thread !== undefined,
                }),
            ),
          ({ message }) => logger?.info({ kind: 'again', said: message }, REMEDIES.again),
        ),
      ),
    async models(cancellable) {
      const cards = offered(await list.read(cancellable))
      return {
        models: cards.map(({ id }) => id),
        cards: cards.map(({ id, name }) => ({ id, name })),
      }
    },
    isReady: (cancellable) => work.isReady(readiness.isReady, cancellable),
    async close() {
      list.close()
      await upstream.close()
    },
  }
}

/**
 * The answer; asked for once more where a failure by chance is all that came of it: servers that stream find out
 * too late to refuse. `tell` is told of it.
 */
function withSecondTry(
  ask: () => PushedAnswer,
  tell: (failure: ChanceFailure) => void,
): PushedAnswer {
  return {
    async push(take) {
      let hasBegun = false
      try {
        return await ask().push((batch) => {
          hasBegun = true
          return take(batch)
        })
      } catch (failure) {
        if (hasBegun || !(failure instanceof ChanceFailure)) throw failure
        tell(failure)
      }
      await ask().push(take)
    },
  }
}

/** Whoever asks again may be luckier. */
const worthAnotherTry = ({ code, message, cause }: ChatError) =>
  new ChatError(code, message, { cause, retryable: true })

const REMEDIES = {
  without: 'The model server does not take a part of what it was asked, and is asked without it.',
  fewer_tokens:
    'The model server gives no answer as long as it was asked for, and is asked for less.',
  shorter_history:
    'The conversation is longer than the model reads, and is asked without its beginning.',
  again: 'The model server could not read what its model wrote, and is asked once more.',
} satisfies Record<Remedy['kind'], string>

/** The newer half, from a question on; all where there is no such half. */
function newerHalf(messages: GenerateRequest['messages']): GenerateRequest['messages'] {
  const half = Math.ceil(messages.length / 2)
  const from = messages.findIndex(({ role }, at) => at >= half && role === 'user')
  return from < 0 ? messages : messages.slice(from)
}
