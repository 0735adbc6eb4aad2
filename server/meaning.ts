/** What compares the meaning of documents and of conversations, as it is configured: one encoder for all, or none. */
import type { Config, Embeddings } from './config/index.ts'
import type { ChatMeaning, Embedder, Logger } from './core/ports/index.ts'
import { createEmbeddingService } from './inference/embedding-service.ts'
import { type ChatMeaningOptions, createChatMeaning } from './knowledge/chat-meaning.ts'
import { mayBeEnglish } from './knowledge/embedder.ts'
import { createMeaning, type Meaning } from './knowledge/meaning.ts'
import { userAgent } from './package.ts'

/**
 * Milliseconds that a question waits for the embedding service, and a search of conversations for any encoder; words
 * alone answer then.
 */
const SERVICE_PATIENCE = 3_000
/** The same of a question for the encoder of our own, which is slow only where everything is. */
const ENCODER_PATIENCE = 10_000
/** Of conversations, all is compared that a service is sent when it is stored, up to a limit. */
const CHATS_BY_SERVICE = { isEager: true, mostTexts: 10_000, shortestText: 1, leastCosine: 0 }
/**
 * Our own encoder takes this machine's time. To it "hello" is near to everything (0.51 to "zzzqqq"), and texts that have
 * nothing to do with each other come up to 0.44 (measured with a dozen of each).
 */
const CHATS_BY_ENCODER = { isEager: false, mostTexts: 2_000, shortestText: 12, leastCosine: 0.45 }
/** Milliseconds after which its start counts as failed. */
const ENCODER_START = 60_000

/** What turns texts into vectors, and how far it can be counted on. */
export interface Encoding {
  readonly createEmbedder: () => Promise<Embedder>
  readonly understands?: (text: string) => boolean
  readonly hasOwnScale?: boolean
  readonly whenDown: string
  /** Milliseconds. */
  readonly patience: number
  close(): Promise<void>
}

/** One encoder for all who compare meaning; `undefined` where words alone are to decide. */
export function encodingOf(embeddings: Embeddings, logger: Logger): Encoding | undefined {
  switch (embeddings.kind) {
    case 'service':
      return {
        ...shareEmbedder(async () =>
          createEmbeddingService({ ...embeddings, userAgent: userAgent() }),
        ),
        hasOwnScale: true,
        whenDown: 'the embedding service does not answer',
        patience: SERVICE_PATIENCE,
      }
    case 'builtin':
      return {
        ...shareEmbedder(async () => {
          // Loaded here alone: who compares no meaning has no encoder in memory.
          const { createBuiltinEmbedder } = await import('./knowledge/encoder/index.ts')
          const embedder = createBuiltinEmbedder({ logger })
          // So that no visitor waits for its start.
          await embedder.embed(['ready'], { signal: AbortSignal.timeout(ENCODER_START) })
          return embedder
        }),
        understands: mayBeEnglish,
        whenDown: 'the encoder has stopped',
        patience: ENCODER_PATIENCE,
      }
    case 'off':
      return undefined
  }
}

/** Makes one when it is first asked for, and again when that has failed; nobody who shares it closes it. */
function shareEmbedder(
  create: () => Promise<Embedder>,
): Pick<Encoding, 'createEmbedder' | 'close'> {
  let creating: Promise<Embedder> | undefined
  return {
    async createEmbedder() {
      creating ??= create()
      try {
        return { ...(await creating), close: async () => undefined }
      } catch (error) {
        creating = undefined
        throw error
      }
    },
    async close() {
      await (await creating?.catch(() => undefined))?.close()
    },
  }
}

/** What compares the meaning of documents alone; `undefined` where words are to decide. */
export function meaningOf(
  embeddings: Embeddings,
  folder: string | undefined,
  { logger }: { readonly logger: Logger },
): Meaning | undefined {
  const encoding = encodingOf(embeddings, logger)
  if (!encoding) return undefined
  const meaning = createMeaning({ ...encoding, folder, logger })
  return {
    of: (passages) => meaning.of(passages),
    async close() {
      await meaning.close()
      await encoding.close()
    },
  }
}

/** What compares the meaning of conversations. */
export function chatMeaningOf(
  { embeddings, search }: Config,
  encoding: Encoding | undefined,
  place: Pick<ChatMeaningOptions, 'store' | 'folder' | 'logger'>,
): ChatMeaning | undefined {
  if (!encoding || !search.enabled) return undefined
  const limits = embeddings.kind === 'service' ? CHATS_BY_SERVICE : CHATS_BY_ENCODER
  return createChatMeaning({ ...encoding, patience: SERVICE_PATIENCE, ...limits, ...place })
}
