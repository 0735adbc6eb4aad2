/**
 * Sends events to one receiver as Standard Webhooks: signed, and with an id by which a receiver knows what it has
 * had already. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto'
import { Agent, Pool, ProxyAgent, request } from 'undici'
import type { Webhook, WebhookAnswer, WebhookEvent } from '../core/ports/index.ts'

/** Milliseconds that a receiver has from the beginning of a try to the status of its answer. */
const PATIENCE = 20_000
/** Milliseconds; a receiver that wants to be left alone for longer is asked again all the same. */
const LONGEST_PAUSE = 24 * 60 * 60_000
const GONE = 410

export interface StandardWebhookOptions {
  readonly url: string
  /** Signs what is sent. */
  readonly key: Uint8Array
  /** URL of the proxy that leads to the receiver, if one does. */
  readonly proxy?: string | undefined
  /** How this server names itself. */
  readonly userAgent?: string | undefined
  /** Milliseconds from the beginning of a try to the status of the answer. */
  readonly patience?: number
}

/**
 * Connects to nothing yet. The address is the operator's own, who may well mean a machine of the same network; so
 * it is asked wherever it is, and no redirect leads from there to anywhere else.
 */
export function createStandardWebhook({
  url,
  key,
  proxy,
  userAgent = 'samosa-chat',
  patience = PATIENCE,
}: StandardWebhookOptions): Webhook {
  const options = { connectTimeout: patience, allowH2: false }
  const dispatcher =
    proxy === undefined
      ? new Agent(options)
      : new ProxyAgent({
          ...options,
          uri: proxy,
          factory: (origin, given) => new Pool(origin, { ...options, ...given }),
        })

  return {
    async send(event, { signal }) {
      const timeout = AbortSignal.timeout(patience)
      const body = bodyOf(event)
      const sentAt = Math.floor(Date.now() / 1_000)
      try {
        const answer = await request(url, {
          method: 'POST',
          dispatcher,
          signal: AbortSignal.any([signal, timeout]),
          headers: {
            'content-type': 'application/json',
            'user-agent': userAgent,
            'webhook-id': event.id,
            'webhook-timestamp': String(sentAt),
            'webhook-signature': signatureOf(`${event.id}.${sentAt}.${body}`, key),
          },
          body,
        })
        // The status says it all; what else a receiver writes may never end.
        answer.body.on('error', () => undefined).destroy()
        return answerOf(answer.statusCode, answer.headers['retry-after'])
      } catch (error) {
        signal.throwIfAborted()
        const problem = timeout.aborted
          ? `there was no answer within ${Math.ceil(patience / 1_000)} seconds`
          : `there was no connection (${codeOf(error)})`
        return { kind: 'refused', problem, retryAfterMs: undefined }
      }
    },
    close: () => dispatcher.destroy(),
  }
}

const bodyOf = ({ type, timestamp, data }: WebhookEvent) =>
  JSON.stringify({ type, timestamp, data })

const signatureOf = (signed: string, key: Uint8Array) =>
  `v1,${createHmac('sha256', key).update(signed).digest('base64')}`

function answerOf(status: number, retryAfter: string | string[] | undefined): WebhookAnswer {
  if (status >= 200 && status < 300) return { kind: 'taken' }
  const problem = `it answered HTTP ${status}`
  if (status === GONE) return { kind: 'gone', problem }
  if (status < 300 || status >= 400)
    return { kind: 'refused', problem, retryAfterMs: pauseOf(retryAfter) }
  return {
    kind: 'refused',
    problem: `${problem}, and redirects are not followed`,
    retryAfterMs: undefined,
  }
}

/** Seconds or a date; `undefined` for anything else. */
function pauseOf(retryAfter: string | string[] | undefined): number | undefined {
  if (typeof retryAfter !== 'string') return undefined
  const ms = /^\d+$/.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_PAUSE, Math.max(0, ms))
}

/** What the system or TLS calls it: never the address, in which a key may stand. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}
