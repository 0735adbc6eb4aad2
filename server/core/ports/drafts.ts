import type { Message } from './conversations.ts'

/** An answer that is being written, as it was a moment ago. */
export interface Draft {
  readonly ownerId: string
  readonly message: Message
  /** What it answers; earlier versions did not say. */
  readonly userMessageId?: string | undefined
}

/**
 * Keeps drafts, so that a killed server loses the last seconds of an answer and not all of it. Need not
 * survive a power cut.
 */
export interface DraftStore {
  save(draft: Draft): Promise<void>
  remove(messageId: string): Promise<void>
  /**
   * Takes off the disk what was ever saved of an owner's answers, those that are done included: of one
   * conversation, or of all.
   */
  erase(ownerId: string, conversationId?: string): Promise<void>
  /** What a server that was killed has left. */
  all(): Promise<readonly Draft[]>
}
