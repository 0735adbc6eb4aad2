/** A model server that speaks nanochat and writes as many tokens, as fast, as the message asks for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { FAKE_PROTOCOLS } from '../../server/testing/fake-model-protocols.ts'
import { tokensOf, writeAnswer } from './markdown.ts'

export interface BenchModelServer {
  readonly url: string
  /** When the last token of the newest answer was written: milliseconds since 1970. */
  readonly lastTokenAt: number
  close(): void
}

/** What is asked for in a message: so many tokens, so many of them a second, or all at once. */
export interface Stream {
  readonly tokens: number
  /** A second; 0 for as fast as possible. */
  readonly rate: number
  /** Answers of different seeds have different words. */
  readonly seed?: number
}

/** The message that a stream is asked for with. */
export const askFor = ({ tokens, rate, seed = 1 }: Stream) =>
  `${tokens} tokens, ${rate} a second, number ${seed}`

const ASKED = /(\d+) tokens, (\d+) a second, number (\d+)/g

/** Milliseconds between two writes of a paced stream. */
const TICK = 5

const { isGeneration, token, ending, lookup } = FAKE_PROTOCOLS.nanochat

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += String(piece)
  return text
}

export async function startModelServer(): Promise<BenchModelServer> {
  let lastTokenAt = 0

  const write = (response: ServerResponse, { tokens, rate, seed }: Stream) => {
    const events = tokensOf(writeAnswer(tokens, seed)).map(token)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const end = () => {
      lastTokenAt = performance.timeOrigin + performance.now()
      response.end(ending)
    }
    if (rate === 0) {
      response.write(events.join(''))
      return end()
    }
    const began = performance.now()
    let sent = 0
    const timer = setInterval(() => {
      const due = Math.ceil(((performance.now() - began) / 1000) * rate)
      if (due <= sent) return
      response.write(events.slice(sent, due).join(''))
      sent = due
      if (sent < events.length) return
      clearInterval(timer)
      end()
    }, TICK)
    response.on('close', () => clearInterval(timer))
  }

  const server = createServer({ noDelay: true }, (request, response) => {
    if (!isGeneration(request.method ?? '', request.url ?? '')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(lookup))
      return
    }
    void bodyOf(request).then((body) => {
      // The history stands before what is asked for now.
      const [, tokens, rate, seed] = [...body.matchAll(ASKED)].at(-1) ?? []
      write(response, { tokens: Number(tokens), rate: Number(rate), seed: Number(seed) })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port ?? ''}`,
    get lastTokenAt() {
      return lastTokenAt
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
