/**
 * What a visitor may do with conversations: list, read, rename, rate, delete, each for its owner alone.
 */
import { ChatError, invalidField } from './errors.ts'
import { NO_MODEL } from './metadata.ts'
import type {
  AttachmentStore,
  ContactStore,
  Conversation,
  ConversationChanges,
  ConversationStore,
  DraftStore,
  Message,
  Metadata,
  TurnLog,
  VisitorObserver,
} from './ports/index.ts'
import { findMessage } from './recent-messages.ts'
import type { Environment } from './settings.ts'
import type { Turns } from './turn/turn.ts'

export interface ConversationsDependencies {
  readonly store: ConversationStore
  readonly attachments: AttachmentStore
  readonly drafts: Pick<DraftStore, 'erase'>
  readonly contacts: Pick<ContactStore, 'forgetConversation'>
  readonly log: TurnLog
  readonly turns: Pick<Turns, 'stop'>
  readonly observer: Pick<VisitorObserver, 'answerRated'>
  readonly environment: Environment
}

/** A message of one of the two who talk. */
export type SaidMessage = Message & { readonly role: 'user' | 'assistant' }

export interface ConversationDetails {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly SaidMessage[]
  /** Whether there are older ones than these. */
  readonly hasMore: boolean
  readonly runningTurnId: string | undefined
}

/** Which messages of a conversation; all of them unless it says less. */
export interface MessagesPage {
  /** So many, the newest. */
  readonly limit?: number | undefined
  /** The id of a message; only those before it. */
  readonly before?: string | undefined
}

interface NewConversation {
  readonly id?: string
  readonly title?: string | undefined
  readonly modelTag?: string | undefined
  readonly summary?: string | undefined
  readonly metadata?: Metadata | undefined
}

/** Where a question is asked. */
export interface ConversationPlace {
  readonly ownerId: string
  readonly conversationId: string
}

const isSaid = (message: Message): message is SaidMessage => message.role !== 'system'

/** The owner of a conversation that has none: one of its own, so that no two of them share anything. */
const nobodyWith = (conversationId: string) => `anonymous:${conversationId}`

export type Conversations = ReturnType<typeof createConversations>

/**
 * Conversations of one owner; what belongs to somebody else is `not_found`. One that was begun by a caller
 * whom nobody knows belongs to whoever has its id.
 */
export function createConversations(dependencies: ConversationsDependencies) {
  const { store, attachments, drafts, contacts, log, turns, observer, environment } = dependencies

  const found = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new ChatError('not_found', 'There is no such conversation.')
    return value
  }

  /** What clients of threads wrote to the model is no part of a page, and takes no room in it. */
  const readPage = async (
    ownerId: string,
    id: string,
    { limit, before }: MessagesPage,
  ): Promise<Pick<ConversationDetails, 'messages' | 'hasMore'>> => {
    const most = limit ?? Number.MAX_SAFE_INTEGER - 1
    // One more tells whether there are older ones.
    const read = await store.newestMessages(ownerId, id, { limit: most + 1, before })
    if (!read) {
      found(await store.find(ownerId, id))
      throw invalidField('before', 'is no message of this conversation')
    }
    const said = read.messages.filter(isSaid)
    if (said.length > most || !read.hasMore) {
      const from = Math.max(0, said.length - most)
      return { messages: said.slice(from), hasMore: from > 0 }
    }
    const older = { limit: most - said.length, before: read.messages[0]?.id }
    const rest = await readPage(ownerId, id, older)
    return { messages: [...rest.messages, ...said], hasMore: rest.hasMore }
  }

  /** Ends what has begun in a conversation while it was removed, and erases what still has its words. */
  const takeRest = async ({ ownerId, conversationId }: ConversationPlace) => {
    // Whoever wrote to the owner in between had its words still.
    await contacts.forgetConversation(conversationId)
    // One that slipped in between finds no conversation to write to, and is not worth its model.
    await turns.stop(conversationId)
    await log.forget(conversationId)
    await attachments.remove({ ownerId, conversationId })
  }

  /** Ends what goes on in a conversation, has it removed, and erases what stands beside it. */
  const takeAway = async <Left>(
    place: ConversationPlace,
    remove: () => Promise<Left>,
  ): Promise<Left> => {
    const { ownerId, conversationId } = place
    await turns.stop(conversationId)
    // First: once the conversation is gone, nobody can ask for this again.
    await drafts.erase(ownerId, conversationId)
    await contacts.forgetConversation(conversationId)
    const left = await remove()
    await takeRest(place)
    return left
  }

  return {
    async create(ownerId: string, given: NewConversation): Promise<Conversation> {
      const now = new Date(environment.now()).toISOString()
      const { modelTag: model } = given
      const metadata = given.metadata ?? (model === undefined ? undefined : { model })
      const conversation: Conversation = {
        id: given.id ?? environment.createId(),
        ownerId,
        title: given.title ?? null,
        renamed: false,
        modelTag: given.modelTag ?? NO_MODEL,
        isFavorited: false,
        ...(given.summary !== undefined && { summary: given.summary }),
        ...(metadata && { metadata }),
        createdAt: now,
        updatedAt: now,
      }
      await store.create(conversation)
      return conversation
    },
    /** Where a conversation of a caller will be that is still to be created. */
    newPlace(callerId: string | undefined): ConversationPlace {
      const conversationId = environment.createId()
      return { ownerId: callerId ?? nobodyWith(conversationId), conversationId }
    },
    /** The conversation that a caller may go on with, if there is one: the caller's own, or nobody's. */
    async findPlace(
      callerId: string | undefined,
      id: string,
    ): Promise<ConversationPlace | undefined> {
      const conversationId = id.toLowerCase()
      for (const ownerId of [callerId, nobodyWith(conversationId)]) {
        if (ownerId !== undefined && (await store.find(ownerId, conversationId))) {
          return { ownerId, conversationId }
        }
      }
      return undefined
    },
    /** Whether a conversation of that id, which the caller cannot go on with, is somebody else's. */
    async isForeign(callerId: string | undefined, id: string): Promise<boolean> {
      const isOwn = callerId !== undefined && (await store.findDeleted(callerId, id)) !== undefined
      return !isOwn && (await store.exists(id))
    },
    list: store.list,
    /** @throws ChatError `not_found`; `invalid_request` when there is no message to be `before` */
    async get(ownerId: string, id: string, page: MessagesPage = {}): Promise<ConversationDetails> {
      const conversation = found(await store.find(ownerId, id))
      // Asked first: a turn that ends between the two is then in the messages, not lost.
      const latest = await log.latest(id)
      return {
        conversation,
        ...(await readPage(ownerId, id, page)),
        runningTurnId: latest?.running ? latest.turnId : undefined,
      }
    },
    /** @throws ChatError `not_found` */
    async check(ownerId: string, id: string): Promise<void> {
      found(await store.find(ownerId, id))
    },
    async rename(
      ownerId: string,
      id: string,
      { title, isFavorited }: { title?: string | undefined; isFavorited?: boolean | undefined },
    ): Promise<Conversation> {
      return found(
        await store.update(ownerId, id, {
          ...(title !== undefined && { title, renamed: true }),
          ...(isFavorited !== undefined && { isFavorited }),
        }),
      )
    },
    /**
     * Rates an answer; `null` takes the rating back.
     * @throws ChatError `not_found`, also for a message that is no answer
     */
    async rate(
      ownerId: string,
      id: string,
      messageId: string,
      feedback: Message['feedback'],
    ): Promise<SaidMessage> {
      found(await store.find(ownerId, id))
      const answer = await findMessage(
        store,
        { ownerId, conversationId: id },
        ({ id: known, role }) => known === messageId && role === 'assistant',
      )
      const rated = answer && (await store.setFeedback(ownerId, id, messageId, feedback))
      if (!rated || !isSaid(rated))
        throw new ChatError('not_found', 'There is no such answer to rate.')
      // A comment is no rating of its own.
      if (feedback && feedback.rating !== answer.feedback?.rating) {
        observer.answerRated(feedback.rating)
      }
      return rated
    },
    /** Erases it for good. */
    async remove(ownerId: string, id: string): Promise<void> {
      found(await store.find(ownerId, id))
      await takeAway({ ownerId, conversationId: id }, () => store.remove(ownerId, id))
    },
    /**
     * Takes it away from everybody but the list of threads that asks for deleted ones; its files are erased.
     * May be done again. Resolves to what is left of it.
     */
    async hide(
      ownerId: string,
      id: string,
      changes: ConversationChanges = {},
    ): Promise<Conversation> {
      // Of those who do it at once, one alone finds it there.
      const hidden = () => store.findDeleted(ownerId, id)
      found((await store.find(ownerId, id)) ?? (await hidden()))
      return await takeAway({ ownerId, conversationId: id }, async () => {
        const deletedAt = new Date(environment.now()).toISOString()
        const left = await store.update(ownerId, id, { ...changes, deletedAt })
        return found(left ?? (await hidden()))
      })
    },
    /**
     * Erases one, deleted or not, in which nothing has changed from a time on (ISO 8601, UTC); one in which an answer
     * is being written stays. Resolves to whether it is gone.
     */
    async removeUnchanged(place: ConversationPlace, since: string): Promise<boolean> {
      const { ownerId, conversationId } = place
      if ((await log.latest(conversationId))?.running) return false
      const known =
        (await store.find(ownerId, conversationId)) ??
        (await store.findDeleted(ownerId, conversationId))
      if (!known || Date.parse(known.updatedAt) >= Date.parse(since)) return false
      // As above: first what nobody could ask for again.
      await drafts.erase(ownerId, conversationId)
      await contacts.forgetConversation(conversationId)
      // Whoever has come back in between finds it there.
      if (!(await store.remove(ownerId, conversationId, since))) return false
      await takeRest(place)
      return true
    },
    /** Erases everything the owner has. */
    async removeAll(ownerId: string): Promise<void> {
      const ids = await store.conversationIds(ownerId)
      await Promise.all(ids.map((id) => turns.stop(id)))
      await store.removeOwner(ownerId)
      // As with one: a send that slipped in takes its files back before the rest of them go.
      await Promise.all(ids.map((id) => turns.stop(id)))
      await Promise.all(ids.map((id) => log.forget(id)))
      await attachments.removeOwner(ownerId)
      await drafts.erase(ownerId)
    },
  }
}
