/**
 * Messages that ask: answered as a stream of chunks, or in one once the answer is stored. A request becomes a turn
 * here; thread-stream.ts writes the chunks, schemas.ts says what may be sent.
 */
import type { Attachments } from '../../core/attachments.ts'
import { ChatError } from '../../core/errors.ts'
import { checkAllowed, modelOf } from '../../core/metadata.ts'
import type { Conversation, ConversationStore, TurnLog } from '../../core/ports/index.ts'
import { findMessage } from '../../core/recent-messages.ts'
import type { TurnReference } from '../../core/turn/once.ts'
import type { Threads } from '../../core/threads.ts'
import type { Turns } from '../../core/turn/turn.ts'
import type { TurnDoneEvent, TurnErrorEvent, TurnStartEvent } from '../../protocol/events.ts'
import { LARGEST_SEND, requestKeyOf } from '../fields.ts'
import { empty, followTurn, json, type Exchange, type Reply, type Route } from '../route.ts'
import { readMessage, threadTurnDocs, type GivenMessage } from './schemas.ts'
import { followThread } from './thread-stream.ts'
import { threadMessageBody } from './wire.ts'

export interface ThreadTurnDependencies {
  readonly threads: Threads
  readonly turns: Pick<Turns, 'send'>
  readonly log: Pick<TurnLog, 'follow'>
  readonly store: Pick<ConversationStore, 'messages' | 'newestMessages'>
  readonly attachments: Pick<Attachments, 'takesFiles' | 'receiveAny'>
  /** False: messages are stored, and no model is asked. */
  readonly asksModels: boolean
}

/** What of a turn says how it went. */
interface TurnOutcome {
  start: TurnStartEvent | undefined
  error: TurnErrorEvent | undefined
  done: TurnDoneEvent | undefined
}

export function createThreadTurnRoutes(dependencies: ThreadTurnDependencies): readonly Route[] {
  const { threads, turns, log, store, attachments, asksModels } = dependencies

  const send = async (
    exchange: Exchange,
    { text, model, modelLabel, metadata, correlationId, files }: GivenMessage,
  ): Promise<{ readonly turn: TurnReference; readonly conversation: Conversation }> => {
    const { identity, trace } = exchange
    const conversationId = exchange.id('id')
    const { conversation } = await threads.open(identity, conversationId)
    checkAllowed(identity, metadata)
    const turn = await turns.send({
      ownerId: identity.userId,
      conversationId,
      content: text,
      field: 'text',
      files: attachments.receiveAny(files),
      options: {},
      key: requestKeyOf(exchange.header('idempotency-key')),
      admit: () => exchange.admit(),
      thread: { metadata, correlationId, model, modelLabel },
      trace,
    })
    return { turn, conversation }
  }

  /** Reads the turn to its end; `undefined` when the caller has left before. */
  const outcomeOf = async (
    turn: TurnReference,
    signal: AbortSignal,
  ): Promise<TurnOutcome | undefined> => {
    const { promise, resolve } = Promise.withResolvers<TurnOutcome | undefined>()
    const outcome: TurnOutcome = { start: undefined, error: undefined, done: undefined }
    const reader = followTurn(log, turn, {
      events(batch) {
        for (const event of batch) {
          if (event.type === 'start') outcome.start = event
          else if (event.type === 'error') outcome.error = event
          else if (event.type === 'done') outcome.done = event
        }
        return true
      },
      end: () => resolve(outcome),
    })
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    if (signal.aborted) resolve(undefined)
    const read = await promise
    reader.stop()
    return read
  }

  /** The message that was answered. @throws ChatError why it was not */
  const answered = async (
    exchange: Exchange,
    { start, error, done }: TurnOutcome,
  ): Promise<Reply> => {
    if (error) throw failureOf(error)
    const { userId: ownerId } = exchange.identity
    const message = await findMessage(
      store,
      { ownerId, conversationId: exchange.id('id') },
      ({ id }) => id === start?.user_message_id,
    )
    if (!message) throw new ChatError('not_found', 'There is no such message any more.')
    if (done === undefined || done.finish_reason === 'interrupted') {
      throw new ChatError('interrupted', 'The answer was cut off before it was complete.')
    }
    const shown = { ownerId, isRunning: false, basePath: exchange.basePath }
    return json({ ...threadMessageBody(message, shown), status: 'ready' }, 201)
  }

  const route = {
    method: 'POST',
    takes: 'messages',
    ...(attachments.takesFiles && { largestBody: LARGEST_SEND }),
  } as const

  return [
    {
      ...route,
      path: '/api/threads/:id/messages/stream',
      doc: threadTurnDocs.stream,
      async handle(exchange) {
        const threadId = exchange.id('id')
        const message = await readMessage(exchange)
        if (message.role !== 'user') throw asksNobody()
        const { turn, conversation } = await send(exchange, message)
        const model = message.model ?? modelOf(conversation)
        return {
          kind: 'events',
          follow: followThread((follower) => followTurn(log, turn, follower), {
            threadId,
            model,
            basePath: exchange.basePath,
          }),
        }
      },
    },
    {
      ...route,
      path: '/api/threads/:id/messages',
      isSlow: true,
      doc: threadTurnDocs.post,
      async handle(exchange) {
        const id = exchange.id('id')
        const message = await readMessage(exchange)
        const { identity } = exchange
        if (message.role === 'user' && asksModels) {
          const { turn } = await send(exchange, message)
          const outcome = await outcomeOf(turn, exchange.signal)
          // Nobody is there to read this.
          return outcome ? await answered(exchange, outcome) : empty(204)
        }
        const stored = await threads.store(identity, id, message)
        const shown = { ownerId: identity.userId, isRunning: false, basePath: exchange.basePath }
        return json(threadMessageBody(stored, shown), 201)
      },
    },
  ]
}

/** To clients of threads, whatever a provider does wrong is one and the same. */
function failureOf({ code, message, retryable, retry_after }: TurnErrorEvent): ChatError {
  const isProviders = code.startsWith('inference_')
  return new ChatError(code, message, {
    retryable,
    ...(retry_after !== undefined && { retryAfter: retry_after }),
    ...(isProviders && { status: 502 }),
  })
}

function asksNobody(): ChatError {
  const message = 'must be "user", or be left out, where an answer is streamed'
  return new ChatError('invalid_request', `sender_type ${message}.`, {
    errors: [{ path: 'sender_type', message }],
  })
}
