import { z } from 'zod'

/** What the connection is made of, or what a proxy is told and nobody else. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade'],
  ...['te', 'trailer', 'expect', 'proxy-authorization', 'proxy-connection', 'proxy-authenticate'],
])

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/
/** Printable ASCII characters, with nothing around them. */
const VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/

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

const Headers = z.record(z.string().regex(NAME), z.string().regex(VALUE))

function readHeaders(text: string): Readonly<Record<string, string>> | undefined {
  const { data: given } = Headers.safeParse(parseJson(text))
  if (!given) return undefined
  const entries = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const)
  const headers = new Map(entries)
  if (headers.size < entries.length) return undefined
  if (entries.some(([name]) => OF_THE_CONNECTION.has(name))) return undefined
  return Object.fromEntries(headers)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
