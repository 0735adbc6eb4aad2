/** Reads request bodies: bounded, JSON alone, checked by a schema. */
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { ChatError } from '../core/errors.ts'

/** Bytes, unless a route takes more. */
const MAX_BODY = 1024 * 1024
/**
 * A body over the limit is read on and thrown away up to here, so that its sender gets our answer and
 * not a broken connection.
 */
const MAX_DISCARDED = 32 * 1024 * 1024

const tooLarge = (limit: number) => {
  const mebibytes = Math.floor(limit / 1024 / 1024)
  return new ChatError('too_large', `The request is too large: ${mebibytes} MiB is the limit.`)
}

const tooMany = () =>
  new ChatError('rate_limited', 'Too many files are on their way. Please try again in a moment.', {
    retryAfter: 5,
  })

/** How large a body may be, and who else sends a large one. */
export interface BodyLimit {
  /** Bytes. */
  readonly largest: number
  readonly bodies: LargeBodies
}

export interface BodyReading {
  /** A schema looks at how deep it is. */
  readonly isDeep?: boolean
  readonly limit?: BodyLimit | undefined
}

/**
 * No body, or an empty one, stands for `{}`: many clients name the content type on every request. Where
 * something is needed, the schema says what.
 */
export async function readJson(
  request: IncomingMessage,
  { isDeep, limit }: BodyReading,
): Promise<unknown> {
  const bytes = await readBytes(request, limit)
  const contentType = request.headers['content-type']
  if (bytes.length === 0) return {}
  if (!isJson(contentType)) {
    throw new ChatError(
      'unsupported_media_type',
      'The body must be JSON in UTF-8, with the content type application/json.',
    )
  }
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && !/^identity$/i.test(encoding)) {
    throw new ChatError('unsupported_media_type', 'The body must not be compressed.')
  }
  return isDeep ? parseJson(bytes, ANY_DEPTH) : parseJson(bytes)
}

/** For routes that read no body: they take no large one either. @throws ChatError `too_large` */
export async function refuseLargeBody(request: IncomingMessage, limit?: BodyLimit): Promise<void> {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > (limit?.largest ?? MAX_BODY)) await readBytes(request, limit)
}

/** @throws ChatError `invalid_request` that names every field that is wrong */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  const detail = errors
    .map(({ path, message }) => (path === '' ? `The request ${message}` : `${path} ${message}`))
    .join('; ')
  throw new ChatError('invalid_request', `${detail}.`, { errors })
}

/** Clients that set the type beside a library that sets it as well send it twice, in one field. */
const isJson = (contentType: string | undefined) =>
  (contentType ?? '').split(',').every((type) => isJsonType(type))

function isJsonType(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim())
  if (!/^application\/(?:[\w.-]+\+)?json$/i.test(type)) return false
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter))
  return charset === undefined || /^charset="?(?:utf-?8|us-ascii)"?$/i.test(charset)
}

/** By events: an iterator over a request costs more than everything else that is done with it. */
async function readBytes(request: IncomingMessage, limit?: BodyLimit): Promise<Buffer> {
  const largest = limit?.largest ?? MAX_BODY
  const announced = Number(request.headers['content-length'] ?? largest)
  if (Number(request.headers['content-length'] ?? 0) > MAX_DISCARDED) throw tooLarge(largest)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let size = 0
  let place: ReturnType<LargeBodies['enter']>
  const isRefused = () => size > largest || (size > MAX_BODY && !place)
  const take = (chunk: Buffer) => {
    // One that says it is too large is read for its sender's sake only, and takes nobody's place.
    const isEntering = size <= MAX_BODY && size + chunk.length > MAX_BODY && announced <= largest
    if (isEntering) place = limit?.bodies.enter(announced)
    size += chunk.length
    if (size > MAX_DISCARDED) {
      reject(tooLarge(largest))
      request.destroy()
    } else if (isRefused()) {
      chunks.length = 0
    } else {
      chunks.push(chunk)
    }
  }
  const end = () => {
    // Its close comes before anybody has heard of this.
    request.off('close', fail)
    if (size > largest) reject(tooLarge(largest))
    else if (isRefused()) reject(tooMany())
    else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  }
  const fail = (cause?: Error) => {
    reject(new ChatError('malformed_json', 'The body ended before it was complete.', { cause }))
  }
  request.on('data', take)
  request.once('end', end)
  request.once('error', fail)
  request.once('close', fail)
  // What has been will not come again.
  if (request.readableEnded) end()
  else if (request.destroyed) fail()
  try {
    return await promise
  } finally {
    place?.leave()
    request.off('data', take)
    request.off('end', end)
    request.off('close', fail)
  }
}

/** Counts the bytes of bodies that are larger than usual, so that together they stay within memory. */
interface LargeBodies {
  /** `undefined`: with so many bytes more there would be too many. To be left once. */
  enter(bytes: number): { leave(): void } | undefined
}

export function createLargeBodies(most: number): LargeBodies {
  let sum = 0
  return {
    enter(bytes) {
      if (sum + bytes > most) return undefined
      sum += bytes
      return {
        leave() {
          sum -= bytes
        },
      }
    },
  }
}

/* JSON from anybody: bounded in depth, and with texts that every store and every model server can take. */

/** Far deeper than any body that a route takes. */
const DEEPEST = 64
/** Deeper than any body with so many marks. */
export const ANY_DEPTH = Infinity
/**
 * Bytes of everything but the insides of texts, where only quotes count. A large body is large by the files in it; as many small
 * values would take seconds to read, and a hundred times their room.
 */
const MOST_MARKS = 1024 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])

/** UTF-8 has no lone surrogates and JSON no raw NUL: both can only come in as escapes. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/i

/**
 * @throws ChatError `malformed_json`; `too_large` for one with more values than any route takes;
 * `invalid_request` for a text with NUL or half a character in it
 */
export function parseJson(bytes: Uint8Array, deepest = DEEPEST): unknown {
  refuseCostly(bytes, deepest)
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('malformed_json', 'The body is not valid JSON.', { cause })
  }
  if (SUSPICIOUS.test(text)) refuseBrokenText(value)
  return value
}

/**
 * Looks at bytes alone: what is deep costs no more than what is flat. A file in a text is long: in a text,
 * only quotes are looked at.
 */
function refuseCostly(bytes: Uint8Array, deepest: number): void {
  let depth = 0
  let marks = 0
  let isText = false
  for (let at = 0; at < bytes.length; at = isText ? nextQuote(bytes, at) : at + 1) {
    marks += 1
    if (marks > MOST_MARKS) {
      throw new ChatError('too_large', 'The request is too large: it has too many values.')
    }
    const byte = bytes[at] ?? 0
    if (byte === QUOTE) isText = !isText || isEscaped(bytes, at)
    else if (OPENING.has(byte)) depth += 1
    else if (CLOSING.has(byte)) depth -= 1
    if (depth > deepest) {
      throw new ChatError('malformed_json', `The body is nested deeper than ${deepest} levels.`)
    }
  }
}

function nextQuote(bytes: Uint8Array, after: number): number {
  const next = bytes.indexOf(QUOTE, after + 1)
  return next < 0 ? bytes.length : next
}

function isEscaped(bytes: Uint8Array, at: number): boolean {
  let escapes = 0
  while (bytes[at - escapes - 1] === BACKSLASH) escapes += 1
  return escapes % 2 === 1
}

/** A value in its place; places are written out for the one that is wrong alone. */
interface Placed {
  readonly value: unknown
  readonly name?: string
  readonly within?: Placed
}

/** Without calling itself: what is deep would take more stack than there is. */
function refuseBrokenText(body: unknown): void {
  const left: Placed[] = [{ value: body }]
  for (let place = left.pop(); place; place = left.pop()) {
    const { value } = place
    if (typeof value === 'string') {
      if (isBroken(value)) throw brokenText(place)
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (isBroken(name)) throw brokenText(place)
        left.push({ value: inner, name, within: place })
      }
    }
  }
}

const isBroken = (text: string) => !text.isWellFormed() || text.includes('\0')

function brokenText(place: Placed): ChatError {
  const names: string[] = []
  for (let at: Placed | undefined = place; at?.name !== undefined; at = at.within) {
    names.push(at.name)
  }
  // As far as anybody would follow it.
  const path = names.toReversed().slice(0, DEEPEST).join('.')
  const message = 'must not contain NUL or half of a surrogate pair'
  return new ChatError('invalid_request', `${path === '' ? 'The body' : path} ${message}.`, {
    errors: [{ path, message }],
  })
}
