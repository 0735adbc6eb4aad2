/** The other side of the pages that are measured: scripts, pages, and a chat server that streams as asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tokensOf, writeAnswer } from './markdown.ts'

export interface BenchServer {
  readonly url: string
  close(): void
}

/** What is asked for in a message: so many tokens, so many of them a second, or all at once. */
export interface Stream {
  readonly tokens: number
  /** A second; 0 for as fast as possible. */
  readonly rate: number
}

/** The message that a stream is asked for with. */
export const askFor = ({ tokens, rate }: Stream) => `${tokens} tokens, ${rate} a second`

/** Messages of the long conversation. */
export const HISTORY = 500
/** What stands in the newest of them, and nowhere else. */
export const NEWEST = `This is answer ${HISTORY - 1}.`
export const HISTORY_ID = 'history'

/** Milliseconds between two writes of a paced stream. */
const TICK = 5

const CONFIG = {
  title: 'Bench',
  greeting: '',
  starters: [],
  features: {},
  auth_mode: 'visitor',
  max_message_length: 8_000,
  locale: 'en',
}

const message = (index: number) => ({
  id: `m${index}`,
  conversation_id: HISTORY_ID,
  role: index % 2 === 0 ? 'user' : 'assistant',
  content:
    index % 2 === 0 ? `Question ${index}?` : `${writeAnswer(150, index)} This is answer ${index}.`,
  finish_reason: index % 2 === 0 ? null : 'stop',
  created_at: '2026-01-01T00:00:00.000Z',
})

const messages = Array.from({ length: HISTORY }, (_, index) => message(index))

/** All messages, or the newest before one of them. */
function history(query: URLSearchParams) {
  const before = messages.findIndex(({ id }) => id === query.get('before'))
  const end = before < 0 ? HISTORY : before
  const start = Math.max(0, end - Number(query.get('messages_limit') ?? HISTORY))
  const shown = messages.slice(start, end)
  return { id: HISTORY_ID, title: 'Bench', updated_at: '', messages: shown, has_more: start > 0 }
}

/** The events of an answer, as the real server writes them. */
function eventsOf(tokens: number): readonly string[] {
  const events = [
    { turn_id: 't', user_message_id: 'u', message_id: 'a' },
    ...tokensOf(writeAnswer(tokens)).map((token) => ({ token })),
    {
      done: true,
      message_id: 'a',
      finish_reason: 'stop',
      token_count: tokens,
      inference_time_ms: 1,
    },
  ]
  return events.map((event, index) => `id: t.${index + 1}\ndata: ${JSON.stringify(event)}\n\n`)
}

function stream(response: ServerResponse, { tokens, rate }: Stream): void {
  const events = eventsOf(tokens)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  if (rate === 0) return void response.end(events.join(''))
  const began = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.ceil(((performance.now() - began) / 1000) * rate)
    if (due <= sent) return
    response.write(events.slice(sent, due).join(''))
    sent = due
    if (sent < events.length) return
    clearInterval(timer)
    response.end()
  }, TICK)
  response.on('close', () => clearInterval(timer))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += String(piece)
  return text
}

const page = (head: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title>${head}</head><body style="margin:0"><h1>A page</h1><p>It sells samosas.</p></body></html>`

const PAGES: Readonly<Record<string, string>> = {
  '/blank.html': page(''),
  '/one-element.html': page('<script async src="/one-element.js"></script>'),
  '/host.html': page('<script async src="/embed.js"></script>'),
  '/bench.html': page('<script type="module" src="/bench.js"></script>'),
}

/** The least that a script can do which shows something. */
const ONE_ELEMENT = "document.body.append(document.createElement('div'))"

/** Serves `scripts` by path. */
export async function startBenchServer(scripts: ReadonlyMap<string, string>): Promise<BenchServer> {
  const send = (response: ServerResponse, type: string, body: string, status = 200) => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  }
  const json = (response: ServerResponse, body: object) =>
    send(response, 'application/json', JSON.stringify(body))

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bench')
    const html = PAGES[pathname]
    if (html !== undefined) return send(response, 'text/html', html)
    const script = pathname === '/one-element.js' ? ONE_ELEMENT : scripts.get(pathname)
    if (script !== undefined) return send(response, 'text/javascript', script)
    if (pathname === '/api/widget-config') return json(response, CONFIG)
    if (pathname === '/api/session') return json(response, { token: 'bench', expires_in: 3_600 })
    if (pathname === '/api/conversations') return json(response, { id: 'new', title: 'Bench' })
    if (pathname === `/api/conversations/${HISTORY_ID}`)
      return json(response, history(searchParams))
    if (pathname.endsWith('/messages')) {
      const [, tokens, rate] = /(\d+) tokens, (\d+) a second/.exec(await bodyOf(request)) ?? []
      return stream(response, { tokens: Number(tokens), rate: Number(rate) })
    }
    return send(response, 'text/plain', 'Not found', 404)
  }
  const server = createServer((request, response) => void answer(request, response))
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
