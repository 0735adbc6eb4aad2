import type { IncomingMessage } from 'node:http'
import { ChatError } from '../core/errors.ts'

const MAX_HEADERS = 100

/** Of these the first counts for us and perhaps the last for a proxy in front of us: a way past both. */
const SINGLE: ReadonlySet<string> = new Set(['authorization', 'content-type', 'host'])
const SINGLE_LENGTHS: ReadonlySet<number> = new Set([...SINGLE].map((name) => name.length))

/** What is wrong with a request's headers as a whole, if anything is. */
export function headersProblem(request: IncomingMessage): ChatError | undefined {
  const { rawHeaders, httpVersion } = request
  if (rawHeaders.length > MAX_HEADERS * 2) {
    return new ChatError('too_large', 'The request has too many headers.', { status: 431 })
  }
  const seen: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] ?? ''
    if (!SINGLE_LENGTHS.has(raw.length)) continue
    const name = raw.toLowerCase()
    if (!SINGLE.has(name)) continue
    if (seen.includes(name)) {
      const message = `The header ${name} must come once only.`
      return name === 'authorization' ? new ChatError('unauthorized', message) : broken(message)
    }
    seen.push(name)
  }
  const coding = request.headers['transfer-encoding']
  // Any other coding is one that nobody here undoes, and perhaps a proxy does.
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    return broken('The header transfer-encoding can be chunked only.')
  }
  // Proxies differ in where such a body ends; what stands behind it must not be read as a request.
  if (coding !== undefined && httpVersion === '1.0') {
    return broken('The header transfer-encoding is not part of HTTP/1.0.')
  }
  const needsHost = httpVersion !== '1.0' && !seen.includes('host')
  return needsHost ? broken('The header host is missing.') : undefined
}

/** For `Expect` with anything but `100-continue`. */
export const expectationFailed = () =>
  new ChatError('invalid_request', 'The header expect can be 100-continue only.', { status: 417 })

const broken = (message: string) => new ChatError('invalid_request', message, { status: 400 })
