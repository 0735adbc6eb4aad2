import { isRecord, itemsOf } from './json.ts'
import type { Part } from './openai-body.ts'
import type { AskedAnswer } from './transport/upstream.ts'

/** Of one sentence: behind it, servers repeat what they got. */
const LONGEST_SENTENCE = 1_000
/** Of a body: there may be one sentence for each field. */
const MOST_SENTENCES = 20
const DEEPEST = 6

/** The words for a parameter that is not taken; a value out of its range is something else. */
const REFUSING =
  /unsupported|not support|n't support|no endpoints found that support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|forbidden|not valid|deprecated|instead|only (?:the default|[\d.]+ is)|requires --/i
/** What is ours to choose may also have the wrong value. */
const REFUSING_A_VALUE = new RegExp(`${REFUSING.source}|invalid|must be|one of|expected|enum`, 'i')
/** One that the provider has known may be gone. */
const REFUSING_A_CONVERSATION = new RegExp(
  `${REFUSING_A_VALUE.source}|not found|no such|does not exist|doesn't exist|expired|closed`,
  'i',
)
const DEMANDING = /must be passed|missing|required/i
/** One of the tools is wrong, which says nothing about the others: a page may bring its own. */
const ONE_TOOL = /schema|function_parameters|\btools\b[\s.[\]"']*\d/i

interface Sign {
  readonly part: Part
  readonly names: RegExp
  /** What a sentence with the name says besides. */
  readonly words: RegExp
}

const TOOL_CHOICE = /\btool[_ ]choice\b/i
const THINKING = /think|reasoning|chat_template_kwargs/i
/** What is said of images that were sent is about them; some servers only say that content is text. */
const IMAGES =
  /\bimages?\b|\bimage_url\b|\bvision\b|multi-?modal|\bmmproj\b|\bcontent\b.*\b(?:string|text)\b/i
/** Some servers say what they take instead, or that content is text. */
const INPUT_PARTS =
  /\binput_(?:image|file)\b|\bfile_data\b|\bimage_url\b|\bcontent\b.*\b(?:string|text|type|parts?)\b/i
const BLANK = /\b(?:non-?)?(?:empty|blank|white-?space)\b|at least 1 character|too short/i
const ORDER =
  /\balternat\w+|\bconsecutive\b|\bin a row\b|\b(?:first|last|start\w*|begin\w*)\b.*\buser\b|\buser\b.*\b(?:first|start|begin)\b|\border of (?:the )?(?:roles|messages)\b/i
const METADATA = /\bmetadata\b/i
const CONVERSATION = /\bconversation(?:_id)?\b/i
const CARRY =
  /\breasoning_(?:content|text|details)\b|\bproperty ['"`]?reasoning\b|\bmessages\b.*\breasoning\b/

/** In this order: a sentence may name two, and the first one that was sent is the one to leave out. */
const SIGNS: readonly Sign[] = [
  { part: 'own_order', names: /\b(?:roles?|messages?|turns?|content)\b/i, words: ORDER },
  { part: 'blank_text', names: /\b(?:content|text|messages?|prompt)\b/i, words: BLANK },
  { part: 'input_parts', names: INPUT_PARTS, words: /./ },
  { part: 'images', names: IMAGES, words: /./ },
  { part: 'max_tokens', names: /\bmax_tokens\b/, words: REFUSING },
  { part: 'max_completion_tokens', names: /\bmax_completion_tokens\b/, words: REFUSING },
  { part: 'metadata', names: METADATA, words: REFUSING_A_VALUE },
  { part: 'conversation_id', names: CONVERSATION, words: REFUSING_A_CONVERSATION },
  { part: 'temperature', names: /\btemperature\b/, words: REFUSING },
  { part: 'stream_options', names: /\bstream_options\b|\binclude_usage\b/, words: REFUSING },
  { part: 'bare_history', names: /\breasoning_content\b/, words: DEMANDING },
  { part: 'carry', names: CARRY, words: REFUSING },
  { part: 'forced_tool', names: TOOL_CHOICE, words: REFUSING_A_VALUE },
  { part: 'tool_choice', names: TOOL_CHOICE, words: REFUSING_A_VALUE },
  { part: 'thinking_on', names: THINKING, words: REFUSING_A_VALUE },
  { part: 'thinking_off', names: THINKING, words: REFUSING_A_VALUE },
  {
    part: 'tools',
    names: /\btools?\b|\btool[_ ]choice\b|\bfunction[_ ]call/i,
    words: REFUSING,
  },
  { part: 'user', names: /\buser\b/, words: REFUSING },
]

/**
 * Which of the parts that were sent the server says it does not take, if it says that: for this model it
 * has to be asked without it, or by its other name.
 */
export function refusedPart(answer: AskedAnswer, sent: ReadonlySet<Part>): Part | undefined {
  const sentences = sentencesOf(answer.body)
  return SIGNS.find(
    ({ part, names, words }) =>
      sent.has(part) &&
      mayRefuse(answer.status, part) &&
      sentences.some(
        (sentence) =>
          names.test(sentence) &&
          words.test(sentence) &&
          !(part === 'tools' && ONE_TOOL.test(sentence)),
      ),
  )?.part
}

/**
 * A router says 404 when it knows no server that has the model with tools or eyes, and some servers find
 * out what their model lacks as late as a failure of their own.
 */
function mayRefuse(status: number, part: Part): boolean {
  if (status === 400 || status === 422) return true
  if (part === 'conversation_id') return status === 404 || status === 410
  if (part === 'images' || part === 'input_parts') return [404, 413, 415, 500, 501].includes(status)
  return status === 404 && part === 'tools'
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

/** Servers put a copy of the request, or a link, beside what they say. */
const NOT_SAID: ReadonlySet<string> = new Set(['input', 'ctx', 'url', 'failed_generation'])

/** Everything that an error's body says; what belongs to one problem stays together. */
function sentencesOf(body: unknown): readonly string[] {
  const sentences: string[] = []
  const say = (sentence: string) => sentences.push(sentence.slice(0, LONGEST_SENTENCE))
  const read = (value: unknown, depth: number) => {
    if (depth > DEEPEST || sentences.length >= MOST_SENTENCES) return
    if (typeof value === 'string') say(value)
    else if (Array.isArray(value)) for (const item of itemsOf(value)) read(item, depth + 1)
    else if (isRecord(value)) readRecord(value, depth)
  }
  const readRecord = (record: Readonly<Record<string, unknown>>, depth: number) => {
    const entries = Object.entries(record).filter(([key]) => !NOT_SAID.has(key))
    const plain = entries.flatMap(([, value]) => {
      if (typeof value === 'string') return [value]
      // A field's place in the body, as validators give it.
      return Array.isArray(value) && value.every((item) => typeof item !== 'object')
        ? [value.join(' ')]
        : []
    })
    if (plain.length > 0) say(plain.join(' '))
    for (const [, value] of entries) if (typeof value === 'object') read(value, depth + 1)
  }
  read(body, 0)
  return sentences
}
