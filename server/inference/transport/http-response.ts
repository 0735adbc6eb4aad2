import { interimStatus, type ResponseHead, readHead } from './http-head.ts'

/** Bytes of a head, of all trailers, and of a chunk's size with what is written behind it. */
const LONGEST_HEAD = 16_384
const CR = 0x0d
const LF = 0x0a
const SEMICOLON = 0x3b
/** As many hexadecimal digits as a number holds exactly. */
const MOST_SIZE_DIGITS = 13

/** What was sent is not HTTP/1.x. */
export class NotHttpError extends Error {}

export interface ResponseHandler {
  head(status: number): void
  /** The bytes are good only until it returns. */
  body(bytes: Uint8Array): void
  /** The response is whole. `idleMs`: how long the connection may wait for another request; 0: not at all. */
  end(idleMs: number): void
}

/** Reads one HTTP/1.x response out of bytes that are cut anywhere. */
export interface ResponseReader {
  /** Of the bytes, as many as `size` are new. @throws NotHttpError */
  read(bytes: Buffer, size: number): void
  /** The connection has ended. False: the response is cut short. */
  close(): boolean
}

type State =
  | 'head'
  | 'counted'
  | 'until close'
  | 'size'
  | 'chunk'
  | 'chunk end'
  | 'trailer'
  | 'over'

const digitOf = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

export function createResponseReader(handler: ResponseHandler): ResponseReader {
  return new Http1Reader(handler)
}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class Http1Reader implements ResponseReader {
  readonly #handler: ResponseHandler
  #state: State = 'head'
  /** Bytes of the counted body, or of the chunk, that are still to come. */
  #left = 0
  #digits = 0
  /** Behind the digits of a chunk's size; of the trailers' running line. */
  #besides = 0
  /** Of the bytes that are being read: how many there are, and where the body's are that were found. */
  #size = 0
  #bodyFrom = 0
  #bodyTo = 0
  #headText = ''
  #idleMs = 0
  #trailerBytes = 0

  constructor(handler: ResponseHandler) {
    this.#handler = handler
  }

  read(bytes: Buffer, size: number): void {
    this.#size = size
    let at = 0
    while (at < size) {
      at = this.#take(bytes, at)
      if (this.#state === 'counted' && this.#left === 0) {
        this.#finish(bytes, at === size)
        return
      }
    }
    this.#give(bytes)
  }

  close(): boolean {
    if (this.#state === 'until close') {
      this.#state = 'over'
      this.#handler.end(0)
    }
    return this.#state === 'over'
  }

  /** Each of these takes what it can from `at` on, and says where the next one goes on. */
  #take(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#takeHead(bytes, at)
      case 'until close':
        this.#left = this.#size
        return this.#takeBody(bytes, at)
      case 'counted':
        return this.#takeBody(bytes, at)
      case 'size':
        return this.#takeSize(bytes, at)
      case 'chunk': {
        const next = this.#takeBody(bytes, at)
        if (this.#left === 0) this.#state = 'chunk end'
        return next
      }
      case 'chunk end':
        return this.#takeChunkEnd(bytes, at)
      case 'trailer':
        return this.#takeTrailer(bytes, at)
      case 'over':
        return this.#size
    }
  }

  #takeHead(bytes: Buffer, at: number): number {
    const known = this.#headText.length
    const end = Math.min(this.#size, at + LONGEST_HEAD + 1)
    this.#headText += bytes.toString('latin1', at, end)
    if (!this.#headText.startsWith('HTTP/1.'.slice(0, this.#headText.length))) {
      throw new NotHttpError('The answer does not begin like HTTP/1.')
    }
    const ending = /\r?\n\r?\n/.exec(this.#headText)
    if (!ending) {
      if (this.#headText.length > LONGEST_HEAD) throw new NotHttpError('The head is too long.')
      return this.#size
    }
    const head = readHead(this.#headText.slice(0, ending.index))
    this.#headText = ''
    if (!head) throw new NotHttpError('The head is broken.')
    if (!interimStatus(head.status)) this.#startBody(head)
    return at + ending.index + ending[0].length - known
  }

  #startBody({ status, body, idleMs }: ResponseHead): void {
    this.#idleMs = idleMs
    this.#handler.head(status)
    if (body === 'chunked') this.#state = 'size'
    else if (body === 'until close') this.#state = 'until close'
    else {
      this.#state = 'counted'
      this.#left = body
    }
  }

  /** Moves the chunks that came together to one place: they are handed over as one. */
  #takeBody(bytes: Buffer, at: number): number {
    const end = Math.min(this.#size, at + this.#left)
    this.#left -= end - at
    if (this.#bodyFrom === this.#bodyTo) {
      this.#bodyFrom = at
      this.#bodyTo = end
    } else {
      bytes.copyWithin(this.#bodyTo, at, end)
      this.#bodyTo += end - at
    }
    return end
  }

  #give(bytes: Buffer): void {
    if (this.#bodyFrom === this.#bodyTo) return
    const body = bytes.subarray(this.#bodyFrom, this.#bodyTo)
    this.#bodyFrom = this.#bodyTo
    this.#handler.body(body)
  }

  #takeSize(bytes: Buffer, from: number): number {
    for (let at = from; at < this.#size; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte === LF) {
        if (this.#digits === 0) throw new NotHttpError('A chunk has no size.')
        this.#state = this.#left === 0 ? 'trailer' : 'chunk'
        this.#digits = 0
        this.#besides = 0
        return at + 1
      }
      const digit = this.#besides === 0 ? digitOf(byte) : -1
      if (digit >= 0) {
        this.#digits += 1
        this.#left = this.#left * 16 + digit
        if (this.#digits > MOST_SIZE_DIGITS) throw new NotHttpError('A chunk is too long.')
        continue
      }
      const mayFollow = byte === CR || byte === SEMICOLON || byte === 0x20 || byte === 0x09
      this.#besides += 1
      if (this.#besides > LONGEST_HEAD || (this.#besides === 1 && !mayFollow)) {
        throw new NotHttpError('The size of a chunk is broken.')
      }
    }
    return this.#size
  }

  #takeChunkEnd(bytes: Buffer, at: number): number {
    const byte = bytes[at]
    if (byte === LF) this.#state = 'size'
    else if (byte !== CR) throw new NotHttpError('A chunk is longer than it says.')
    return at + 1
  }

  #takeTrailer(bytes: Buffer, from: number): number {
    for (let at = from; at < this.#size; at += 1) {
      const byte = bytes[at]
      this.#trailerBytes += 1
      if (this.#trailerBytes > LONGEST_HEAD) throw new NotHttpError('The trailers are too long.')
      if (byte === LF && this.#besides === 0) {
        // What comes unasked after the end makes the connection useless.
        this.#finish(bytes, at + 1 === this.#size)
        return this.#size
      }
      if (byte === LF) this.#besides = 0
      else if (byte !== CR) this.#besides += 1
    }
    return this.#size
  }

  #finish(bytes: Buffer, isOver: boolean): void {
    this.#state = 'over'
    this.#give(bytes)
    this.#handler.end(isOver ? this.#idleMs : 0)
  }
}
