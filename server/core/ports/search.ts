import type { Conversation } from './conversations.ts'

/** Finds texts by a regular expression, in a time that no pattern can stretch. */
export interface Patterns {
  /**
   * Which of the entries have a text that the pattern matches, whatever the case of letters; `^` and `$` are
   * beginnings and ends of lines. @throws ChatError 400 when it is no pattern, or takes too long
   */
  find<Id>(
    pattern: string,
    entries: AsyncIterable<{ readonly id: Id; readonly texts: readonly string[] }>,
  ): Promise<readonly Id[]>
}

/** Compares conversations with questions by their meaning, as far as that is prepared. */
export interface ChatMeaning {
  /**
   * How near the owner's conversations are to a question, as cosines by their ids; `undefined` when that cannot be
   * told now. What the owner has said is prepared from then on. Never rejects.
   */
  near(ownerId: string, question: string): Promise<ReadonlyMap<string, number> | undefined>
  /** Something of the conversation is new; it is prepared in the background, if meaning is compared at all. */
  changed(ownerId: string, conversation: Pick<Conversation, 'id'>): void
  /** Resolves when nothing of the conversation, or of all the owner has, is kept any more. @throws what the disk throws */
  forget(ownerId: string, conversationId?: string): Promise<void>
  close(): Promise<void>
}
