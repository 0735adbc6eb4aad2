import type { TurnEvent } from '../../protocol/events.ts'
import type { ConversationStore, TurnKey, TurnLog } from '../ports/index.ts'
import { replayTurn } from './replay.ts'

/** A turn to be read: from the log, or, when the log has forgotten it, as events rebuilt from the store. */
export type TurnReference =
  | { readonly kind: 'logged'; readonly turnId: string }
  | { readonly kind: 'replay'; readonly turnId: string; readonly events: readonly TurnEvent[] }

export interface KeyedRequest {
  readonly ownerId: string
  readonly conversationId: string
  /** The request's `Idempotency-Key`. */
  readonly key?: string | undefined
}

/**
 * One turn per key: the first request starts it, every other one attaches to it, whether it is being
 * started, runs, has ended, or ended before the server was restarted.
 */
export function createOnce(dependencies: {
  readonly store: ConversationStore
  readonly log: TurnLog
}) {
  const { store, log } = dependencies
  /** Requests whose first steps are under way, by owner, conversation and key. */
  const starting = new Map<string, Promise<TurnReference>>()

  const attach = async (request: KeyedRequest, known: TurnKey): Promise<TurnReference> => {
    if (await log.find(known.turnId)) return { kind: 'logged', turnId: known.turnId }
    const messages = (await store.messages(request.ownerId, request.conversationId)) ?? []
    return { kind: 'replay', turnId: known.turnId, events: replayTurn(known, messages) }
  }

  return async (
    request: KeyedRequest,
    start: () => Promise<TurnReference>,
  ): Promise<TurnReference> => {
    const { ownerId, conversationId, key } = request
    if (key === undefined) return await start()
    const id = JSON.stringify([ownerId, conversationId, key])
    const underWay = starting.get(id)
    if (underWay) return await underWay
    const first = (async () => {
      const known = await store.findTurnKey(ownerId, conversationId, key)
      return known ? await attach(request, known) : await start()
    })()
    starting.set(id, first)
    try {
      return await first
    } finally {
      starting.delete(id)
    }
  }
}
