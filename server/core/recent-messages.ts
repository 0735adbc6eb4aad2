/** Reads as much of a conversation as is needed: mostly it is the newest messages that somebody asks about. */
import type { ConversationStore, Message } from './ports/index.ts'

/** Messages that are read first, unless somebody needs more. */
const FIRST = 100

/** What is looked for. */
export interface Wanted {
  readonly ownerId: string
  readonly conversationId: string
  /** Messages that are read first. */
  readonly first?: number
  /** Whether the newest messages, oldest first, are all that is needed. */
  readonly isEnough: (newest: readonly Message[]) => boolean
}

/**
 * The newest messages where they are enough, else all; oldest first. `undefined` when there is no such conversation.
 */
export async function readEnough(
  store: Pick<ConversationStore, 'messages' | 'newestMessages'>,
  { ownerId, conversationId, first = FIRST, isEnough }: Wanted,
): Promise<readonly Message[] | undefined> {
  const newest = await store.newestMessages(ownerId, conversationId, { limit: first })
  if (!newest || !newest.hasMore || isEnough(newest.messages)) return newest?.messages
  return await store.messages(ownerId, conversationId)
}

/** A message of the conversation, if it is there. */
export async function findMessage(
  store: Pick<ConversationStore, 'messages' | 'newestMessages'>,
  place: Pick<Wanted, 'ownerId' | 'conversationId'>,
  isWanted: (message: Message) => boolean,
): Promise<Message | undefined> {
  const messages = await readEnough(store, {
    ...place,
    isEnough: (newest) => newest.some(isWanted),
  })
  return messages?.findLast(isWanted)
}
