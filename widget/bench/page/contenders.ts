/** What competes: each draws the same tokens into the same box. */

/** Draws an answer while it is written. */
export interface Contender {
  /** A token has come. */
  write(token: string): void
  /** The last token has come; returns when all of it is drawn. */
  end(): void | Promise<void>
}

export type CreateContender = (box: HTMLElement) => Contender
