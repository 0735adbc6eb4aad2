import pino from 'pino'
import type { Logger } from './core/ports.ts'

/** JSON lines on standard output: times in ISO 8601, levels by name. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { cause: pino.stdSerializers.err },
  })
}
