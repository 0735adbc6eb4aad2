/** What variables of the environment can be: kinds of texts, numbers, addresses and JSON, each read from a text. */
import { z } from 'zod'
import { isRecord, type JsonRecord, parseJson } from '../text/json.ts'

/** What `read` makes of a text; one that it makes nothing of is refused. */
const readBy = <Value>(read: (text: string) => Value | undefined) =>
  z.string().transform((text, context) => {
    const value = read(text)
    if (value !== undefined) return value
    context.issues.push({ code: 'custom', message: 'not what it takes', input: text })
    return z.NEVER
  })

/** What stands between separators, without blanks around it; what is empty is passed over. */
const partsOf = (text: string, separator: string | RegExp) =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** A text of at most so many Unicode code points. */
export const shortText = (longest: number) =>
  z.string().refine((value) => [...value].length <= longest)

/** Texts with `|` between them, so many at most, each of at most so many code points. */
export const shortTexts = (most: number, longest: number) =>
  z
    .string()
    .transform((value) => partsOf(value, '|'))
    .pipe(z.array(shortText(longest)).min(1).max(most))

/** Switches by their names: `-list` is off, `list` is on; with spaces or commas between them, none both. */
export const switches = <const Name extends string>(names: readonly Name[]) =>
  readBy((text) => {
    const found: { [Each in Name]?: boolean } = {}
    for (const part of partsOf(text, /[\s,]+/)) {
      const written = part.replace(/^[+-]/, '').toLowerCase().replaceAll('-', '_')
      const name = names.find((one) => one === written)
      const isOn = !part.startsWith('-')
      // Whoever writes both cannot mean the last one.
      if (name === undefined || (found[name] ?? isOn) !== isOn) return undefined
      found[name] = isOn
    }
    return Object.keys(found).length > 0 ? found : undefined
  })

export const wholeNumber = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))

export const decimal = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}(?:\.\d{1,9})?$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum))

export const oneOf = <const Choices extends readonly [string, ...string[]]>(choices: Choices) =>
  z
    .string()
    .transform((value) => value.toLowerCase())
    .pipe(z.enum(choices))

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
}

export const yesOrNo = () => readBy((text) => BOOLEANS[text.toLowerCase()])

const LEVELS: Readonly<Record<string, 'debug' | 'info' | 'warn' | 'error' | 'silent'>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  silent: 'silent',
}

export const logLevel = () => readBy((text) => LEVELS[text.toLowerCase()])

/** Goes into a header, which takes no other characters. */
export const secretKey = () => z.string().regex(/^[\x21-\x7e]+$/)

/** The base of an http(s) API; what its query holds goes with every request. */
export const httpBase = () =>
  httpUrlWithQuery().transform((value) => (value.includes('?') ? value : value.replace(/\/+$/, '')))

type UrlPart = 'hash' | 'search' | 'username' | 'password'

/** The http(s) URL that a text is, where it has none of these parts. */
function httpUrlWithout(text: string, ...parts: readonly UrlPart[]): URL | undefined {
  const url = URL.parse(text)
  const isHttp = url !== null && /^https?:$/.test(url.protocol)
  return isHttp && parts.every((part) => url[part] === '') ? url : undefined
}

/** An http(s) URL, without its trailing slashes. */
export const httpUrl = () =>
  z
    .string()
    // None of these would reach the server that is called.
    .refine((value) => httpUrlWithout(value, 'hash', 'search', 'username', 'password'))
    .transform((value) => value.replace(/\/+$/, ''))

/** An http(s) URL as it stands: one that is asked itself, not a base for others. */
export const httpUrlWithQuery = () =>
  z.string().refine((value) => httpUrlWithout(value, 'hash', 'username', 'password'))

/** An http(s) URL that visitors open. */
export const pageUrl = () => readBy((text) => httpUrlWithout(text, 'username', 'password')?.href)

/** What browsers take for this machine itself, where nothing is sent over a network. */
const LOOPBACK_HOST = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/
const LONGEST_CONTACT_URL = 2_000

/** What the element offers: a page that nobody on the way can swap, or one on this machine. */
export const contactUrl = () =>
  pageUrl().refine((value) => {
    const { protocol, hostname } = new URL(value)
    const isSafe = protocol === 'https:' || LOOPBACK_HOST.test(hostname)
    return isSafe && value.length <= LONGEST_CONTACT_URL
  })

const FEWEST_KEY_BYTES = 24
const MOST_KEY_BYTES = 64
const WEBHOOK_KEY_PREFIX = 'whsec_'

/**
 * The key that webhooks are signed with, as bytes: base64 behind a prefix, or the text itself.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhookKey = () =>
  readBy((text): Uint8Array | undefined => {
    const isCoded = text.startsWith(WEBHOOK_KEY_PREFIX)
    const coded = text.slice(WEBHOOK_KEY_PREFIX.length)
    const key = isCoded ? Buffer.from(coded, 'base64') : Buffer.from(text)
    // Node passes over what is no base64.
    const isWhole =
      !isCoded || key.toString('base64').replace(/=+$/, '') === coded.replace(/=+$/, '')
    const isOfSize = key.length >= FEWEST_KEY_BYTES && !(isCoded && key.length > MOST_KEY_BYTES)
    return isWhole && isOfSize ? key : undefined
  })

/** The URL of a proxy, which may hold a user and a password; `http://` may be left out. */
export const proxyUrl = () =>
  readBy((text) => {
    const url = URL.parse(text.includes('://') ? text : `http://${text}`)
    return url && isProxyUrl(url) ? url.href : undefined
  })

function isProxyUrl({ protocol, pathname, search, hash, username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
  } catch {
    return false
  }
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && hash === ''
}

/** Origins, comma separated; a trailing slash is forgiven. */
export const origins = () =>
  readBy((text) => {
    const found = partsOf(text, ',').map((part) => {
      if (part === '*') return part
      const origin = httpUrlWithout(part)?.origin
      return part.replace(/\/$/, '') === origin ? origin : undefined
    })
    return found.every((origin) => origin !== undefined) ? found : undefined
  })

/** Names as they are written, comma separated, each at most so long. */
export const namesOf = (longest: number) =>
  readBy((text) => {
    const names = partsOf(text, ',')
    const areNames = names.every((name) => name.length <= longest && /^\P{C}+$/u.test(name))
    return areNames && names.length > 0 ? names : undefined
  })

/** A path below a host such as `/chat`, whatever slashes are around it; empty for the host itself. */
export const pathBelowHost = () =>
  z
    .string()
    .regex(/^\/?(?:[\w.~-]+(?:\/[\w.~-]+)*)?\/?$/)
    .transform((value) => value.replaceAll(/^\/|\/$/g, ''))
    .refine((path) => !path.split('/').some((part) => /^\.+$/.test(part)))
    .transform((path) => (path === '' ? '' : `/${path}`))

/** Texts, comma separated, each of which passes the test. */
export const listOf = (passes: (part: string) => boolean) =>
  z
    .string()
    .transform((value) => partsOf(value.toLowerCase(), ','))
    .refine((parts) => parts.every(passes))

// What an operator adds to the requests for model servers: fields and headers, written as JSON.

/** Fields that an operator adds to requests: for every model, and for some. */
export interface ExtraBodySetting {
  readonly all: JsonRecord
  /** From the least specific name to the most; a name may end in `*`. */
  readonly models: readonly { readonly name: string; readonly body: JsonRecord }[]
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
export const extraBody = () => readBy((text) => readSetting(readObject(text)))

/** The same for thinking switched on, or `{"on":{…},"off":{…}}`. */
export const thinkBody = () =>
  readBy((text) => {
    const given = readObject(text)
    const [on, off] = given && isSwitch(given) ? [given.on, given.off] : [given, {}]
    const [whenOn, whenOff] = [readSetting(on), readSetting(off)]
    const isHalf = given !== undefined && !isSwitch(given) && ('on' in given || 'off' in given)
    return whenOn && whenOff && !isHalf ? { on: whenOn, off: whenOff } : undefined
  })

const isSwitch = (given: JsonRecord) => Object.keys(given).toSorted().join(' ') === 'off on'

function readObject(written: string): JsonRecord | undefined {
  const value = parseJson(written)
  return isRecord(value) ? value : undefined
}

function readSetting(given: unknown): ExtraBodySetting | undefined {
  if (!isRecord(given)) return undefined
  const all: Record<string, unknown> = {}
  const models: { name: string; body: JsonRecord }[] = []
  for (const [key, value] of Object.entries(given)) {
    if (!key.startsWith(MODEL_KEY)) all[key] = value
    else if (isRecord(value)) models.push({ name: key.slice(MODEL_KEY.length), body: value })
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

const Headers = z.record(z.string().regex(HEADER_NAME), z.string().regex(HEADER_VALUE))

/** JSON such as `{"x-team":"docs"}`; names come out in lower case. */
export const requestHeaders = () =>
  readBy((text): Readonly<Record<string, string>> | undefined => {
    const { data: given } = Headers.safeParse(readObject(text))
    if (!given) return undefined
    const entries = Object.entries(given).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    )
    const headers = new Map(entries)
    if (headers.size < entries.length) return undefined
    if (entries.some(([name]) => OF_THE_CONNECTION.has(name))) return undefined
    return Object.fromEntries(headers)
  })
