/**
 * Erases what is older than the operator keeps anything: conversations in which nothing has changed for so many days,
 * with all that stands beside them, what visitors wrote to the owner, and who was last seen that long ago. Accounts stay.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Contacts } from './contacts.ts'
import type { Conversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import type {
  AttachmentStore,
  ConversationReference,
  ConversationStore,
  Logger,
  RunAlone,
  UserDirectory,
} from './ports/index.ts'
import type { Environment } from './settings.ts'

const DAY = 24 * 60 * 60_000
/** Milliseconds between two times that it is done, each a little more or less: servers need not do it at the same time. */
const LOOK_EVERY = 60 * 60_000
const JITTER = 0.1
/** Milliseconds of rest after one is erased: as long as that took, so that who chats has half of the disk, and no more. */
const LONGEST_REST = 1_000

export interface RetentionDependencies {
  /** Whole days. */
  readonly days: number
  readonly store: Pick<ConversationStore, 'unchangedSince' | 'listThreads'>
  readonly conversations: Pick<Conversations, 'removeUnchanged'>
  readonly attachments: Pick<AttachmentStore, 'removeOwner'>
  readonly contacts: Pick<Contacts, 'removeBefore'>
  readonly users: Pick<UserDirectory, 'removeSeenBefore'>
  readonly runAlone: RunAlone
  readonly environment: Pick<Environment, 'now'>
  readonly logger: Logger
  /** Milliseconds; tests set it. */
  readonly lookEvery?: number
}

interface Erased {
  conversations: number
  /** Conversations that could not be erased. */
  failed: number
  contacts: number
  users: number
}

/** Begins at once, and does it again and again until it is closed. */
export function keepForDays(dependencies: RetentionDependencies): { close(): Promise<void> } {
  const { days, runAlone, environment, logger, lookEvery = LOOK_EVERY } = dependencies
  const closing = new AbortController()

  /** Resolves when all is erased that is old now, or another server is at it. */
  const sweep = async () => {
    const time = new Date(environment.now() - days * DAY).toISOString()
    const erased: Erased = { conversations: 0, failed: 0, contacts: 0, users: 0 }
    try {
      await runAlone(async ({ signal }) => {
        const either = AbortSignal.any([closing.signal, signal])
        await eraseBefore(time, erased, dependencies, either)
      })
    } finally {
      const isAny = Object.values(erased).some((count) => count > 0)
      if (isAny) logger.info({ days, ...erased }, 'what was older than RETENTION_DAYS is erased')
    }
  }

  const isLikely = createClockCheck(environment, logger)
  const goOn = async () => {
    const { signal } = closing
    logger.info({ days }, 'conversations in which nothing has changed for so many days are erased')
    while (!signal.aborted) {
      try {
        if (isLikely()) await sweep()
      } catch (error) {
        if (signal.aborted) return
        logger.warn({ err: error }, 'what is old could not all be erased; it is tried again later')
      }
      const pause = lookEvery * (1 - JITTER + 2 * JITTER * Math.random())
      await wait(pause, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  const going = goOn()
  return {
    /** What is being erased at this moment is erased whole. */
    async close() {
      closing.abort()
      await going
    },
  }
}

/**
 * A clock that has jumped far ahead since the last look, as after a failure of its source, makes everything old. It is
 * given until the next look to be set right; who was asleep for that long loses an hour.
 */
function createClockCheck({ now }: Pick<Environment, 'now'>, logger: Logger): () => boolean {
  let last: { readonly now: number; readonly ran: number } | undefined
  return () => {
    const current = { now: now(), ran: performance.now() }
    const ahead = last ? current.now - last.now - (current.ran - last.ran) : 0
    last = current
    if (ahead < DAY) return true
    logger.warn(
      { days: Math.round(ahead / DAY) },
      'the clock has jumped ahead: nothing is erased before the next look, in an hour',
    )
    return false
  }
}

async function eraseBefore(
  time: string,
  erased: Erased,
  { store, conversations, attachments, contacts, users, logger }: RetentionDependencies,
  signal: AbortSignal,
): Promise<void> {
  let last: ConversationReference | undefined
  /** Folders of files say whose they are, also those with nothing in them any more. */
  const leave = async () => {
    if (last && !(await hasAny(store, last.ownerId))) await attachments.removeOwner(last.ownerId)
  }
  for await (const place of store.unchangedSince(time)) {
    if (signal.aborted) return
    const startedAt = performance.now()
    try {
      if (last?.ownerId !== place.ownerId) await leave()
      last = place
      if (await conversations.removeUnchanged(place, time)) erased.conversations += 1
    } catch (error) {
      // The others may be erased all the same, unless nothing can be reached.
      if (error instanceof ChatError && error.code === 'storage_unreachable') throw error
      erased.failed += 1
      logger.warn(
        { conversationId: place.conversationId, err: error },
        'an old conversation could not be erased; it is tried again later',
      )
    }
    const rest = Math.min(LONGEST_REST, performance.now() - startedAt)
    await wait(rest, undefined, { signal }).catch(() => undefined)
  }
  await leave()
  if (signal.aborted) return
  erased.contacts += await contacts.removeBefore(time)
  erased.users += await users.removeSeenBefore(time)
}

async function hasAny(
  store: Pick<ConversationStore, 'listThreads'>,
  ownerId: string,
): Promise<boolean> {
  const { total } = await store.listThreads(ownerId, { limit: 1, offset: 0, includeDeleted: true })
  return total > 0
}
