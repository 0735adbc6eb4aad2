/**
 * Turns: send, ask again, resume, stop. A request becomes a turn, and its events are written by `TurnStream` as JSON
 * lines of tagged text. What the bodies may say stands in schemas.ts, what the description says in bodies.ts.
 */
import type { Attachments } from '../../core/attachments.ts'
import type { Conversations } from '../../core/conversations.ts'
import { ChatError } from '../../core/errors.ts'
import type { TurnLog, TurnFollower } from '../../core/ports/index.ts'
import type { TurnReference } from '../../core/turn/once.ts'
import type { Turns } from '../../core/turn/turn.ts'
import { requestKeyOf, decodeFile, LARGEST_SEND } from '../fields.ts'
import {
  empty,
  followTurn,
  type EventSink,
  type Exchange,
  type Reply,
  type Route,
} from '../route.ts'
import * as schemas from './schemas.ts'
import { readEventId, type EventPosition } from './wire.ts'
import { turnDocs } from './bodies.ts'
import {
  writeEvent,
  type ChunkEvent,
  type TokenEvent,
  type TurnEvent,
} from '../../protocol/events.ts'

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

  const streamTurn = (turn: TurnReference): Reply => ({
    kind: 'events',
    follow: (sink) => followTurn(log, turn, new TurnStream(turn.turnId, sink)),
  })

  const turnInput = (exchange: Exchange) => ({
    ownerId: exchange.identity.userId,
    conversationId: exchange.id('id'),
    trace: exchange.trace,
    key: requestKeyOf(exchange.header('idempotency-key')),
    admit: () => exchange.admit(),
  })

  /**
   * The turn of an event that a reader has seen; `undefined` when it is of another conversation, is not
   * kept any more, or never had an event of that number.
   */
  const findSeen = async (conversationId: string, seen: EventPosition) => {
    const named = await log.find(seen.turnId)
    return named?.conversationId === conversationId && seen.seq <= named.events ? named : undefined
  }

  /**
   * What a request gets that was sent before and names the last event its sender saw of the answer: what
   * followed, and nobody is asked anew. `undefined` when it names none.
   * @throws ChatError `invalid_request` (400) when it names what is no event; `not_found` when the event is not known here
   */
  const reconnect = async (exchange: Exchange): Promise<Reply | undefined> => {
    const lastEventId = exchange.header('last-event-id')
    if (!lastEventId) return undefined
    const id = exchange.id('id')
    await conversations.check(exchange.identity.userId, id)
    const seen = readEventId(lastEventId)
    if (!seen) {
      throw new ChatError(
        'invalid_request',
        'The header last-event-id must be the id of an event of this conversation. Nothing was asked: leave it out to ask anew.',
        { status: 400 },
      )
    }
    const named = await findSeen(id, seen)
    if (!named) {
      throw new ChatError(
        'not_found',
        'The answer that last-event-id names cannot be read on here. Nothing was asked anew: the conversation has what is stored of it.',
      )
    }
    return named.running || named.events > seen.seq ? streamFrom(seen) : empty(204)
  }

  /** Where a reader that names the last event it saw goes on; `undefined` when nothing is missing. */
  const findResumePoint = async (
    conversationId: string,
    lastEventId: string | undefined,
  ): Promise<EventPosition | undefined> => {
    const seen = readEventId(lastEventId)
    const named = seen && (await findSeen(conversationId, seen))
    if (named && (named.running || named.events > seen.seq)) return seen
    const latest = await log.latest(conversationId)
    // The reader has all of its own turn: what may be new to it is another one, as long as that runs.
    if (!latest || (named && !latest.running)) return undefined
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
        const missed = await reconnect(exchange)
        if (missed) return missed
        const { content, replaces, repeats, client_tools: pageTools, ...rest } = body
        const { attachments, keep_attachments: keepFiles, creator, ...options } = rest
        // Files take longer to read than a conversation to be found.
        if (attachments) await conversations.check(input.ownerId, input.conversationId)
        const files =
          attachments &&
          (await dependencies.attachments.receive(
            input.ownerId,
            attachments.map((file, index) => decodeFile(file, index)),
          ))
        const message = { content, replaces, repeats, files, keepFiles }
        return streamTurn(await turns.send({ ...input, ...message, pageTools, creator, options }))
      },
    },
    {
      method: 'POST',
      path: '/api/conversations/:id/regenerate',
      takes: 'messages',
      doc: turnDocs.regenerate,
      async handle(exchange) {
        const input = turnInput(exchange)
        const body = await exchange.json(schemas.regenerateSchema)
        const missed = await reconnect(exchange)
        if (missed) return missed
        const { client_tools: pageTools, creator, continue: continues, ...options } = body
        const wish = { pageTools, options, creator, continues }
        return streamTurn(await turns.regenerate({ ...input, ...wish }))
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

// How dialect A writes the events of a turn to one reader.

/**
 * Writes server-sent events of one turn. The same event always gives the same bytes, whoever reads it:
 * resuming depends on it. A class, so that what every token touches lies together in memory, and not in a
 * closure each.
 */
class TurnStream implements TurnFollower {
  readonly #sink: EventSink
  readonly #turnId: string
  #extra: TokenEvent['extra']
  #extraText = '}'

  constructor(turnId: string, sink: EventSink) {
    this.#turnId = turnId
    this.#sink = sink
  }

  events(batch: readonly TurnEvent[], firstSeq: number): boolean {
    let text = ''
    let seq = firstSeq
    for (const event of batch) {
      if (event.type === 'token') {
        text += writeEvent(this.#turnId, seq, this.#tokenText(event))
      } else if (event.type !== 'chunk' && !isEmpty(event)) {
        text += writeEvent(this.#turnId, seq, JSON.stringify(dataOf(event)))
      }
      seq += 1
    }
    return text === '' || this.#sink.write(text)
  }

  end(): void {
    this.#sink.end()
  }

  /** Most of what is ever written. Further keys are mostly those of the token before. */
  #tokenText(event: TokenEvent): string {
    if (event.extra !== this.#extra) {
      this.#extra = event.extra
      const text = JSON.stringify(event.extra ?? {})
      this.#extraText = text === '{}' ? '}' : `,${text.slice(1)}`
    }
    return `{"token":${JSON.stringify(event.text)}${this.#extraText}`
  }
}

/** In this dialect an answer that rests on no document has no event of its sources. */
const isEmpty = (event: TurnEvent) => event.type === 'sources' && event.sources.length === 0

function dataOf(event: Exclude<TurnEvent, TokenEvent | ChunkEvent>): Record<string, unknown> {
  switch (event.type) {
    case 'start': {
      const { turn_id, user_message_id, message_id } = event
      return { turn_id, user_message_id, message_id }
    }
    case 'sources':
      return { sources: event.sources }
    case 'citations':
      return { citations: event.citations }
    case 'title':
      return { title: event.title }
    case 'tool_request': {
      const { type: _, ...request } = event
      return { tool_request: request }
    }
    case 'tool_progress': {
      const { type: _, ...progress } = event
      return { tool_progress: progress }
    }
    case 'progress': {
      const { type: _, ...progress } = event
      return { progress }
    }
    case 'suggestions':
      return { suggestions: event.suggestions }
    case 'error': {
      const { type: _, message, ...rest } = event
      return { error: message, ...rest }
    }
    case 'done': {
      const { type: _, ...rest } = event
      return { done: true, ...rest }
    }
  }
}
