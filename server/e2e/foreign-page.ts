/** Pages of somebody else's, as a browser gets them. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { BrowserContext } from 'playwright-core'

export interface PageServer {
  /** An origin that ends in `localhost`, which no server under test does. */
  readonly origin: string
  /** Puts a page at a path; gives its address. */
  put(path: string, body: string): string
  close(): Promise<void>
}

/** Somebody else's site. A real one: browsers keep made-up pages from asking this machine. */
export async function startPageServer(): Promise<PageServer> {
  const pages = new Map([['/favicon.ico', '']])
  const server = createServer((request, response) => {
    const body = pages.get(request.url ?? '')
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html' })
    response.end(body ?? '<h1>Not found</h1>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const origin = `http://localhost:${address.port}`
  return {
    origin,
    put(path, body) {
      pages.set(path, body)
      return origin + path
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** Puts a page of somebody else's among those of the server under test. */
export const serve = (
  context: BrowserContext,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> =>
  context.route(url, (route) => route.fulfill({ contentType: 'text/html', body, headers }))
