/** Bytes to a server and back, without a client that would mend them. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawReply {
  /** 0 when the connection ended without an answer. */
  readonly status: number
  /** The status line and the headers, in lower case. */
  readonly head: string
  readonly body: string
  /** Everything that came. */
  readonly text: string
}

export async function openSocket(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url)
  const socket = connect(Number(port), hostname)
  // Some of these connections are cut, which is what the tests are about.
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Everything that comes until the other end closes. */
export async function readAll(socket: Socket): Promise<RawReply> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  if (!socket.destroyed) await once(socket, 'close')
  const text = Buffer.concat(chunks).toString()
  const end = text.indexOf('\r\n\r\n')
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0),
    head: text.slice(0, Math.max(0, end)).toLowerCase(),
    body: end === -1 ? '' : text.slice(end + 4),
    text,
  }
}

/** Sends bytes as they are and reads until the server closes, which `connection: close` asks it to. */
export async function sendRaw(url: string, bytes: string | Uint8Array): Promise<RawReply> {
  const socket = await openSocket(url)
  const reply = readAll(socket)
  socket.write(bytes)
  return await reply
}

/** The bytes of a request; `connection: close` and a host are there unless the headers say otherwise. */
export function requestBytes(
  line: string,
  headers: readonly string[] = [],
  body: string | Uint8Array = '',
): Uint8Array {
  const has = (name: string) => headers.some((header) => header.toLowerCase().startsWith(name))
  const lines = [
    line,
    ...(has('host') ? [] : ['Host: samosa.example']),
    ...(has('connection') ? [] : ['Connection: close']),
    ...headers,
    ...(body.length === 0 || has('content-length') || has('transfer-encoding')
      ? []
      : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)])
}
