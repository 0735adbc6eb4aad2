/** A site for a crawler, on this machine; it counts what is asked for. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SitePage {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

/** By path with parameters: the text of an HTML page, or more. */
export type SitePages = Record<
  string,
  string | SitePage | ((request: IncomingMessage, response: ServerResponse) => SitePage | undefined)
>

export interface TestSite {
  /** Without a slash at its end. */
  readonly url: string
  readonly host: string
  /** What is served; may be changed at any time. */
  readonly pages: SitePages
  /** Paths in the order of the requests, robots.txt left out. */
  readonly requests: string[]
  /** Of the same requests; `304` for what was not modified. */
  readonly statuses: number[]
  close(): Promise<void>
}

/** Every page has an entity tag, as the pages of real servers have; a page that is not there is a 404. */
export async function serveSite(pages: SitePages): Promise<TestSite> {
  const requests: string[] = []
  const statuses: number[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const found = pages[path]
    const page = typeof found === 'function' ? found(request, response) : found
    if (typeof found === 'function' && page === undefined) {
      requests.push(path)
      statuses.push(200)
      return
    }
    const {
      status = page === undefined ? 404 : 200,
      headers = {},
      body = '',
    } = typeof page === 'string' ? { body: page } : (page ?? {})
    const bytes = Buffer.from(body)
    const etag = `"${bytes.toString('base64').slice(-12)}-${bytes.length}"`
    const isKnown = status === 200 && request.headers['if-none-match'] === etag
    if (path !== '/robots.txt') {
      requests.push(path)
      statuses.push(isKnown ? 304 : status)
    }
    response.writeHead(isKnown ? 304 : status, {
      'content-type': 'text/html; charset=utf-8',
      ...(status === 200 && { etag }),
      ...headers,
    } as Record<string, string>)
    response.end(isKnown ? '' : bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    pages,
    requests,
    statuses,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A page with a text and links. */
export const pageOf = (text: string, ...links: readonly string[]) =>
  `<!doctype html><html lang="en"><head><title>${text}</title></head><body><main><h1>${text}</h1>
<p>${text} is what this page is about.</p>${links.map((link) => `<a href="${link}">${link}</a>`).join('\n')}</main></body></html>`
