/**
 * Bodies that come compressed, although requests decline it. Streams are fine here: nobody who serves many
 * answers compresses each of their tokens.
 */
import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { OperatorNotice } from '../../core/errors.ts'

/** More codings on top of each other than anybody has a use for. */
const MOST_CODINGS = 3
/** Bytes that one body may become: a few that are packed well can stand for any number. */
const LONGEST_DECODED = 268_435_456

/** The body is in a coding that nobody knows here, or is not what it says. */
export class CodingError extends OperatorNotice {}

export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface DecodedReceiver {
  /** The bytes are good only until it returns. */
  chunk(bytes: Uint8Array): void
  /** Always the last call. A failure is a CodingError, or the system's for a body that is cut off. */
  end(failure: Error | undefined): void
  /** What was written has been taken, where `write` had said false. */
  drain(): void
}

// Whatever has come is given at once: a token must not wait for the next one.
const FLUSHED = { flush: constants.Z_SYNC_FLUSH }

/** What zlib's data begins with in the lower half of its first byte. */
const ZLIB_HEADER = 0x08

const DECODERS: Readonly<Record<string, (firstByte: number) => Transform>> = {
  gzip: () => createGunzip(FLUSHED),
  // zlib's header by the standard, and none by an old misunderstanding of it.
  deflate: (firstByte) =>
    (firstByte & 0x0f) === ZLIB_HEADER ? createInflate(FLUSHED) : createInflateRaw(FLUSHED),
  br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ flush: constants.ZSTD_e_flush }),
}

/** What decodes a body with these headers; `undefined` for one that is not coded. @throws CodingError */
export function bodyDecoderFor(
  headers: ResponseHeaders,
  receiver: DecodedReceiver,
): BodyDecoder | undefined {
  const codings = codingsOf(headers)
  if (codings.length === 0) return undefined
  if (codings.length > MOST_CODINGS) throw new CodingError('The answer is coded too often.')
  const unknown = codings.find((coding) => !Object.hasOwn(DECODERS, coding))
  if (unknown === undefined) return new BodyDecoder(codings, receiver)
  const name = /^[\w.-]{1,32}$/.exec(unknown)?.[0] ?? 'without a proper name'
  throw new CodingError(`The answer is in a coding that is not known here: ${name}.`)
}

/** The one that was put on last comes first. */
function codingsOf(headers: ResponseHeaders): readonly string[] {
  const listed = [headers['content-encoding'], headers['transfer-encoding']]
    .flat()
    .flatMap((value) => (value ?? '').toLowerCase().split(','))
    .map((coding) => coding.trim().replace(/^x-(?=gzip$)/, ''))
  return listed.filter((coding) => !['', 'identity', 'chunked'].includes(coding)).toReversed()
}

/** Made when the first byte comes, since the outermost coding may be told by it. */
export class BodyDecoder {
  readonly #codings: readonly string[]
  readonly #receiver: DecodedReceiver
  #layers: readonly Transform[] | undefined
  #isPaused = false
  #isOver = false
  #decoded = 0

  constructor(codings: readonly string[], receiver: DecodedReceiver) {
    this.#codings = codings
    this.#receiver = receiver
  }

  /** False: no more should be written until it has drained. */
  write(bytes: Uint8Array): boolean {
    if (this.#isOver || bytes.length === 0) return true
    this.#layers ??= this.#open(bytes[0] ?? 0)
    return this.#layers[0]?.write(Buffer.from(bytes)) ?? true
  }

  /** Nothing more comes; what is left is given, and then the end. */
  end(): void {
    // Nothing at all is what nothing becomes in any coding.
    if (this.#layers) this.#layers[0]?.end()
    else this.#finish(undefined)
  }

  pause(): void {
    this.#isPaused = true
    this.#layers?.at(-1)?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#layers?.at(-1)?.resume()
  }

  /** Nothing more is given. */
  destroy(): void {
    this.#isOver = true
    for (const layer of this.#layers ?? []) layer.destroy()
  }

  #open(firstByte: number): readonly Transform[] {
    const layers = this.#codings.flatMap((coding, place) => {
      const create = DECODERS[coding]
      return create ? [create(place === 0 ? firstByte : ZLIB_HEADER)] : []
    })
    for (const [place, layer] of layers.entries()) {
      layer.on('error', (error) => this.#finish(failureOf(error)))
      const next = layers[place + 1]
      if (next) layer.pipe(next)
    }
    layers[0]?.on('drain', () => {
      if (!this.#isOver) this.#receiver.drain()
    })
    const last = layers.at(-1)
    last?.on('data', (bytes: Uint8Array) => this.#give(bytes))
    last?.on('end', () => this.#finish(undefined))
    if (this.#isPaused) last?.pause()
    return layers
  }

  #give(bytes: Uint8Array): void {
    if (this.#isOver) return
    this.#decoded += bytes.length
    if (this.#decoded > LONGEST_DECODED) {
      this.#finish(new CodingError('The answer is too long when it is decoded.'))
    } else this.#receiver.chunk(bytes)
  }

  #finish(failure: Error | undefined): void {
    if (this.#isOver) return
    this.destroy()
    this.#receiver.end(failure)
  }
}

/** A body that is cut off is no fault of its coding. */
const failureOf = (error: Error) =>
  'code' in error && error.code === 'Z_BUF_ERROR'
    ? error
    : new CodingError('The answer cannot be decoded.', { cause: error })
