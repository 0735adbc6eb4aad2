/** Drafts of growing answers, so that a server that is killed loses none of what was said. */
import type { Draft, DraftStore, Logger, Message } from '../ports/index.ts'
import { readEnough } from '../recent-messages.ts'
import type { TurnDependencies } from './plan.ts'

/** Milliseconds between two drafts of an answer. Short answers are done before their first one. */
export const DRAFT_INTERVAL = 3_000

export interface DraftKeeping {
  readonly drafts: DraftStore
  /** Milliseconds. */
  readonly interval: number
  readonly logger: Logger
  /** What the log lines carry. */
  readonly names: object
  /** Rises while the answer grows. */
  readonly length: () => number
  readonly draft: () => Draft
}

/**
 * Saves an answer now and then while it grows. The function that is returned ends that; it removes the
 * draft once the answer itself is stored, else leaves it for the next start. It never throws: a draft is
 * a help, and no turn fails over it.
 */
export function keepDraft(keeping: DraftKeeping): (isStored: boolean) => Promise<void> {
  const { drafts, logger } = keeping
  let saved = 0
  let saving: Promise<void> | undefined

  const save = async () => {
    const length = keeping.length()
    try {
      await drafts.save(keeping.draft())
      saved = length
    } catch (error) {
      // The answer itself is not lost by this; the next draft may succeed.
      logger.warn({ ...keeping.names, cause: error }, 'a draft could not be saved')
    } finally {
      saving = undefined
    }
  }
  const timer = setInterval(() => {
    if (keeping.length() > saved) saving ??= save()
  }, keeping.interval)

  return async (isStored) => {
    clearInterval(timer)
    await saving
    if (saved === 0 || !isStored) return
    try {
      await drafts.remove(keeping.draft().message.id)
    } catch (error) {
      logger.warn({ ...keeping.names, cause: error }, 'a draft could not be removed')
    }
  }
}

/**
 * Stores the drafts of servers that were killed as interrupted answers. What a turn log still has of a turn is more than
 * its draft, and taken from there.
 */
export async function recoverDrafts({
  store,
  drafts,
  log,
  logger,
}: Pick<TurnDependencies, 'store' | 'drafts' | 'log' | 'logger'>): Promise<void> {
  for (const draft of await drafts.all()) {
    const { ownerId, message, turnId } = draft
    if (turnId !== undefined && (await log.find(turnId))?.running) continue
    const messages = await readEnough(store, {
      ownerId,
      conversationId: message.conversationId,
      isEnough: (newest) => newest.some(({ role }) => role !== 'system'),
    })
    if (isMissing(draft, messages ?? [])) {
      await store.addMessage(ownerId, message.conversationId, {
        message,
        ...(turnId !== undefined && { endsTurn: turnId }),
      })
      logger.info({ conversationId: message.conversationId }, 'an interrupted answer was recovered')
    }
    await drafts.remove(message.id)
  }
}

/**
 * Whether the draft is all there is of an answer. In a copy of a running server's folder the conversation
 * may be older or newer than the draft.
 */
function isMissing({ message, userMessageId }: Draft, messages: readonly Message[]): boolean {
  // A client of threads may have added a message for the model meanwhile.
  const last = messages.findLast(({ role }) => role !== 'system')
  // After an answer there is either this one, stored in time, or an old one that was to be replaced.
  if (last?.role !== 'user' || messages.some(({ id }) => id === message.id)) return false
  return userMessageId === undefined || userMessageId === last.id
}
