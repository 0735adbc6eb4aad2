/** Whether a model server can be asked. */
import type {
  AnswerEvents,
  Cancellable,
  EventBatch,
  Inference,
  Logger,
} from '../../core/ports/index.ts'
import { readModelList } from './models.ts'
import { isNoRoute } from './refusals.ts'
import { isGood, type AskedAnswer } from '../transport/upstream.ts'

/** Milliseconds for which a route that was found without a list of models need not be looked for again. */
const ROUTE_FRESH = 60_000

export interface OpenaiReadiness {
  isReady(options: Cancellable): Promise<boolean>
  /** To be told how the server has answered a request for an answer: well, or with a refusal. */
  answered(well: boolean): void
}

export interface OpenaiReadinessOptions {
  readonly askForModels: (options: Cancellable) => Promise<AskedAnswer>
  /** Asks for an answer to nothing, which costs nothing and is refused by whoever could answer. */
  readonly askForNothing: (options: Cancellable) => Promise<AskedAnswer>
  /** Is told why the server is not ready, when that changes. */
  readonly logger: Logger | undefined
}

/**
 * By the list of models, where there is one; else by whether the route for answers is there. Answers that
 * have come say more than a list which is kept from us.
 */
export function createReadiness(options: OpenaiReadinessOptions): OpenaiReadiness {
  const { askForModels, askForNothing, logger } = options
  let hasAnswered = false
  let routeFoundAt: number | undefined
  let told: string | undefined

  const reasonOf = async (cancellable: Cancellable): Promise<string | undefined> => {
    const { status, body } = await askForModels(cancellable)
    if (status === 429 || (isGood(status) && readModelList(body))) return undefined
    if (status >= 500) return `It answers HTTP ${status} when it is asked for its models.`
    if (hasAnswered) return undefined
    if (isGuarded(status)) return `It refuses the key (HTTP ${status}): look at INFERENCE_API_KEY.`
    const now = performance.now()
    if (routeFoundAt !== undefined && now - routeFoundAt < ROUTE_FRESH) return undefined
    const answer = await askForNothing(cancellable)
    if (isNoRoute(answer)) {
      return 'It has neither a list of models nor chat completions there: look at INFERENCE_SERVICE_URL.'
    }
    if (isGuarded(answer.status)) {
      return `It refuses the key (HTTP ${answer.status}): look at INFERENCE_API_KEY.`
    }
    if (answer.status >= 500) return `It answers HTTP ${answer.status}.`
    routeFoundAt = now
    return undefined
  }

  return {
    async isReady(cancellable) {
      const reason = await reasonOf(cancellable)
      if (reason !== undefined && reason !== told) {
        logger?.warn({ reason }, 'The model server is not ready.')
      }
      told = reason
      return reason === undefined
    },
    answered(well) {
      hasAnswered = well
    },
  }
}

const isGuarded = (status: number) => status === 401 || status === 403

/** Milliseconds. */
export interface ReadyPatience {
  /** For its answer to the question whether it is there. */
  readonly answer: number
  /** An answer to a visitor that has grown within so many shows more than that question could. */
  readonly growing: number
  /** After its last sign of life, for which one that does not reply may be busy. */
  readonly busy: number
}

const PATIENCE: ReadyPatience = { answer: 1_500, growing: 5_000, busy: 30_000 }

/** What is known of a model server by the answers that it is writing. */
export interface WorkWatch {
  /** The same answer; what comes of it is a sign of life. */
  watch(answer: AnswerEvents): AnswerEvents
  /** What the server says when it is asked; it is not called down while it merely does something for us. */
  isReady(ask: Inference['isReady'], options: Cancellable): Promise<boolean>
}

/**
 * For servers that do nothing else while they write an answer. One that fails or cannot be reached is down
 * all the same.
 */
export function createWorkWatch(patience = PATIENCE): WorkWatch {
  let running = 0
  let heardAt = Number.NEGATIVE_INFINITY
  let begunAt = Number.NEGATIVE_INFINITY

  const begin = () => {
    running += 1
    begunAt = performance.now()
  }
  const hear = () => {
    heardAt = performance.now()
  }
  const end = () => {
    running -= 1
  }

  async function* iterate(answer: AnswerEvents) {
    begin()
    try {
      for await (const batch of answer) {
        hear()
        yield batch
      }
    } finally {
      end()
    }
  }

  const pushWith =
    (push: NonNullable<AnswerEvents['push']>) => async (take: (batch: EventBatch) => boolean) => {
      begin()
      try {
        await push((batch) => {
          hear()
          return take(batch)
        })
      } finally {
        end()
      }
    }

  const isBusy = () => {
    // One that has never said anything may as well hang.
    const isAtWork = running > 0 && heardAt > Number.NEGATIVE_INFINITY
    const sign = isAtWork ? Math.max(heardAt, begunAt) : heardAt
    return performance.now() - sign < patience.busy
  }

  return {
    watch: (answer) => ({
      [Symbol.asyncIterator]: () => iterate(answer),
      ...(answer.push && { push: pushWith(answer.push.bind(answer)) }),
    }),
    async isReady(ask, { signal }) {
      if (running > 0 && performance.now() - heardAt < patience.growing) return true
      const enough = AbortSignal.timeout(patience.answer)
      const ready = await ask({ signal: AbortSignal.any([signal, enough]) }).catch(() => false)
      return ready || (enough.aborted && isBusy())
    },
  }
}
