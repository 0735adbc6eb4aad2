import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { RequestObserver } from '../core/ports/index.ts'
import type { UpstreamErrors } from './upstream-errors.ts'

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

export function createRequestMetrics(
  registry: Registry,
  upstream: UpstreamErrors,
): RequestObserver {
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
