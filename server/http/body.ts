/** Reads request bodies: bounded, JSON alone, checked by a schema. */
import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { ChatError } from '../core/errors.ts'
import { parseJson } from './parse-json.ts'

/** Bytes. */
const MAX_BODY = 1024 * 1024
/**
 * A body over the limit is read on and thrown away up to here, so that its sender gets our answer and
 * not a broken connection.
 */
const MAX_DISCARDED = 32 * 1024 * 1024

const tooLarge = () => new ChatError('too_large', 'The request is too large: 1 MiB is the limit.')

export async function readJson(
  request: IncomingMessage,
  options: { readonly optional: boolean },
): Promise<unknown> {
  const bytes = await readBytes(request)
  const contentType = request.headers['content-type']
  if (bytes.length === 0 && options.optional && contentType === undefined) return {}
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
  return parseJson(bytes)
}

/** For routes that read no body: they take no large one either. @throws ChatError `too_large` */
export async function refuseLargeBody(request: IncomingMessage): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) await readBytes(request)
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

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim())
  if (!/^application\/(?:[\w.-]+\+)?json$/i.test(type)) return false
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter))
  return charset === undefined || /^charset="?(?:utf-?8|us-ascii)"?$/i.test(charset)
}

/** By events: an iterator over a request costs more than everything else that is done with it. */
async function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_DISCARDED) throw tooLarge()
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let size = 0
  const take = (chunk: Buffer) => {
    size += chunk.length
    if (size > MAX_DISCARDED) {
      reject(tooLarge())
      request.destroy()
    } else if (size <= MAX_BODY) {
      chunks.push(chunk)
    } else {
      chunks.length = 0
    }
  }
  const end = () => {
    // Its close comes before anybody has heard of this.
    request.off('close', fail)
    if (size > MAX_BODY) reject(tooLarge())
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
    request.off('data', take)
    request.off('end', end)
    request.off('close', fail)
  }
}
