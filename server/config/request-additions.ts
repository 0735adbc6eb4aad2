/** What an operator adds to the requests for model servers: fields and headers, written as JSON. */
import { z } from 'zod'

type JsonObject = Readonly<Record<string, unknown>>

/** Fields that an operator adds to requests: for every model, and for some. */
export interface ExtraBodySetting {
  readonly all: JsonObject
  /** From the least specific name to the most; a name may end in `*`. */
  readonly models: readonly { readonly name: string; readonly body: JsonObject }[]
}

/** What a request is made of, or what decides how its answer is read. */
const OURS: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'stream', 'stream_options', 'n'],
  ...['tools', 'tool_choice', 'functions', 'function_call'],
])

/** To follow "takes": what either variable may hold. */
export const EXTRA_BODY_RULES =
  'fields for requests, with "model:<name>" (a trailing * stands for any ending) in front of an object for ' +
  `some models only, and without ${[...OURS].join(', ')}`

const MODEL_KEY = 'model:'

/** JSON such as `{"top_p":0.9,"model:qwen*":{"top_k":20}}`. */
export const extraBody = () =>
  z.string().transform((value, context): ExtraBodySetting => {
    const setting = readSetting(readObject(value))
    if (setting) return setting
    context.issues.push({ code: 'custom', message: 'no extra body', input: value })
    return z.NEVER
  })

/** The same for thinking switched on, or `{"on":{…},"off":{…}}`. */
export const thinkBody = () =>
  z.string().transform((value, context) => {
    const given = readObject(value)
    const [on, off] = given && isSwitch(given) ? [given.on, given.off] : [given, {}]
    const [whenOn, whenOff] = [readSetting(on), readSetting(off)]
    const isHalf = given !== undefined && !isSwitch(given) && ('on' in given || 'off' in given)
    if (whenOn && whenOff && !isHalf) return { on: whenOn, off: whenOff }
    context.issues.push({ code: 'custom', message: 'no think body', input: value })
    return z.NEVER
  })

const isSwitch = (given: JsonObject) => Object.keys(given).toSorted().join(' ') === 'off on'

function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readSetting(given: unknown): ExtraBodySetting | undefined {
  if (!isObject(given)) return undefined
  const all: Record<string, unknown> = {}
  const models: { name: string; body: JsonObject }[] = []
  for (const [key, value] of Object.entries(given)) {
    if (!key.startsWith(MODEL_KEY)) all[key] = value
    else if (isObject(value)) models.push({ name: key.slice(MODEL_KEY.length), body: value })
    else return undefined
  }
  const bodies = [all, ...models.map(({ body }) => body)]
  if (bodies.some((body) => Object.keys(body).some((key) => OURS.has(key)))) return undefined
  if (models.some(({ name }) => !/^[^*]*\*?$/.test(name) || name === '')) return undefined
  return { all, models: models.toSorted((a, b) => weightOf(a.name) - weightOf(b.name)) }
}

/** A whole name says more than the beginning of one, and a long beginning more than a short one. */
const weightOf = (name: string) => (name.endsWith('*') ? name.length : Number.MAX_SAFE_INTEGER)

/** What the connection is made of, or what a proxy is told and nobody else. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade'],
  ...['te', 'trailer', 'expect', 'proxy-authorization', 'proxy-connection', 'proxy-authenticate'],
])

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
/** Printable ASCII characters, with nothing around them. */
const HEADER_VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/

/** To follow "takes". */
export const REQUEST_HEADERS_RULES = `a JSON object of header names and texts of printable ASCII characters, each name once, without ${[...OF_THE_CONNECTION].join(', ')}`

/** JSON such as `{"x-team":"docs"}`; names come out in lower case. */
export const requestHeaders = () =>
  z.string().transform((value, context): Readonly<Record<string, string>> => {
    const headers = readHeaders(value)
    if (headers) return headers
    context.issues.push({ code: 'custom', message: 'no headers', input: value })
    return z.NEVER
  })

const Headers = z.record(z.string().regex(HEADER_NAME), z.string().regex(HEADER_VALUE))

function readHeaders(text: string): Readonly<Record<string, string>> | undefined {
  const { data: given } = Headers.safeParse(readObject(text))
  if (!given) return undefined
  const entries = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const)
  const headers = new Map(entries)
  if (headers.size < entries.length) return undefined
  if (entries.some(([name]) => OF_THE_CONNECTION.has(name))) return undefined
  return Object.fromEntries(headers)
}
