/** What a server's error says of the request: a part that it does not take, too many tokens, no such route. */
import { LRUCache } from 'lru-cache'
import { isRecord, itemsOf, type JsonRecord } from '../../text/json.ts'
import { ownWordsOf, withoutOwnWords } from '../../core/errors.ts'
import type { Part } from './body.ts'
import { isPage, sanitizeErrorMessage } from '../error-body.ts'
import type { AskedAnswer } from '../transport/upstream.ts'

/** Of one sentence: behind it, servers repeat what they got. */
const LONGEST_SENTENCE = 1_000
/** Of a body: there may be one sentence for each field. */
const MOST_SENTENCES = 20
const DEEPEST = 6

/** The words for a parameter that is not taken; a value out of its range is something else. */
const REFUSING =
  /unsupported|not (?:(?:yet|currently) )?support|n't support|no endpoints found that support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|forbidden|not (?:a )?valid|deprecated|instead|only (?:the default|[\d.]+ is)|requires? --|cannot find field|can(?:'|no)t (?:both )?be (?:used|set|sent|given|specified|changed|modified|combined)|cannot use|can't use|not (?:(?:yet|currently) )?(?:available|enabled|implemented|accepted|recogni[sz]ed|compatible|applicable)|incompatible|disabled|does(?:n't| not) (?:accept|allow|take|recogni[sz]e)|no longer|(?:may|can) only be|must be (?:set to )?(?:1|null|default|omitted)\b|\b(?:extra|additional) (?:inputs?|fields?|parameters?)|invalid (?:field|parameter|argument|option|key|property)/i
const alsoRefusing = (more: string) => new RegExp(`${REFUSING.source}|${more}`, 'i')
/** What is ours to choose may also have the wrong value. */
const REFUSING_A_VALUE = alsoRefusing('invalid|must be|should be|one of|expected|enum|only\\b')
/** One that the provider has known may be gone. */
const REFUSING_A_CONVERSATION = new RegExp(
  `${REFUSING_A_VALUE.source}|not found|no such|does not exist|doesn't exist|expired|closed`,
  'i',
)
const DEMANDING = /must be passed|missing|required/i
/** One of the tools is wrong, which says nothing about the others: a page may bring its own. */
const ONE_TOOL = /schema|function_(?:parameters|declarations)|\btools\b[\s.[\]"']*\d/i
/** It is the words of the conversation that are refused, and not how they are sent. */
const MODERATION =
  /content[_ ](?:filter|management|policy)|responsible_?ai|moderation|\bflagged\b|safety (?:system|policy)/i
/** What the model happened to write was no call of a tool; another time it may be one. */
const BY_CHANCE =
  /\b(?:tool_use|output_parse)_failed\b|fail\w* to (?:call|parse|generate|decode) (?:a |the )?(?:function|tool)|malformed (?:function|tool)|(?:error|fail\w*|problem) (?:while )?parsing (?:a |the )?(?:function|tool)|(?:could not|unable to|cannot) parse (?:a |the )?(?:function|tool)|tool call validation failed/i

interface Sign {
  readonly part: Part
  readonly names: RegExp
  /** What a sentence with the name says besides. */
  readonly words: RegExp
}

const ANY = /./
const TOOL_CHOICE = /\btool[_ ]choice\b/i
const THINKING = /think|reasoning|chat_template_kwargs/i
/** What is said of images that were sent is about them; some servers only say that content is text. */
const IMAGES =
  /\bimages?\b|\bimage_url\b|\bvision\b|multi-?modal|\bmmproj\b|\bcontent\b.*\b(?:string|text)\b/i
/** Some servers say what they take instead, or that content is text. */
const INPUT_PARTS =
  /\binput_(?:image|file)\b|\bfile_data\b|\bimage_url\b|\bcontent\b.*\b(?:string|text|type|parts?)\b/i
const BLANK = /\b(?:non-?)?(?:empty|blank|white-?space)\b|at least 1 character|too short/i
const ROLES = /\b(?:roles?|messages?|turns?|content)\b/i
const ORDER =
  /\balternat\w+|\bconsecutive\b|\bin a row\b|\b(?:first|last|start\w*|begin\w*)\b.*\buser\b|\buser\b.*\b(?:first|start|begin)\b|\border of (?:the )?(?:roles|messages)\b/i
const SYSTEM_ROLE =
  /\bsystem['"`]?[ _-]+(?:role|message|prompt|instruction)|\broles?\b\W*system\b|\bdeveloper[ _-](?:role|message|instruction)/i
const SYSTEM_AS_ROLE =
  /\b(?:role|message)s?\b.*['"`]system['"`]|['"`]system['"`].*\b(?:role|message)/i
const TOOL_ROLE = /\broles?\b\W*tool\b|['"`]tool['"`]?[ _-]+(?:role|message|is )/i
/** The roles that are taken, among which there is none of tools. */
const ROLES_WITHOUT_TOOL =
  /^(?=.*\bsystem\b)(?=.*\buser\b)(?=.*\bassistant\b)(?!.*\btool\b).*\brole/i
/** The roles that are taken, among which there is no system. */
const ROLES_WITHOUT_SYSTEM =
  /^(?!.*\bsystem\b).*\broles?\b.*\buser\b['"`]?(?:,| and| or|\/).*\b(?:assistant|model)\b|^(?!.*\bsystem\b).*\buser\b['"`]?(?:,| and| or|\/).*\b(?:assistant|model)\b.*\broles?\b/i
const TOOL_MESSAGES =
  /\brole\b.*\btool\b|\btool\b.*\brole\b|\btool[_ ](?:messages?|calls?|results?|call_id)\b/i
const METADATA = /\bmetadata\b/i
const CONVERSATION = /\bconversation(?:_id)?\b/i
const CARRY =
  /\breasoning_(?:content|text|details)\b|\bproperty ['"`]?reasoning\b|\bmessages\b.*\breasoning\b/
/** Keywords that OpenAPI's own schemas have not got; some are plain words, too, elsewhere. */
const SCHEMA_KEYWORDS =
  /additional_?properties|unevaluated_?properties|pattern_?properties|property_?names|exclusive_?(?:min|max)|\$(?:schema|id|ref|defs)\b|(?:schema|declarations|parameters(?!:)|properties)\b.*\b(?:const|default|format|pattern|examples?|title|(?:one|all|any)_?of|(?:min|max)_?(?:length|items|properties|imum)|multiple_?of|unique_?items)\b/i
const STREAM = /\bstream(?:ing|ed)?\b/i

/** In this order: a sentence may name two, and the first one that was sent is the one to leave out. */
const SIGNS: readonly Sign[] = [
  { part: 'own_order', names: ROLES, words: ORDER },
  { part: 'blank_text', names: /\b(?:content|text|messages?|prompt)\b/i, words: BLANK },
  { part: 'empty_content', names: /\b(?:content|text|messages?)\b/i, words: BLANK },
  { part: 'input_parts', names: INPUT_PARTS, words: ANY },
  { part: 'images', names: IMAGES, words: ANY },
  { part: 'tool_messages', names: TOOL_ROLE, words: REFUSING_A_VALUE },
  { part: 'system', names: SYSTEM_ROLE, words: REFUSING_A_VALUE },
  { part: 'tool_messages', names: ROLES_WITHOUT_TOOL, words: REFUSING_A_VALUE },
  { part: 'system', names: SYSTEM_AS_ROLE, words: REFUSING_A_VALUE },
  { part: 'system', names: ROLES_WITHOUT_SYSTEM, words: REFUSING_A_VALUE },
  { part: 'max_tokens', names: /\bmax_tokens\b/, words: REFUSING },
  { part: 'max_completion_tokens', names: /\bmax_completion_tokens\b/, words: REFUSING },
  { part: 'metadata', names: METADATA, words: REFUSING_A_VALUE },
  { part: 'conversation_id', names: CONVERSATION, words: REFUSING_A_CONVERSATION },
  { part: 'temperature', names: /\btemperature\b/, words: REFUSING },
  { part: 'stream_options', names: /\bstream_options\b|\binclude_usage\b/, words: REFUSING },
  {
    part: 'tool_stream',
    names: /\b(?:tools?|functions?)\b.*\bstream|\bstream\w*\b.*\b(?:tools?|functions?)\b/i,
    words: REFUSING,
  },
  { part: 'stream', names: STREAM, words: alsoRefusing('verified|must be false') },
  { part: 'bare_history', names: /\breasoning_content\b/, words: DEMANDING },
  { part: 'carry', names: CARRY, words: REFUSING },
  { part: 'schema_keywords', names: SCHEMA_KEYWORDS, words: REFUSING },
  { part: 'forced_tool', names: TOOL_CHOICE, words: REFUSING_A_VALUE },
  { part: 'tool_choice', names: TOOL_CHOICE, words: REFUSING_A_VALUE },
  { part: 'thinking_on', names: THINKING, words: REFUSING_A_VALUE },
  { part: 'thinking_off', names: THINKING, words: REFUSING_A_VALUE },
  {
    part: 'tools',
    names: /\btools?\b|\btool[_ ]choice\b|\bfunctions\b|\bfunction[_ ]call/i,
    words: REFUSING,
  },
  { part: 'tool_messages', names: TOOL_MESSAGES, words: REFUSING_A_VALUE },
  { part: 'user', names: /\buser\b/, words: REFUSING },
  // Where all take turns, it is the messages of other roles that are in between.
  {
    part: 'system',
    names: /^(?!.*\boptional system\b).*\b(?:roles?|messages?|turns?)\b/i,
    words: ORDER,
  },
  { part: 'tool_messages', names: ROLES, words: ORDER },
]

/** What was sent, as far as the words of a refusal are about it. */
export interface SentRequest {
  readonly body: JsonRecord
  readonly parts: ReadonlySet<Part>
}

/** What may make a request accepted that was refused, and the server's words for it, fit for the log. */
export type Remedy = { readonly said: string } & (
  | { readonly kind: 'without'; readonly part: Part }
  /** `isOfModel`: no answer of this model may be longer, whatever is asked. */
  | { readonly kind: 'fewer_tokens'; readonly most: number; readonly isOfModel: boolean }
  | { readonly kind: 'shorter_history' }
  /** By chance it went wrong; the same may go well. */
  | { readonly kind: 'again' }
)

/** What the server's refusal says of how it wants to be asked, if it says that. */
export function remedyFor(answer: AskedAnswer, sent: SentRequest): Remedy | undefined {
  const { status } = answer
  const sentences = sentencesOf(answer.body)
  const own = ownWordsOf(textsIn(sent.body.messages))
  const said = sentences.map((sentence) => withoutOwnWords(sentence, own))
  if (said.some((sentence) => MODERATION.test(sentence))) return undefined
  const chance = status >= 400 && said.find((sentence) => BY_CHANCE.test(sentence))
  if (chance) return { kind: 'again', said: shown(chance) }
  if ([400, 413, 422].includes(status)) {
    for (const sentence of said) {
      const remedy = readTokenLimit(sentence, mostTokensIn(sent.body))
      if (remedy) return { ...remedy, said: shown(sentence) }
    }
  }
  for (const { part, names, words } of SIGNS) {
    if (!sent.parts.has(part) || !mayRefuse(status, part)) continue
    const sentence = said.find(
      (text) => names.test(text) && words.test(text) && !(part === 'tools' && ONE_TOOL.test(text)),
    )
    if (sentence !== undefined) return { kind: 'without', part, said: shown(sentence) }
  }
  return undefined
}

/** Whether a failure in the middle of a stream is one that another try may not meet. */
export const isByChance = (body: unknown) =>
  sentencesOf(body).some((sentence) => BY_CHANCE.test(sentence))

const shown = (sentence: string) => sanitizeErrorMessage(sentence) ?? ''

/** Parts that some servers find out as late as a failure of their own, in the model's template for one. */
const FOUND_LATE: ReadonlySet<Part> = new Set([
  'tools',
  'tool_stream',
  'tool_messages',
  'schema_keywords',
  'system',
  'own_order',
  'stream',
  'images',
  'input_parts',
])
/** What a router knows no server for. */
const UNROUTABLE: ReadonlySet<Part> = new Set(['tools', 'images', 'input_parts', 'conversation_id'])

function mayRefuse(status: number, part: Part): boolean {
  switch (status) {
    case 400:
    case 405:
    case 422:
    case 501:
      return true
    case 500:
      return FOUND_LATE.has(part)
    case 404:
      return UNROUTABLE.has(part)
    case 403:
      return part === 'stream'
    case 410:
      return part === 'conversation_id'
    case 413:
    case 415:
      return part === 'images' || part === 'input_parts'
    default:
      return false
  }
}

/** What is at an address, but is not there or not for us. */
const NO_ADDRESS =
  /\b(?:models?|deployments?|engines?|tools?|functions?|images?|vision|conversations?|endpoints found)\b/i

/** Whether the answer says that the server has no such route; a model that does not exist is another matter. */
export function isNoRoute({ status, body }: AskedAnswer): boolean {
  if (status !== 404 && status !== 405) return false
  return !sentencesOf(body).some((sentence) =>
    NO_ADDRESS.test(sentence.replaceAll(/\S*\/\S*/g, ' ')),
  )
}

/** Whether a route that was asked for nothing refuses in this protocol's form, or wants a model as it alone does. */
export function refusesAsOpenai(answer: AskedAnswer): boolean {
  const { status, body } = answer
  if (status < 400 || status >= 500 || isNoRoute(answer)) return false
  return (
    (isRecord(body) && 'error' in body) ||
    sentencesOf(body).some((sentence) => /\bmodel\b/i.test(sentence))
  )
}

// ── tokens ───────────────────────────────────────────────────────────────────────────────────────

/** Of an answer: with less room than this there is no point in one. */
const LEAST_TOKENS = 16

const CONTEXT =
  /\bcontext\b|context_length_exceeded|max_new_tokens|max_model_len|prompt is too long|(?:input|request)(?: is)? too (?:long|large)|reduce the length/i
const ANSWER_TOKENS =
  /\bmax_?(?:imum)?[_ ]?(?:completion_|new_|output_)?tokens\b|\b(?:completion|output|generated|maximum) tokens\b/i
const TOO_MANY =
  /too (?:large|high|big|long|many|much)|exceed|at most|(?:less|lower|fewer|greater|larger|more|smaller) than|maximum|limit|range|between|<=|>|up to|no more|must be/i

/** In the words of vLLM, SGLang, OpenAI, OpenRouter, text-generation-inference, Anthropic and llama.cpp. */
const LIMITS = [
  /\d+ > (\d+) - \d+/,
  /\d+ \+ \d+ > (\d+)/,
  /\bcontext[ _-]?(?:length|window|size|limit)\D{0,60}?(\d+)/i,
  /max_model_len\D{0,10}(\d+)/i,
  /must be <= (\d+)/i,
] as const
const TOTALS = [
  /\brequested (?:about |a total of )?(\d+) tokens/i,
  /maximum output tokens \((\d+)\)/i,
] as const
const USED = [
  /\d+ > \d+ - (\d+)/,
  /(\d+) \+ \d+ > \d+/,
  /(\d+) (?:tokens? )?(?:in|of|from|for) (?:the |your )?(?:input |text )?(?:messages|prompt|input)/i,
  /(\d+) [`'"]?(?:inputs?|prompt)[`'"]? tokens/i,
  /\b(?:messages|prompt|input|request) \D{0,30}?(\d+) tokens/i,
  /\brequest \((\d+) tokens\)/i,
] as const

/** A number that says how the request fared, and nothing of tokens. */
const STATUS_IN_WORDS = /<[45]\d\d>|\b(?:http|code|status|error)\b\W{0,3}[45]\d\d\b/gi

function numberBy(patterns: readonly RegExp[], text: string): number | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1]
    if (found !== undefined) return Number(found)
  }
  return undefined
}

type TokenRemedy =
  | { readonly kind: 'fewer_tokens'; readonly most: number; readonly isOfModel: boolean }
  | { readonly kind: 'shorter_history' }

/** What a sentence about tokens leaves for the answer, of which `asked` were asked for. */
function readTokenLimit(sentence: string, asked: number | undefined): TokenRemedy | undefined {
  const text = sentence.replaceAll(/(?<=\d),(?=\d{3}\b)/g, '')
  if (CONTEXT.test(text)) {
    const limit = numberBy(LIMITS, text)
    const total = numberBy(TOTALS, text)
    const used =
      total !== undefined && asked !== undefined && total > asked
        ? total - asked
        : numberBy(USED, text)
    if (limit !== undefined && used !== undefined) {
      const most = limit - used
      return asked !== undefined && most >= LEAST_TOKENS && most < asked
        ? { kind: 'fewer_tokens', most, isOfModel: false }
        : { kind: 'shorter_history' }
    }
    const most = mostFor(text, asked)
    if (most !== undefined) return { kind: 'fewer_tokens', most, isOfModel: true }
    return TOO_MANY.test(text) || /reduce the length/i.test(text)
      ? { kind: 'shorter_history' }
      : undefined
  }
  const most = mostFor(text, asked)
  return most === undefined ? undefined : { kind: 'fewer_tokens', most, isOfModel: true }
}

/** The one number below what was asked for that a sentence about the length of answers names. */
function mostFor(text: string, asked: number | undefined): number | undefined {
  if (asked === undefined || !ANSWER_TOKENS.test(text) || !TOO_MANY.test(text)) return undefined
  const numbers = [
    ...text.replaceAll(STATUS_IN_WORDS, ' ').matchAll(/(?<![\w.-])\d+(?![\w-]|\.\d)/g),
  ].map(([digits]) => Number(digits))
  const below = new Set(numbers.filter((number) => number >= LEAST_TOKENS && number < asked))
  const [most] = below
  if (below.size !== 1 || most === undefined) return undefined
  return new RegExp(`lower than [\`'"]?${most}\\b|less than [\`'"]?${most}\\b`, 'i').test(text)
    ? most - 1
    : most
}

/** How long the answer may get that a body asks for. */
export function mostTokensIn(body: JsonRecord): number | undefined {
  const most = body.max_completion_tokens ?? body.max_tokens
  return typeof most === 'number' ? most : undefined
}

// ── sentences ────────────────────────────────────────────────────────────────────────────────────

/** Servers put a copy of the request, or a link, beside what they say. */
const NOT_SAID: ReadonlySet<string> = new Set(['input', 'ctx', 'url', 'failed_generation'])

/** Everything that an error's body says; what belongs to one problem stays together. */
function sentencesOf(body: unknown): readonly string[] {
  const sentences: string[] = []
  const say = (sentence: string) => {
    if (!isPage(sentence)) sentences.push(sentence.slice(0, LONGEST_SENTENCE))
  }
  const read = (value: unknown, depth: number) => {
    if (depth > DEEPEST || sentences.length >= MOST_SENTENCES) return
    if (typeof value === 'string') say(value)
    else if (Array.isArray(value)) for (const item of itemsOf(value)) read(item, depth + 1)
    else if (isRecord(value)) readRecord(value, depth)
  }
  const readRecord = (record: JsonRecord, depth: number) => {
    const entries = Object.entries(record).filter(([key]) => !NOT_SAID.has(key))
    const plain = entries.flatMap(([key, value]) => {
      if (typeof value === 'string') return [value]
      // A field's place in the body, or what is wrong with the field of that name, as validators give it.
      return Array.isArray(value) && value.every((item) => typeof item !== 'object')
        ? [`${key} ${value.join(' ')}`]
        : []
    })
    if (plain.length > 0) say(plain.join(' '))
    for (const [, value] of entries) if (typeof value === 'object') read(value, depth + 1)
  }
  read(body, 0)
  return sentences
}

/** All texts in a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return itemsOf(value).flatMap(textsIn)
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : []
}

/** Models that something is remembered of. */
const MOST_MODELS = 200

/** What a model has refused. */
interface Refused {
  readonly parts: ReadonlySet<Part>
  /** Of an answer. */
  readonly mostTokens: number | undefined
}

const NOTHING: Refused = { parts: new Set(), mostTokens: undefined }

/** What which model has refused, for the life of the process. */
export function createRefusalMemory() {
  const known = new LRUCache<string, Refused>({ max: MOST_MODELS })
  return {
    of: (model: string): Refused => known.get(model) ?? NOTHING,
    /** To be called once asking in that way has worked. */
    remember(model: string, { parts, mostTokens }: Refused): void {
      const before = known.get(model) ?? NOTHING
      known.set(model, {
        parts: new Set([...before.parts, ...parts]),
        mostTokens: mostTokens ?? before.mostTokens,
      })
    },
  }
}
