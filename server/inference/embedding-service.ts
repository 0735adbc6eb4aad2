/** Vectors from a server that speaks OpenAI's `/v1/embeddings`. */
import { ChatError } from '../core/errors.ts'
import type { Cancellable, Embedder } from '../core/ports/index.ts'
import { isRecord } from '../text/json.ts'
import { createUpstream } from './transport/upstream.ts'
import { isNoRoute } from './openai/refusals.ts'
import { createOpenaiRoutes, openaiBases, urlBelow } from './urls.ts'

/** Texts of one request: text-embeddings-inference takes no more, unless it is told to. */
const BATCH_SIZE = 32
/** Characters of one text; many models refuse more than 512 tokens. */
const LONGEST_TEXT = 1_500
/** How long to wait for the vectors of a batch, which a server without a graphics card takes long for. */
const TIMEOUT_SECONDS = 60

export interface EmbeddingServiceOptions {
  /** Base URL, with or without `/v1`. */
  readonly url: string
  /** `undefined`: the server's own choice. */
  readonly model: string | undefined
  readonly apiKey: string | undefined
  readonly proxy?: string | undefined
  readonly userAgent?: string | undefined
}

/**
 * Connects to nothing yet. Its errors say what an operator should read, and nothing of the texts.
 */
export function createEmbeddingService({
  url,
  model,
  apiKey,
  proxy,
  userAgent,
}: EmbeddingServiceOptions): Embedder {
  const askBelow = createOpenaiRoutes(url)
  const upstream = createUpstream(new URL(url).origin, {
    timeoutSeconds: TIMEOUT_SECONDS,
    proxy,
    userAgent,
  })
  const headers: Readonly<Record<string, string>> = apiKey
    ? { authorization: `Bearer ${apiKey}` }
    : {}

  const embedBatch = async (input: readonly string[], cancellable: Cancellable) => {
    try {
      const body = { ...(model !== undefined && { model }), input }
      const answer = await askBelow(
        '/embeddings',
        (address) => upstream.ask({ method: 'POST', url: address, headers, body }, cancellable),
        isNoRoute,
      )
      if (answer.status < 200 || answer.status >= 300) {
        // Its own words may repeat what it was asked; the number tells a wrong key from too many requests.
        throw new ChatError(
          'internal',
          `The embedding service answered with an error. Its HTTP status is ${answer.status}.`,
        )
      }
      return readVectors(answer.body, input.length)
    } catch (error) {
      throw cancellable.signal.aborted ? error : inWordsOfOurs(error)
    }
  }

  // Without the query, in which a key may stand: vectors are kept under this name.
  const { origin, pathname } = urlBelow(openaiBases(url)[0], '/embeddings')
  return {
    name: `${origin}${pathname} ${model ?? '(its own choice of model)'}`,
    async embed(texts, cancellable) {
      const vectors: Float32Array[] = []
      for (let start = 0; start < texts.length; start += BATCH_SIZE) {
        const batch = texts.slice(start, start + BATCH_SIZE)
        vectors.push(...(await embedBatch(batch.map(shorten), cancellable)))
      }
      return vectors
    },
    close: () => upstream.close(),
  }
}

/** An empty text is refused by OpenAI. */
const shorten = (text: string) => text.slice(0, LONGEST_TEXT).toWellFormed().trim() || '-'

/** @throws ChatError when it is no such answer */
function readVectors(body: unknown, count: number): readonly Float32Array[] {
  const data: unknown = isRecord(body) ? body.data : undefined
  const vectors = Array.isArray(data) ? vectorsInOrder(data) : []
  const dimension = vectors[0]?.length ?? 0
  const isWhole = vectors.length === count && dimension > 0
  if (!isWhole || vectors.some((vector) => vector.length !== dimension)) {
    throw new ChatError('internal', 'The embedding service sent an answer that has no vectors.')
  }
  return vectors
}

/** As long as they are right: each item is `{index, embedding}`, and any order is allowed. */
function vectorsInOrder(data: readonly unknown[]): Float32Array[] {
  const vectors: Float32Array[] = []
  for (const [place, item] of data.entries()) {
    if (!isRecord(item) || !Array.isArray(item.embedding)) return []
    const index = typeof item.index === 'number' ? item.index : place
    const vector = unitVector(Float32Array.from(item.embedding, Number))
    if (!vector) return []
    vectors[index] = vector
  }
  // A hole stands for an index that was sent twice.
  return Object.keys(vectors).length === data.length ? vectors : []
}

/** Of length 1; `undefined` for one that has no direction. */
function unitVector(vector: Float32Array): Float32Array | undefined {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return Number.isFinite(length) && length > 0 ? vector.map((value) => value / length) : undefined
}

/** The message is ours, so that the log has it. */
function inWordsOfOurs(cause: unknown): Error {
  const code = cause instanceof ChatError ? cause.code : undefined
  if (code === 'inference_unreachable') {
    return new ChatError(code, 'The embedding service cannot be reached.', { cause })
  }
  if (code === 'inference_timeout') {
    return new ChatError(code, 'The embedding service did not answer in time.', { cause })
  }
  if (code === 'internal' && cause instanceof ChatError) return cause
  return new ChatError('internal', 'The embedding service answered with an error.', { cause })
}
