/** How the body of a response is framed; a number: so many bytes. */
type BodyFrame = number | 'chunked' | 'until close'

export interface ResponseHead {
  readonly status: number
  readonly body: BodyFrame
  /** Milliseconds that the connection may wait for another request; 0: not at all. */
  readonly idleMs: number
}

/** Shorter than what servers commonly keep idle connections: a request must not meet one that is closing. */
const IDLE_MS = 4_000
/** What a server says it waits is counted from its own side. */
const IDLE_MARGIN_MS = 1_000

/** Whether another head follows this one. */
export const interimStatus = (status: number) => status >= 100 && status < 200 && status !== 101

const hasNoBody = (status: number) => status === 204 || status === 304

/** Reads a response's status line and headers; `undefined` when they are broken. */
export function readHead(text: string): ResponseHead | undefined {
  const [statusLine = '', ...lines] = text.split(/\r?\n/)
  const [, minor, digits] = /^HTTP\/1\.(\d) (\d{3})(?: |$)/.exec(statusLine) ?? []
  const status = Number(digits)
  if (digits === undefined || status < 100 || status === 101) return undefined
  const headers = readHeaders(lines)
  const body = headers && frameOf(status, headers)
  if (body === undefined) return undefined
  return { status, body, idleMs: body === 'until close' ? 0 : idleOf(minor === '1', headers) }
}

type Headers = ReadonlyMap<string, string>

function readHeaders(lines: readonly string[]): Headers | undefined {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return undefined
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

/** `undefined` for a length that is none, or said twice and differently. */
function frameOf(status: number, headers: Headers): BodyFrame | undefined {
  if (hasNoBody(status)) return 0
  const coding = headers.get('transfer-encoding')
  if (coding !== undefined) return /(?:^|[,\s])chunked$/i.test(coding) ? 'chunked' : 'until close'
  const said = headers.get('content-length')
  if (said === undefined) return 'until close'
  const lengths = new Set(said.split(/\s*,\s*/))
  const [length = ''] = lengths
  return lengths.size === 1 && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}

function idleOf(isCurrent: boolean, headers: Headers | undefined): number {
  const connection = headers?.get('connection') ?? ''
  const stays = isCurrent ? !/\bclose\b/i.test(connection) : /\bkeep-alive\b/i.test(connection)
  if (!stays) return 0
  const seconds = /\btimeout=(\d{1,6})/i.exec(headers?.get('keep-alive') ?? '')?.[1]
  const said = seconds === undefined ? Infinity : Number(seconds) * 1_000 - IDLE_MARGIN_MS
  return Math.max(0, Math.min(IDLE_MS, said))
}
