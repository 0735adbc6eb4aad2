/**
 * The bench's model server, a process of its own: speaks nanochat on bare sockets, because whatever it
 * costs is missing to what is measured. Prints its port. One token is one event, one HTTP chunk.
 *
 *     POST /generate   an answer as its script says
 *     GET /open        how many answers are open
 *     GET /end         every paced answer ends with its next token; how many those are
 */
import { createServer, type Socket } from 'node:net'
import { microseconds } from './clock.ts'
import { readScript, TOKEN_DIGITS, TOKEN_MARK, type Script } from './script.ts'

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
/** Tokens of a fast answer that leave in one write. */
const TOKENS_PER_WRITE = 2

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

const tokenChunk = (due: number) => {
  const text = Math.round(due).toString().padStart(TOKEN_DIGITS, '0')
  return chunk(`data: {${TOKEN_MARK}${text}","gpu":0}\n\n`)
}

const ENDING = `${chunk('data: {"done":true}\n\n')}0\r\n\r\n`

interface PacedAnswer {
  readonly socket: Socket
  left: number
}

let open = 0
/** Paced answers by their interval: one list for each millisecond of it, sent when that is due. */
const paces = new Map<number, readonly Set<PacedAnswer>[]>()

function startPace(interval: number): readonly Set<PacedAnswer>[] {
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
      const bytes = Buffer.from(tokenChunk(due))
      for (const paced of slot) {
        paced.left -= 1
        if (paced.left > 0) {
          paced.socket.write(bytes)
          continue
        }
        slot.delete(paced)
        paced.socket.write(Buffer.concat([bytes, Buffer.from(ENDING)]))
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

function answerPaced(socket: Socket, { tokens, interval }: Script): void {
  const slots = paces.get(interval) ?? startPace(interval)
  paces.set(interval, slots)
  // The emptiest slot: the tokens of all answers are spread evenly over time.
  let slot = slots[0] ?? new Set<PacedAnswer>()
  for (const other of slots) if (other.size < slot.size) slot = other
  const paced = { socket, left: tokens }
  slot.add(paced)
  answering.set(socket, () => slot.delete(paced))
  socket.write(HEAD)
}

function answerFast(socket: Socket, { tokens }: Script): void {
  let left = tokens
  answering.set(socket, () => socket.removeListener('drain', write))
  // One write with the head, as a server that has its first token at once does.
  let head = HEAD
  function write(): void {
    while (left > 0) {
      const count = Math.min(left, TOKENS_PER_WRITE)
      left -= count
      const bytes = head + tokenChunk(microseconds()).repeat(count) + (left === 0 ? ENDING : '')
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

function answer(socket: Socket, requestLine: string, body: string): void {
  if (requestLine.startsWith('POST /generate')) {
    open += 1
    const script = readScript(body)
    if (script.interval > 0) answerPaced(socket, script)
    else answerFast(socket, script)
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
