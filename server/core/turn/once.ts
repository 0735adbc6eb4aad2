/** One turn for each `Idempotency-Key`, however often its request comes. */
import { ChatError } from '../errors.ts'
import { createSharedWork } from '../shared-work.ts'
import type { TurnEvent } from '../../protocol/events.ts'
import type { Message, TurnKey } from '../ports/index.ts'
import { readEnough } from '../recent-messages.ts'
import type { RegenerateInput, TurnDependencies } from './plan.ts'

/** A turn to be read: from the log, or, when the log has forgotten it, as events rebuilt from the store. */
export type TurnReference =
  | { readonly kind: 'logged'; readonly turnId: string }
  | { readonly kind: 'replay'; readonly turnId: string; readonly events: readonly TurnEvent[] }

type KeyedRequest = Pick<RegenerateInput, 'ownerId' | 'conversationId' | 'key'>

/** The request has begun its turn on another server, between two looks of this one. */
class BegunElsewhere extends Error {
  readonly known: TurnKey
  constructor(known: TurnKey) {
    super('the turn of this request has begun on another server')
    this.known = known
  }
}

/**
 * One turn per key: the first request starts it, every other one attaches to it, whether it is being
 * started, runs, has ended, or ended before the server was restarted.
 */
export function createOnce({ store, log }: Pick<TurnDependencies, 'store' | 'log'>) {
  /** The first steps of requests, by owner, conversation and key. */
  const startOnce = createSharedWork<TurnReference>()

  const attach = async (request: KeyedRequest, known: TurnKey): Promise<TurnReference> => {
    if (await log.find(known.turnId)) return { kind: 'logged', turnId: known.turnId }
    const messages = await readEnough(store, {
      ...request,
      isEnough: (newest) => newest.some(({ id }) => id === known.userMessageId),
    })
    return { kind: 'replay', turnId: known.turnId, events: replayTurn(known, messages ?? []) }
  }

  const look = async ({ ownerId, conversationId, key }: KeyedRequest) =>
    key === undefined ? undefined : await store.findTurnKey(ownerId, conversationId, key)

  /** A request that comes to two servers at once is in its own way on one of them. */
  const startOrAttach = async (request: KeyedRequest, start: () => Promise<TurnReference>) => {
    try {
      return await start()
    } catch (error) {
      if (error instanceof BegunElsewhere) return await attach(request, error.known)
      const isInTheWay = error instanceof ChatError && error.code === 'conflict'
      const known = isInTheWay ? await look(request) : undefined
      if (!known) throw error
      return await attach(request, known)
    }
  }

  return {
    /** @throws what `start` throws */
    async begin(
      request: KeyedRequest,
      start: () => Promise<TurnReference>,
    ): Promise<TurnReference> {
      const { ownerId, conversationId, key } = request
      if (key === undefined) return await start()
      return await startOnce(JSON.stringify([ownerId, conversationId, key]), async () => {
        const known = await look(request)
        return known ? await attach(request, known) : await startOrAttach(request, start)
      })
    },
    /**
     * Before a running turn is ended for the request: it may be the request's own. What is thrown then is caught by
     * `begin`.
     */
    async lookAgain(request: KeyedRequest): Promise<void> {
      const known = await look(request)
      if (known) throw new BegunElsewhere(known)
    },
  }
}

/** The events of a turn that the log no longer has, rebuilt from what is stored of it. */
function replayTurn(key: TurnKey, messages: readonly Message[]): readonly TurnEvent[] {
  const answer = answerTo(key, messages)
  const messageId = answer?.id ?? key.messageId
  const finishReason = answer ? (answer.finishReason ?? 'stop') : 'error'
  return [
    {
      type: 'start',
      turn_id: key.turnId,
      user_message_id: key.userMessageId,
      message_id: messageId,
    },
    ...(answer ? contentOf(answer) : []),
    ...(finishReason === 'error' ? [answer ? CUT_OFF : NOT_ANSWERED] : []),
    {
      type: 'done',
      message_id: messageId,
      finish_reason: finishReason,
      token_count: answer?.tokenCount ?? 0,
      inference_time_ms: answer?.inferenceTimeMs ?? 0,
      ...(answer?.outcome && { outcome: answer.outcome }),
    },
  ]
}

function contentOf({ content, sources, citations, suggestions }: Message): readonly TurnEvent[] {
  return [
    ...(sources.length > 0 ? [{ type: 'sources', sources } as const] : []),
    { type: 'token', text: content },
    ...(citations ? [{ type: 'citations', citations } as const] : []),
    ...(suggestions ? [{ type: 'suggestions', suggestions } as const] : []),
  ]
}

const NOT_ANSWERED: TurnEvent = {
  type: 'error',
  message: 'There is no answer to this message yet. Please ask for it again.',
  code: 'interrupted',
  retryable: true,
}
const CUT_OFF: TurnEvent = {
  type: 'error',
  message: 'The answer was cut off before it was complete. Please try again.',
  code: 'inference_interrupted',
  retryable: true,
}

/** The turn's own answer, or the one that has taken its place since. */
function answerTo(key: TurnKey, messages: readonly Message[]): Message | undefined {
  const own = messages.find((message) => message.id === key.messageId)
  if (own) return own
  const asked = messages.findIndex((message) => message.id === key.userMessageId)
  // An edit may have taken the question away.
  const after = asked < 0 ? undefined : messages[asked + 1]
  if (after?.role !== 'assistant') return undefined
  // An older answer is the one that this turn was to replace, and did not.
  return after.createdAt >= key.createdAt ? after : undefined
}
