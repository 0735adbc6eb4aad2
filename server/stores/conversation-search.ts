/**
 * Searches what one owner said: every conversation's text is looked through, and kept folded for the next
 * letters of the query. Work is done in slices, one search of an owner at a time.
 */
import { setImmediate } from 'node:timers/promises'
import { passageOf, readQuery, saidIn, scoreOf } from '../core/conversation-text.ts'
import type {
  Conversation,
  ConversationSearch,
  FoundConversation,
  FoundPage,
  FoundPlace,
  Message,
} from '../core/ports.ts'
import { foldText } from '../core/words.ts'
import { forEachOf } from './for-each-of.ts'
import { createKeptTexts } from './kept-texts.ts'
import type { OwnerRef } from './store-paths.ts'

/** Conversations that a search looks at; older ones are not found. */
export const MOST_SEARCHED = 10_000
/** UTF-16 units of one conversation that are searched; the newest messages count. */
const LONGEST_TEXT = 1_000_000
/** UTF-16 units of all texts that are kept. */
const KEPT = 32 * 1024 * 1024
const KEPT_FOR_MS = 5 * 60_000
/** UTF-16 units that are looked through in one go; about a millisecond. */
const SLICE = 500_000
/** UTF-16 units that are folded in one go; a few milliseconds. */
const FOLDING_SLICE = 50_000
/** Files read together. */
const READS_AT_ONCE = 8

export interface ConversationSearcher {
  /** `conversations`: the owner's, newest first. @throws what reading throws */
  search(
    owner: OwnerRef,
    conversations: readonly Conversation[],
    search: ConversationSearch,
  ): Promise<FoundPage>
  /** What was kept of one conversation, or of all the owner has, is not to be kept any longer. */
  forget(owner: OwnerRef, id?: string): void
}

interface Match {
  readonly conversation: Conversation
  readonly score: number
  readonly at: number
}

/** Best first, then newest first; the id settles the rest. */
function compare(a: Omit<Match, 'conversation'> & { readonly id: string }, b: typeof a): number {
  return b.score - a.score || b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
}

const keyOf = ({ conversation, score, at }: Match) => ({ id: conversation.id, score, at })

const keyOfPlace = ({ id, score, updatedAt }: FoundPlace) => ({
  id,
  score,
  at: Date.parse(updatedAt),
})

async function searchableText(messages: readonly Message[]): Promise<string> {
  let text = ''
  let folded = 0
  for (const { content } of messages.toReversed()) {
    if (text.length >= LONGEST_TEXT) break
    text += `${foldText(saidIn(content))}\n`
    folded += content.length
    if (folded < FOLDING_SLICE) continue
    folded = 0
    await setImmediate()
  }
  return text.slice(0, LONGEST_TEXT)
}

/** The newest messages, as many as are searched, oldest first. */
function searchedIn(messages: readonly Message[]): readonly string[] {
  const searched: string[] = []
  let length = 0
  for (const { content } of messages.toReversed()) {
    if (length >= LONGEST_TEXT) break
    length += content.length
    searched.push(content)
  }
  return searched.toReversed()
}

/** `readMessages`: `undefined` when the conversation has gone meanwhile. */
export function createConversationSearcher(
  readMessages: (owner: OwnerRef, id: string) => Promise<readonly Message[] | undefined>,
): ConversationSearcher {
  const texts = createKeptTexts({ limit: KEPT, idle: KEPT_FOR_MS })
  /** The last search of each owner whose search is running. */
  const running = new Map<string, Promise<unknown>>()
  /** Rises when something is forgotten: what was read before that is not kept. */
  let epoch = 0

  const textOf = async (owner: OwnerRef, { id, updatedAt }: Conversation) => {
    const kept = texts.get(owner.folder, id, updatedAt)
    if (kept !== undefined) return kept
    const before = epoch
    const messages = await readMessages(owner, id)
    if (!messages) return undefined
    const text = await searchableText(messages)
    if (epoch === before) texts.keep(owner.folder, id, { updatedAt, text })
    return text
  }

  const find = async (
    owner: OwnerRef,
    conversations: readonly Conversation[],
    given: ConversationSearch,
  ): Promise<FoundPage> => {
    const query = readQuery(given.query)
    if (!query) return { found: [], hasMore: false }
    const matches: Match[] = []
    let looked = 0
    await forEachOf(conversations, READS_AT_ONCE, async (conversation) => {
      const text = await textOf(owner, conversation)
      if (text === undefined) return
      const score = scoreOf(query, foldText(conversation.title ?? ''), text)
      if (score > 0) matches.push({ conversation, score, at: Date.parse(conversation.updatedAt) })
      looked += text.length + 1_000
      if (looked < SLICE) return
      looked = 0
      await setImmediate()
    })
    matches.sort((a, b) => compare(keyOf(a), keyOf(b)))
    const { after, offset, limit } = given
    const place = after && keyOfPlace(after)
    const rest = place ? matches.filter((match) => compare(keyOf(match), place) > 0) : matches
    const found: FoundConversation[] = []
    for (const { conversation, score } of rest.slice(offset, offset + limit)) {
      const messages = (await readMessages(owner, conversation.id)) ?? []
      const title = foldText(conversation.title ?? '')
      const isAllInTitle = query.terms.every((term) => title.includes(term))
      const snippet = isAllInTitle ? null : passageOf(query, searchedIn(messages))
      found.push({ conversation, score, snippet })
      await setImmediate()
    }
    return { found, hasMore: rest.length > offset + limit }
  }

  return {
    async search(owner, conversations, given) {
      const before = running.get(owner.folder)
      const searching = Promise.allSettled([before]).then(() => find(owner, conversations, given))
      running.set(owner.folder, searching)
      try {
        return await searching
      } finally {
        if (running.get(owner.folder) === searching) running.delete(owner.folder)
      }
    },
    forget(owner, id) {
      epoch += 1
      texts.forget(owner.folder, id)
    },
  }
}
