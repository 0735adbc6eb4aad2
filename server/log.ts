import pino, { type DestinationStream } from 'pino'
import type { Logger } from './core/ports/index.ts'
import { describeError } from './describe-error.ts'

/** JSON lines on standard output, or where a test wants them: times in ISO 8601, levels by name. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // The two keys under which errors are logged; pino's own serializer writes whatever is in them.
    serializers: {
      cause: (error: unknown) => describeError(error),
      err: (error: unknown) => describeError(error),
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
