/** A proxy for tests: whatever host it is asked for, it asks one server, and remembers how it was asked. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listenLocally } from './listen-locally.ts'

export interface ProxiedRequest {
  /** `GET`, `POST`, or `CONNECT` for a tunnel. */
  readonly method: string
  /** As it was written: a whole URL, or `host:port` for a tunnel. */
  readonly target: string
  readonly authorization: string | undefined
  readonly userAgent: string | undefined
}

export interface FakeProxy {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly requests: readonly ProxiedRequest[]
  close(): Promise<void>
}

/** `status`: what it answers itself, in place of the server. */
export async function startFakeProxy(
  server: { readonly url: string },
  { status }: { readonly status?: number } = {},
): Promise<FakeProxy> {
  const requests: ProxiedRequest[] = []
  const sockets = new Set<Socket>()
  const { hostname, port } = new URL(server.url)
  const proxy = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming
    requests.push({
      method,
      target: url,
      authorization: headers['proxy-authorization'],
      userAgent: headers['user-agent'],
    })
    if (status !== undefined) {
      outgoing.writeHead(status, { 'content-type': 'text/html' })
      outgoing.end('<h1>The proxy says no</h1>')
      return
    }
    const { pathname, search } = new URL(url)
    const asked = request(
      { hostname, port, method, path: pathname + search, headers, agent: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      },
    )
    asked.on('error', () => outgoing.destroy())
    incoming.pipe(asked)
  })
  proxy.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  proxy.on('connect', ({ url = '', headers }, socket: Socket) => {
    requests.push({
      method: 'CONNECT',
      target: url,
      authorization: headers['proxy-authorization'],
      userAgent: undefined,
    })
    socket.on('error', () => {})
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const tunnel = connect(Number(port), hostname)
    tunnel.on('error', () => socket.destroy())
    socket.write('HTTP/1.1 200 Connected\r\n\r\n')
    socket.pipe(tunnel).pipe(socket)
  })
  const host = await listenLocally(proxy)
  return {
    host,
    requests,
    async close() {
      proxy.close()
      for (const socket of sockets) socket.destroy()
      await once(proxy, 'close')
    },
  }
}
