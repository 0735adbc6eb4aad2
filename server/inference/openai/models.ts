import { ChatError } from '../../core/errors.ts'
import type { Cancellable } from '../../core/ports/index.ts'
import { isRecord, itemsOf, type JsonRecord } from '../json.ts'

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
export interface ModelList {
  /** Asks for them. @throws ChatError as the server's answer, or `inference_error` for no list. */
  read(options: Cancellable): Promise<readonly ModelCard[]>
  /** The id of the first one that chats; asked for once. @throws ChatError as read does, or when there are none. */
  first(options: Cancellable): Promise<string>
  /** Whether a model that chats has this id; a list that lacks it is asked for again after a while. */
  has(model: string, options: Cancellable): Promise<boolean>
  /** Other models may be served by now. */
  forget(): void
  /** Has the list read, beside everything else, unless it has been read already. */
  learn(): void
  ownerOf(model: string): string | undefined
  /** Stops learning. */
  close(): void
}

export function createModelList(ask: (options: Cancellable) => Promise<unknown>): ModelList {
  const learning = new AbortController()
  let owners: ReadonlyMap<string, string> = new Map()
  let triesLeft = MOST_TRIES
  let isLearning = false
  let known: readonly ModelCard[] | undefined
  let knownAt = 0

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
    async first(cancellable) {
      const [card] = chatModels(known ?? (await read(cancellable)))
      if (card) return card.id
      throw new ChatError('inference_error', 'The model server has no models.')
    },
    async has(model, cancellable) {
      const isIn = (cards: readonly ModelCard[]) => chatModels(cards).some(({ id }) => id === model)
      if (known && (isIn(known) || performance.now() - knownAt < LIST_FRESH)) return isIn(known)
      return isIn(await read(cancellable))
    },
    forget() {
      known = undefined
    },
    learn() {
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
    ownerOf: (model) => owners.get(model),
    close: () => learning.abort(),
  }
}
