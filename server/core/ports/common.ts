export interface Cancellable {
  readonly signal: AbortSignal
}

/** Structured log lines; never message content, keys or tokens. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
