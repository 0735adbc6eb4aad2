/** The log of the server, and what its lines say of an error. */
import pino, { type DestinationStream } from 'pino'
import type { Logger } from './core/ports/index.ts'
import { ChatError, OperatorNotice } from './core/errors.ts'

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

// What a log line says of an error: enough to find the place, nothing of what was being worked on.

/** How deep causes are followed. */
const DEEPEST = 5
const MOST_FRAMES = 12

interface DescribedError {
  /** The name of the error's class. */
  readonly type: string
  readonly code?: string
  /** Only where the words are ours or the system's. */
  readonly message?: string
  /** Innermost first. */
  readonly frames?: readonly string[]
  readonly cause?: DescribedError
  /** Of several attempts that failed together. */
  readonly errors?: readonly DescribedError[]
}

/**
 * The messages of most errors are left out: a parser quotes its text, an HTTP client its headers, a model
 * server the question. For the same reason nothing is taken from other properties than the code.
 */
export function describeError(error: unknown, depth = 1): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = codeOf(error)
  const message = safeMessageOf(error)
  const frames = framesOf(error)
  const follow = depth < DEEPEST
  return {
    type: nameOf(error),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
    ...(frames.length > 0 && { frames }),
    ...(follow && error.cause !== undefined && { cause: describeError(error.cause, depth + 1) }),
    ...(follow &&
      error instanceof AggregateError && {
        errors: error.errors.slice(0, DEEPEST).map((each) => describeError(each, depth + 1)),
      }),
  }
}

/** The class, not `error.name`: that can be set to anything. A DOMException has no class of its own. */
const nameOf = (error: Error) =>
  error instanceof DOMException ? error.name : error.constructor.name

function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : undefined
}

function safeMessageOf(error: Error): string | undefined {
  // What a model server says of a failure may repeat what it was asked.
  if (error instanceof ChatError)
    return error.code === 'inference_error' ? undefined : error.message
  if (error instanceof OperatorNotice) return error.message
  const isSystemError = 'syscall' in error && 'errno' in error && codeOf(error) !== undefined
  return isSystemError ? error.message : undefined
}

/** Lines of the stack below the message, which may have lines that look like them. */
function framesOf({ stack = '', message }: Error): readonly string[] {
  const at = stack.indexOf(message)
  return (at < 0 ? '' : stack.slice(at + message.length))
    .split('\n')
    .filter((line) => /^ {4}at /.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.slice('    at '.length))
}
