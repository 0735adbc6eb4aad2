/**
 * Turns and drafts of servers that have died: each is stored as far as its answer had come, and ended for whoever reads
 * it. With one server that happens at its next start; where several run, one of the others does it within seconds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Draft, Message, OrphanedTurn, TurnNote } from '../ports/index.ts'
import type { TurnEvent } from '../../protocol/events.ts'
import type { Environment } from '../settings.ts'
import { recoverDrafts } from './drafts.ts'
import type { TurnDependencies } from './plan.ts'

/** Milliseconds between two looks, each a little more or less: servers need not look at the same time. */
const LOOK_EVERY = 2_000
const JITTER = 0.3

export interface TakeoverDependencies extends Pick<
  TurnDependencies,
  'store' | 'drafts' | 'log' | 'logger'
> {
  readonly environment: Pick<Environment, 'now'>
  /** Drafts may be another server's that dies while this one runs. */
  readonly sharesDrafts: boolean
  /** Milliseconds; tests set it. */
  readonly lookEvery?: number
}

/** Looks for what dead servers have left, until it is closed. */
export function watchOrphans(dependencies: TakeoverDependencies): { close(): Promise<void> } {
  const { log, logger, sharesDrafts, lookEvery = LOOK_EVERY } = dependencies
  const closing = new AbortController()
  /** Taken over, and not stored yet. */
  let left: readonly OrphanedTurn[] = []

  const look = async () => {
    const orphans = [...left, ...(await log.orphans())]
    left = orphans
    for (const orphan of orphans) {
      await settle(orphan, dependencies)
      left = left.filter((one) => one !== orphan)
    }
    if (sharesDrafts) await recoverDrafts(dependencies)
  }

  const watch = async () => {
    const { signal } = closing
    while (!signal.aborted) {
      const pause = lookEvery * (1 - JITTER + 2 * JITTER * Math.random())
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await look()
      } catch (error) {
        // What is left is tried again.
        logger.warn({ err: error }, 'turns of servers that have ended cannot be stored yet')
      }
    }
  }

  const watching = watch()
  return {
    async close() {
      closing.abort()
      await watching
    },
  }
}

/** Stores what there is of an answer, and ends its turn. @throws when it cannot be stored now */
async function settle(
  { turnId, note, events }: OrphanedTurn,
  { store, drafts, log, logger, environment }: TakeoverDependencies,
): Promise<void> {
  if (!note) {
    await log.abandon(turnId)
    return
  }
  const { ownerId, conversationId, messageId, keeps } = note
  const draft = (await drafts.all()).find(({ message }) => message.id === messageId)
  const message = messageOf(note, events, draft, environment)
  // An answer that was to be made again stays when the new one is cut short.
  const isKept = keeps === undefined && message.content.trim() !== ''
  await store.addMessage(ownerId, conversationId, {
    message: isKept ? message : null,
    endsTurn: turnId,
  })
  await drafts.remove(messageId)
  const isOver = events.some(({ type }) => type === 'done')
  if (!isOver) log.writer(turnId).append(endOf(message, isKept, environment.now() - note.startedAt))
  await log.end(turnId)
  logger.info({ conversationId, turnId }, 'the answer of a server that has ended was stored')
}

/** The answer as far as it came: by what readers had, or by a draft that has more of it. */
function messageOf(
  { conversationId, messageId, modelTag }: TurnNote,
  events: readonly TurnEvent[],
  draft: Draft | undefined,
  environment: Pick<Environment, 'now'>,
): Message {
  const content = events.map((event) => (event.type === 'token' ? event.text : '')).join('')
  const sources = events
    .flatMap((event) => (event.type === 'sources' ? [event.sources] : []))
    .at(-1)
  const known = draft?.message
  return {
    id: messageId,
    conversationId,
    role: 'assistant',
    modelTag,
    inferenceTimeMs: null,
    feedback: null,
    createdAt: new Date(environment.now()).toISOString(),
    ...known,
    content: known && known.content.length > content.length ? known.content : content,
    tokenCount: events.filter(({ type }) => type === 'token').length,
    sources: sources ?? known?.sources ?? [],
    finishReason: 'interrupted',
  }
}

function endOf(message: Message, isKept: boolean, ms: number): readonly TurnEvent[] {
  const failure: TurnEvent = {
    type: 'error',
    message: 'The answer was interrupted. Please ask for it again.',
    code: 'interrupted',
    retryable: true,
  }
  return [
    ...(isKept ? [] : [failure]),
    {
      type: 'done',
      message_id: message.id,
      finish_reason: isKept ? 'interrupted' : 'error',
      token_count: message.tokenCount ?? 0,
      inference_time_ms: Math.max(0, ms),
    },
  ]
}
