/** Reads request bodies: bounded, JSON alone, checked by a schema. */
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { ChatError } from '../core/errors.ts'
import type { LargeBodies } from './large-bodies.ts'
import { ANY_DEPTH, parseJson } from './parse-json.ts'

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
