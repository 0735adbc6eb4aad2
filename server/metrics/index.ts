/** What the server counts and measures, as Prometheus reads it. */
import { Registry, Counter, Gauge, Histogram } from 'prom-client'
import type {
  ConversationStore,
  RequestObserver,
  TurnObserver,
  VisitorObserver,
} from '../core/ports/index.ts'
import { ANSWER_OUTCOMES, FINISH_REASONS, type ErrorCode } from '../protocol/events.ts'
import { monitorEventLoopDelay } from 'node:perf_hooks'

export type Metrics = ReturnType<typeof createMetrics>

/** Each call counts for itself, so that servers in one process do not count each other's turns. */
export function createMetrics() {
  const registry = new Registry()
  const upstream = createUpstreamErrors(registry)
  const endWatch = watchProcess(registry)
  return {
    turns: createTurnMetrics(registry, upstream),
    requests: createRequestMetrics(registry, upstream),
    visitors: createVisitorMetrics(registry),
    /** The same store, timed. */
    timeStore: createStoreMetrics(registry),
    /** In Prometheus' text format. */
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close: endWatch,
  }
}

/** Any word may stand in a request's first line; a series for each would fill the memory. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
])

function createRequestMetrics(registry: Registry, upstream: UpstreamErrors): RequestObserver {
  const registers = [registry]
  const requests = new Counter({
    name: 'samosa_http_requests_total',
    help: 'Requests that were answered, by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'samosa_http_request_duration_seconds',
    help: 'From the request to the end of its answer; streams count until they end.',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  })
  const streams = new Gauge({
    name: 'samosa_streams_open',
    help: 'Answers that are being streamed to a reader.',
    registers,
  })
  const rateLimited = new Counter({
    name: 'samosa_rate_limited_total',
    help: 'Requests that were refused because there were too many.',
    registers,
  })

  return {
    requestEnded({ method: asked, route, status, ms }) {
      const method = METHODS.has(asked) ? asked : 'other'
      requests.inc({ method, route, status })
      duration.observe({ method, route }, ms / 1_000)
      if (status === 429) rateLimited.inc()
    },
    requestFailed: (code) => upstream.note(code),
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
  }
}

/** Shorter answers come in one piece or two, and tell nothing of a speed. */
const FEWEST_TOKENS_FOR_A_SPEED = 10

/** Counts turns as they end; nothing happens per token. */
function createTurnMetrics(registry: Registry, upstream: UpstreamErrors): TurnObserver {
  const registers = [registry]
  const turns = new Counter({
    name: 'samosa_turns_total',
    help: 'Turns that have ended, by the reason of the end.',
    labelNames: ['finish_reason'],
    registers,
  })
  // A series that appears with its first event hides that event from a rate.
  for (const reason of FINISH_REASONS) turns.inc({ finish_reason: reason }, 0)
  const outcomes = new Counter({
    name: 'samosa_answer_outcomes_total',
    help: 'Questions whose visitors need a way on, by what came of them.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ANSWER_OUTCOMES) outcomes.inc({ outcome }, 0)
  const running = new Gauge({
    name: 'samosa_turns_running',
    help: 'Turns that are running.',
    registers,
  })
  const tokens = new Counter({
    name: 'samosa_tokens_total',
    help: 'Pieces of answers that were streamed.',
    registers,
  })
  const modelTokens = new Counter({
    name: 'samosa_model_tokens_total',
    help: 'Tokens as model servers count them, where they say so.',
    labelNames: ['kind'],
    registers,
  })
  for (const kind of ['prompt', 'completion']) modelTokens.inc({ kind }, 0)
  const firstToken = new Histogram({
    name: 'samosa_time_to_first_token_seconds',
    help: 'From the request to the first piece of the answer.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const duration = new Histogram({
    name: 'samosa_turn_duration_seconds',
    help: 'From the request to the end of the turn.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    registers,
  })
  const speed = new Histogram({
    name: 'samosa_tokens_per_second',
    help: `Pieces a second after the first, of answers with ${FEWEST_TOKENS_FOR_A_SPEED} or more.`,
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000],
    registers,
  })

  return {
    turnStarted: () => running.inc(),
    turnEnded({ finishReason, outcome, errorCode, tokenCount, usage, firstTokenMs, totalMs }) {
      running.dec()
      turns.inc({ finish_reason: finishReason })
      if (outcome !== undefined) outcomes.inc({ outcome })
      tokens.inc(tokenCount)
      modelTokens.inc({ kind: 'prompt' }, usage?.prompt_tokens ?? 0)
      modelTokens.inc({ kind: 'completion' }, usage?.completion_tokens ?? 0)
      duration.observe(totalMs / 1_000)
      if (errorCode !== undefined) upstream.note(errorCode)
      if (firstTokenMs === undefined) return
      firstToken.observe(firstTokenMs / 1_000)
      const streamedMs = totalMs - firstTokenMs
      if (tokenCount < FEWEST_TOKENS_FOR_A_SPEED || streamedMs <= 0) return
      speed.observe((tokenCount - 1) / (streamedMs / 1_000))
    },
  }
}

const CODES: ReadonlySet<ErrorCode> = new Set([
  'inference_error',
  'inference_unreachable',
  'inference_timeout',
  'inference_interrupted',
  'inference_misconfigured',
  'auth_unreachable',
  'storage_unreachable',
])

type UpstreamErrors = ReturnType<typeof createUpstreamErrors>

/** Counts what went wrong at the servers that this one asks. */
function createUpstreamErrors(registry: Registry) {
  const errors = new Counter({
    name: 'samosa_upstream_errors_total',
    help: 'Failures of the model server, the auth service and the database.',
    labelNames: ['code'],
    registers: [registry],
  })
  for (const code of CODES) errors.inc({ code }, 0)
  return {
    /** Counts the code if it is theirs and not ours. */
    note(code: ErrorCode): void {
      if (CODES.has(code)) errors.inc({ code })
    },
  }
}

/** Counts what visitors say of answers and write to the owner, and what becomes of that. */
function createVisitorMetrics(registry: Registry): VisitorObserver {
  const registers = [registry]
  const ratings = new Counter({
    name: 'samosa_ratings_total',
    help: 'Ratings that visitors gave to answers; one that is taken back stays counted.',
    labelNames: ['rating'],
    registers,
  })
  for (const rating of ['up', 'down']) ratings.inc({ rating }, 0)
  const contacts = new Counter({
    name: 'samosa_contacts_total',
    help: 'Messages to the owner by the contact form; those of robots are not kept.',
    labelNames: ['by'],
    registers,
  })
  for (const by of ['person', 'robot']) contacts.inc({ by }, 0)
  const attempts = new Counter({
    name: 'samosa_webhook_attempts_total',
    help: 'How often the receiver of the webhook was asked to take something.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['delivered', 'failed']) attempts.inc({ outcome }, 0)
  const givenUp = new Counter({
    name: 'samosa_webhook_given_up_total',
    help: 'What the receiver of the webhook never took.',
    registers,
  })
  const waiting = new Gauge({
    name: 'samosa_webhook_waiting',
    help: 'What the receiver of the webhook is still to take.',
    registers,
  })

  return {
    answerRated: (rating) => ratings.inc({ rating }),
    contactReceived: (by) => contacts.inc({ by }),
    deliveryTried: (outcome) => attempts.inc({ outcome }),
    deliveryGivenUp: () => givenUp.inc(),
    deliveriesWaiting: (count) => waiting.set(count),
  }
}

/** Gives a store back whose every operation is timed. */
function createStoreMetrics(registry: Registry) {
  const latency = new Histogram({
    name: 'samosa_store_duration_seconds',
    help: 'How long the store of conversations takes, by operation.',
    labelNames: ['operation'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  })

  const timed =
    <Given extends readonly unknown[], Value>(
      operation: string,
      call: (...given: Given) => Promise<Value>,
    ) =>
    async (...given: Given): Promise<Value> => {
      const end = latency.startTimer({ operation })
      try {
        return await call(...given)
      } finally {
        end()
      }
    }

  return (store: ConversationStore): ConversationStore => ({
    create: timed('create', store.create.bind(store)),
    find: timed('find', store.find.bind(store)),
    findDeleted: timed('find_deleted', store.findDeleted.bind(store)),
    exists: timed('exists', store.exists.bind(store)),
    list: timed('list', store.list.bind(store)),
    listThreads: timed('list_threads', store.listThreads.bind(store)),
    search: timed('search', store.search.bind(store)),
    readAll: store.readAll.bind(store),
    unchangedSince: store.unchangedSince.bind(store),
    reindex: store.reindex.bind(store),
    update: timed('update', store.update.bind(store)),
    remove: timed('remove', store.remove.bind(store)),
    conversationIds: timed('conversation_ids', store.conversationIds.bind(store)),
    removeOwner: timed('remove_owner', store.removeOwner.bind(store)),
    messages: timed('messages', store.messages.bind(store)),
    newestMessages: timed('newest_messages', store.newestMessages.bind(store)),
    addMessage: timed('add_message', store.addMessage.bind(store)),
    findTurnKey: timed('find_turn_key', store.findTurnKey.bind(store)),
    setFeedback: timed('set_feedback', store.setFeedback.bind(store)),
    updateMessage: timed('update_message', store.updateMessage.bind(store)),
    providerThread: timed('provider_thread', store.providerThread.bind(store)),
    updateProviderThread: timed('update_provider_thread', store.updateProviderThread.bind(store)),
    notedAnswers: timed('noted_answers', store.notedAnswers.bind(store)),
    owners: timed('owners', store.owners.bind(store)),
    isReady: timed('is_ready', store.isReady.bind(store)),
    close: store.close.bind(store),
  })
}

// How the process is: its processor time, memory and event loop. prom-client's own set cannot be ended,
// and would go on watching after the server was closed.

const NANOSECONDS = 1e9
const MICROSECONDS = 1e6

/** Starts watching; the function that is returned ends it. */
function watchProcess(registry: Registry): () => void {
  const registers = [registry]
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()

  const gauge = <Label extends string>(
    name: string,
    help: string,
    collect: (gauge: Gauge<Label>) => void,
    labelNames: Label[] = [],
  ) =>
    new Gauge({
      name: `samosa_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        collect(this)
      },
    })

  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', (it) =>
    it.set(performance.timeOrigin / 1_000),
  )
  const processor = new Counter({
    name: 'samosa_process_cpu_seconds_total',
    help: 'Processor time used so far.',
    labelNames: ['mode'],
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc({ mode: 'user' }, user / MICROSECONDS)
      this.inc({ mode: 'system' }, system / MICROSECONDS)
    },
  })
  registry.registerMetric(processor)
  gauge<'kind'>(
    'process_memory_bytes',
    'Memory in use: all that is resident, the heap, and what lies outside it.',
    (it) => {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      it.set({ kind: 'resident' }, rss)
      it.set({ kind: 'heap_used' }, heapUsed)
      it.set({ kind: 'heap_total' }, heapTotal)
      it.set({ kind: 'external' }, external)
    },
    ['kind'],
  )
  gauge<'quantile'>(
    'event_loop_delay_seconds',
    'How late the event loop was since the last time this was asked for.',
    (it) => {
      for (const quantile of [50, 90, 99, 100]) {
        it.set({ quantile: String(quantile / 100) }, delay.percentile(quantile) / NANOSECONDS)
      }
      delay.reset()
    },
    ['quantile'],
  )
  return () => delay.disable()
}
