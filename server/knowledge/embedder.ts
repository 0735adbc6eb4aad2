/** An encoder or a service that may fail, asked until it answers; a visitor's question waits for neither. */
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Cancellable, Embedder, Logger } from '../core/ports/index.ts'
import { keyOf, type VectorTable } from './vectors.ts'

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

export function createPatientEmbedder(options: PatientEmbedderOptions) {
  const { patience, logger } = options
  const closing = new AbortController()
  const questions = new LRUCache<string, Promise<Float32Array | undefined>>({ max: KEPT_QUESTIONS })
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

  const embedNow = async (texts: readonly string[]) => {
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
    /** Names what the vectors come from. @throws when `signal` is aborted */
    name: (cancellable: Cancellable) =>
      persist(async () => (await embedder()).name, within(cancellable)),
    /**
     * A vector a text, however long that takes; `undefined` for one that is refused while others are taken.
     * @throws when `signal` is aborted
     */
    embed(texts: readonly string[], cancellable: Cancellable) {
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
    /** At once or not at all; `undefined` when they do not come in time. Never rejects. */
    embedNow,
    /** As `embedNow`; the vectors of the last questions are kept. */
    async embedQuestion(question: string) {
      const kept = questions.get(question)
      if (kept) return await kept
      const asked = embedNow([question]).then((vectors) => vectors?.[0])
      questions.set(question, asked)
      const vector = await asked
      if (!vector) questions.delete(question)
      return vector
    },
    /** It has failed, and is asked in the background until it answers again. */
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

// Puts the cosines of any model on the scale of the encoder that comes along, for which the weights of meaning and
// the threshold of an answer were found: many models say .8 of texts that have nothing in common.

/** Questions and their answers, in other words and about different things. */
const PAIRS: readonly (readonly [question: string, answer: string])[] = [
  ['When does the train to the coast leave?', 'Trains to the sea depart at ten past every hour.'],
  ['How do I water a cactus?', 'Give desert plants a little water once a month.'],
  ['May children swim alone?', 'Kids under eight need an adult with them in the pool.'],
  ['What does a haircut cost?', 'We charge thirty euros for cutting your hair.'],
  ['Can I pay by card?', 'Credit and debit cards are accepted at the till.'],
  ['Who repairs my bicycle?', 'Our mechanics fix bikes of all makes.'],
  ['Is the soup free of nuts?', 'There are no peanuts or almonds in this broth.'],
  ['How do I change my password?', 'Open the account settings to set a new password.'],
  ['Where is the museum?', 'You find the gallery of art beside the old town hall.'],
  ['What if it rains on the day of the concert?', 'In bad weather the show moves indoors.'],
  ['Do you deliver on Sundays?', 'Parcels are brought from Monday to Saturday.'],
  ['How tall is the tower?', 'The tower rises ninety metres above the square.'],
]

/** What the encoder that comes along says, on average, of a question and its answer, and of one and another's. */
const NEAR = 0.55
const FAR = 0.12
/** A model that tells them apart by less than this has no scale to go by. */
const LEAST = 0.02

/** What has to be in a table for `scaleOf`. */
export const SCALE_TEXTS: readonly string[] = PAIRS.flat()

/** A function from the table's cosines to those of the scale, -1 to 1. */
export function scaleOf(table: VectorTable): (cosine: number) => number {
  const near: number[] = []
  const far: number[] = []
  const answers = PAIRS.map(([, answer]) => table.rowOf(keyOf(answer)))
  for (const [pair, [question]] of PAIRS.entries()) {
    const row = table.rowOf(keyOf(question))
    if (row === undefined) continue
    const { values, scale } = table.at(row)
    const query = table.query(Float32Array.from(values, (value) => value * scale))
    for (const [other, answer] of answers.entries()) {
      if (answer !== undefined) (pair === other ? near : far).push(table.cosine(query, answer))
    }
  }
  const low = mean(far)
  const range = mean(near) - low
  // Also for none at all, whose mean is no number.
  if (!(range >= LEAST)) return (cosine) => cosine
  return (cosine) => {
    const scaled = FAR + ((cosine - low) / range) * (NEAR - FAR)
    return Math.max(-1, Math.min(1, scaled))
  }
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length

// Tells whether a text is for an encoder that knows English alone: by its letters and its smallest words.

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/))

/** Of those of English, none that is a word of the others. */
const ENGLISH = words(
  `the of and to is are it's you your my we our they i how what when where which who why does don't can could
  should would will with without for from this that there these have has been be it if or not much many any
  get want need at by about`,
)

/** The smallest words of German, French, Spanish, Italian, Portuguese, Dutch and the Nordic languages. */
const OTHERS = words(
  `der das und ist ich nicht wie kann ein eine einen einem einer den dem des mit von zu auf für wir sie sind wird
  werden haben habe bei nach wann wo wer warum wieviel viel kostet gibt es auch oder mein meine mir ihr ihre im am
  zum zur darf muss
  le la les des un une du et est je vous nous que qui quoi quand comment combien pour avec dans sur pas mon ma mes
  votre vos au aux sont puis peux peut il elle ce cette ou où
  el los las una uno del y es yo que qué cómo cuándo cuánto dónde por para con en mi su se está hay puedo puede al
  lo gli di che chi come quando quanto dove per con non sono è della delle nel mio posso si
  os as um uma do da dos das e não como quanto onde para com em meu minha seu posso
  het een van ik niet hoe wat waar wanneer mijn voor met op zijn kunnen
  och är jag inte hur vad när var för med på att det som en ett`,
)

const WORD = /[\p{L}\p{M}'’]+/gu
/** So many characters tell enough. */
const LONGEST = 1_000
/** Share of a text's letters that are Latin. */
const MOSTLY = 0.8

/** Whether a text may be English; one that shows nothing else may. */
export function mayBeEnglish(text: string): boolean {
  const beginning = text.slice(0, LONGEST)
  const letters = beginning.match(/\p{L}/gu) ?? []
  const latin = letters.filter((letter) => /\p{Script=Latin}/u.test(letter))
  if (latin.length < MOSTLY * letters.length) return false
  let english = 0
  let others = 0
  for (const word of beginning.toLowerCase().match(WORD) ?? []) {
    if (ENGLISH.has(word.replaceAll('’', "'"))) english += 1
    else if (OTHERS.has(word) || /[^\p{ASCII}’]/u.test(word)) others += 1
  }
  return others <= english
}
