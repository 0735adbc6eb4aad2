/** The conversations of one owner, always in order, so that neither a change nor a page sorts anything. */
import type { Conversation, ListPage } from '../core/ports.ts'
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
  page(page: ListPage): { readonly items: readonly Conversation[]; readonly hasMore: boolean }
}

const placed = ({ conversation, messages, stamp }: IndexEntry): PlacedEntry => ({
  conversation,
  messages,
  stamp,
  at: Date.parse(conversation.updatedAt),
})

interface Place {
  readonly at: number
  readonly id: string
}

/** Oldest first. Ids break ties, so that pages of one list fit together. */
function compare(a: Place, b: Place): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.id === b.id) return 0
  return a.id < b.id ? -1 : 1
}

const placeOf = ({ at, conversation }: PlacedEntry): Place => ({ at, id: conversation.id })

/** Where something is in a sorted list, or would go. */
function position(sorted: readonly PlacedEntry[], place: Place): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other && compare(placeOf(other), place) < 0) low = middle + 1
    else high = middle
  }
  return low
}

export function createConversationOrder(initial: Iterable<IndexEntry> = []): ConversationOrder {
  const byId = new Map<string, PlacedEntry>()
  for (const entry of initial) byId.set(entry.conversation.id, placed(entry))
  /** Oldest first: a changed conversation moves to the end, where moving is cheap. */
  const sorted = [...byId.values()].toSorted((a, b) => compare(placeOf(a), placeOf(b)))
  let messages = sorted.reduce((sum, entry) => sum + entry.messages, 0)

  const remove = (id: string) => {
    const entry = byId.get(id)
    if (!entry) return false
    byId.delete(id)
    messages -= entry.messages
    sorted.splice(position(sorted, placeOf(entry)), 1)
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
      const added = placed(entry)
      remove(entry.conversation.id)
      byId.set(entry.conversation.id, added)
      messages += added.messages
      sorted.splice(position(sorted, placeOf(added)), 0, added)
    },
    delete: remove,
    ids: () => [...byId.keys()],
    entries: () => byId.values(),
    page({ limit, offset, after }) {
      const { length } = sorted
      const older = after
        ? position(sorted, { at: Date.parse(after.updatedAt), id: after.id })
        : length
      const end = Math.max(0, older - offset)
      const start = Math.max(0, end - limit)
      const entries = sorted.slice(start, end).toReversed()
      return { items: entries.map(({ conversation }) => conversation), hasMore: start > 0 }
    },
  }
}
