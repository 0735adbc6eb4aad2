/** A model server for tests that answers with bytes, whatever they are. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { listenLocally } from './listen-locally.ts'

export interface RawRequest {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** On which connection it came, counted from 1. */
  readonly connection: number
}

export interface RawModelServer {
  /** Base URL without a path. */
  readonly url: string
  readonly requests: readonly RawRequest[]
  readonly sockets: readonly Socket[]
  close(): Promise<void>
}

/** `answer` is called for every whole request, and may do what it wants with the connection. */
export async function startRawModelServer(
  answer: (request: RawRequest, socket: Socket) => void,
): Promise<RawModelServer> {
  const requests: RawRequest[] = []
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = sockets.push(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      for (;;) {
        const read = readRequest(received)
        if (!read) return
        received = received.subarray(read.length)
        const request = { ...read.request, connection }
        requests.push(request)
        answer(request, socket)
      }
    })
  })
  const host = await listenLocally(server)
  return {
    url: `http://${host}`,
    requests,
    sockets,
    async close() {
      if (!server.listening) return
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function readRequest(received: Buffer) {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [line = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  const headers = Object.fromEntries(
    lines.map((header) => {
      const colon = header.indexOf(':')
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()]
    }),
  )
  const length = end + 4 + Number(headers['content-length'] ?? 0)
  if (received.length < length) return undefined
  const body = received.subarray(end + 4, length).toString()
  return { length, request: { method, path, headers, body } }
}

/** A whole response, with its length. */
export function rawResponse(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array = '',
): Buffer {
  const bytes = Buffer.from(body)
  const lines = Object.entries({ 'content-length': String(bytes.length), ...headers })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Some\r\n${head}\r\n`), bytes])
}

/** A stream of OpenAI's that says this and stops. */
export const streamOf = (...texts: readonly string[]): string =>
  [
    ...texts.map((content) => JSON.stringify({ choices: [{ index: 0, delta: { content } }] })),
    JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    '[DONE]',
  ]
    .map((data) => `data: ${data}\n\n`)
    .join('')
