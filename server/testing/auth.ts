/** Tokens and servers to test with. */
import { createHmac, sign as signBytes, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'

export type Signer = (input: string) => Uint8Array

export const hmac =
  (secret: string | Uint8Array, hash = 'sha256'): Signer =>
  (input) =>
    createHmac(hash, secret).update(input).digest()

export const rsa =
  (key: KeyObject): Signer =>
  (input) =>
    signBytes('sha256', Buffer.from(input), key)

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token as wrong as one likes: nothing of it is checked. */
export function forge(header: object, payload: object, sign: Signer): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${Buffer.from(sign(input)).toString('base64url')}`
}

export interface HeardRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text is sent as it stands, anything else as JSON. */
  readonly body?: unknown
}

export interface ListeningServer {
  readonly url: string
  readonly requests: readonly HeardRequest[]
  close(): Promise<void>
}

/** A server that remembers what it was asked; an answer that never resolves leaves the caller waiting. */
export async function startListeningServer(
  answer: (request: HeardRequest) => ScriptedAnswer | Promise<ScriptedAnswer>,
): Promise<ListeningServer> {
  const requests: HeardRequest[] = []
  const respond = async (incoming: IncomingMessage, response: ServerResponse) => {
    let text = ''
    for await (const piece of incoming.setEncoding('utf8')) text += piece
    const { method = '', url = '', headers } = incoming
    const request = { method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) }
    requests.push(request)
    const { status = 200, headers: more, body } = await answer(request)
    response.writeHead(status, { 'content-type': 'application/json', ...more })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
  const server = createServer((incoming, response) => void respond(incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
