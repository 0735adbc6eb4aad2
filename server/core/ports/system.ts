/** Ports that every room may need: cancelling, log lines, a small file. */
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

/** A small file of the data folder, read and written whole. */
export interface TextFile {
  readonly path: string
  /** Resolves to `undefined` when there is none. @throws what the disk throws */
  read(): Promise<string | undefined>
  /**
   * Resolves when the new text would survive a power cut; until then the old one stands there, whole.
   * @throws what the disk throws; ChatError `interrupted` when the folder is another server's by now
   */
  replace(text: string): Promise<void>
}
