import type { FeedbackBody, FeedbackRequestBody } from '../../server/protocol/api.ts'
import { toApiError, type ApiError } from '../api/api-error.ts'
import { type ChatClient, conversationPath } from '../api/client.ts'

import type { ChatMessage } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'

/** Where one answer's feedback stands. */
interface Sending {
  /** What the server has. */
  confirmed: FeedbackBody | null
  /** What was given last, however far it got. */
  latest: object | undefined
  /** One after the other, so that the last word is the server's too. */
  queue: Promise<void>
}

/** Where feedback goes, and what it belongs to. */
export interface FeedbackDesk {
  client: ChatClient | undefined
  readonly state: ConversationState
  /** The server has no such answer any more. */
  readonly onGone: (conversationId: string) => void
}

/** By the answer's id: its message may be another object meanwhile. */
const onTheWay = new Map<string, Sending>()

/**
 * Hands in what the visitor thinks of an answer: shown at once, and taken back when that fails.
 * Resolves to what went wrong, if something did and nothing was given since.
 */
export async function giveFeedback(
  { client, state, onGone }: FeedbackDesk,
  message: ChatMessage,
  feedback: FeedbackBody | null,
): Promise<ApiError | undefined> {
  const { conversationId } = state
  const { id } = message
  if (!client || conversationId === undefined || id === null) return undefined
  const sending = onTheWay.get(id) ?? {
    confirmed: message.feedback,
    latest: undefined,
    queue: Promise.resolve(),
  }
  onTheWay.set(id, sending)
  /** On the message as it is shown now: it may have been loaded, or gone on, since. */
  const show = (shown: FeedbackBody | null) =>
    (state.messages.find((one) => one.id === id) ?? message).change({ feedback: shown })
  show(feedback)
  const mine = {}
  sending.latest = mine
  const sent = sending.queue.then(async () => {
    const path = conversationPath(conversationId, `/messages/${encodeURIComponent(id)}/feedback`)
    const body: FeedbackRequestBody = feedback ?? { rating: null }
    await client.request(path, { method: 'PUT', body })
    sending.confirmed = feedback
    if (sending.latest === mine) show(feedback)
    const { rating, comment = null } = body
    state.events.onFeedback({ message_id: id, rating, comment })
    // What stands below the conversation may depend on it.
    state.show({})
  })
  sending.queue = sent.catch(() => undefined)
  try {
    await sent
    return undefined
  } catch (cause) {
    if (sending.latest !== mine) return undefined
    show(sending.confirmed)
    const error = toApiError(cause)
    if (error.code === 'not_found' && state.conversationId === conversationId) {
      onGone(conversationId)
      return undefined
    }
    state.events.onError(error)
    return error
  } finally {
    if (sending.latest === mine) onTheWay.delete(id)
  }
}
