/** The site whose pages are measured: pages and scripts, nothing of the chat's server. */
import { createServer, type ServerResponse } from 'node:http'

export interface PageServer {
  readonly url: string
  close(): void
}

const page = (head: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title>${head}</head><body style="margin:0"><h1>A page</h1><p>It sells samosas.</p></body></html>`

const PAGES: Readonly<Record<string, string>> = {
  '/blank.html': page(''),
  '/one-element.html': page('<script async src="/one-element.js"></script>'),
  '/bench.html': page('<script type="module" src="/bench.js"></script>'),
}

/** The least that a script can do which shows something. */
const ONE_ELEMENT = "document.body.append(document.createElement('div'))"

/** Serves `scripts` by path. */
export async function startPageServer(scripts: ReadonlyMap<string, string>): Promise<PageServer> {
  const send = (response: ServerResponse, type: string, body: string, status = 200) => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench')
    // The loader comes from the chat's server, as on every site.
    const endpoint = searchParams.get('chat') ?? ''
    const host = page(`<script async src="${endpoint}/embed.js"></script>`)
    const html = pathname === '/host.html' ? host : PAGES[pathname]
    if (html !== undefined) return send(response, 'text/html', html)
    const script = pathname === '/one-element.js' ? ONE_ELEMENT : scripts.get(pathname)
    if (script !== undefined) return send(response, 'text/javascript', script)
    return send(response, 'text/plain', 'Not found', 404)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port ?? ''}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
