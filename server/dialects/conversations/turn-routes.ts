/** Turns: send, ask again, resume, stop. Answers stream as JSON lines of tagged text. */
import { createHash } from 'node:crypto'
import type { Attachments } from '../../core/attachments.ts'
import type { Conversations } from '../../core/conversations.ts'
import type { TurnLog } from '../../core/ports.ts'
import type { TurnReference } from '../../core/once.ts'
import type { Turns } from '../../core/turn.ts'
import { empty, type Exchange, type Reply, type Route } from '../route.ts'
import { decodeFile, LARGEST_SEND } from './attachment-schemas.ts'
import * as schemas from './schemas.ts'
import { turnDocs } from './turn-docs.ts'
import { TurnStream } from './turn-stream.ts'
import { readEventId, type EventPosition } from './wire.ts'

export interface TurnRoutesDependencies {
  readonly conversations: Conversations
  readonly turns: Turns
  readonly log: TurnLog
  readonly attachments: Attachments
}

export function createTurnRoutes(dependencies: TurnRoutesDependencies): readonly Route[] {
  const { conversations, turns, log } = dependencies

  const streamFrom = ({ turnId, seq }: EventPosition): Reply => ({
    kind: 'events',
    follow: (sink) => log.follow(turnId, seq, new TurnStream(turnId, sink)),
  })

  const streamTurn = (turn: TurnReference): Reply => {
    if (turn.kind === 'logged') return streamFrom({ turnId: turn.turnId, seq: 0 })
    return {
      kind: 'events',
      follow(sink) {
        const stream = new TurnStream(turn.turnId, sink)
        stream.events(turn.events, 1)
        stream.end()
        return { resume() {}, stop() {} }
      },
    }
  }

  const turnInput = (exchange: Exchange) => ({
    ownerId: exchange.identity.userId,
    conversationId: exchange.id('id'),
    trace: exchange.trace,
    key: keyOf(exchange.header('idempotency-key')),
    admit: () => exchange.admit(),
  })

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
      method: 'POST',
      path: '/api/conversations/:id/messages',
      takes: 'messages',
      ...(dependencies.attachments.takesFiles && { largestBody: LARGEST_SEND }),
      doc: turnDocs.send,
      async handle(exchange) {
        const input = turnInput(exchange)
        const body = await exchange.json(schemas.sendSchema)
        const { content, replaces, client_tools: pageTools, attachments, ...options } = body
        const files = attachments && dependencies.attachments.receive(attachments.map(decodeFile))
        return streamTurn(
          await turns.send({ ...input, content, replaces, files, pageTools, options }),
        )
      },
    },
    {
      method: 'POST',
      path: '/api/conversations/:id/regenerate',
      takes: 'messages',
      doc: turnDocs.regenerate,
      async handle(exchange) {
        const input = turnInput(exchange)
        const body = await exchange.json(schemas.regenerateSchema, { optional: true })
        const { client_tools: pageTools, ...options } = body
        return streamTurn(await turns.regenerate({ ...input, pageTools, options }))
      },
    },
    {
      method: 'GET',
      path: '/api/conversations/:id/stream',
      doc: turnDocs.stream,
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
      doc: turnDocs.stop,
      async handle(exchange) {
        const id = exchange.id('id')
        await conversations.check(exchange.identity.userId, id)
        await turns.stop(id)
        return empty(202)
      },
    },
  ]
}

/** A client may put anything into its keys: only their hashes are kept, here and in every store. */
function keyOf(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  return createHash('sha256').update(header).digest('base64url')
}
