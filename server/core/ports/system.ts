/** Ports that every room may need: cancelling, log lines, a small text that is kept. */
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

/**
 * Does something that one server at a time does, of those that share what is kept; does nothing where another one is at
 * it. The signal is aborted when others may begin before it is done: it is to be ended then. @throws what the work throws
 */
export type RunAlone = (work: (alone: Cancellable) => Promise<void>) => Promise<void>

/** A small text that is kept over restarts, read and written whole. */
export interface KeptText {
  /** Where it is, for the operator. */
  readonly place: string
  /** Resolves to `undefined` when there is none. @throws when it cannot be read */
  read(): Promise<string | undefined>
  /**
   * Resolves when the new text would survive a power cut; until then the old one stands there, whole.
   * @throws when it cannot be kept; ChatError `interrupted` when another server has taken over from this one
   */
  replace(text: string): Promise<void>
  /**
   * Keeps the text unless there is one already; resolves to what is kept then, which may be another server's.
   * @throws as replace does
   */
  keepFirst(text: string): Promise<string>
}
