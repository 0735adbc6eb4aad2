/** Ids that tie a request to its log lines and to what other services log of it. */
const SANE = /^[A-Za-z0-9._-]{1,128}$/

const sane = (value: string | undefined) =>
  value !== undefined && SANE.test(value) ? value : undefined

export interface TraceIds {
  readonly traceId: string
  /** The browser session's own id, passed on when a client sends one. */
  readonly sessionTraceId: string | undefined
}

export function readTrace(header: (name: string) => string | undefined): TraceIds {
  return {
    traceId: sane(header('x-trace-id')) ?? sane(header('x-request-id')) ?? crypto.randomUUID(),
    sessionTraceId: sane(header('x-session-trace-id')),
  }
}
