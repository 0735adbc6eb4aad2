/** The conversations of one owner, always in order, so that neither a change nor a page sorts anything. */
import type { Conversation } from '../core/ports.ts'
import type { FileStamp } from './file-system.ts'

export interface IndexEntry {
  readonly conversation: Conversation
  /** How many it has. */
  readonly messages: number
  readonly stamp: FileStamp
}

interface PlacedEntry extends IndexEntry {
  /** `updatedAt` in milliseconds. */
  readonly at: number
}

export interface ConversationOrder {
  readonly size: number
  /** How many all of them have. */
  readonly messages: number
  get(id: string): IndexEntry | undefined
  set(entry: IndexEntry): void
  delete(id: string): boolean
  ids(): string[]
  /** Entries in no special order; goes on sensibly when there are changes meanwhile. */
  entries(): Iterable<IndexEntry>
  /** Newest `updatedAt` first. */
  page(page: { readonly limit: number; readonly offset: number }): Conversation[]
}

const place = ({ conversation, messages, stamp }: IndexEntry): PlacedEntry => ({
  conversation,
  messages,
  stamp,
  at: Date.parse(conversation.updatedAt),
})

/** Oldest first. Ids break ties, so that pages of one list fit together. */
function compare(a: PlacedEntry, b: PlacedEntry): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.conversation.id === b.conversation.id) return 0
  return a.conversation.id < b.conversation.id ? -1 : 1
}

/** Where an entry is in a sorted list, or would go. */
function position(sorted: readonly PlacedEntry[], entry: PlacedEntry): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other && compare(other, entry) < 0) low = middle + 1
    else high = middle
  }
  return low
}

export function createConversationOrder(initial: Iterable<IndexEntry> = []): ConversationOrder {
  const byId = new Map<string, PlacedEntry>()
  for (const entry of initial) byId.set(entry.conversation.id, place(entry))
  /** Oldest first: a changed conversation moves to the end, where moving is cheap. */
  const sorted = [...byId.values()].toSorted(compare)
  let messages = sorted.reduce((sum, entry) => sum + entry.messages, 0)

  const remove = (id: string) => {
    const entry = byId.get(id)
    if (!entry) return false
    byId.delete(id)
    messages -= entry.messages
    sorted.splice(position(sorted, entry), 1)
    return true
  }

  return {
    get size() {
      return sorted.length
    },
    get messages() {
      return messages
    },
    get: (id) => byId.get(id),
    set(entry) {
      const placed = place(entry)
      remove(entry.conversation.id)
      byId.set(entry.conversation.id, placed)
      messages += placed.messages
      sorted.splice(position(sorted, placed), 0, placed)
    },
    delete: remove,
    ids: () => [...byId.keys()],
    entries: () => byId.values(),
    page({ limit, offset }) {
      const end = Math.max(0, sorted.length - offset)
      return sorted
        .slice(Math.max(0, end - limit), end)
        .toReversed()
        .map(({ conversation }) => conversation)
    },
  }
}
