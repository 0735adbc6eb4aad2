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
