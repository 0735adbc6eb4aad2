/**
 * Fields of a request beside the protocol: what the operator adds, and how known servers are told to think.
 */
import { isRecord, type JsonRecord } from '../../text/json.ts'

/** Fields that an operator adds to requests: for every model, and for some. */
export interface ExtraBody {
  readonly all: JsonRecord
  /** From the least specific name to the most; a name may end in `*`. */
  readonly models: readonly { readonly name: string; readonly body: JsonRecord }[]
}

/** What is added for one model, in the order in which it is merged in. */
export function extraBodiesFor({ all, models }: ExtraBody, model: string): readonly JsonRecord[] {
  return [all, ...models.filter(({ name }) => matches(name, model)).map(({ body }) => body)]
}

function matches(name: string, model: string): boolean {
  return name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name
}

/** Objects are merged, anything else replaces, and `null` takes a field out (RFC 7396). */
export function mergeBodies(base: JsonRecord, patch: JsonRecord): JsonRecord {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    const before = merged[key]
    if (value === null) delete merged[key]
    else if (isRecord(value)) merged[key] = mergeBodies(isRecord(before) ? before : {}, value)
    else merged[key] = value
  }
  return merged
}

// How known servers are told to think or not to think; for any other nothing is sent. Sources:
// OpenAI and Groq API references (`reasoning_effort`), docs.vllm.ai, docs.sglang.io and llama.cpp's server
// (`chat_template_kwargs`), docs.ollama.com/api/openai-compatibility, openrouter.ai (reasoning tokens),
// api-docs.deepseek.com (thinking mode).

/** What is known of the server that is asked. */
interface KnownServer {
  readonly url: URL
  /** `owned_by` of the model, where the list of models says it. */
  readonly owner: string | undefined
  readonly model: string
}

type Parameters = (on: boolean, model: string) => JsonRecord

const effort = (on: string, off: string) => (thinks: boolean) => ({
  reasoning_effort: thinks ? on : off,
})

const NOTHING: Parameters = () => ({})
/** It always thinks, and can only think less. */
const gptOss = effort('medium', 'low')

const isGptOss = (model: string) => /(?:^|\/)gpt-oss/i.test(model)

/** The models before 5.1 cannot do without thinking; each family has its own word for the least of it. */
const openai: Parameters = (on, model) => {
  const name = model.replace(/^.*\//, '')
  if (/^gpt-5\.\d/.test(name)) return effort('medium', 'none')(on)
  if (/^gpt-5(?!-chat)/.test(name)) return effort('medium', 'minimal')(on)
  if (/^o\d/.test(name) && !/^o1-(?:mini|preview)/.test(name)) return effort('medium', 'low')(on)
  return {}
}

const groq: Parameters = (on, model) => {
  if (isGptOss(model)) return gptOss(on)
  return /(?:^|\/)qwen/i.test(model) ? effort('default', 'none')(on) : {}
}

/** A variable of the model's chat template; a template that has no such variable passes it over. */
const template: Parameters = (on, model) => {
  if (isGptOss(model)) return gptOss(on)
  const name = /deepseek|granite/i.test(model) ? 'thinking' : 'enable_thinking'
  return { chat_template_kwargs: { [name]: on } }
}

const llamaCpp: Parameters = (on, model) =>
  isGptOss(model) ? { chat_template_kwargs: gptOss(on) } : template(on, model)

const ollama: Parameters = (on, model) =>
  isGptOss(model) ? gptOss(on) : effort('medium', 'none')(on)

const openrouter: Parameters = (on) => ({ reasoning: { enabled: on } })

const deepseek: Parameters = (on) => ({ thinking: { type: on ? 'enabled' : 'disabled' } })

const BY_HOST: readonly (readonly [RegExp, Parameters])[] = [
  [/^api\.openai\.com$|\.openai\.azure\.com$/, openai],
  [/^api\.groq\.com$/, groq],
  [/^openrouter\.ai$/, openrouter],
  [/^api\.deepseek\.com$/, deepseek],
  [/^ollama\.com$/, ollama],
]

const OLLAMA_PORT = '11434'

const BY_OWNER: ReadonlyMap<string, Parameters> = new Map([
  ['vllm', template],
  ['sglang', template],
  ['llamacpp', llamaCpp],
  ['library', ollama],
  ['openai', openai],
])

function byAddress({ hostname, port }: URL): Parameters | undefined {
  if (port === OLLAMA_PORT) return ollama
  return BY_HOST.find(([pattern]) => pattern.test(hostname))?.[1]
}

/** Whether the address says it all, so that the owner of a model need not be known. */
export const isKnownByAddress = (url: URL) => byAddress(url) !== undefined

/** The fields that turn a model's thinking on or off. */
export function thinkingParameters({ url, owner, model }: KnownServer, on: boolean): JsonRecord {
  const parameters = byAddress(url) ?? BY_OWNER.get(owner ?? '') ?? NOTHING
  return parameters(on, model)
}
