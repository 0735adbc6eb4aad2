import type { StoredMessage } from '../api/decode-conversation.ts'
import { ChatMessage } from './chat-message.ts'

function messageOf(stored: StoredMessage): ChatMessage {
  const { id, role, content, attachments, ...known } = stored
  const message = new ChatMessage(role, 'settled', content)
  return Object.assign(message, { id, attachments, ...known })
}

/** What came before the messages on the screen, as far as it is not among them. */
export function mergeEarlier(
  shown: readonly ChatMessage[],
  stored: readonly StoredMessage[],
): readonly ChatMessage[] {
  const known = new Set(shown.map(({ id }) => id))
  return stored.filter(({ id }) => !known.has(id)).map(messageOf)
}

/**
 * What the server has, in the objects already on the screen where those say the same, so that
 * loading again redraws nothing. Where it `hasMore` than it gave, older messages on the screen stay.
 */
export function mergeStored(
  shown: readonly ChatMessage[],
  stored: readonly StoredMessage[],
  hasMore = false,
): readonly ChatMessage[] {
  const byId = new Map(shown.map((message) => [message.id, message]))
  const from = hasMore ? shown.findIndex(({ id }) => id !== null && id === stored[0]?.id) : -1
  const older = shown.slice(0, Math.max(0, from))
  const newest = stored.map((message) => {
    const present = byId.get(message.id)
    if (!present || present.text !== message.content) return messageOf(message)
    const { sources, citations, outcome, finishReason, feedback, createdAt } = message
    // A file that was sent from here is still at hand.
    const attachments = message.attachments.map((one, at) => ({
      ...present.attachments[at],
      ...one,
    }))
    const known = { sources, citations, outcome, finishReason, feedback, attachments, createdAt }
    // A server that does not keep them has told them once.
    const suggestions = message.suggestions.length > 0 ? message.suggestions : present.suggestions
    present.change({ state: 'settled', replacing: false, ...known, suggestions })
    return present
  })
  return [...older, ...newest]
}
