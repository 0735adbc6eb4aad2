/** A receiver of webhooks for tests, which checks what it is sent by the standard’s own words. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listenLocally } from './listen-locally.ts'

/** In the form in which receivers are given it. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('thirty-two bytes that nobody has').toString('base64')}`

/** Seconds that a message may be on its way. */
const TOLERANCE = 300

export interface ReceivedWebhook {
  readonly id: string
  readonly path: string
  readonly isSigned: boolean
  readonly contentType: string | undefined
  readonly userAgent: string | undefined
  readonly type: string
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface ReceiverAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface WebhookReceiver {
  readonly url: string
  /** All tries, in the order in which they came. */
  readonly received: readonly ReceivedWebhook[]
  /** Those that it has taken, by their ids: a second one of an id is the same event. */
  readonly taken: ReadonlyMap<string, ReceivedWebhook>
  close(): Promise<void>
}

function isSignedBy(secret: string, headers: IncomingMessage['headers'], body: string): boolean {
  const id = headers['webhook-id']
  const sentAt = headers['webhook-timestamp']
  const signatures = String(headers['webhook-signature']).split(' ')
  if (typeof id !== 'string' || typeof sentAt !== 'string' || id.includes('.')) return false
  if (Math.abs(Date.now() / 1_000 - Number(sentAt)) > TOLERANCE) return false
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret
  const expected = createHmac('sha256', key).update([id, sentAt, body].join('.')).digest()
  return signatures.some((signature) => {
    const [version, encoded = ''] = signature.split(',')
    const given = Buffer.from(encoded, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

/** `answer` is asked at each try; one that never resolves leaves the sender waiting. */
export async function startWebhookReceiver(
  answer: (tries: number) => ReceiverAnswer | Promise<ReceiverAnswer> = () => ({ status: 204 }),
  secret: string = WEBHOOK_SECRET,
): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = []
  const taken = new Map<string, ReceivedWebhook>()
  const respond = async (incoming: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const piece of incoming.setEncoding('utf8')) body += piece
    const { headers, url: path = '' } = incoming
    const webhook: ReceivedWebhook = {
      ...JSON.parse(body),
      id: String(headers['webhook-id']),
      path,
      isSigned: incoming.method === 'POST' && isSignedBy(secret, headers, body),
      contentType: headers['content-type'],
      userAgent: headers['user-agent'],
    }
    received.push(webhook)
    const { status, headers: more } = await answer(received.length)
    if (status < 300) taken.set(webhook.id, webhook)
    response.writeHead(status, more).end()
  }
  const server = createServer((incoming, response) => void respond(incoming, response))
  const host = await listenLocally(server)
  return {
    url: `http://${host}/hook`,
    received,
    taken,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
