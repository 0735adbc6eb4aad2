/** Dialect B: one question, one answer with its sources, as named events. */
import { z } from 'zod'
import type { ConversationPlace, Conversations } from '../../core/conversations.ts'
import { ChatError } from '../../core/errors.ts'
import { personalityFor } from '../../core/grounding.ts'
import type { Knowledge, TurnLog, TurnFollower } from '../../core/ports/index.ts'
import type { TurnReference } from '../../core/turn/once.ts'
import type { SendInput } from '../../core/turn/plan.ts'
import type { Turns } from '../../core/turn/turn.ts'
import {
  CASCADE_TIERS,
  type CascadeTier,
  type Citation,
  type TurnDoneEvent,
  type TurnEvent,
} from '../../protocol/events.ts'
import { citationSchema, sourceSchema } from '../conversations/bodies.ts'
import {
  creatorSchema,
  number,
  object,
  optional,
  requestKeyOf,
  text as textField,
} from '../fields.ts'
import {
  followTurn,
  type EventSink,
  type GuestExchange,
  type GuestRoute,
  type Reply,
  type Route,
  type RouteDoc,
} from '../route.ts'
import { createTagParser, type SegmentChange, type SegmentKind } from '../../protocol/tags.ts'

export interface CitedDialectDependencies {
  readonly conversations: Conversations
  readonly turns: Turns
  readonly log: TurnLog
  readonly knowledge: Knowledge
  /** Whether callers without a token are answered too. */
  readonly takesGuests: boolean
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const chatSchema = object({
  query: textField(1, 1_000).meta({ examples: ['How long do samosas keep?'] }),
  creator: creatorSchema,
  conversation_id: optional(z.string('must be a text')).describe(
    'The `conversation_id` of an earlier answer, to go on from there. One that is not known, or no longer, begins a new conversation.',
  ),
  personality_weight: optional(number(0, 1)).describe(
    'How much the answer sounds like the creator: 0 (as without it) not at all, up to 1/3 a hint, up to 2/3 their voice, above that all of their manner.',
  ),
})

const eventSchema = z
  .union([
    z.array(sourceSchema).meta({ id: 'CitedSources', description: '`sources`: the first event.' }),
    z.string().meta({ id: 'CitedToken', description: '`token`: a piece of the answer.' }),
    z
      .object({
        cascade_tier: z.enum(CASCADE_TIERS),
        conversation_id: z.uuid(),
        citations: z.exactOptional(z.array(citationSchema)),
      })
      .meta({ id: 'CitedDone', description: '`done`: the last event of a whole answer.' }),
    z
      .object({ message: z.string().describe('One sentence for a person.') })
      .meta({ id: 'CitedError', description: '`error`: the last event of one that failed.' }),
  ])
  .meta({ id: 'CitedEvent', description: 'The JSON of one event’s `data`, by the event’s name.' })

const chatDoc: RouteDoc = {
  name: 'askWithSources',
  chapter: 'Answers with sources',
  summary: 'Asks a question and streams the answer, its sources first.',
  description:
    'Events have names: `sources` (an array, perhaps empty), `token` for each piece of the answer, then `done`, or `error` when it fails. The creator’s documents are looked into first, then those of the creator’s domain, then all; `cascade_tier` says which of them the answer rests on, or `none`. Thinking and tool calls are left out of the tokens; the conversation itself has them. A question that leans on the ones before it (“and for dogs?”) is looked up together with them. Closing the connection does not end the answer; one that nobody reads any more is stopped by the next question of its conversation. For anonymous visitors the token may be left out: such a conversation belongs to whoever has its id.',
  headers: {
    'Idempotency-Key':
      'The same key again with the same `conversation_id`, within 24 hours, gives the same answer: nothing is asked or stored twice. A question that begins a conversation begins another one each time.',
  },
  body: chatSchema,
  responses: {
    200: { description: 'The answer as it is written.', schema: eventSchema, events: true },
    404: { description: 'The conversation belongs to somebody else.' },
    409: {
      description:
        'An answer is being written in this conversation, and somebody reads it; `turn_id` names it.',
    },
  },
}

export function createCitedDialect(
  dependencies: CitedDialectDependencies,
): readonly (Route | GuestRoute)[] {
  const { conversations, turns, log, knowledge, takesGuests } = dependencies

  /**
   * Sends the question to the conversation that it names, or to a new one.
   * @throws ChatError `not_found` when that is somebody else's; what a send throws
   */
  const send = async (
    exchange: GuestExchange,
    asked: Pick<SendInput, 'content' | 'field' | 'grounding'> & {
      readonly conversationId: string | undefined
    },
  ): Promise<ConversationPlace & { readonly turn: TurnReference }> => {
    const { conversationId, ...question } = asked
    const callerId = exchange.identity?.userId
    const sendTo = async (place: ConversationPlace, admit?: () => Promise<void>) => {
      const key = requestKeyOf(exchange.header('idempotency-key'))
      const input = { ...place, ...question, options: {}, trace: exchange.trace, key, admit }
      return { ...place, turn: await turns.send(input) }
    }
    const id = UUID.test(conversationId ?? '') ? conversationId : undefined
    const known = id === undefined ? undefined : await conversations.findPlace(callerId, id)
    if (known) return await sendTo(known, () => exchange.admit(known.ownerId))
    const place = conversations.newPlace(callerId)
    // Before the rest: whoever tries ids out is to be limited as well.
    await exchange.admit(place.ownerId)
    if (id !== undefined && (await conversations.isForeign(callerId, id))) {
      throw new ChatError('not_found', 'There is no such conversation.')
    }
    await conversations.create(place.ownerId, { id: place.conversationId })
    try {
      return await sendTo(place)
    } catch (error) {
      await conversations.remove(place.ownerId, place.conversationId)
      throw error
    }
  }

  const handle = async (exchange: GuestExchange): Promise<Reply> => {
    const body = await exchange.json(chatSchema)
    const { query, creator, personality_weight: weight = 0 } = body
    const personality = personalityFor(knowledge, creator, weight)
    exchange.note({ personality_weight: weight, personality: personality.step })
    const { turn, conversationId } = await send(exchange, {
      content: query,
      field: 'query',
      conversationId: body.conversation_id,
      grounding: { creator, personality },
    })
    return {
      kind: 'events',
      follow(sink) {
        const stream = new CitedStream(sink, {
          conversationId,
          onTier: (tier) => exchange.note({ cascade_tier: tier }),
        })
        return followTurn(log, turn, stream)
      },
    }
  }

  const route = {
    method: 'POST',
    path: '/api/v1/chat',
    takes: 'messages',
    doc: chatDoc,
    handle,
  } as const
  return [takesGuests ? { ...route, open: 'guests' } : route]
}

// How dialect B writes the events of a turn to one reader: `sources`, `token` …, `done` or `error`.

const CUT_OFF = 'The answer was cut off before it was complete. Please try again.'

interface CitedStreamOptions {
  readonly conversationId: string
  /** Is told where the answer was found, at its end. */
  readonly onTier: (tier: CascadeTier) => void
}

/** Its readers show text as it comes: they get neither thinking nor tool calls. */
class CitedStream implements TurnFollower {
  readonly #sink: EventSink
  readonly #options: CitedStreamOptions
  readonly #text = new VisibleText()
  #tier: CascadeTier = 'none'
  #citations: readonly Citation[] | undefined
  #hasSources = false
  #isOver = false

  constructor(sink: EventSink, options: CitedStreamOptions) {
    this.#sink = sink
    this.#options = options
  }

  events(batch: readonly TurnEvent[]): boolean {
    const text = batch.map((event) => this.#write(event)).join('')
    return text === '' || this.#sink.write(text)
  }

  end(): void {
    // The log lost the turn before it was over.
    if (!this.#isOver) this.#sink.write(this.#fail(CUT_OFF))
    this.#sink.end()
  }

  #write(event: TurnEvent): string {
    if (this.#isOver) return ''
    switch (event.type) {
      case 'sources': {
        if (this.#hasSources) return ''
        // What rests on nothing was found nowhere.
        if (event.sources.length > 0) this.#tier = event.tier ?? 'global'
        this.#hasSources = true
        return writeEvent('sources', event.sources)
      }
      case 'citations':
        // What is proven needs no word.
        if (event.citations.some(({ unproven }) => unproven)) this.#citations = event.citations
        return ''
      case 'token':
        return this.#withSources(writeToken(this.#text.push(event.text)))
      case 'error':
        return this.#withSources(writeToken(this.#text.end())) + this.#fail(event.message)
      case 'done':
        return this.#withSources(writeToken(this.#text.end())) + this.#finish(event)
      case 'start':
      case 'chunk':
      case 'title':
      case 'tool_request':
      case 'tool_progress':
      case 'progress':
      case 'suggestions':
        return ''
    }
  }

  #finish({ finish_reason: reason }: TurnDoneEvent): string {
    if (reason === 'interrupted' || reason === 'error') return this.#fail(CUT_OFF)
    this.#isOver = true
    this.#options.onTier(this.#tier)
    const { conversationId } = this.#options
    return this.#withSources(
      writeEvent('done', {
        cascade_tier: this.#tier,
        conversation_id: conversationId,
        ...(this.#citations && { citations: this.#citations }),
      }),
    )
  }

  #fail(message: string): string {
    this.#isOver = true
    this.#options.onTier(this.#tier)
    return this.#withSources(writeEvent('error', { message }))
  }

  /** The sources always come first, also where there are none. */
  #withSources(written: string): string {
    if (this.#hasSources || written === '') return written
    this.#hasSources = true
    return writeEvent('sources', []) + written
  }
}

const writeEvent = (name: 'sources' | 'token' | 'done' | 'error', data: unknown) =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

const writeToken = (text: string) => (text === '' ? '' : writeEvent('token', text))

/**
 * What a reader of tagged text sees, as it comes and wherever the tags are cut. A `</think>` that nothing
 * has opened makes thinking of what came before it; that has been read by then, and stays.
 */
class VisibleText {
  readonly #parser = createTagParser()
  readonly #kinds: SegmentKind[] = []
  #hasBegun = false

  push(text: string): string {
    return this.#take(this.#parser.push(text))
  }

  /** What was held back, lest it be half a tag. */
  end(): string {
    return this.#take(this.#parser.end())
  }

  #take(changes: readonly SegmentChange[]): string {
    const pieces: { readonly index: number; readonly text: string }[] = []
    for (const change of changes) {
      if (change.type === 'append') pieces.push(change)
      else if (change.type !== 'close') this.#kinds[change.index] = change.kind
    }
    let text = pieces
      .filter(({ index }) => this.#kinds[index] === 'text')
      .map((piece) => piece.text)
      .join('')
    // Behind its thinking a model leaves a line free, which is no part of the answer.
    if (!this.#hasBegun) text = text.trimStart()
    this.#hasBegun ||= text !== ''
    return text
  }
}
