/**
 * Dialect B as a client: questions go to `POST /api/v1/chat`. With the visitor's token its conversations
 * are dialect A's too, so they are opened, gone on with, stopped and rated there.
 */
import { ApiError } from './api-error.ts'
import { isObject, parseJson, textIn } from './check.ts'
import type { ChatClient, TurnRequest, Wishes } from './client.ts'
import { decodeConversation, type StoredMessage } from './decode-conversation.ts'
import { citationsIn, sourcesIn, type WidgetEvent } from './decode-event.ts'

import { readTurn, type StreamedEvent, type TurnStream } from './read-stream.ts'

/** Code points. */
const LONGEST_QUERY = 1_000

/** Events that are not the last one, by their name. */
const decoders: Readonly<Record<string, (data: unknown) => WidgetEvent | undefined>> = {
  sources: (data) =>
    Array.isArray(data) ? { type: 'sources', sources: sourcesIn({ sources: data }) } : undefined,
  token(data) {
    const text = isObject(data) ? textIn(data, 'text') : data
    return typeof text === 'string' ? { type: 'token', text } : undefined
  },
}

/** The last exchange of a conversation, as it is stored. */
interface Exchange {
  readonly question: StoredMessage | undefined
  readonly answer: StoredMessage | undefined
}

interface Asked {
  readonly query: string
  readonly conversationId: string
  readonly signal: AbortSignal | undefined
}

/** What says that an answer is over. */
interface LastEvent {
  readonly name: 'done' | 'error'
  readonly data: unknown
}

type CitedClient = Pick<ChatClient, 'widgetConfig' | 'send' | 'regenerate'>

/** Asks questions with what the page wishes at that time; `client` does all the rest. */
export function createCitedClient(client: ChatClient, wishes: Wishes): CitedClient {
  const lastExchange = async (id: string, signal?: AbortSignal): Promise<Exchange> => {
    const { messages } = decodeConversation(await client.conversation(id, { limit: 2, signal }))
    const at = messages.findLastIndex(({ role }) => role === 'user')
    return { question: messages[at], answer: messages[at + 1] }
  }

  /** The end of an answer, with what only its conversation says: the ids, and why it ended. */
  const endOf = async (asked: Asked, last: LastEvent): Promise<readonly WidgetEvent[]> => {
    const data = isObject(last.data) ? last.data : {}
    const id = textIn(data, 'conversation_id') ?? asked.conversationId
    const stored = await lastExchange(id, asked.signal).catch(() => undefined)
    asked.signal?.throwIfAborted()
    const question = stored?.question?.content === asked.query ? stored.question : undefined
    const answer = question && stored?.answer
    const told = citationsIn(data)
    const citations = told.length > 0 ? told : (answer?.citations ?? [])
    const events: WidgetEvent[] = [{ type: 'citations', citations }]
    if (answer) {
      events.push({ type: 'start', user_message_id: question.id, message_id: answer.id })
    }
    if (last.name === 'error') {
      const code = answer?.finishReason === 'interrupted' ? 'interrupted' : 'inference_error'
      return [
        ...events,
        { type: 'error', code, retryable: true },
        { type: 'done', finish_reason: 'error' },
      ]
    }
    const finish_reason = answer?.finishReason ?? 'stop'
    const conversation_id = id === asked.conversationId ? undefined : id
    return [...events, { type: 'done', finish_reason, outcome: answer?.outcome, conversation_id }]
  }

  const ask = async (
    conversationId: string,
    query: string,
    { idempotencyKey, signal }: Omit<TurnRequest, 'onUpload'>,
  ): Promise<TurnStream> => {
    const { creator, personalityWeight } = wishes
    const response = await client.request('/api/v1/chat', {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'idempotency-key': idempotencyKey },
      body: {
        query,
        creator: creator === '' ? null : creator,
        conversation_id: conversationId,
        personality_weight: Math.min(1, Math.max(0, personalityWeight)) || 0,
      },
      signal,
    })
    let last: LastEvent | undefined
    const events = readTurn(response, (text, name = '') => {
      if (last) return undefined
      const data = parseJson(text)
      if (name !== 'done' && name !== 'error') return decoders[name]?.(data)
      last = { name, data }
      return { type: 'done', finish_reason: 'stop' }
    })
    const wholeTurn = async function* (): AsyncGenerator<readonly StreamedEvent[], void> {
      for await (const batch of events) {
        const before = batch.filter(({ event }) => event.type !== 'done')
        yield before
        // The reading is ahead of us: the end may be known, and this batch not be the last one.
        if (!last || before.length === batch.length) continue
        // It is told once all of it is known.
        const end = await endOf({ query, conversationId, signal }, last)
        yield end.map((event) => ({ id: undefined, event }))
        return
      }
    }
    return wholeTurn()
  }

  return {
    async widgetConfig(how) {
      const { features, max_message_length, ...config } = await client.widgetConfig(how)
      return {
        ...config,
        features: { ...features, think: false, search: false },
        attachments: null,
        max_message_length: Math.min(max_message_length, LONGEST_QUERY),
        questionsOnly: true,
      }
    },
    send: (id, { content }, how) => ask(id, content, how),
    /** What has no answer is asked again: nothing here is taken back. */
    async regenerate(id, _body, how) {
      const { question } = await lastExchange(id, how.signal)
      if (!question) throw new ApiError('not_found', { retryable: false })
      return await ask(id, question.content, how)
    },
  }
}
