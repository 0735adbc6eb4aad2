/** An encoder or a service that may fail, asked until it answers; a visitor's question waits for neither. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cancellable, Embedder, Logger } from '../core/ports/index.ts'

/** Milliseconds between two attempts: doubled each time, up to the second. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 60_000
/** Questions whose vectors are kept: one is searched for in several scopes, then compared with pieces. */
const KEPT_QUESTIONS = 64
/** Any text that every encoder takes. */
const PLAIN_TEXT = 'ready'

export interface PatientEmbedderOptions {
  /** Called until it has given one. */
  readonly create: () => Promise<Embedder>
  /** Milliseconds that a question waits. */
  readonly patience: number
  /** Told when it begins to fail. */
  readonly onDown: () => void
  readonly logger: Logger
}

export interface PatientEmbedder {
  /** Names what the vectors come from. @throws when `signal` is aborted */
  name(options: Cancellable): Promise<string>
  /**
   * A vector a text, however long that takes; `undefined` for one that is refused while others are taken.
   * @throws when `signal` is aborted
   */
  embed(
    texts: readonly string[],
    options: Cancellable,
  ): Promise<readonly (Float32Array | undefined)[]>
  /** At once or not at all; `undefined` when they do not come in time. Never rejects. */
  embedNow(texts: readonly string[]): Promise<readonly Float32Array[] | undefined>
  /** As `embedNow`; the vectors of the last questions are kept. */
  embedQuestion(question: string): Promise<Float32Array | undefined>
  /** It has failed, and is asked in the background until it answers again. */
  isDown(): boolean
  close(): Promise<void>
}

export function createPatientEmbedder(options: PatientEmbedderOptions): PatientEmbedder {
  const { patience, logger } = options
  const closing = new AbortController()
  const questions = new Map<string, Promise<Float32Array | undefined>>()
  let creating: Promise<Embedder> | undefined
  let failing = false
  let recovering: Promise<void> | undefined

  const embedder = async () => {
    creating ??= options.create()
    try {
      return await creating
    } catch (error) {
      creating = undefined
      throw error
    }
  }

  const fails = (error: unknown) => {
    if (failing) return
    failing = true
    logger.warn({ err: error }, 'Meaning is not compared for now: words alone decide')
    options.onDown()
  }

  const works = () => {
    if (failing) logger.info({}, 'Meaning is compared again')
    failing = false
  }

  const attempt = async (
    texts: readonly string[],
    { signal, urgent }: Cancellable & { readonly urgent?: boolean },
  ) => {
    const vectors = await (await embedder()).embed(texts, { signal, ...(urgent && { urgent }) })
    works()
    return vectors
  }

  /** Attempts until one succeeds, or the signal is aborted. */
  const persist = async <Result>(
    task: () => Promise<Result>,
    { signal }: Cancellable,
  ): Promise<Result> => {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      try {
        return await task()
      } catch (error) {
        signal.throwIfAborted()
        fails(error)
        await sleep(pause, undefined, { signal, ref: false })
      }
    }
  }

  /** Which of some texts it is that fails, when the encoder takes others; throws when it takes none. */
  const oneByOne = async (texts: readonly string[], cancellable: Cancellable) => {
    await attempt([PLAIN_TEXT], cancellable)
    const vectors: (Float32Array | undefined)[] = []
    for (const text of texts) {
      try {
        vectors.push(...(await attempt([text], cancellable)))
      } catch (error) {
        cancellable.signal.throwIfAborted()
        // Down, or only unwilling?
        await attempt([PLAIN_TEXT], cancellable)
        logger.warn({ err: error }, 'A piece of a document is found by its words alone')
        vectors.push(undefined)
      }
    }
    return vectors
  }

  const recover = async () => {
    try {
      await persist(() => attempt([PLAIN_TEXT], closing), closing)
    } catch {
      // Closed meanwhile.
    }
    recovering = undefined
  }

  const embedNow: PatientEmbedder['embedNow'] = async (texts) => {
    if (failing || closing.signal.aborted) return undefined
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(patience)])
      return await attempt(texts, { signal, urgent: true })
    } catch (error) {
      if (closing.signal.aborted) return undefined
      fails(error)
      recovering ??= recover()
      return undefined
    }
  }

  return {
    name: (cancellable) => persist(async () => (await embedder()).name, within(cancellable)),
    embed: (texts, cancellable) => {
      const both = within(cancellable)
      return persist<readonly (Float32Array | undefined)[]>(async () => {
        try {
          return await attempt(texts, both)
        } catch {
          both.signal.throwIfAborted()
          return await oneByOne(texts, both)
        }
      }, both)
    },
    embedNow,
    async embedQuestion(question) {
      const kept = questions.get(question)
      if (kept) return await kept
      const asked = embedNow([question]).then((vectors) => vectors?.[0])
      questions.set(question, asked)
      const [oldest] = questions.keys()
      if (questions.size > KEPT_QUESTIONS && oldest !== undefined) questions.delete(oldest)
      const vector = await asked
      if (!vector) questions.delete(question)
      return vector
    },
    isDown: () => failing,
    async close() {
      closing.abort()
      await recovering
      await (await creating?.catch(() => undefined))?.close()
    },
  }

  function within({ signal }: Cancellable): Cancellable {
    return { signal: AbortSignal.any([signal, closing.signal]) }
  }
}
