import type { Cancellable } from './common.ts'

/** Turns texts into vectors that are near each other where the texts mean the same. */
export interface Embedder {
  /** Names what the vectors come from: those of two names cannot be compared. */
  readonly name: string
  /**
   * One vector of length 1 a text, all of one dimension. Many at once are cheaper than one by one; a
   * visitor's question goes before texts that wait.
   * @throws when the encoder or its service does not answer, or `signal` is aborted
   */
  embed(
    texts: readonly string[],
    options: Cancellable & { readonly urgent?: boolean },
  ): Promise<readonly Float32Array[]>
  close(): Promise<void>
}
