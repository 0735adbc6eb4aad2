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
  let state: State = 'head'
  let headText = ''
  let idleMs = 0
  /** Bytes of the counted body, or of the chunk, that are still to come. */
  let left = 0
  let digits = 0
  /** Behind the digits of a chunk's size; of the trailers' running line. */
  let besides = 0
  let trailerBytes = 0
  /** Of the bytes that are being read. */
  let size = 0

  const finish = (isOver: boolean) => {
    state = 'over'
    handler.end(isOver ? idleMs : 0)
  }

  const startBody = (head: ResponseHead) => {
    idleMs = head.idleMs
    handler.head(head.status)
    if (head.body === 'chunked') state = 'size'
    else if (head.body === 'until close') state = 'until close'
    else {
      state = 'counted'
      left = head.body
    }
  }

  /** Each of these takes what it can from `at` on, and says where the next one goes on. */
  const takeHead = (bytes: Buffer, at: number): number => {
    const known = headText.length
    headText += bytes.toString('latin1', at, Math.min(size, at + LONGEST_HEAD + 1))
    if (!headText.startsWith('HTTP/1.'.slice(0, headText.length))) {
      throw new NotHttpError('The answer does not begin like HTTP/1.')
    }
    const ending = /\r?\n\r?\n/.exec(headText)
    if (!ending) {
      if (headText.length > LONGEST_HEAD) throw new NotHttpError('The head is too long.')
      return size
    }
    const text = headText.slice(0, ending.index)
    const next = at + ending.index + ending[0].length - known
    headText = ''
    const head = readHead(text)
    if (!head) throw new NotHttpError('The head is broken.')
    if (!interimStatus(head.status)) startBody(head)
    return next
  }

  const takeBody = (bytes: Buffer, at: number): number => {
    const end = Math.min(size, at + left)
    left -= end - at
    handler.body(bytes.subarray(at, end))
    return end
  }

  const takeSize = (bytes: Buffer, from: number): number => {
    for (let at = from; at < size; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte === LF) {
        if (digits === 0) throw new NotHttpError('A chunk has no size.')
        state = left === 0 ? 'trailer' : 'chunk'
        digits = 0
        besides = 0
        return at + 1
      }
      const digit = besides === 0 ? digitOf(byte) : -1
      if (digit >= 0) {
        digits += 1
        left = left * 16 + digit
        if (digits > MOST_SIZE_DIGITS) throw new NotHttpError('A chunk is too long.')
        continue
      }
      const mayFollow = byte === CR || byte === SEMICOLON || byte === 0x20 || byte === 0x09
      besides += 1
      if (besides > LONGEST_HEAD || (besides === 1 && !mayFollow)) {
        throw new NotHttpError('The size of a chunk is broken.')
      }
    }
    return size
  }

  const takeChunkEnd = (bytes: Buffer, at: number): number => {
    const byte = bytes[at]
    if (byte === LF) state = 'size'
    else if (byte !== CR) throw new NotHttpError('A chunk is longer than it says.')
    return at + 1
  }

  const takeTrailer = (bytes: Buffer, from: number): number => {
    for (let at = from; at < size; at += 1) {
      const byte = bytes[at]
      trailerBytes += 1
      if (trailerBytes > LONGEST_HEAD) throw new NotHttpError('The trailers are too long.')
      if (byte === LF && besides === 0) {
        // What comes unasked after the end makes the connection useless.
        finish(at + 1 === size)
        return size
      }
      if (byte === LF) besides = 0
      else if (byte !== CR) besides += 1
    }
    return size
  }

  const take = (bytes: Buffer, at: number): number => {
    switch (state) {
      case 'head':
        return takeHead(bytes, at)
      case 'until close':
        left = size
        return takeBody(bytes, at)
      case 'counted':
        return takeBody(bytes, at)
      case 'size':
        return takeSize(bytes, at)
      case 'chunk': {
        const next = takeBody(bytes, at)
        if (left === 0) state = 'chunk end'
        return next
      }
      case 'chunk end':
        return takeChunkEnd(bytes, at)
      case 'trailer':
        return takeTrailer(bytes, at)
      case 'over':
        return size
    }
  }

  return {
    read(bytes, given) {
      size = given
      let at = 0
      while (at < size) {
        at = take(bytes, at)
        if (state === 'counted' && left === 0) {
          finish(at === size)
          return
        }
      }
    },
    close() {
      if (state === 'until close') finish(false)
      return state === 'over'
    },
  }
}
