/** Which models a server has, and whether it can be asked. */
import { ChatError } from '../../core/errors.ts'
import type { Cancellable, Inference, Logger, PushedAnswer } from '../../core/ports/index.ts'
import { isRecord, itemsOf, type JsonRecord } from '../../text/json.ts'
import { isNoRoute } from './refusals.ts'
import { isGood, type AskedAnswer } from '../transport/upstream.ts'

export interface ModelCard {
  readonly id: string
  readonly name: string
  /** Who made it or serves it (`owned_by`), in the server's words. */
  readonly owner: string | undefined
  /** Whether it answers questions, as far as the list or the name tells. */
  readonly chats: boolean
}

/**
 * The models of an OpenAI-compatible model list (`{object:'list',data:[{id}]}`; some servers send the
 * list alone). `undefined` when it is no such list.
 */
export function readModelList(body: unknown): readonly ModelCard[] | undefined {
  const listed = isRecord(body) ? body.data : body
  if (!Array.isArray(listed)) return undefined
  const cards = itemsOf(listed).flatMap((entry) => {
    if (!isRecord(entry) || typeof entry.id !== 'string') return []
    const { id, name, owned_by } = entry
    return [
      {
        id,
        name: typeof name === 'string' ? name : id,
        owner: typeof owned_by === 'string' ? owned_by : undefined,
        chats: chats(id, entry),
      },
    ]
  })
  return cards.length > 0 || listed.length === 0 ? cards : undefined
}

/** The models that answer questions; all of them where none seems to. */
export function chatModels(cards: readonly ModelCard[]): readonly ModelCard[] {
  const chatting = cards.filter((card) => card.chats)
  return chatting.length > 0 ? chatting : cards
}

/** By its name: models of vectors, order, sounds, pictures and judgement, and those from before chats. */
const NO_CHAT =
  /embed|rerank|whisper|(?:^|[^a-z])(?:tts|asr|stt|bge|gte|e5|clip|voyage|sora|veo|flux|sdxl|ocr)(?:[^a-z]|$)|speech|transcri|dall-?e|stable-?diffusion|diffusion|imagen|image|moderation|guard|minilm|colbert|similarity|realtime|(?:^|[-/])audio|-audio|parakeet|kokoro|babbage|davinci|gpt-3\.5-turbo-instruct|lyria|mxbai|arctic-m|ada-002/i
/** In the words for what a model is, or can do. */
const OTHER_KIND =
  /embed|rerank|whisper|speech|transcri|\b(?:tts|asr|stt|audio|video|ocr|image)\b|text[-_ ]to[-_ ](?!text)|moderation|classif|similarity|translation/i
const CHAT_KIND = /chat|completion|llm|vlm|text[-_ ]generation|generatecontent|language|\bcode\b/i

/** What lists say of a model's kind, in the words of LM Studio, together.ai, Xinference, Cloudflare and others. */
const KINDS = [
  'type',
  'model_type',
  'reported_type',
  'task',
  'mode',
  'kind',
  'pipeline_tag',
] as const
/** What lists say of what a model can do, in those of Mistral, Azure, Ollama, Cohere, Gemini and others. */
const ABILITIES = [
  'capabilities',
  'endpoints',
  'supported_endpoint_types',
  'supported_generation_methods',
  'supportedGenerationMethods',
] as const

function chats(id: string, entry: JsonRecord): boolean {
  return saysChats(entry) ?? !NO_CHAT.test(id)
}

/** What the list says, if it does. */
function saysChats(entry: JsonRecord): boolean | undefined {
  const outputs = outputsOf(entry)
  if (outputs !== undefined && !/\btext\b/i.test(outputs)) return false
  for (const name of ABILITIES) {
    const can = abilitiesOf(entry[name])
    if (can.some((ability) => CHAT_KIND.test(ability))) return true
    if (can.some((ability) => OTHER_KIND.test(ability))) return false
  }
  for (const name of KINDS) {
    const value = entry[name]
    const kind = isRecord(value) ? value.name : value
    if (typeof kind !== 'string') continue
    if (OTHER_KIND.test(kind)) return false
    if (CHAT_KIND.test(kind)) return true
  }
  return undefined
}

/** `text+image->text`, or a list of modalities (OpenRouter's architecture, GitHub's models). */
function outputsOf(entry: JsonRecord): string | undefined {
  const { architecture, modality } = entry
  const described = isRecord(architecture) ? architecture : entry
  const listed = described.output_modalities ?? described.supported_output_modalities
  if (Array.isArray(listed)) return itemsOf(listed).map(String).join(' ')
  const written = described.modality ?? modality
  return typeof written === 'string' && written.includes('->') ? written.split('->')[1] : undefined
}

/** Names in a list, or of what is true. */
function abilitiesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return itemsOf(value).map(String)
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, has]) => (has === true ? [name] : []))
}

/** Times that a list which nobody waits for is asked for before it is given up. */
const MOST_TRIES = 3

/** Milliseconds for which a list that lacks a model is believed. */
const LIST_FRESH = 30_000

/** A server's models, and what is kept of them. */
export function createModelList(ask: (options: Cancellable) => Promise<unknown>) {
  const learning = new AbortController()
  let owners: ReadonlyMap<string, string> = new Map()
  let triesLeft = MOST_TRIES
  let isLearning = false
  let known: readonly ModelCard[] | undefined
  let knownAt = 0

  /** Asks for them. @throws ChatError as the server's answer, or `inference_error` for no list. */
  const read = async (cancellable: Cancellable): Promise<readonly ModelCard[]> => {
    const cards = readModelList(await ask(cancellable))
    if (!cards) {
      throw new ChatError('inference_error', 'The model server sent no list of models.')
    }
    triesLeft = 0
    known = cards
    knownAt = performance.now()
    owners = new Map(cards.flatMap(({ id, owner }) => (owner === undefined ? [] : [[id, owner]])))
    return cards
  }

  return {
    read,
    /** The id of the first one that chats; asked for once. @throws ChatError as read does, or when there are none. */
    async first(cancellable: Cancellable): Promise<string> {
      const [card] = chatModels(known ?? (await read(cancellable)))
      if (card) return card.id
      throw new ChatError('inference_error', 'The model server has no models.')
    },
    /** Whether a model that chats has this id; a list that lacks it is asked for again after a while. */
    async has(model: string, cancellable: Cancellable): Promise<boolean> {
      const isIn = (cards: readonly ModelCard[]) => chatModels(cards).some(({ id }) => id === model)
      if (known && (isIn(known) || performance.now() - knownAt < LIST_FRESH)) return isIn(known)
      return isIn(await read(cancellable))
    },
    /** Other models may be served by now. */
    forget(): void {
      known = undefined
    },
    /** Has the list read, beside everything else, unless it has been read already. */
    learn(): void {
      if (isLearning || triesLeft === 0) return
      isLearning = true
      triesLeft -= 1
      read({ signal: learning.signal })
        .catch(() => {
          // Then nothing is known of its models, which is no reason to refuse a request.
        })
        .finally(() => {
          isLearning = false
        })
    },
    ownerOf: (model: string) => owners.get(model),
    /** Stops learning. */
    close: () => learning.abort(),
  }
}

// Whether a model server can be asked.

/** Milliseconds for which a route that was found without a list of models need not be looked for again. */
const ROUTE_FRESH = 60_000

interface OpenaiReadinessOptions {
  readonly askForModels: (options: Cancellable) => Promise<AskedAnswer>
  /** Asks for an answer to nothing, which costs nothing and is refused by whoever could answer. */
  readonly askForNothing: (options: Cancellable) => Promise<AskedAnswer>
  /** Is told why the server is not ready, when that changes. */
  readonly logger: Logger | undefined
}

/**
 * By the list of models, where there is one; else by whether the route for answers is there. Answers that
 * have come say more than a list which is kept from us.
 */
export function createReadiness(options: OpenaiReadinessOptions) {
  const { askForModels, askForNothing, logger } = options
  let hasAnswered = false
  let routeFoundAt: number | undefined
  let told: string | undefined

  const reasonOf = async (cancellable: Cancellable): Promise<string | undefined> => {
    const { status, body } = await askForModels(cancellable)
    if (status === 429 || (isGood(status) && readModelList(body))) return undefined
    if (status >= 500) return `It answers HTTP ${status} when it is asked for its models.`
    if (hasAnswered) return undefined
    if (isGuarded(status)) return `It refuses the key (HTTP ${status}): look at INFERENCE_API_KEY.`
    const now = performance.now()
    if (routeFoundAt !== undefined && now - routeFoundAt < ROUTE_FRESH) return undefined
    const answer = await askForNothing(cancellable)
    if (isNoRoute(answer)) {
      return 'It has neither a list of models nor chat completions there: look at INFERENCE_SERVICE_URL.'
    }
    if (isGuarded(answer.status)) {
      return `It refuses the key (HTTP ${answer.status}): look at INFERENCE_API_KEY.`
    }
    if (answer.status >= 500) return `It answers HTTP ${answer.status}.`
    routeFoundAt = now
    return undefined
  }

  return {
    async isReady(cancellable: Cancellable): Promise<boolean> {
      const reason = await reasonOf(cancellable)
      if (reason !== undefined && reason !== told) {
        logger?.warn({ reason }, 'The model server is not ready.')
      }
      told = reason
      return reason === undefined
    },
    /** To be told how the server has answered a request for an answer: well, or with a refusal. */
    answered(well: boolean): void {
      hasAnswered = well
    },
  }
}

const isGuarded = (status: number) => status === 401 || status === 403

/** Milliseconds. */
export interface ReadyPatience {
  /** For its answer to the question whether it is there. */
  readonly answer: number
  /** An answer to a visitor that has grown within so many shows more than that question could. */
  readonly growing: number
  /** After its last sign of life, for which one that does not reply may be busy. */
  readonly busy: number
}

const PATIENCE: ReadyPatience = { answer: 1_500, growing: 5_000, busy: 30_000 }

/**
 * What is known of a model server by the answers that it is writing, for those that do nothing else meanwhile. One
 * that fails or cannot be reached is down all the same.
 */
export function createWorkWatch(patience = PATIENCE) {
  let running = 0
  let heardAt = Number.NEGATIVE_INFINITY
  let begunAt = Number.NEGATIVE_INFINITY

  const isBusy = () => {
    // One that has never said anything may as well hang.
    const isAtWork = running > 0 && heardAt > Number.NEGATIVE_INFINITY
    const sign = isAtWork ? Math.max(heardAt, begunAt) : heardAt
    return performance.now() - sign < patience.busy
  }

  return {
    /** The same answer; what comes of it is a sign of life. */
    watch: (answer: PushedAnswer): PushedAnswer => ({
      async push(take) {
        running += 1
        begunAt = performance.now()
        try {
          await answer.push((batch) => {
            heardAt = performance.now()
            return take(batch)
          })
        } finally {
          running -= 1
        }
      },
    }),
    /** What the server says when it is asked; it is not called down while it merely does something for us. */
    async isReady(ask: Inference['isReady'], { signal }: Cancellable): Promise<boolean> {
      if (running > 0 && performance.now() - heardAt < patience.growing) return true
      const enough = AbortSignal.timeout(patience.answer)
      const ready = await ask({ signal: AbortSignal.any([signal, enough]) }).catch(() => false)
      return ready || (enough.aborted && isBusy())
    },
  }
}
