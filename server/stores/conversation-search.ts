/**
 * Searches what one owner said. The words of all conversations are counted with the first search and kept for
 * a while; the next one counts what was written since, so that whoever writes pays nothing. An owner with
 * many has them on the disk too:
 *
 *     <directory>/conversations/<hash of the owner>/<0 to 3>.words
 *
 * Those files are a cache: what they lack, or have of another state, is counted again from the conversations.
 */
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import {
  type ConversationQuery,
  modelsOf,
  passageOf,
  readQuery,
  textsAround,
} from '../core/conversation-text.ts'
import type {
  Cancellable,
  Conversation,
  ConversationSearch,
  FoundPage,
  FoundPlace,
  Message,
} from '../core/ports/index.ts'
import { foldText } from '../protocol/fold-text.ts'
import { replaceFile, type StoreContext } from './disk/atomic-file.ts'
import { forEachOf } from './disk/file-system.ts'
import type { OwnerRef } from './disk/paths.ts'
import { decodeWords, encodeWords, namesConversation, type KeptConversation } from './word-file.ts'
import { createWordIndex, hashOf, type WordIndex, withPart } from './word-index.ts'

/** Bytes of the words that are kept, of all owners; those of who searches now are kept whatever their size. */
const KEPT = 128 * 1024 * 1024
const KEPT_FOR_MS = 5 * 60_000
/** Counts of words from which on an owner's are on the disk: of fewer, the conversations are read as fast. */
const SAVED_FROM = 200_000
/** Milliseconds after which what was counted goes to the disk. */
const SAVE_DELAY_MS = 10_000
/** Files read together. */
const READS_AT_ONCE = 8
/** Conversations compared in one go. */
const SLICE = 5_000
/** Of those that were found, so many are ranked in one go. */
const HITS_SLICE = 1_000
/** UTF-16 units of one conversation's messages in which a passage is looked for; the newest count. */
const LONGEST_TEXT = 1_000_000

const SUFFIX = '.words'
/** Files of an owner: one more makes taking a conversation out cheaper, and reading them all dearer. */
const SHARDS = [0, 1, 2, 3] as const
type Shard = (typeof SHARDS)[number]

/** Whether a file in an owner's folder is one that can be made again. */
export const isWordsFile = (name: string) => name.endsWith(SUFFIX)

export interface ConversationSearcherOptions {
  readonly context: StoreContext
  readonly folderOf: (owner: OwnerRef) => string
  /** `undefined` when the conversation has gone meanwhile. */
  readonly readMessages: (owner: OwnerRef, id: string) => Promise<readonly Message[] | undefined>
  /** Tests set these: bytes, milliseconds, counts. */
  readonly kept?: number | undefined
  readonly keptFor?: number | undefined
  readonly savedFrom?: number | undefined
}

/** Where a conversation stands among those that were found. */
interface Rank {
  readonly id: string
  readonly score: number
  /** `updatedAt` in milliseconds. */
  readonly at: number
}

/** Best first, then newest first; the id settles the rest. */
const compare = (a: Rank, b: Rank) =>
  b.score - a.score || b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

const rankOf = ({ id, score, updatedAt }: FoundPlace): Rank => ({
  id,
  score,
  at: Date.parse(updatedAt),
})

/** Keeps the best so many: to sort all that a common word finds would hold up everybody else. */
function createBest<T extends Rank>(most: number) {
  let kept: T[] = []
  const inOrder = () => kept.toSorted(compare).slice(0, most)
  return {
    inOrder,
    add(rank: T) {
      kept.push(rank)
      if (kept.length >= 2 * most + HITS_SLICE) kept = inOrder()
    },
  }
}

function isAllInTitle({ terms }: ConversationQuery, conversation: Conversation): boolean {
  const title = foldText(conversation.title ?? '')
  return terms.every((term) => title.includes(term))
}

/** The newest messages, as many as are searched for a passage, oldest first. */
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

/** Is another one when one of the messages is another, or says something else. */
function signatureOf(messages: readonly Message[]): number {
  let signature = 0
  for (const { id, content } of messages) {
    signature = Math.imul(signature ^ hashOf(id), 0x01000193)
    signature = Math.imul(signature ^ hashOf(content), 0x01000193)
  }
  return signature
}

function headOf(texts: readonly string[]): string {
  if (texts.length === 0) return ''
  return createHash('sha256').update(JSON.stringify(texts)).digest('base64url').slice(0, 16)
}

/** What is known of an owner's conversations. */
interface OwnerWords {
  readonly owner: OwnerRef
  readonly index: WordIndex
  /** Which state of each conversation is in the index. */
  readonly states: Map<string, Omit<KeptConversation, 'parts' | 'models'>>
  /** Of whose conversations the disk says something else. */
  readonly unsaved: Set<Shard>
  saveTimer: NodeJS.Timeout | undefined
  /** The owner was erased: nothing of this is ever written. */
  isGone: boolean
}

const shardOf = (id: string): Shard =>
  SHARDS[Number.parseInt(id.charAt(0), 16) % SHARDS.length] ?? 0

export function createConversationSearcher(options: ConversationSearcherOptions) {
  const { context, folderOf, readMessages } = options
  const { kept: keptBytes = KEPT, keptFor = KEPT_FOR_MS, savedFrom = SAVED_FROM } = options
  const { files, logger } = context
  /** By folder. */
  const owners = new LRUCache<string, OwnerWords>({
    maxSize: keptBytes,
    sizeCalculation: ({ index }) => Math.max(1, Math.min(index.size, keptBytes)),
    ttl: keptFor,
    ttlAutopurge: true,
    // Looked up whenever it is asked: tests set it.
    perf: { now: () => performance.now() },
  })
  /** The last search of each owner whose search is running. */
  const running = new Map<string, Promise<unknown>>()
  /** The last work on each owner's files. */
  const working = new Map<string, Promise<unknown>>()
  /** Owners whose words wait to be saved, whether they are in memory still or not. */
  const waiting = new Set<OwnerWords>()

  const pathOf = (owner: OwnerRef, shard: Shard) => join(folderOf(owner), `${shard}${SUFFIX}`)

  /** One after the other, in each map: a search, or work on the files. */
  const inTurn = async <T>(
    turns: Map<string, Promise<unknown>>,
    { folder }: OwnerRef,
    work: () => Promise<T>,
  ): Promise<T> => {
    const mine = Promise.allSettled([turns.get(folder)]).then(work)
    turns.set(folder, mine)
    try {
      return await mine
    } finally {
      if (turns.get(folder) === mine) turns.delete(folder)
    }
  }

  // ── memory ───────────────────────────────────────────────────────────────────────────────────────

  /** Keeps it as the one that was used last, with the size that it has now. */
  const touch = (words: OwnerWords) => {
    if (words.isGone) return
    owners.delete(words.owner.folder)
    owners.set(words.owner.folder, words)
  }

  const put = (
    words: OwnerWords,
    conversation: Pick<Conversation, 'id' | 'title'>,
    { parts, models, ...state }: KeptConversation,
  ) => {
    words.index.set({
      id: conversation.id,
      title: foldText(conversation.title ?? ''),
      models,
      parts,
    })
    words.states.set(conversation.id, state)
  }

  const takeOut = (words: OwnerWords, id: string) => {
    words.index.delete(id)
    if (words.states.delete(id)) words.unsaved.add(shardOf(id))
  }

  // ── the disk ─────────────────────────────────────────────────────────────────────────────────────

  /** `undefined` when there is no such file, or none that is of use; then it is to be written anew. */
  const readWords = async (owner: OwnerRef, shard: Shard, numberOf: WordIndex['numberOf']) => {
    const path = pathOf(owner, shard)
    try {
      const file = await files.read(path)
      if (!file) return undefined
      const known = await decodeWords(file.bytes, numberOf)
      if (!known)
        logger.warn({ file: path }, 'words of conversations are damaged; they are counted again')
      return known
    } catch (error) {
      logger.warn(
        { file: path, err: error },
        'words of conversations cannot be read; they are counted again',
      )
      return undefined
    }
  }

  const write = async (
    owner: OwnerRef,
    shard: Shard,
    conversations: readonly KeptConversation[],
    words: readonly string[],
  ) => {
    const path = pathOf(owner, shard)
    if (conversations.length > 0) {
      await replaceFile(context, path, await encodeWords(conversations, words))
    } else if (await files.remove(path)) await files.syncFolder(dirname(path))
  }

  const keptWith = ({ index, states }: OwnerWords, shard: Shard): readonly KeptConversation[] =>
    [...states.values()].flatMap((state) => {
      const conversation = shardOf(state.id) === shard && index.conversations.get(state.id)
      if (!conversation) return []
      return [{ ...state, models: conversation.models, parts: conversation.parts }]
    })

  const saveNow = async (words: OwnerWords, { signal }: Partial<Cancellable> = {}) => {
    for (const shard of words.unsaved) {
      signal?.throwIfAborted()
      if (words.isGone) return
      words.unsaved.delete(shard)
      await write(words.owner, shard, keptWith(words, shard), words.index.words)
    }
  }

  const save = async (words: OwnerWords) => {
    clearTimeout(words.saveTimer)
    words.saveTimer = undefined
    waiting.delete(words)
    try {
      await inTurn(working, words.owner, () => saveNow(words))
    } catch (error) {
      // They are counted again from the conversations.
      logger.warn({ err: error }, 'words of conversations could not be saved')
    }
  }

  const expectSave = (words: OwnerWords) => {
    if (words.unsaved.size === 0 || words.index.counts < savedFrom) return
    words.saveTimer ??= setTimeout(() => void save(words), SAVE_DELAY_MS).unref()
    waiting.add(words)
  }

  /** Takes words of conversations out of files, whatever is in memory. */
  const eraseWords = async (owner: OwnerRef, ids: readonly string[]) => {
    for (const shard of new Set(ids.map(shardOf))) {
      const file = await files.read(pathOf(owner, shard))
      if (!file || !ids.some((id) => namesConversation(file.bytes, id))) continue
      const words: string[] = []
      const known = (await decodeWords(file.bytes, (word) => words.push(word) - 1)) ?? []
      const left = known.filter(({ id }) => !ids.includes(id))
      await write(owner, shard, left, words)
    }
  }

  // ── counting ─────────────────────────────────────────────────────────────────────────────────────

  const createOwnerWords = (owner: OwnerRef): OwnerWords => ({
    owner,
    index: createWordIndex(),
    states: new Map(),
    unsaved: new Set(),
    saveTimer: undefined,
    isGone: false,
  })

  const count = async (words: OwnerWords, conversation: Conversation) => {
    const { id, updatedAt } = conversation
    const known = words.states.get(id)
    const { parts: knownParts = [] } = words.index.conversations.get(id) ?? {}
    const messages = await readMessages(words.owner, id)
    if (!messages) {
      takeOut(words, id)
      return
    }
    const around = textsAround(conversation)
    const head = headOf(around)
    const [knownHead, ...knownSaid] = knownParts
    const headPart =
      known && knownHead && known.head === head ? knownHead : await words.index.count(around)
    const isLonger =
      known !== undefined &&
      known.messages <= messages.length &&
      known.signature === signatureOf(messages.slice(0, known.messages))
    const fresh = isLonger ? messages.slice(known.messages) : messages
    const earlier = [headPart, ...(isLonger ? knownSaid : [])]
    const part = await words.index.count(fresh.map(({ content }) => content))
    words.unsaved.add(shardOf(id))
    put(words, conversation, {
      id,
      updatedAt,
      head,
      models: modelsOf(conversation, messages),
      messages: messages.length,
      signature: signatureOf(messages),
      parts: fresh.length > 0 ? withPart(earlier, part) : earlier,
    })
  }

  /** Counts what was written since, and takes out what is gone. */
  const catchUp = async (
    words: OwnerWords,
    conversations: ReadonlyMap<string, Conversation>,
    onConversation: () => void = () => undefined,
  ) => {
    for (const id of words.states.keys()) if (!conversations.has(id)) takeOut(words, id)
    const changed: Conversation[] = []
    for (const conversation of conversations.values()) {
      if (words.states.get(conversation.id)?.updatedAt === conversation.updatedAt) onConversation()
      else changed.push(conversation)
    }
    await forEachOf(changed, READS_AT_ONCE, async (conversation) => {
      await count(words, conversation)
      onConversation()
    })
  }

  const load = async (owner: OwnerRef, conversations: ReadonlyMap<string, Conversation>) => {
    const words = createOwnerWords(owner)
    for (const shard of SHARDS) {
      const known = await readWords(owner, shard, words.index.numberOf)
      for (const each of known ?? []) {
        const conversation = conversations.get(each.id)
        // Of another state, its words may be of use still; its title is not kept.
        if (conversation) put(words, conversation, each)
        else words.unsaved.add(shard)
      }
    }
    return words
  }

  const find = async (
    owner: OwnerRef,
    conversations: readonly Conversation[],
    given: ConversationSearch,
  ): Promise<FoundPage> => {
    const query = readQuery(given.query)
    if (!query) return { found: [], hasMore: false, total: 0 }
    const byId = new Map<string, Conversation>()
    for (const conversation of conversations) {
      byId.set(conversation.id, conversation)
      if (byId.size % SLICE === 0) await setImmediate()
    }
    const words = owners.get(owner.folder) ?? (await load(owner, byId))
    await catchUp(words, byId)
    touch(words)
    expectSave(words)
    const { modelTag, mostWords = false } = given
    const ranked = await words.index.search({
      query,
      mostWords,
      isWanted: ({ id, models }) =>
        byId.has(id) && (modelTag === undefined || models.includes(modelTag)),
    })
    touch(words)
    const { after, offset, limit, snippets = true } = given
    const place = after && rankOf(after)
    const best = createBest<Rank & { readonly conversation: Conversation }>(offset + limit)
    let [total, behind] = [0, 0]
    for (const [at, { id, score }] of ranked.entries()) {
      if (at % HITS_SLICE === HITS_SLICE - 1) await setImmediate()
      const conversation = byId.get(id)
      if (!conversation) continue
      total += 1
      const match = { ...rankOf({ ...conversation, score }), conversation }
      if (place && compare(match, place) <= 0) continue
      behind += 1
      best.add(match)
    }
    const page = best.inOrder().slice(offset)
    const passages = new Map<string, string | null>()
    const quoted = snippets ? page.filter((match) => !isAllInTitle(query, match.conversation)) : []
    await forEachOf(quoted, READS_AT_ONCE, async ({ conversation }) => {
      const messages = (await readMessages(owner, conversation.id)) ?? []
      const texts = [...searchedIn(messages), ...textsAround(conversation)]
      passages.set(conversation.id, passageOf(query, texts))
      await setImmediate()
    })
    const found = page.map(({ conversation, score }) => ({
      conversation,
      score,
      snippet: passages.get(conversation.id) ?? null,
    }))
    return { found, hasMore: behind > offset + limit, total }
  }

  return {
    /** `conversations`: all that the owner has, newest first. @throws what reading throws */
    search: (owner: OwnerRef, conversations: readonly Conversation[], given: ConversationSearch) =>
      inTurn(running, owner, () => find(owner, conversations, given)),
    /**
     * What was kept of some conversations, or of all the owner has, is not to be kept any longer; resolves when
     * their words are off the disk. Files of all the owner has go with the owner's folder.
     * @throws what the disk throws
     */
    async forget(owner: OwnerRef, ids?: readonly string[]) {
      const words = owners.get(owner.folder)
      if (ids) {
        if (words) for (const id of ids) takeOut(words, id)
        await inTurn(working, owner, () => eraseWords(owner, ids))
        return
      }
      for (const each of [...waiting].filter((one) => one.owner.folder === owner.folder)) {
        each.isGone = true
      }
      if (words) words.isGone = true
      owners.delete(owner.folder)
      await Promise.allSettled([working.get(owner.folder)])
    },
    /** Counts everything anew, and saves it. @throws what the disk throws, and when `signal` is aborted */
    async rebuild(
      owner: OwnerRef,
      conversations: readonly Conversation[],
      { signal, onConversation }: Cancellable & { readonly onConversation: () => void },
    ) {
      const words = createOwnerWords(owner)
      const byId = new Map(conversations.map((conversation) => [conversation.id, conversation]))
      await catchUp(words, byId, () => {
        signal.throwIfAborted()
        onConversation()
      })
      for (const shard of SHARDS) words.unsaved.add(shard)
      // Of few there are no files.
      if (words.index.counts < savedFrom) words.states.clear()
      await inTurn(working, owner, () => saveNow(words, { signal }))
    },
    async close() {
      await Promise.allSettled(running.values())
      for (const words of waiting) await save(words)
      await Promise.allSettled(working.values())
    },
  }
}
