/**
 * stores: the ports of what is kept, as files. Begin at json-conversations.ts, and at open-store.ts for how a start
 * finds the folder.
 *
 * Which answers, of all owners, were rated or need a way on: `<directory>/answers.jsonl`, a line for each conversation
 * that has such, the newest counts. It holds no words. It is a cache: the conversations are the truth, and whoever
 * reads an answer finds out whether the index is right.
 */
import { z } from 'zod'
import type { NotedAnswersQuery } from '../core/ports/index.ts'
import { ANSWER_OUTCOMES } from '../protocol/events.ts'
import { parseJson, type StoreContext } from './disk/atomic-file.ts'
import { createCompactingLog, type LogLine } from './disk/append-log.ts'
import { createInTurn } from './disk/file-system.ts'
import { livingRecord, type ConversationRecord } from './records.ts'

export const ANSWERS_FILE_NAME = 'answers.jsonl'

/** An answer that somebody may look for, and where it is. */
export interface AnswerPlace {
  readonly ownerId: string
  readonly conversationId: string
  readonly messageId: string
}

/** Calls back with every conversation that there is. */
export type ReadAll = (each: (record: ConversationRecord) => void) => Promise<void>

export interface AnswerIndex {
  /**
   * Tells what a conversation is now; `undefined`: it is gone. Where that has only the newest messages of it, `before`
   * is what it was: the older ones are as they were. False when it was known so; then it costs hardly anything.
   */
  note(
    ownerId: string,
    id: string,
    record: ConversationRecord | undefined,
    before?: ConversationRecord,
  ): boolean
  /** All that fit, newest first. */
  find(query: Omit<NotedAnswersQuery, 'limit' | 'offset'>): readonly AnswerPlace[]
  /**
   * Looks at every conversation when it has not yet; what is noted meanwhile is newer.
   * @throws what `readAll` throws
   */
  complete(readAll: ReadAll): Promise<void>
  /** The same, whatever it knows. @throws what `readAll` throws */
  rebuild(readAll: ReadAll): Promise<void>
  /** Takes what an owner had off the disk, or one conversation of it. Never rejects. */
  forget(ownerId: string, id?: string): Promise<void>
  /** Takes what some owners had off the disk, at once. Never rejects. */
  forgetOwners(ownerIds: ReadonlySet<string>): Promise<void>
  /** Resolves when what was noted would survive a power cut, or to false when the disk does not take it. */
  save(): Promise<boolean>
  close(): Promise<void>
}

const answerSchema = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  rating: z.enum(['up', 'down']).nullable(),
  outcome: z.enum(ANSWER_OUTCOMES).nullable(),
})
const headerSchema = z.object({ version: z.literal(1) })
const lineSchema = z.object({
  owner: z.string(),
  id: z.string(),
  /** None: it has none any more. */
  answers: z.array(answerSchema),
})

type NotedAnswer = z.infer<typeof answerSchema>

interface NotedConversation {
  readonly owner: string
  readonly answers: readonly NotedAnswer[]
}

interface Placed extends NotedAnswer {
  readonly place: AnswerPlace
}

const HEADER = JSON.stringify({ version: 1 })

export async function openAnswerIndex(
  context: StoreContext,
  path: string,
  { isNew }: { /** There is no conversation yet. */ readonly isNew: boolean },
): Promise<AnswerIndex> {
  const { logger } = context
  const conversations = new Map<string, NotedConversation>()
  /** Newest first; made when it is asked for. */
  let order: readonly Placed[] | undefined
  /** Conversations of which the file says something else. */
  const changed = new Set<string>()
  /** The file holds what is to be there no more. */
  let isToBeRewritten = false
  /** Owners whom lines of it name that do not count any more. */
  const leftOver = new Set<string>()
  const log = createCompactingLog({ context, path, needed: () => conversations.size + 1 })
  let isComplete = false
  let completing: Promise<void> | undefined
  /** While all are looked at: conversations, and owners, that were noted or forgotten meanwhile. */
  let touched:
    | {
        readonly ids: Set<string>
        readonly owners: Set<string>
        /** Of long conversations that were noted meanwhile, what became of their newest messages. */
        readonly newest: Map<string, Newest>
      }
    | undefined
  const inTurn = createInTurn()

  const put = (owner: string, id: string, answers: readonly NotedAnswer[]) => {
    const known = conversations.get(id)
    if (isSame(known?.answers ?? [], answers)) return false
    if (known) leftOver.add(known.owner)
    if (answers.length > 0) conversations.set(id, { owner, answers })
    else conversations.delete(id)
    order = undefined
    changed.add(id)
    return true
  }

  /** False when the file cannot be gone on with. */
  const noteLines = ([header, ...lines]: readonly LogLine[]): boolean => {
    if (!header || parseJson(header.bytes, headerSchema).problem !== undefined) return false
    for (const { bytes } of lines) {
      const line = parseJson(bytes, lineSchema).value
      if (!line) return false
      put(line.owner, line.id, line.answers)
    }
    return true
  }

  const load = async () => {
    try {
      const lines = await log.read()
      isComplete = lines ? noteLines(lines) : isNew
    } catch (error) {
      logger.warn({ file: path, err: error }, 'the index of answers could not be read')
    }
    if (!isComplete) conversations.clear()
    changed.clear()
  }

  const lineOf = (id: string) => {
    const { owner, answers } = conversations.get(id) ?? { owner: '', answers: [] }
    return JSON.stringify({ owner, id, answers })
  }

  const write = async (ids: readonly string[]) => {
    if (!isToBeRewritten && !log.isDue) {
      await log.append(ids.map(lineOf))
      return
    }
    // Unless all of it comes about.
    isToBeRewritten = true
    await log.rewrite([HEADER, ...[...conversations.keys()].map(lineOf)])
    isToBeRewritten = false
    leftOver.clear()
  }

  const save = async () => {
    if (!isComplete || (changed.size === 0 && !isToBeRewritten)) return true
    const ids = [...changed]
    changed.clear()
    try {
      await write(ids)
      return true
    } catch (error) {
      for (const id of ids) changed.add(id)
      logger.warn({ file: path, err: error }, 'the index of answers could not be saved')
      return false
    }
  }

  const rebuild = async (readAll: ReadAll) => {
    const noted = {
      ids: new Set<string>(),
      owners: new Set<string>(),
      newest: new Map<string, Newest>(),
    }
    const unseen = new Set(conversations.keys())
    touched = noted
    try {
      await readAll((record) => {
        const { id, ownerId } = record.conversation
        unseen.delete(id)
        if (noted.ids.has(id) || noted.owners.has(ownerId)) return
        put(ownerId, id, withNewest(answersIn(record), noted.newest.get(id)))
      })
      for (const id of unseen) if (!noted.ids.has(id) && !noted.newest.has(id)) put('', id, [])
    } finally {
      touched = undefined
      completing = undefined
    }
    isComplete = true
    // Also when nothing was found, so that the next start knows.
    isToBeRewritten = true
    await inTurn(save)
  }

  await load()

  return {
    note(ownerId, id, record, before) {
      const living = livingRecord(record)
      if (!living?.older) {
        touched?.ids.add(id)
        touched?.newest.delete(id)
        return put(ownerId, id, answersIn(living))
      }
      const newest = newestIn(living, before, touched?.newest.get(id))
      // What is known whole is newer than anything that is read.
      if (!touched?.ids.has(id)) touched?.newest.set(id, newest)
      return put(ownerId, id, withNewest(conversations.get(id)?.answers ?? [], newest))
    },
    find({ rating, outcomes, since, until }) {
      order ??= [...conversations]
        .flatMap(([id, { owner, answers }]) => placed(owner, id, answers))
        .toSorted(newestFirst)
      const from = since === undefined ? -Infinity : Date.parse(since)
      const to = until === undefined ? Infinity : Date.parse(until)
      return order
        .filter(
          (answer) =>
            answer.at >= from &&
            answer.at < to &&
            (rating === undefined || answer.rating === rating) &&
            (outcomes === undefined || outcomes.some((wanted) => wanted === answer.outcome)),
        )
        .map(({ place }) => place)
    },
    async complete(readAll) {
      if (!isComplete) await (completing ??= rebuild(readAll))
    },
    async rebuild(readAll) {
      await (completing ??= rebuild(readAll))
    },
    async forget(ownerId, id) {
      if (id === undefined) touched?.owners.add(ownerId)
      else touched?.ids.add(id)
      const gone = [...conversations].filter(
        ([known, { owner }]) => owner === ownerId && (id === undefined || known === id),
      )
      for (const [known] of gone) put(ownerId, known, [])
      isToBeRewritten ||= gone.length > 0
      await inTurn(save)
    },
    async forgetOwners(ownerIds) {
      const gone = [...conversations].filter(([, { owner }]) => ownerIds.has(owner))
      for (const ownerId of ownerIds) touched?.owners.add(ownerId)
      for (const [id, { owner }] of gone) put(owner, id, [])
      isToBeRewritten ||= [...leftOver].some((owner) => ownerIds.has(owner))
      await inTurn(save)
    },
    save: () => inTurn(save),
    close: () =>
      inTurn(async () => {
        await save()
        await log.close()
      }),
  }
}

/** Those that were rated or have an outcome. */
function answersIn(record: ConversationRecord | undefined): readonly NotedAnswer[] {
  return (record?.messages ?? []).flatMap((message) => {
    const { id, role, feedback, outcome = null, createdAt } = message
    if (role !== 'assistant' || (!feedback && !outcome)) return []
    return [{ id, at: Date.parse(createdAt), rating: feedback?.rating ?? null, outcome }]
  })
}

/** The answers among the newest messages, and which messages these are or have been. */
interface Newest {
  readonly answers: readonly NotedAnswer[]
  readonly ids: ReadonlySet<string>
}

function newestIn(
  record: ConversationRecord,
  before: ConversationRecord | undefined,
  earlier: Newest | undefined,
): Newest {
  const messages = [...record.messages, ...(before?.messages ?? [])]
  const ids = new Set([...messages.map(({ id }) => id), ...(earlier?.ids ?? [])])
  return { answers: answersIn(record), ids }
}

/** With the newest as they are now; an answer that is none of these is an older one. */
const withNewest = (known: readonly NotedAnswer[], newest: Newest | undefined) =>
  newest ? [...known.filter(({ id }) => !newest.ids.has(id)), ...newest.answers] : known

const isSame = (some: readonly NotedAnswer[], others: readonly NotedAnswer[]) =>
  some.length === others.length &&
  some.every(({ id, rating, outcome }, index) => {
    const other = others[index]
    return other?.id === id && other.rating === rating && other.outcome === outcome
  })

const placed = (ownerId: string, conversationId: string, answers: readonly NotedAnswer[]) =>
  answers.map((answer): Placed => ({
    ...answer,
    place: { ownerId, conversationId, messageId: answer.id },
  }))

const newestFirst = (one: Placed, other: Placed) =>
  other.at - one.at || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
