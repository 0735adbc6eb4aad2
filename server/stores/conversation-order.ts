/** The conversations of one owner, always in order, so that neither a change nor a page sorts anything. */
import type { Conversation, ConversationPage, ListPage, ThreadsPage } from '../core/ports/index.ts'
import type { FileStamp } from './disk/file-system.ts'

export interface IndexEntry {
  readonly conversation: Conversation
  /** How many it has. */
  readonly messages: number
  readonly stamp: FileStamp
}

interface PlacedEntry extends IndexEntry {
  /** `updatedAt` in milliseconds. */
  readonly at: number
  /** The same of `createdAt`. */
  readonly createdAt: number
}

export interface ConversationOrder {
  /** How many there are, deleted ones too. */
  readonly size: number
  /** How many are not deleted. */
  readonly living: number
  /** How many those have. */
  readonly messages: number
  get(id: string): IndexEntry | undefined
  set(entry: IndexEntry): void
  delete(id: string): boolean
  ids(): string[]
  /** Entries in no special order; goes on sensibly when there are changes meanwhile. */
  entries(): Iterable<IndexEntry>
  /** Newest `updatedAt` first; no deleted ones. */
  page(page: ListPage): { readonly items: readonly Conversation[]; readonly hasMore: boolean }
  /** Newest `createdAt` first; see ConversationStore. Looks at every entry. */
  threadsPage(page: ThreadsPage): ConversationPage
}

const placed = ({ conversation, messages, stamp }: IndexEntry): PlacedEntry => ({
  conversation,
  messages,
  stamp,
  at: Date.parse(conversation.updatedAt),
  createdAt: Date.parse(conversation.createdAt),
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

/** One order of entries: oldest first, so that what changed moves to the end, where moving is cheap. */
interface Sorted {
  readonly entries: readonly PlacedEntry[]
  add(entry: PlacedEntry): void
  remove(entry: PlacedEntry): void
  /** Where a place is, or would be. */
  position(place: Place): number
}

function createSorted(
  initial: readonly PlacedEntry[],
  timeOf: (entry: PlacedEntry) => number,
): Sorted {
  const placeOf = (entry: PlacedEntry): Place => ({
    at: timeOf(entry),
    id: entry.conversation.id,
  })
  const entries = initial.toSorted((a, b) => compare(placeOf(a), placeOf(b)))

  const position = (place: Place) => {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = entries[middle]
      if (other && compare(placeOf(other), place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    entries,
    position,
    add: (entry) => void entries.splice(position(placeOf(entry)), 0, entry),
    remove: (entry) => void entries.splice(position(placeOf(entry)), 1),
  }
}

const isLiving = ({ conversation }: IndexEntry) => conversation.deletedAt === undefined

/** Whether a list of threads shows it to those who ask for no others. */
const isBegun = (entry: IndexEntry) =>
  isLiving(entry) && entry.conversation.title !== null && entry.messages > 0

export function createConversationOrder(initial: Iterable<IndexEntry> = []): ConversationOrder {
  const byId = new Map<string, PlacedEntry>()
  for (const entry of initial) byId.set(entry.conversation.id, placed(entry))
  const all = [...byId.values()]
  const byUpdate = createSorted(all.filter(isLiving), ({ at }) => at)
  const byCreation = createSorted(all, ({ createdAt }) => createdAt)
  let messages = byUpdate.entries.reduce((sum, entry) => sum + entry.messages, 0)

  const remove = (id: string) => {
    const entry = byId.get(id)
    if (!entry) return false
    byId.delete(id)
    byCreation.remove(entry)
    if (!isLiving(entry)) return true
    messages -= entry.messages
    byUpdate.remove(entry)
    return true
  }

  return {
    get size() {
      return byId.size
    },
    get living() {
      return byUpdate.entries.length
    },
    get messages() {
      return messages
    },
    get: (id) => byId.get(id),
    set(entry) {
      const added = placed(entry)
      remove(entry.conversation.id)
      byId.set(entry.conversation.id, added)
      byCreation.add(added)
      if (!isLiving(added)) return
      messages += added.messages
      byUpdate.add(added)
    },
    delete: remove,
    ids: () => [...byId.keys()],
    entries: () => byId.values(),
    page({ limit, offset, after }) {
      const { length } = byUpdate.entries
      const older = after
        ? byUpdate.position({ at: Date.parse(after.updatedAt), id: after.id })
        : length
      const end = Math.max(0, older - offset)
      const start = Math.max(0, end - limit)
      const entries = byUpdate.entries.slice(start, end).toReversed()
      return { items: entries.map(({ conversation }) => conversation), hasMore: start > 0 }
    },
    threadsPage({ limit, offset, includeDeleted }) {
      const { entries } = byCreation
      const shown = includeDeleted ? entries : entries.filter(isBegun)
      const end = Math.max(0, shown.length - offset)
      const start = Math.max(0, end - limit)
      return {
        items: shown
          .slice(start, end)
          .toReversed()
          .map(({ conversation }) => conversation),
        total: shown.length,
        hasMore: start > 0,
      }
    },
  }
}
