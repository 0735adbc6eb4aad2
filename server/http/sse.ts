/**
 * Writes server-sent events to Node's own response: web streams on this path cost several times the CPU
 * per token.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { EventSink, Follow } from '../dialects/route.ts'
import { EVENT_STREAM_HEADERS } from '../protocol/events.ts'

/**
 * Milliseconds between two looks whether a stream is silent; then a comment line keeps the connection
 * open. Silence lasts at most twice as long, and 15 s is promised.
 */
const PING_AFTER = 7_000
/** Bytes that may wait for a slow reader before its stream pauses. The turn itself never waits. */
const MAX_WAITING = 256 * 1024
/** Characters that are gathered for one write at most. */
const MOST_AT_ONCE = 64 * 1024
/** Milliseconds after which a reader that takes nothing is given up; it may come back and resume. */
const MAX_STALL = 120_000

export interface EventStreamOptions {
  readonly follow: Follow
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds; tests set them. */
  readonly pingAfter?: number
  readonly maxStall?: number
}

/** Resolves when the stream has ended or its reader has left. */
export async function writeEventStream(
  response: ServerResponse,
  options: EventStreamOptions,
): Promise<void> {
  // The reader left while the turn was being started: its `close` has been and will not come again.
  if (response.destroyed) return
  await new EventStream(response, options).over
}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class EventStream implements EventSink {
  readonly #response: ServerResponse
  /** Where chunks are written, framed here or by the response. */
  readonly #output: Writable
  readonly #isFramed: boolean
  readonly #maxStall: number
  /** Written at the end of this turn of the event loop. */
  #waiting = ''
  #isOpening = true
  #isQuiet = true
  #isOver = false
  #isFull = false
  #stall: NodeJS.Timeout | undefined
  readonly #ping: NodeJS.Timeout
  readonly #ended = Promise.withResolvers<void>()
  readonly #restoreTimeout: () => void

  constructor(response: ServerResponse, options: EventStreamOptions) {
    const { socket } = response
    this.#response = response
    this.#maxStall = options.maxStall ?? MAX_STALL
    // Headers go with what there is to read already: one call to the system, and one packet.
    socket?.cork()
    const connection = isFromBrowser(response.req) ? { connection: 'close' } : {}
    response.writeHead(200, { ...options.headers, ...EVENT_STREAM_HEADERS, ...connection })
    response.flushHeaders()
    socket?.setNoDelay(true)
    // Node's response makes four writes of a chunk, which costs a tenth of the CPU of a token. HTTP/1.0
    // has no chunks, and an answer that waits for an earlier one has no socket yet.
    this.#isFramed = response.chunkedEncoding && socket !== null
    this.#output = this.#isFramed && socket ? socket : response
    this.#restoreTimeout = withoutTimeout(socket)
    // Looks now and then whether something was written: a token should not cost a timer.
    this.#ping = setInterval(() => this.#keepOpen(), options.pingAfter ?? PING_AFTER)
    const feed = options.follow(this)
    const onDrain = () => {
      this.#isFull = false
      if (this.#stall === undefined) return
      clearTimeout(this.#stall)
      this.#stall = undefined
      feed.resume()
    }
    this.flush()
    this.#isOpening = false
    socket?.uncork()
    if (!this.#isOver) this.#output.on('drain', onDrain)
    void this.over.then(() => this.#output.off('drain', onDrain))
    response.once('close', () => {
      feed.stop()
      this.end()
    })
  }

  get over(): Promise<void> {
    return this.#ended.promise
  }

  write(text: string): boolean {
    // The connection may serve another request by now.
    if (this.#isOver) return false
    this.#isQuiet = false
    if (this.#waiting === '' && !this.#isOpening) flushSoon(this)
    this.#waiting += text
    if (this.#waiting.length > MOST_AT_ONCE) this.flush()
    return !this.#isFull
  }

  end(): void {
    if (this.#isOver) return
    this.flush()
    this.#isOver = true
    clearInterval(this.#ping)
    clearTimeout(this.#stall)
    this.#restoreTimeout()
    this.#response.end()
    this.#ended.resolve()
  }

  flush(): void {
    const text = this.#waiting
    if (text === '' || this.#isOver) return
    this.#waiting = ''
    if (this.#send(text) || this.#response.writableLength <= MAX_WAITING) return
    this.#isFull = true
    // What it does not take is let go of, or ending would wait for it.
    this.#stall ??= setTimeout(() => this.#response.destroy(), this.#maxStall)
  }

  #keepOpen(): void {
    if (this.#isQuiet && !this.#output.writableNeedDrain) this.#send(': ping\n\n')
    this.#isQuiet = true
  }

  #send(text: string): boolean {
    if (!this.#isFramed) return this.#output.write(text)
    const bytes = Buffer.byteLength(text)
    const chunk = `${bytes.toString(16)}\r\n${text}\r\n`
    // ASCII needs no encoding, only copying.
    return bytes === text.length
      ? this.#output.write(chunk, 'latin1')
      : this.#output.write(chunk, 'utf8')
  }
}

/** Streams that have something to write at the end of this turn of the event loop. */
let due: EventStream[] = []

/**
 * What came in together goes out together, after all of it was read. Else every write wakes its reader up
 * anew, which costs the system more than the write.
 */
function flushSoon(stream: EventStream): void {
  if (due.push(stream) === 1) setImmediate(flushDue)
}

function flushDue(): void {
  const streams = due
  due = []
  for (const stream of streams) stream.flush()
}

/**
 * A connection that may serve another request is read on by Chromium, for up to 5 s after its page has let
 * go of the answer: the page would count as a reader for that long. Every browser says that it is Mozilla.
 */
const isFromBrowser = ({ headers }: IncomingMessage) =>
  headers['user-agent']?.startsWith('Mozilla/') ?? false

/** A stream has its pings and its stall: the socket's own timeout would be put off again for every token. */
export function withoutTimeout(socket: Socket | null): () => void {
  const timeout = socket?.timeout ?? 0
  if (!socket || timeout === 0) return () => {}
  socket.setTimeout(0)
  return () => socket.setTimeout(timeout)
}
