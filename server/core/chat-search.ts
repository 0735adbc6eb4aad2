/** Finds threads by what somebody types: by words and by meaning, and by a regular expression where those find none. */
import { modelsOf, textIn, textsAround } from './conversation-text.ts'
import { ChatError } from './errors.ts'
import type {
  ChatMeaning,
  Conversation,
  ConversationSearch,
  ConversationStore,
  FoundPage,
  Patterns,
} from './ports/index.ts'

/** The score of a store that nothing can surpass. */
const HIGHEST_SCORE = 1_000_000
/** What a pattern matches, it matches whole. */
const MATCHED = 1

export interface ChatSearchDependencies {
  readonly store: Pick<ConversationStore, 'search' | 'list' | 'messages' | 'readAll'>
  readonly patterns: Patterns
  /** Without it, words alone are compared. */
  readonly meaning?: ChatMeaning | undefined
  readonly settings: ChatSearchSettings
}

export interface ChatSearchSettings {
  readonly enabled: boolean
  /** The cosine from which on meaning counts. */
  readonly minSimilarity: number
}

interface Asked {
  readonly phrase: string
  readonly modelTag?: string | undefined
}

export interface FoundThread {
  readonly conversation: Conversation
  /** From `minSimilarity` to 1. */
  readonly similarity: number
}

export interface FoundThreads {
  /** The nearest first. */
  readonly found: readonly FoundThread[]
  readonly total: number
  /** Of all that was found; `null` when that is nothing. */
  readonly bestSimilarity: number | null
  readonly minSimilarity: number
}

/**
 * Whether a phrase is written as a pattern: it has what no sentence has. Looser ways of finding something, by most
 * of its words or by meaning, would find anything for one.
 */
export function readsAsPattern(phrase: string): boolean {
  const text = phrase.trim()
  if (/\\[\p{L}\d\\.]|[[\]{}|]|\(\?|^\^|\$$|\.[*+?]|\)[*+?{]|[*+?]\)/u.test(text)) return true
  if (/[\p{L}\d][*?][\p{L}\d]/u.test(text)) return true
  // A single word with a mark in it: `node.js` may be one as well, which then finds nothing else.
  if (!/\s/u.test(text) && /[.*+?()^$](?!$)|[*+]$/u.test(text)) return true
  const opened = text.split('(').length
  return opened !== text.split(')').length
}

export type ChatSearch = ReturnType<typeof createChatSearch>

export function createChatSearch(dependencies: ChatSearchDependencies) {
  const { store, patterns, meaning, settings } = dependencies
  const { minSimilarity } = settings

  const checkEnabled = () => {
    if (settings.enabled) return
    throw new ChatError('interrupted', 'Searching conversations is switched off here.', {
      retryable: false,
    })
  }

  /** What has all the words, else most of them, lies between the least similarity and 1. */
  const byWords = async (
    ownerId: string,
    { phrase, modelTag }: Asked,
    isLoose: boolean,
  ): Promise<FoundThread[]> => {
    const search = { query: phrase, modelTag, limit: Infinity, offset: 0, snippets: false }
    let { found } = await store.search(ownerId, search)
    if (found.length === 0 && isLoose) {
      ;({ found } = await store.search(ownerId, { ...search, mostWords: true }))
    }
    return found.map(({ conversation, score }) => ({
      conversation,
      similarity: minSimilarity + (1 - minSimilarity) * (score / HIGHEST_SCORE),
    }))
  }

  const isAnsweredBy = async (modelTag: string | undefined, conversation: Conversation) => {
    if (modelTag === undefined || modelsOf(conversation, []).includes(modelTag)) return true
    const messages = await store.messages(conversation.ownerId, conversation.id)
    return modelsOf(conversation, messages ?? []).includes(modelTag)
  }

  const byMeaning = async (
    ownerId: string,
    { phrase, modelTag }: Asked,
  ): Promise<FoundThread[]> => {
    const cosines = await meaning?.near(ownerId, phrase)
    const near = [...(cosines ?? [])].filter(([, cosine]) => cosine >= minSimilarity)
    if (near.length === 0) return []
    const { items } = await store.list(ownerId, { limit: Infinity, offset: 0 })
    const conversations = new Map(items.map((conversation) => [conversation.id, conversation]))
    const found: FoundThread[] = []
    for (const [id, cosine] of near) {
      const conversation = conversations.get(id)
      if (!conversation || !(await isAnsweredBy(modelTag, conversation))) continue
      found.push({ conversation, similarity: Math.min(1, cosine) })
    }
    return found
  }

  const byPattern = async (ownerId: string, { phrase, modelTag }: Asked) => {
    const entries = async function* () {
      for await (const { conversation, messages } of store.readAll(ownerId)) {
        if (modelTag !== undefined && !modelsOf(conversation, messages).includes(modelTag)) continue
        const texts = [
          conversation.title ?? '',
          ...textsAround(conversation),
          ...messages.map(({ content }) => textIn(content)),
        ]
        yield { id: conversation, texts }
      }
    }
    const found = await patterns.find(phrase, entries())
    return found.map((conversation) => ({ conversation, similarity: MATCHED }))
  }

  return {
    /** As ConversationStore. @throws ChatError 503 when searching is switched off */
    async list(ownerId: string, search: ConversationSearch): Promise<FoundPage> {
      checkEnabled()
      return await store.search(ownerId, search)
    },
    /**
     * The owner's threads that fit a phrase. @throws ChatError 503 when searching is switched off; 400 when nothing
     * has its words and it is no regular expression
     */
    async threads(
      ownerId: string,
      { phrase, modelTag, limit }: Asked & { readonly limit: number },
    ): Promise<FoundThreads> {
      checkEnabled()
      const isLoose = !readsAsPattern(phrase)
      const [words, meant] = await Promise.all([
        byWords(ownerId, { phrase, modelTag }, isLoose),
        isLoose ? byMeaning(ownerId, { phrase, modelTag }) : [],
      ])
      const all = new Map<string, FoundThread>()
      for (const each of [...words, ...meant]) {
        const known = all.get(each.conversation.id)
        if (!known || known.similarity < each.similarity) all.set(each.conversation.id, each)
      }
      const ranked =
        all.size > 0 ? [...all.values()] : await byPattern(ownerId, { phrase, modelTag })
      const sorted = ranked.toSorted(
        (a, b) =>
          b.similarity - a.similarity ||
          Date.parse(b.conversation.updatedAt) - Date.parse(a.conversation.updatedAt),
      )
      return {
        found: sorted.slice(0, limit),
        total: sorted.length,
        bestSimilarity: sorted[0]?.similarity ?? null,
        minSimilarity,
      }
    },
  }
}

/** The same store, whose changes are told to what compares meaning; what is erased there is erased here too. */
export function withMeaning(store: ConversationStore, meaning: ChatMeaning): ConversationStore {
  return {
    ...store,
    async addMessage(ownerId, id, addition, onWritten) {
      const conversation = await store.addMessage(ownerId, id, addition, onWritten)
      if (conversation) meaning.changed(ownerId, conversation)
      return conversation
    },
    async updateMessage(ownerId, id, messageId, changes) {
      const message = await store.updateMessage(ownerId, id, messageId, changes)
      if (message) meaning.changed(ownerId, { id: message.conversationId })
      return message
    },
    async update(ownerId, id, changes) {
      const conversation = await store.update(ownerId, id, changes)
      if (conversation?.deletedAt) await meaning.forget(ownerId, conversation.id)
      else if (conversation) meaning.changed(ownerId, conversation)
      return conversation
    },
    async remove(ownerId, id, unchangedSince) {
      // Begun first: whoever comes later finds no such conversation.
      const removing = store.remove(ownerId, id, unchangedSince)
      const [isRemoved] = await Promise.all([removing, meaning.forget(ownerId, id.toLowerCase())])
      // It may have been prepared meanwhile.
      await meaning.forget(ownerId, id.toLowerCase())
      return isRemoved
    },
    async removeOwner(ownerId) {
      await Promise.all([store.removeOwner(ownerId), meaning.forget(ownerId)])
      await meaning.forget(ownerId)
    },
  }
}
