import { Counter, type Registry } from 'prom-client'
import type { ErrorCode } from '../protocol/events.ts'

/** Counts what went wrong at the servers that this one asks. */
export interface UpstreamErrors {
  /** Counts the code if it is theirs and not ours. */
  note(code: ErrorCode): void
}

const CODES: ReadonlySet<ErrorCode> = new Set([
  'inference_error',
  'inference_unreachable',
  'inference_timeout',
  'inference_interrupted',
  'inference_misconfigured',
  'auth_unreachable',
])

export function createUpstreamErrors(registry: Registry): UpstreamErrors {
  const errors = new Counter({
    name: 'samosa_upstream_errors_total',
    help: 'Failures of the model server and of the auth service.',
    labelNames: ['code'],
    registers: [registry],
  })
  for (const code of CODES) errors.inc({ code }, 0)
  return {
    note(code) {
      if (CODES.has(code)) errors.inc({ code })
    },
  }
}
