/** Threads: the same conversations, with what clients of dialect C keep in them beside what is said. */
import { type Attachments, type GivenFile, discardFiles } from './attachments.ts'
import type { Conversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import type { Identity } from './ports/people.ts'
import { awaitedPasswords, hidePasswords } from './turn/interrupts.ts'
import { checkAllowed, isModelName, textAt, openingOf, type OpeningMessage } from './metadata.ts'
import type {
  AttachmentStore,
  Conversation,
  ConversationStore,
  Logger,
  Message,
  MessageStatus,
  Metadata,
  ProviderThread,
  ProviderThreadChanges,
  TurnLog,
} from './ports/index.ts'
import { readEnough } from './recent-messages.ts'
import type { Environment } from './settings.ts'
import { withoutBytes } from './turn/user-message.ts'

/** A message that is stored as it comes, and asks nobody. */
export interface NewThreadMessage extends OpeningMessage {
  readonly role: Message['role']
  readonly status?: MessageStatus | undefined
  readonly tokenCount?: number | undefined
  readonly errorCode?: string | undefined
  readonly correlationId?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly files: readonly GivenFile[]
}

/** What a client changes of a thread; parts that are missing stay. */
export interface ThreadChanges {
  readonly title?: string | undefined
  readonly summary?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly isDeleted?: boolean | undefined
}

/** What a client changes of a message; an empty error code takes it away. */
export interface ThreadMessageChanges {
  readonly status?: MessageStatus | undefined
  readonly text?: string | undefined
  readonly errorCode?: string | undefined
  readonly tokenCount?: number | undefined
}

export interface OpenThread {
  readonly conversation: Conversation
  /** Oldest first: the newest ones, down to the last answer at least. */
  readonly messages: readonly Message[]
}

export interface ThreadMessages {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** The message whose answer is being written, if one is. */
  readonly askingId: string | undefined
}

export interface ThreadsDependencies {
  readonly store: ConversationStore
  readonly conversations: Pick<Conversations, 'create' | 'hide'>
  readonly attachments: Pick<Attachments, 'receiveAny'>
  readonly attachmentStore: AttachmentStore
  readonly log: Pick<TurnLog, 'latest'>
  readonly environment: Environment
  readonly logger: Logger
}

export type Threads = ReturnType<typeof createThreads>

/** Threads of one owner; what belongs to somebody else, or is deleted, is `not_found`. */
export function createThreads(dependencies: ThreadsDependencies) {
  const { store, conversations, attachments, attachmentStore, log, environment } = dependencies
  const { logger } = dependencies

  const timestamp = () => new Date(environment.now()).toISOString()

  const found = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new ChatError('not_found', 'There is no such thread.')
    return value
  }

  /** @throws ChatError `not_found`; `forbidden` when the caller may not ask what its metadata name */
  const open = async (identity: Identity, id: string): Promise<OpenThread> => {
    const conversation = found(await store.find(identity.userId, id))
    const messages = await readEnough(store, {
      ownerId: identity.userId,
      conversationId: id,
      isEnough: (newest) => newest.some(({ role }) => role === 'assistant'),
    })
    checkAllowed(identity, conversation.metadata)
    return { conversation, messages: found(messages) }
  }

  return {
    /** @throws ChatError `forbidden` when the caller may not ask what the metadata name */
    async create(
      identity: Identity,
      given: Pick<ThreadChanges, 'title' | 'summary' | 'metadata'>,
    ): Promise<Conversation> {
      checkAllowed(identity, given.metadata)
      const modelTag = textAt(given.metadata, 'model')
      return await conversations.create(identity.userId, {
        ...given,
        ...(modelTag !== undefined && isModelName(modelTag) && { modelTag }),
      })
    },
    list: store.listThreads,
    /** @throws ChatError `not_found` */
    async read(ownerId: string, id: string): Promise<ThreadMessages> {
      // Asked first: a turn that ends between the two is then in the messages, not lost.
      const latest = await log.latest(id)
      const conversation = found(await store.find(ownerId, id))
      const messages = found(await store.messages(ownerId, id))
      const asking = messages.findLast(({ role }) => role === 'user')
      return { conversation, messages, askingId: latest?.running ? asking?.id : undefined }
    },
    /** The thread for a new message. */
    open,
    /** @throws ChatError `not_found`, `forbidden` */
    async update(
      identity: Identity,
      id: string,
      { title, summary, metadata, isDeleted = false }: ThreadChanges,
    ): Promise<Conversation> {
      const { userId } = identity
      const conversation = found(await store.find(userId, id))
      checkAllowed(identity, metadata)
      const changes = {
        ...(title !== undefined && { title, renamed: true }),
        ...(summary !== undefined && { summary }),
        ...(metadata && { metadata }),
      }
      if (isDeleted) return await conversations.hide(userId, id, changes)
      if (Object.keys(changes).length === 0) return conversation
      return found(await store.update(userId, id, changes))
    },
    /** Deletes it, which may be done again. @throws ChatError `not_found` */
    async remove(ownerId: string, id: string): Promise<void> {
      await conversations.hide(ownerId, id)
    },
    /** @throws ChatError `not_found`, `forbidden`, and what files may be refused for */
    async store(identity: Identity, id: string, message: NewThreadMessage): Promise<Message> {
      const { conversation, messages } = await open(identity, id)
      checkAllowed(identity, message.metadata)
      const place = { ownerId: identity.userId, conversationId: id }
      const files = attachments.receiveAny(message.files)
      if (files.length > 0) await attachmentStore.save(place, files)
      const said = { content: message.text, metadata: message.metadata }
      const awaited = awaitedPasswords(message.role === 'user' ? messages : [])
      const { content, metadata } = hidePasswords(said, awaited).kept
      const opening = openingOf(conversation, messages, { ...message, text: content })
      const stored: Message = {
        id: environment.createId(),
        conversationId: id,
        role: message.role,
        content,
        tokenCount: message.tokenCount ?? null,
        modelTag: message.role === 'assistant' ? (message.model ?? null) : null,
        inferenceTimeMs: null,
        finishReason: null,
        feedback: null,
        sources: [],
        status: message.status ?? 'ready',
        ...(message.errorCode !== undefined && { errorCode: message.errorCode }),
        ...(message.correlationId !== undefined && { correlationId: message.correlationId }),
        ...(metadata && { metadata }),
        ...(files.length > 0 && { attachments: files.map(withoutBytes) }),
        createdAt: timestamp(),
      }
      try {
        found(await store.addMessage(identity.userId, id, { message: stored, opening }))
      } catch (error) {
        await discardFiles({ attachments: attachmentStore, logger }, place, files)
        throw error
      }
      return stored
    },
    /** @throws ChatError `not_found`; `invalid_request` (400) for a text without words */
    async updateMessage(
      ownerId: string,
      id: string,
      messageId: string,
      { status, text, errorCode, tokenCount }: ThreadMessageChanges,
    ): Promise<Message> {
      found(await store.find(ownerId, id))
      if (text?.trim() === '') {
        throw new ChatError('invalid_request', 'The text of a message must not be empty.', {
          status: 400,
        })
      }
      const updated = await store.updateMessage(ownerId, id, messageId, {
        ...(status !== undefined && { status }),
        ...(text !== undefined && { content: text }),
        ...(errorCode !== undefined && { errorCode: errorCode === '' ? null : errorCode }),
        ...(tokenCount !== undefined && { tokenCount }),
        updatedAt: timestamp(),
      })
      if (!updated) throw new ChatError('not_found', 'There is no such message.')
      return updated
    },
    /** @throws ChatError `not_found` before the first, too */
    async providerThread(ownerId: string, id: string, provider: string): Promise<ProviderThread> {
      found(await store.find(ownerId, id))
      const thread = await store.providerThread(ownerId, id, provider)
      if (thread) return thread
      throw new ChatError('not_found', 'Nothing is known yet of this thread at that provider.')
    },
    /** Parts that are missing stay as they are. @throws ChatError `not_found` */
    async keepProviderThread(
      ownerId: string,
      id: string,
      changes: Omit<ProviderThreadChanges, 'newId' | 'updatedAt'>,
    ): Promise<ProviderThread> {
      const dated = { ...changes, newId: environment.createId(), updatedAt: timestamp() }
      return found(await store.updateProviderThread(ownerId, id, dated))
    },
  }
}
