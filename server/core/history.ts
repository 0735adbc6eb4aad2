/** What of a conversation goes to a model, and where the system prompt stands in it. All pure. */
import type { HistoryMessage } from './ports.ts'
import { historyAnswer, type HistoryAnswer } from './history-tools.ts'

export interface HistoryLimits {
  /** Messages. */
  readonly messages: number
  /** Unicode code points of all messages together. */
  readonly characters: number
}

/**
 * The newest messages within the limits, oldest first; the newest always goes. What was said goes before
 * what tools gave: that is cut or left out first, the oldest before the newest.
 */
export function limitHistory(
  messages: readonly HistoryMessage[],
  limits: HistoryLimits,
): readonly HistoryMessage[] {
  const kept: (HistoryAnswer & Pick<HistoryMessage, 'role'>)[] = []
  let left = limits.characters
  for (const { role, content } of messages.toReversed()) {
    const message = role === 'assistant' ? historyAnswer(content) : { text: content, withTools: [] }
    const length = countCodePoints(message.text)
    if (kept.length > 0 && (kept.length >= limits.messages || length > left)) break
    left -= length
    kept.push({ role, ...message })
  }
  const sent = kept.map(({ role, text, withTools }): HistoryMessage => {
    const room = left + countCodePoints(text)
    const content = withTools.find((longer) => countCodePoints(longer) <= room) ?? text
    left = room - countCodePoints(content)
    return { role, content }
  })
  return sent.toReversed()
}

export interface PromptedMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** For servers that know the `system` role. */
export function withSystemMessage(
  messages: readonly HistoryMessage[],
  prompt: string,
): readonly PromptedMessage[] {
  return prompt === '' ? messages : [{ role: 'system', content: prompt }, ...messages]
}

/** For servers that ignore the `system` role: the prompt stands in front of the first user message. */
export function withPromptInFirstUserMessage(
  messages: readonly HistoryMessage[],
  prompt: string,
): readonly PromptedMessage[] {
  const first = messages.findIndex((message) => message.role === 'user')
  if (prompt === '' || first < 0) return messages
  return messages.map((message, index) =>
    index === first ? { ...message, content: `${prompt}\n\n${message.content}` } : message,
  )
}

export function countCodePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    const next = text.charCodeAt(index + 1)
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) index += 1
    count += 1
  }
  return count
}

/** At most `limit` code points, never half a surrogate pair. */
export function firstCodePoints(text: string, limit: number): string {
  return Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join('')
}
