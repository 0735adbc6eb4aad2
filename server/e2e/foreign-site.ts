/** Somebody else's website, on an origin of its own, that has put our loader on its pages. */
import { createServer } from 'node:http'
import { once } from 'node:events'

export interface ForeignSite {
  readonly url: string
  /** What a path answers with from now on. */
  put(path: string, body: string, type?: string): void
  close(): Promise<void>
}

export async function startForeignSite(): Promise<ForeignSite> {
  const files = new Map<string, { readonly body: string; readonly type: string }>()
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url.replace(/\?.*/, ''))
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' })
    response.end(file?.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    put: (path, body, type = 'text/html; charset=utf-8') => void files.set(path, { body, type }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
