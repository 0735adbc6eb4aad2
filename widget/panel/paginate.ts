import type { ChatMessage } from '../conversation/chat-message.ts'

/** Messages that are drawn, and taken off the screen, together. */
export interface HistoryPage {
  /** Rises with the messages' age; stays the same while others come and go. */
  readonly number: number
  readonly messages: readonly ChatMessage[]
}

/** The page of each message, by its key. */
export type PageNumbers = ReadonlyMap<string, number>

/** One page is drawn in one piece: it must be a matter of milliseconds. */
const MOST_MESSAGES = 4
const MOST_TEXT = 6_000

const sizeOf = ({ chunks }: ChatMessage) => chunks.reduce((sum, { length }) => sum + length, 0)

/** Counts what goes onto a page, one after the other. */
function createMeasure() {
  let messages = 0
  let text = 0
  return {
    /** False when it no longer fits: then it is the first one on the next page. */
    add(message: ChatMessage): boolean {
      const size = sizeOf(message)
      const fits = messages === 0 || (messages < MOST_MESSAGES && text + size <= MOST_TEXT)
      messages = fits ? messages + 1 : 1
      text = fits ? text + size : size
      return fits
    },
  }
}

/** Numbers for messages in front of page `first`, filled from their end. */
function numberBefore(messages: readonly ChatMessage[], first: number): Map<string, number> {
  const numbers = new Map<string, number>()
  const measure = createMeasure()
  let page = first - 1
  for (const message of messages.toReversed()) {
    if (!measure.add(message)) page -= 1
    numbers.set(message.key, page)
  }
  return numbers
}

function group(messages: readonly ChatMessage[], numbers: PageNumbers): readonly HistoryPage[] {
  const pages: { readonly number: number; readonly messages: ChatMessage[] }[] = []
  for (const message of messages) {
    const number = numbers.get(message.key) ?? 0
    const last = pages.at(-1)
    if (last?.number === number) last.messages.push(message)
    else pages.push({ number, messages: [message] })
  }
  return pages
}

/** Puts messages on pages: who has been on one stays there. */
export function paginate(
  messages: readonly ChatMessage[],
  before: PageNumbers,
): { readonly pages: readonly HistoryPage[]; readonly numbers: PageNumbers } {
  const found = messages.findIndex(({ key }) => before.has(key))
  const from = found < 0 ? messages.length : found
  const known = messages.slice(from)
  let current = before.get(known[0]?.key ?? '') ?? 0
  const numbers = numberBefore(messages.slice(0, from), current)
  let measure = createMeasure()
  for (const message of known) {
    const own = before.get(message.key)
    // Pages are in order, also when a message has moved.
    if (own !== undefined && own > current) {
      current = own
      measure = createMeasure()
    }
    const fits = measure.add(message)
    if (!fits && own !== current) current += 1
    numbers.set(message.key, current)
  }
  return { pages: group(messages, numbers), numbers }
}
