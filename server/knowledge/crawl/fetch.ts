/** One polite request at a time and place: paced, bounded in time and bytes, repeated when that may help. */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'
import { Agent, request } from 'undici'

// Which addresses a crawl may connect to. A name is looked up, each of its addresses is checked, and the
// connection goes to what was checked: a name that means something else a moment later gains nothing.

/** Why nothing on the open internet has such an address (IANA's special-purpose registries, RFC 6890). */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  'an address of this machine itself': ['127.0.0.0/8', '::1/128'],
  'an address of a private network': [
    ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
    ...['fc00::/7', 'fec0::/10'],
  ],
  // Clouds tell their machines' secrets at 169.254.169.254.
  'a link-local address': ['169.254.0.0/16', 'fe80::/10'],
  'an address for many receivers': ['224.0.0.0/4', '255.255.255.255/32', 'ff00::/8'],
  'a reserved address': [
    ...['0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
    ...['::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16'],
    ...['3fff::/20', '5f00::/16'],
  ],
}

const LISTS = Object.entries(SPECIAL).map(([reason, networks]) => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return { reason, list }
})

/** Why an address is not one of the open internet; `undefined` when it is one. */
export function specialAddress(address: string): string | undefined {
  const family = isIP(address)
  if (family === 0) return 'no address'
  const plain = family === 6 ? (embeddedIPv4(address) ?? address) : address
  const type = isIPv6(plain) ? 'ipv6' : 'ipv4'
  return LISTS.find(({ list }) => list.check(plain, type))?.reason
}

/** The IPv4 address that a mapped one (::ffff:0:0/96) or one of NAT64 (64:ff9b::/96, RFC 6052) leads to. */
function embeddedIPv4(address: string): string | undefined {
  // URL writes an IPv6 address in its shortest form, without a dotted end.
  const [withoutZone = ''] = address.split('%')
  const host = URL.parse(`http://[${withoutZone}]/`)?.hostname.slice(1, -1) ?? ''
  const end = /^(?:::ffff:(?:0:)?|64:ff9b::)(?:([\da-f]{1,4}):)?([\da-f]{1,4})$/.exec(host)
  if (!end) return host === '64:ff9b::' ? '0.0.0.0' : undefined
  const [high, low] = [end[1], end[2]].map((group) => Number.parseInt(group ?? '0', 16))
  return [high, low].flatMap((group = 0) => [group >> 8, group & 255]).join('.')
}

/** An address that nothing may be fetched from. */
class ForbiddenAddressError extends Error {
  constructor(host: string, address: string, reason: string) {
    const what =
      host === address ? `${address} is ${reason}` : `${host} is at ${address}, ${reason}`
    super(`${what} (--allow-private allows it)`)
    this.name = 'ForbiddenAddressError'
  }
}

interface AddressRules {
  /** Why an address may not be connected to; `undefined` when it may. */
  readonly refuse: (address: string) => string | undefined
  /** The system's when it is not given. */
  readonly lookup?: Lookup
}

/** Resolves a name to all of its addresses, as `dns.lookup` with `all`. */
type Lookup = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void

const lookUpAll: Lookup = (hostname, done) => {
  systemLookup(hostname, { all: true }, (error, addresses) => done(error, addresses))
}

/** For the connections themselves: gives them only addresses that are allowed, and none when one is not. */
function createGuardedLookup({ refuse, lookup = lookUpAll }: AddressRules): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, (error, found) => {
      if (error) return done(error, [])
      for (const { address } of found) {
        const reason = refuse(address)
        if (reason !== undefined)
          return done(new ForbiddenAddressError(hostname, address, reason), [])
      }
      const wanted = found.filter(
        ({ family }) =>
          options.family === undefined || options.family === 0 || options.family === family,
      )
      const [first] = wanted
      if (!first) return done(new Error(`${hostname} has no address`), [])
      return options.all === true
        ? done(null, [...wanted])
        : done(null, first.address, first.family)
    })
  }
}

/** A host that is written as an address is never looked up. @throws ForbiddenAddressError */
export function checkWrittenAddress({ hostname }: URL, { refuse }: AddressRules): void {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  const reason = isIP(address) === 0 ? undefined : refuse(address)
  if (reason !== undefined) throw new ForbiddenAddressError(address, address, reason)
}

export const REQUESTS_AT_ONCE = 2

/** Requests for one page, the first included. */
const ATTEMPTS = 3
/** Milliseconds before the second attempt; four times as long before each further one. */
const FIRST_BACKOFF = 1_000
/** Milliseconds that a site is waited for when it asks for it; who asks for longer is left for another day. */
const LONGEST_WAIT = 5 * 60_000
/** Seconds between requests that a robots.txt may ask for. */
const LONGEST_CRAWL_DELAY = 30
/** Milliseconds that a site gets between requests at most because it is slow. */
const LONGEST_PAUSE = 2_000

/** Answers that may be others in a moment. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

export interface FetchOptions {
  readonly addresses: AddressRules
  readonly userAgent: string
  /** Milliseconds between requests, at least. */
  readonly pause: number
  /** Milliseconds that an answer may take, from its request to its last byte. */
  readonly timeLimit: number
  readonly waiting: Waiting
}

/** Passed in, so that tests do not wait. */
export interface Waiting {
  /** Milliseconds since some moment. */
  readonly clock: () => number
  /** Resolves after so many milliseconds. @throws the signal's reason */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Aborts after so many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal
}

export interface FetchRequest {
  readonly url: URL
  readonly signal: AbortSignal
  /** Bytes of a body, unpacked. A longer one is a failure. */
  readonly byteLimit: number
  /** Only the beginning of a longer body is wanted. */
  readonly isCut?: boolean
  /** What is known of the page: it is sent only if it is another one by now. */
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  /** Whether the body of an answer is read; without it, every body is. */
  readonly wants?: (answer: AnswerHead) => boolean
}

export interface AnswerHead {
  readonly status: number
  /** Of a header that was sent several times, the first; empty when it was not sent. */
  header(name: string): string
  headerLines(name: string): readonly string[]
}

export interface Answer extends AnswerHead {
  readonly kind: 'answer'
  /** Unpacked; empty when it was not wanted. */
  readonly body: Buffer
}

/** No answer, and why, as a clause. */
export interface Failure {
  readonly kind: 'failure'
  readonly reason: string
  /** Nothing answers there; or nobody may ask; or what is answered is no good. */
  readonly kindOfFailure: 'unreachable' | 'forbidden' | 'bad'
}

/** The site wants to be left alone for longer than a crawl waits. */
export class ComeBackLaterError extends Error {
  constructor(seconds: number) {
    super(`the site asks to come back in ${Math.ceil(seconds / 60)} minutes`)
    this.name = 'ComeBackLaterError'
  }
}

export type Fetcher = ReturnType<typeof createFetcher>

/** For one site: its requests start one after the other, at most two of them are open. */
export function createFetcher(options: FetchOptions) {
  const { addresses, userAgent, timeLimit, waiting } = options
  const agent = new Agent({
    connections: REQUESTS_AT_ONCE,
    pipelining: 1,
    allowH2: false,
    connect: { lookup: createGuardedLookup(addresses), timeout: timeLimit },
  })
  let asked = 0
  let slowness = 0
  let nextStart = -Infinity
  let starting: Promise<void> = Promise.resolve()

  /** Waits for this request's turn. */
  const start = (signal: AbortSignal): Promise<void> => {
    const turn = starting.then(async () => {
      for (;;) {
        const left = nextStart - waiting.clock()
        if (left <= 0) break
        await waiting.wait(left, signal)
      }
      signal.throwIfAborted()
      const pause = Math.max(options.pause, options.pause > 0 ? slowness : 0, asked)
      nextStart = waiting.clock() + pause
    })
    starting = turn.catch(() => undefined)
    return turn
  }

  const attempt = async (wanted: FetchRequest): Promise<Answer | Failure> => {
    await start(wanted.signal)
    const began = waiting.clock()
    const timeout = waiting.deadline(timeLimit)
    try {
      checkWrittenAddress(wanted.url, addresses)
      return await send(wanted, { agent, userAgent, timeout })
    } catch (error) {
      wanted.signal.throwIfAborted()
      if (timeout.aborted) {
        const reason = `it took longer than ${timeLimit / 1_000} seconds`
        return { kind: 'failure', reason, kindOfFailure: 'bad' }
      }
      return failureOf(error)
    } finally {
      slowness = Math.min(waiting.clock() - began, LONGEST_PAUSE)
    }
  }

  return {
    /** @throws the signal's reason; ComeBackLaterError */
    async fetch(wanted: FetchRequest): Promise<Answer | Failure> {
      for (let count = 1; ; count += 1) {
        const found = await attempt(wanted)
        const isLast = count === ATTEMPTS
        if (found.kind === 'failure') {
          if (isLast || found.kindOfFailure !== 'unreachable') return found
        } else if (isLast || !PASSING.has(found.status)) {
          return found
        }
        const asks = found.kind === 'answer' ? retryAfter(found, Date.now()) : undefined
        if (asks !== undefined && asks > LONGEST_WAIT) throw new ComeBackLaterError(asks / 1_000)
        const pause = asks ?? FIRST_BACKOFF * 4 ** (count - 1)
        // Who asks for time gets it from every request.
        if (asks !== undefined) nextStart = Math.max(nextStart, waiting.clock() + asks)
        await waiting.wait(pause, wanted.signal)
      }
    },
    /** Seconds that a site asks for between requests. */
    slowDown(crawlDelay: number) {
      asked = Math.min(crawlDelay, LONGEST_CRAWL_DELAY) * 1_000
    },
    close: () => agent.destroy(),
  }
}

interface Connection {
  readonly agent: Agent
  readonly userAgent: string
  readonly timeout: AbortSignal
}

async function send(
  wanted: FetchRequest,
  { agent, userAgent, timeout }: Connection,
): Promise<Answer> {
  const { url, etag, lastModified } = wanted
  const { statusCode, headers, body } = await request(url, {
    dispatcher: agent,
    signal: AbortSignal.any([wanted.signal, timeout]),
    headers: {
      'user-agent': userAgent,
      accept: 'text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.5',
      'accept-encoding': 'gzip, deflate, br',
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
    },
  })
  const headerLines = (name: string) => [headers[name] ?? []].flat()
  const head = {
    status: statusCode,
    headerLines,
    header: (name: string) => headerLines(name)[0] ?? '',
  }
  const isWanted = wanted.wants?.(head) ?? true
  if (!isWanted) {
    // Whatever comes of it, nobody reads it; ending it early is an error to the stream only.
    body.on('error', () => undefined).destroy()
    return { kind: 'answer', ...head, body: Buffer.alloc(0) }
  }
  return { kind: 'answer', ...head, body: await readBody(body, head, wanted) }
}

const UNPACKERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

const isPacking = (coding: string): coding is keyof typeof UNPACKERS =>
  Object.hasOwn(UNPACKERS, coding)

/** What is wrong with an answer itself, as a clause. */
class AnswerError extends Error {}

/** Counts what it becomes when unpacked, so that a small body that unpacks to a large one ends as well. */
async function readBody(
  body: Readable,
  head: AnswerHead,
  { byteLimit, isCut = false }: FetchRequest,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      chunks.push(chunk.subarray(0, byteLimit - length))
      length += chunk.length
      if (length > byteLimit) throw new AnswerError(`it has more than ${readableSize(byteLimit)}`)
    }
  }
  const coding = head.header('content-encoding').trim().toLowerCase()
  try {
    if (coding === '' || coding === 'identity') await pipeline(body, collect)
    else if (isPacking(coding)) await pipeline(body, UNPACKERS[coding](), collect)
    else {
      await pipeline(body, async () => {
        throw new AnswerError(`its packing was not asked for (${coding.slice(0, 20)})`)
      })
    }
  } catch (error) {
    if (!isCut || length <= byteLimit) throw error
  }
  return Buffer.concat(chunks)
}

/** `2.5 MB`, `12 kB`. */
export const readableSize = (bytes: number) =>
  bytes >= 1_000_000
    ? `${Number((bytes / 1_000_000).toFixed(1))} MB`
    : `${Math.ceil(bytes / 1_000)} kB`

/** Milliseconds that an answer asks to wait; `undefined` when it does not. */
function retryAfter(answer: Answer, now: number): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined
  const written = answer.header('retry-after').trim()
  if (/^\d{1,9}$/.test(written)) return Number(written) * 1_000
  const date = Date.parse(written)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke off',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be looked up at the moment',
  EPIPE: 'the connection broke off',
  ETIMEDOUT: 'nothing answers there',
  UND_ERR_CONNECT_TIMEOUT: 'nothing answers there',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are too long',
  UND_ERR_SOCKET: 'the connection broke off',
  Z_BUF_ERROR: 'it ends too early',
  Z_DATA_ERROR: 'its packing is damaged',
  CERT_HAS_EXPIRED: 'the certificate of the host has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody vouches for the certificate of the host',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is that of another host',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody vouches for the certificate of the host',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody vouches for the certificate of the host',
}

function failureOf(error: unknown): Failure {
  if (error instanceof ForbiddenAddressError) {
    return { kind: 'failure', reason: error.message, kindOfFailure: 'forbidden' }
  }
  if (error instanceof AnswerError) {
    return { kind: 'failure', reason: error.message, kindOfFailure: 'bad' }
  }
  // Of several addresses that were tried, the first tells enough.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = first instanceof Error && 'code' in first ? String(first.code) : ''
  const reason = REASONS[code] ?? `the request failed${/^\w+$/.test(code) ? ` (${code})` : ''}`
  const kindOfFailure = code.startsWith('Z_') ? 'bad' : 'unreachable'
  return { kind: 'failure', reason, kindOfFailure }
}
