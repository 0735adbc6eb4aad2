/**
 * Meaning of conversations beside their words: vectors of titles and messages, made in the background and kept on
 * the disk, so that a question finds what was said in other words.
 *
 *     <folder>/<hash of the owner>/<conversation>/vectors-<encoder>.bin
 *
 * With an encoder of our own, which takes this machine's time, nothing is prepared of an owner before the first
 * question. Whatever fails here, words go on alone.
 */
import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { saidIn } from '../core/conversation-text.ts'
import type {
  ChatMeaning,
  Conversation,
  ConversationStore,
  ConversationWithMessages,
  Embedder,
  Logger,
  Message,
} from '../core/ports/index.ts'
import { createPatientEmbedder } from './embedder.ts'
import { createVectorFile, keyOf, type VectorRecord, shrinkVector } from './vectors.ts'

/** Texts that are embedded at once: what a process that is killed loses. */
const BATCH_SIZE = 32
/** Characters of a text, and of a question, that are compared: what is longer tells no more, and costs time. */
const LONGEST_TEXT = 1_000
/** Texts of one conversation that are compared, the newest: a change costs no more, however long it is. */
const MOST_OF_ONE = 1_000
/** Vectors in memory, of all owners, and milliseconds without a question after which an owner's go. */
const MOST_KEPT = 50_000
const KEPT_FOR_MS = 5 * 60_000
/** Conversations that wait to be prepared; older ones wait for the owner's next question instead. */
const MOST_WAITING = 1_000
/** Milliseconds for which changes are collected: a question and its answer are prepared together. */
const DELAY_MS = 1_000
/** Vectors that are compared, and messages that are read, in one go; about a millisecond. */
const SLICE = 2_000
const MESSAGES_SLICE = 50

export interface ChatMeaningOptions {
  readonly store: Pick<ConversationStore, 'list' | 'readAll'>
  /** Gives the encoder; called when there is something to prepare, and again when it fails. */
  readonly createEmbedder: () => Promise<Embedder>
  /** Whether it knows the language of a text; without it, it knows all. */
  readonly understands?: (text: string) => boolean
  /** Whether what is said is prepared at once, of everybody. */
  readonly isEager: boolean
  /** The texts of an owner that are compared, the newest. */
  readonly mostTexts: number
  /** UTF-16 units of the shortest text that is compared, and the cosine from which on two texts have to do with each other. */
  readonly shortestText: number
  readonly leastCosine: number
  readonly folder: string
  /** Milliseconds that a question waits. */
  readonly patience: number
  readonly logger: Logger
}

/** What is known of one conversation. */
interface ComparedConversation {
  /** Of the conversation whose vectors these are; nothing where only the disk tells. */
  readonly updatedAt: string | undefined
  /** By the keys of their texts. */
  readonly vectors: ReadonlyMap<string, VectorRecord>
}

interface ComparedOwner {
  readonly conversations: Map<string, ComparedConversation>
  usedAt: number
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const hashOf = (ownerId: string) =>
  createHash('sha256').update(Buffer.from(ownerId, 'utf16le')).digest('hex')

/** Where the vectors of an owner's conversations are, or those of one. */
const vectorsIn = (folder: string, ownerId: string, id?: string) =>
  id === undefined ? join(folder, hashOf(ownerId)) : join(folder, hashOf(ownerId), id)

/**
 * Nothing is compared any more, or not here; but vectors that were made earlier go with what they were made of, all the
 * same.
 */
export function createMeaningEraser(folder: string): ChatMeaning {
  return {
    near: async () => undefined,
    changed: () => undefined,
    async forget(ownerId, id) {
      if (id !== undefined && !UUID.test(id)) return
      await rm(vectorsIn(folder, ownerId, id), { recursive: true, force: true })
    },
    close: async () => {},
  }
}

export function createChatMeaning(options: ChatMeaningOptions): ChatMeaning {
  const { store, folder, logger, isEager, mostTexts, shortestText, leastCosine } = options
  const { understands = () => true } = options
  const closing = new AbortController()
  const { signal } = closing
  const embedder = createPatientEmbedder({
    ...options,
    create: options.createEmbedder,
    onDown: () => undefined,
  })
  /** By id; least recently asked first. */
  const owners = new Map<string, ComparedOwner>()
  /** Conversations that are to be prepared, by owner; all of those of an owner who has asked. */
  const waiting = new Map<string, Set<string> | 'all'>()
  /** What is being prepared; it is not kept when it is forgotten meanwhile. */
  let current: { readonly ownerId: string; readonly id: string; isForgotten: boolean } | undefined
  let working: Promise<void> | undefined
  let sweepTimer: NodeJS.Timeout | undefined

  const folderOf = (ownerId: string, id?: string) => vectorsIn(folder, ownerId, id)

  /** Texts of a conversation by their keys: what it is about, then what was said, the newest first. */
  const textsOf = async (
    { title, summary }: Conversation,
    messages: readonly Message[],
    room: number,
  ) => {
    const texts = new Map<string, string>()
    const add = (given: string) => {
      const text = given.slice(0, LONGEST_TEXT).trim()
      if (text.length >= shortestText && understands(text)) texts.set(keyOf(text), text)
    }
    add([title, summary].filter(Boolean).join('. '))
    for (const [at, { content }] of messages.toReversed().entries()) {
      if (texts.size >= room) break
      add(saidIn(content))
      if (at % MESSAGES_SLICE === MESSAGES_SLICE - 1) await setImmediate()
    }
    return texts
  }

  const fileOf = async (ownerId: string, id: string) =>
    createVectorFile(folderOf(ownerId, id), await embedder.name({ signal }))

  const readVectors = async (ownerId: string, id: string) => {
    const vectors = new Map<string, VectorRecord>()
    try {
      const file = await fileOf(ownerId, id)
      await file.read({
        start: () => undefined,
        take({ key, scale, values }) {
          // Its numbers are good until the next ones are taken.
          vectors.set(key, { key, scale, values: values.slice() })
        },
      })
    } catch (error) {
      signal.throwIfAborted()
      logger.warn({ err: error }, 'vectors of a conversation cannot be read; they are made again')
    }
    return vectors
  }

  const sizeOf = ({ conversations }: ComparedOwner) => {
    let size = 0
    for (const { vectors } of conversations.values()) size += vectors.size
    return size
  }

  const sweep = () => {
    sweepTimer = undefined
    const oldest = performance.now() - KEPT_FOR_MS
    for (const [id, { usedAt }] of owners) if (usedAt <= oldest) owners.delete(id)
    if (owners.size > 0) sweepTimer = setTimeout(sweep, KEPT_FOR_MS).unref()
  }

  /** Takes a place in memory for an owner who asks; others that have not asked for longest make room. */
  const compared = (ownerId: string): ComparedOwner => {
    const owner = owners.get(ownerId) ?? {
      conversations: new Map<string, ComparedConversation>(),
      usedAt: 0,
    }
    owner.usedAt = performance.now()
    owners.delete(ownerId)
    owners.set(ownerId, owner)
    let size = 0
    for (const each of owners.values()) size += sizeOf(each)
    for (const [id, each] of owners) {
      if (size <= MOST_KEPT || each === owner) break
      owners.delete(id)
      size -= sizeOf(each)
    }
    sweepTimer ??= setTimeout(sweep, KEPT_FOR_MS).unref()
    return owner
  }

  /** Vectors for texts; fewer when some are refused. */
  const embed = async (texts: readonly (readonly [key: string, text: string])[]) => {
    const records: VectorRecord[] = []
    for (let start = 0; start < texts.length; start += BATCH_SIZE) {
      const batch = texts.slice(start, start + BATCH_SIZE)
      const vectors = await embedder.embed(
        batch.map(([, text]) => text),
        { signal },
      )
      for (const [at, [key]] of batch.entries()) {
        const vector = vectors[at]
        if (vector) records.push({ key, ...shrinkVector(vector) })
      }
    }
    return records
  }

  const write = async (ownerId: string, id: string, vectors: readonly VectorRecord[]) => {
    try {
      const dimension = vectors[0]?.values.length
      if (dimension === undefined) {
        await rm(folderOf(ownerId, id), { recursive: true, force: true })
        return
      }
      await (await fileOf(ownerId, id)).replace(dimension, vectors)
    } catch (error) {
      signal.throwIfAborted()
      logger.warn({ err: error }, 'vectors of a conversation cannot be kept on the disk')
    }
  }

  /** Makes the vectors that a conversation lacks, and lets go of others. Resolves to how many it has. */
  const prepare = async (
    ownerId: string,
    { conversation, messages }: ConversationWithMessages,
    room: number,
  ): Promise<number> => {
    const { id, updatedAt } = conversation
    const preparing = { ownerId, id, isForgotten: false }
    current = preparing
    const texts = await textsOf(conversation, messages, Math.min(room, MOST_OF_ONE))
    const known =
      owners.get(ownerId)?.conversations.get(id)?.vectors ?? (await readVectors(ownerId, id))
    const vectors = new Map([...known].filter(([key]) => texts.has(key)))
    const made = await embed([...texts].filter(([key]) => !vectors.has(key)))
    const dimension = made[0]?.values.length
    let isWhole = true
    for (const [key, { values }] of vectors) {
      // The service has another model under the same name: these are made anew after the next question.
      if (dimension === undefined || values.length === dimension) continue
      vectors.delete(key)
      isWhole = false
    }
    for (const record of made) vectors.set(record.key, record)
    if (!preparing.isForgotten && (made.length > 0 || vectors.size !== known.size)) {
      await write(ownerId, id, [...vectors.values()])
    }
    if (preparing.isForgotten) await rm(folderOf(ownerId, id), { recursive: true, force: true })
    else {
      const next = { updatedAt: isWhole ? updatedAt : undefined, vectors }
      owners.get(ownerId)?.conversations.set(id, next)
    }
    return texts.size
  }

  const prepareAll = async (ownerId: string) => {
    const known = owners.get(ownerId)?.conversations
    let room = mostTexts
    const isNew = ({ id, updatedAt }: Conversation) => {
      const { vectors, updatedAt: knownAt } = known?.get(id) ?? {}
      if (vectors === undefined || knownAt !== updatedAt) return room > 0
      room -= vectors.size
      return false
    }
    for await (const each of store.readAll(ownerId, isNew)) {
      signal.throwIfAborted()
      room -= await prepare(ownerId, each, room)
      if (room <= 0) return
    }
  }

  const prepareSome = async (ownerId: string, ids: ReadonlySet<string>) => {
    for await (const each of store.readAll(ownerId, ({ id }) => ids.has(id))) {
      await prepare(ownerId, each, MOST_OF_ONE)
    }
  }

  const work = async () => {
    await sleep(DELAY_MS, undefined, { signal, ref: false })
    for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
      const [ownerId, ids] = next.value
      waiting.delete(ownerId)
      try {
        await (ids === 'all' ? prepareAll(ownerId) : prepareSome(ownerId, ids))
      } catch (error) {
        signal.throwIfAborted()
        logger.warn({ err: error }, 'meaning of conversations could not be prepared')
      } finally {
        current = undefined
      }
    }
  }

  const start = () => {
    if (signal.aborted) return
    working ??= work()
      .catch(() => undefined)
      .finally(() => {
        working = undefined
        if (waiting.size > 0) start()
      })
  }

  /** Reads what the disk has of conversations that are not in memory, or not as they are. */
  const load = async (ownerId: string, owner: ComparedOwner) => {
    const { items } = await store.list(ownerId, { limit: Infinity, offset: 0 })
    const there = new Set(await readdir(folderOf(ownerId)).catch(() => []))
    const ids = new Set(items.map(({ id }) => id))
    for (const id of there) {
      // It was erased while this process was being ended.
      if (!ids.has(id)) await rm(folderOf(ownerId, id), { recursive: true, force: true })
    }
    for (const id of owner.conversations.keys()) if (!ids.has(id)) owner.conversations.delete(id)
    for (const { id } of items) {
      if (owner.conversations.has(id) || !there.has(id)) continue
      const vectors = await readVectors(ownerId, id)
      if (!owner.conversations.has(id))
        owner.conversations.set(id, { updatedAt: undefined, vectors })
    }
  }

  const near = async (ownerId: string, question: string) => {
    const text = question.slice(0, LONGEST_TEXT).trim()
    if (text === '' || !understands(text)) return undefined
    const owner = compared(ownerId)
    waiting.delete(ownerId)
    waiting.set(ownerId, 'all')
    start()
    await load(ownerId, owner)
    // Whoever asks for the first time waits for nothing.
    const isAny = [...owner.conversations.values()].some(({ vectors }) => vectors.size > 0)
    const asked = isAny ? await embedder.embedQuestion(text) : undefined
    if (!asked) return undefined
    const cosines = new Map<string, number>()
    let looked = 0
    for (const [id, { vectors }] of owner.conversations) {
      let best = -1
      for (const { scale, values } of vectors.values()) {
        if (values.length !== asked.length) {
          // The service has another model under the same name: they are made anew.
          owner.conversations.set(id, { updatedAt: undefined, vectors: new Map() })
          break
        }
        let sum = 0
        for (let place = 0; place < asked.length; place += 1) {
          sum += (asked[place] ?? 0) * (values[place] ?? 0)
        }
        best = Math.max(best, sum * scale)
      }
      if (best >= leastCosine) cosines.set(id, Math.min(1, best))
      looked += vectors.size
      if (looked < SLICE) continue
      looked = 0
      await setImmediate()
    }
    return cosines
  }

  return {
    async near(ownerId, question) {
      const answered = new AbortController()
      const patience = { signal: AbortSignal.any([signal, answered.signal]), ref: false }
      try {
        const late = sleep(options.patience, undefined, patience)
        return await Promise.race([near(ownerId, question), late])
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'meaning could not be compared')
        return undefined
      } finally {
        answered.abort()
      }
    },
    changed(ownerId, { id }) {
      if (!isEager && !owners.has(ownerId)) return
      const known = waiting.get(ownerId)
      if (known === 'all') return
      waiting.delete(ownerId)
      waiting.set(ownerId, (known ?? new Set<string>()).add(id))
      const [oldest] = waiting.keys()
      if (waiting.size > MOST_WAITING && oldest !== undefined) waiting.delete(oldest)
      start()
    },
    async forget(ownerId, id) {
      // No such conversation: nothing that a client sends becomes part of a path unchecked.
      if (id !== undefined && !UUID.test(id)) return
      if (current?.ownerId === ownerId && (id ?? current.id) === current.id) {
        current.isForgotten = true
      }
      if (id === undefined) {
        owners.delete(ownerId)
        waiting.delete(ownerId)
      } else {
        owners.get(ownerId)?.conversations.delete(id)
        const ids = waiting.get(ownerId)
        if (ids !== 'all') ids?.delete(id)
      }
      await rm(folderOf(ownerId, id), { recursive: true, force: true })
    },
    async close() {
      closing.abort()
      clearTimeout(sweepTimer)
      await embedder.close()
      await working
    },
  }
}
