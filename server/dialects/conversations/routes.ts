/** Dialect A: conversations whose answers stream as JSON lines of tagged text. */
import { createHash } from 'node:crypto'
import type { Conversations } from '../../core/conversations.ts'
import type { Inference, TurnLog } from '../../core/ports.ts'
import type { TurnReference } from '../../core/once.ts'
import type { Turns } from '../../core/turn.ts'
import type { ConversationWithMessagesBody } from '../../protocol/api.ts'
import { empty, json, type Exchange, type Reply, type Route } from '../route.ts'
import * as schemas from './schemas.ts'
import {
  conversationBody,
  conversationListBody,
  messageBody,
  readEventId,
  writeEvent,
  type EventPosition,
} from './wire.ts'

/** How long `GET /api/models` may take, in milliseconds. */
const MODELS_TIMEOUT = 30_000
/** Characters of an `Idempotency-Key` that are kept as they are; longer ones are kept as their hash. */
const LONGEST_KEY = 255

export interface ConversationRoutesDependencies {
  readonly conversations: Conversations
  readonly turns: Turns
  readonly log: TurnLog
  readonly inference: Inference
}

export function createConversationRoutes(
  dependencies: ConversationRoutesDependencies,
): readonly Route[] {
  const { conversations, turns, log, inference } = dependencies

  const readLogged = async function* (from: EventPosition, signal: AbortSignal) {
    for await (const batch of log.read(from.turnId, from.seq, { signal })) {
      yield batch.map((logged) => writeEvent(from.turnId, logged)).join('')
    }
  }

  const streamFrom = (from: EventPosition): Reply => ({
    kind: 'events',
    events: (signal) => readLogged(from, signal),
  })

  const streamTurn = (turn: TurnReference): Reply => {
    if (turn.kind === 'logged') return streamFrom({ turnId: turn.turnId, seq: 0 })
    const written = turn.events.map((event, index) =>
      writeEvent(turn.turnId, { seq: index + 1, event }),
    )
    return {
      kind: 'events',
      async *events() {
        yield written.join('')
      },
    }
  }

  const turnInput = (exchange: Exchange) => ({
    ownerId: exchange.identity.userId,
    conversationId: exchange.id('id'),
    trace: exchange.trace,
    key: keyOf(exchange.header('idempotency-key')),
  })

  const update = async (exchange: Exchange): Promise<Reply> => {
    const id = exchange.id('id')
    await conversations.check(exchange.identity.userId, id)
    const { title, is_favorited } = await exchange.json(schemas.updateSchema)
    const changes = { title, isFavorited: is_favorited }
    return json(conversationBody(await conversations.rename(exchange.identity.userId, id, changes)))
  }

  /** Where a reader that names the last event it saw goes on; `undefined` when nothing is missing. */
  const findResumePoint = async (
    conversationId: string,
    lastEventId: string | undefined,
  ): Promise<EventPosition | undefined> => {
    const seen = readEventId(lastEventId)
    const named = seen && (await log.find(seen.turnId))
    // A number that was never given out says nothing about what the reader has.
    const isKnown = named?.conversationId === conversationId && seen && seen.seq <= named.events
    const hasMore = isKnown && (named.running || named.events > seen.seq)
    if (hasMore) return seen
    const latest = await log.latest(conversationId)
    // The reader has all of its own turn: what may be new to it is another one, as long as that runs.
    if (!latest || (isKnown && !latest.running)) return undefined
    return { turnId: latest.turnId, seq: 0 }
  }

  return [
    {
      method: 'GET',
      path: '/api/conversations',
      async handle(exchange) {
        const page = exchange.query(schemas.listSchema)
        const items = await conversations.list(exchange.identity.userId, page)
        return json(conversationListBody(items, page))
      },
    },
    {
      method: 'POST',
      path: '/api/conversations',
      async handle(exchange) {
        const body = await exchange.json(schemas.createSchema, { optional: true })
        const given = {
          title: body.title === '' ? undefined : body.title,
          modelTag: body.model_tag,
        }
        const conversation = await conversations.create(exchange.identity.userId, given)
        return json(conversationBody(conversation), 201)
      },
    },
    {
      method: 'GET',
      path: '/api/conversations/:id',
      async handle(exchange) {
        const { conversation, messages, runningTurnId } = await conversations.get(
          exchange.identity.userId,
          exchange.id('id'),
        )
        const body: ConversationWithMessagesBody = {
          ...conversationBody(conversation),
          messages: messages.map(messageBody),
          ...(runningTurnId !== undefined && { running_turn_id: runningTurnId }),
        }
        return json(body)
      },
    },
    { method: 'PUT', path: '/api/conversations/:id', handle: update },
    { method: 'PATCH', path: '/api/conversations/:id', handle: update },
    {
      method: 'DELETE',
      path: '/api/conversations/:id',
      async handle(exchange) {
        await conversations.remove(exchange.identity.userId, exchange.id('id'))
        return empty(204)
      },
    },
    {
      method: 'POST',
      path: '/api/conversations/:id/messages',
      async handle(exchange) {
        const input = turnInput(exchange)
        const { content, replaces: _, ...options } = await exchange.json(schemas.sendSchema)
        return streamTurn(await turns.send({ ...input, content, options }))
      },
    },
    {
      method: 'POST',
      path: '/api/conversations/:id/regenerate',
      async handle(exchange) {
        const input = turnInput(exchange)
        const options = await exchange.json(schemas.regenerateSchema, { optional: true })
        return streamTurn(await turns.regenerate({ ...input, options }))
      },
    },
    {
      method: 'GET',
      path: '/api/conversations/:id/stream',
      async handle(exchange) {
        const id = exchange.id('id')
        await conversations.check(exchange.identity.userId, id)
        const query = exchange.query(schemas.streamSchema)
        const lastEventId = exchange.header('last-event-id') || query.last_event_id
        const from = await findResumePoint(id, lastEventId)
        return from ? streamFrom(from) : empty(204)
      },
    },
    {
      method: 'POST',
      path: '/api/conversations/:id/stop',
      async handle(exchange) {
        const id = exchange.id('id')
        await conversations.check(exchange.identity.userId, id)
        await turns.stop(id)
        return empty(202)
      },
    },
    {
      method: 'GET',
      path: '/api/models',
      async handle() {
        return json(await inference.models({ signal: AbortSignal.timeout(MODELS_TIMEOUT) }))
      },
    },
  ]
}

function keyOf(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  return header.length > LONGEST_KEY ? createHash('sha256').update(header).digest('hex') : header
}
