/** Messages that ask: answered as a stream of chunks, or in one once the answer is stored. */
import { z } from 'zod'
import type { Attachments } from '../../core/attachments.ts'
import { ChatError } from '../../core/errors.ts'
import { checkAllowed, modelOf } from '../../core/metadata.ts'
import type {
  Conversation,
  ConversationStore,
  TurnFollower,
  TurnLog,
} from '../../core/ports/index.ts'
import type { TurnReference } from '../../core/turn/once.ts'
import type { Threads } from '../../core/threads.ts'
import type { Turns } from '../../core/turn/turn.ts'
import type { TurnDoneEvent, TurnErrorEvent, TurnStartEvent } from '../../protocol/events.ts'
import { LARGEST_SEND, requestKeyOf } from '../fields.ts'

import { empty, json, type Exchange, type Reply, type Route, type RouteDoc } from '../route.ts'
import {
  postMessageSchema,
  readMessage,
  type GivenMessage,
  threadMessageSchema,
} from './schemas.ts'

import { followThread } from './thread-stream.ts'
import { threadMessageBody } from './wire.ts'

export interface ThreadTurnDependencies {
  readonly threads: Threads
  readonly turns: Pick<Turns, 'send'>
  readonly log: Pick<TurnLog, 'follow'>
  readonly store: Pick<ConversationStore, 'messages'>
  readonly attachments: Pick<Attachments, 'takesFiles' | 'receiveAny'>
  /** False: messages are stored, and no model is asked. */
  readonly asksModels: boolean
}

const chunkSchema = z
  .union([
    z
      .looseObject({
        id: z.unknown().describe('The provider’s, or the thread’s.'),
        agent_status: z
          .string()
          .describe(
            'First `queued`, then `running`, `streaming`, and at the end `completed`, `interrupted` or `failed`; or what the provider says.',
          ),
        choices: z.array(z.unknown()).describe('As in OpenAI’s `chat.completion.chunk`.'),
      })
      .meta({ id: 'ThreadChunk' }),
    z
      .object({
        error: z.object({
          message: z.string().describe('One sentence for a person.'),
          type: z.enum(['agent_error', 'internal_error']),
        }),
      })
      .meta({ id: 'ThreadError', description: 'Behind a chunk that says `failed`.' }),
  ])
  .meta({ id: 'ThreadEvent', description: 'The JSON of one event’s `data`; the last is `[DONE]`.' })

const parameters = { id: 'The thread.' }
const headers = {
  'Idempotency-Key':
    'The same key again, within 24 hours, gives the same answer: nothing is asked or stored twice. Not looked at for messages that ask nobody.',
}
const refusals = {
  400: { description: 'The body is not valid JSON, or a file is not base64.' },
  403: { description: 'The metadata name a product or an agent that the caller may not ask.' },
  409: {
    description:
      'An answer is being written in this thread, and somebody reads it; `turn_id` names it.',
  },
  413: { description: 'The request is too large, or there is no room for its files.' },
}

const docs = {
  stream: {
    name: 'streamThreadMessage',
    chapter: 'Threads',
    summary: 'Sends a message and streams the answer as OpenAI’s chunks.',
    description:
      'The provider’s chunks come as they are; what of `agent_status` and `choices` is missing is added. While nothing comes from it, there is a `running` chunk every 10 seconds. Files in a chunk are stored, and come as links. Closing the connection does not end the answer: `GET /api/conversations/{id}/stream` reads it on.',
    parameters,
    headers,
    body: postMessageSchema,
    responses: {
      200: {
        description: 'The answer as it is written; `data: [DONE]` ends it.',
        schema: chunkSchema,
        events: true,
      },
      ...refusals,
      503: { description: 'No models are asked here at present.' },
    },
  },
  post: {
    name: 'postThreadMessage',
    chapter: 'Threads',
    summary: 'Sends a message, and replies when its answer is stored.',
    description:
      'The first message of a thread gives it its title, unless somebody chose one. Messages of other senders than `user` are stored and ask nobody.',
    parameters,
    headers,
    body: postMessageSchema,
    responses: {
      201: { description: 'The message.', schema: threadMessageSchema },
      ...refusals,
      502: { description: 'The answer failed; the message is stored, with the reason.' },
    },
  },
} satisfies Readonly<Record<string, RouteDoc>>

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

  const follow = (turn: TurnReference, follower: TurnFollower) => {
    if (turn.kind === 'logged') return log.follow(turn.turnId, 0, follower)
    follower.events(turn.events, 1)
    follower.end()
    return { resume() {}, stop() {} }
  }

  /** Reads the turn to its end; `undefined` when the caller has left before. */
  const outcomeOf = async (
    turn: TurnReference,
    signal: AbortSignal,
  ): Promise<TurnOutcome | undefined> => {
    const { promise, resolve } = Promise.withResolvers<TurnOutcome | undefined>()
    const outcome: TurnOutcome = { start: undefined, error: undefined, done: undefined }
    const reader = follow(turn, {
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
    const messages = (await store.messages(ownerId, exchange.id('id'))) ?? []
    const message = messages.find(({ id }) => id === start?.user_message_id)
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
      doc: docs.stream,
      async handle(exchange) {
        const threadId = exchange.id('id')
        const message = await readMessage(exchange)
        if (message.role !== 'user') throw asksNobody()
        const { turn, conversation } = await send(exchange, message)
        const model = message.model ?? modelOf(conversation)
        return {
          kind: 'events',
          follow: followThread((follower) => follow(turn, follower), {
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
      doc: docs.post,
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

/** What of a turn says how it went. */
interface TurnOutcome {
  start: TurnStartEvent | undefined
  error: TurnErrorEvent | undefined
  done: TurnDoneEvent | undefined
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
