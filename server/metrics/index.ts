/** What the server counts and measures, as Prometheus reads it. */
import { Registry } from 'prom-client'
import type {
  ConversationStore,
  RequestObserver,
  TurnObserver,
  VisitorObserver,
} from '../core/ports/index.ts'
import { watchProcess } from './process-metrics.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { createStoreMetrics } from './store-metrics.ts'
import { createTurnMetrics } from './turn-metrics.ts'
import { createUpstreamErrors } from './upstream-errors.ts'
import { createVisitorMetrics } from './visitor-metrics.ts'

export interface Metrics {
  readonly turns: TurnObserver
  readonly requests: RequestObserver
  readonly visitors: VisitorObserver
  /** The same store, timed. */
  readonly timeStore: (store: ConversationStore) => ConversationStore
  /** In Prometheus' text format. */
  read(): Promise<{ readonly contentType: string; readonly text: string }>
  close(): void
}

/** Each call counts for itself, so that servers in one process do not count each other's turns. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const upstream = createUpstreamErrors(registry)
  const endWatch = watchProcess(registry)
  return {
    turns: createTurnMetrics(registry, upstream),
    requests: createRequestMetrics(registry, upstream),
    visitors: createVisitorMetrics(registry),
    timeStore: createStoreMetrics(registry),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close: endWatch,
  }
}
