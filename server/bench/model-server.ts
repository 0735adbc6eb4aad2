/**
 * The bench's model server, a process of its own: speaks nanochat and OpenAI on bare sockets, because whatever
 * it costs is missing to what is measured. Prints its port. One token is one event, one HTTP chunk.
 *
 *     POST /generate, POST /v1/chat/completions   an answer as its script says
 *     GET /open        how many answers are open
 *     GET /end         every paced answer ends with its next token; how many those are
 */
import { createServer, type Socket } from 'node:net'
import { microseconds } from './clock.ts'
import { CONTENT_MARK, readScript, TOKEN_DIGITS, TOKEN_MARK, type Script } from './script.ts'

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
/** Tokens of a fast answer that leave in one write. */
const TOKENS_PER_WRITE = 2

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

const OPENAI_HEAD =
  '"id":"chatcmpl-bench-0123456789","object":"chat.completion.chunk","created":1760000000,"model":"bench"'

/** What the events of a protocol are made of, around a token's text. */
const FORMS = {
  nanochat: { before: `data: {${TOKEN_MARK}`, after: '","gpu":0}\n\n', ending: '{"done":true}' },
  openai: {
    before: `data: {${OPENAI_HEAD},"choices":[{"index":0,"delta":{${CONTENT_MARK}`,
    after: '"},"finish_reason":null}]}\n\n',
    ending: `{${OPENAI_HEAD},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]`,
  },
} as const

type Protocol = keyof typeof FORMS

const tokenChunk = (protocol: Protocol, due: number) => {
  const text = Math.round(due).toString().padStart(TOKEN_DIGITS, '0')
  const { before, after } = FORMS[protocol]
  return chunk(`${before}${text}${after}`)
}

const endingOf = (protocol: Protocol) => `${chunk(`data: ${FORMS[protocol].ending}\n\n`)}0\r\n\r\n`

interface PacedAnswer {
  readonly socket: Socket
  left: number
}

let open = 0
/** Paced answers by their protocol and interval: one list for each millisecond of it, sent when that is due. */
const paces = new Map<string, readonly Set<PacedAnswer>[]>()

function startPace(protocol: Protocol, interval: number): readonly Set<PacedAnswer>[] {
  const ending = Buffer.from(endingOf(protocol))
  const slots = Array.from({ length: interval }, () => new Set<PacedAnswer>())
  const began = microseconds()
  let sent = 0
  const send = () => {
    // Every slot that is due, also those that a late timer has missed.
    const now = microseconds()
    for (let due = began + sent * 1_000; due <= now; due += 1_000) {
      const slot = slots[sent % interval]
      sent += 1
      if (!slot || slot.size === 0) continue
      const bytes = Buffer.from(tokenChunk(protocol, due))
      for (const paced of slot) {
        paced.left -= 1
        if (paced.left > 0) {
          paced.socket.write(bytes)
          continue
        }
        slot.delete(paced)
        paced.socket.write(Buffer.concat([bytes, ending]))
        finished(paced.socket)
      }
    }
    setTimeout(send, 1)
  }
  send()
  return slots
}

/** Answers that are being written. */
const answering = new Map<Socket, () => void>()

function finished(socket: Socket): void {
  const forget = answering.get(socket)
  if (!forget) return
  answering.delete(socket)
  forget()
  open -= 1
}

function answerPaced(socket: Socket, protocol: Protocol, { tokens, interval }: Script): void {
  const pace = `${protocol} ${interval}`
  const slots = paces.get(pace) ?? startPace(protocol, interval)
  paces.set(pace, slots)
  // The emptiest slot: the tokens of all answers are spread evenly over time.
  let slot = slots[0] ?? new Set<PacedAnswer>()
  for (const other of slots) if (other.size < slot.size) slot = other
  const paced = { socket, left: tokens }
  slot.add(paced)
  answering.set(socket, () => slot.delete(paced))
  socket.write(HEAD)
}

function answerFast(socket: Socket, protocol: Protocol, { tokens }: Script): void {
  let left = tokens
  answering.set(socket, () => socket.removeListener('drain', write))
  // One write with the head, as a server that has its first token at once does.
  let head = HEAD
  function write(): void {
    while (left > 0) {
      const count = Math.min(left, TOKENS_PER_WRITE)
      left -= count
      const said = tokenChunk(protocol, microseconds()).repeat(count)
      const bytes = head + said + (left === 0 ? endingOf(protocol) : '')
      head = ''
      if (!socket.write(bytes, 'latin1') && left > 0) return
    }
    finished(socket)
  }
  socket.on('drain', write)
  write()
}

function controlAnswer(requestLine: string): string {
  if (requestLine.startsWith('GET /open')) return String(open)
  if (!requestLine.startsWith('GET /end')) return '{"models":[]}'
  const ending = [...paces.values()].flatMap((slots) => slots.flatMap((slot) => [...slot]))
  for (const paced of ending) paced.left = 1
  return String(ending.length)
}

/** The server asks with `{}` at its start whether a route is there, and takes a refusal for a yes. */
const REFUSAL = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'

function answer(socket: Socket, requestLine: string, body: string): void {
  const isOpenai = requestLine.startsWith('POST /v1/chat/completions')
  if (isOpenai || requestLine.startsWith('POST /generate')) {
    if (body === '{}') {
      socket.write(REFUSAL)
      return
    }
    open += 1
    const script = readScript(body)
    const protocol = isOpenai ? 'openai' : 'nanochat'
    if (script.interval > 0) answerPaced(socket, protocol, script)
    else answerFast(socket, protocol, script)
    return
  }
  const text = controlAnswer(requestLine)
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  )
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('close', () => finished(socket))
  socket.on('data', (piece) => {
    received += String(piece)
    const bodyAt = received.indexOf('\r\n\r\n') + 4
    if (bodyAt < 4) return
    const length = Number(/^content-length: *(\d+)/im.exec(received.slice(0, bodyAt))?.[1] ?? 0)
    if (received.length < bodyAt + length) return
    const body = received.slice(bodyAt, bodyAt + length)
    const [requestLine = ''] = received.split('\r\n', 1)
    received = received.slice(bodyAt + length)
    answer(socket, requestLine, body)
  })
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(address.port)
})
