/** The way from a visitor to a person: entries of the contact form, kept, listed, and sent to the owner's webhook. */
import { createDeliveries } from './contact-deliveries.ts'
import type { Conversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import { firstCodePoints } from './turn/history.ts'
import type {
  Contact,
  ContactConversation,
  ContactStore,
  Logger,
  Message,
  VisitorObserver,
  Webhook,
} from './ports/index.ts'
import type { Environment } from './settings.ts'

/** Code points of a question that are kept with an entry; receivers of webhooks expect less than 20 kB. */
const LONGEST_QUESTION = 1_000

/** What somebody filled in. */
export interface NewContact {
  readonly ownerId: string
  readonly message: string
  readonly email: string
  readonly conversationId: string | undefined
  /** Of that conversation. */
  readonly messageId: string | undefined
  /** Of the request's `Idempotency-Key`. */
  readonly key: string | undefined
  /** Something stands in the field that people do not see. */
  readonly isByRobot: boolean
}

export interface Contacts {
  /** @throws ChatError `not_found` where there is no form */
  checkOpen(): void
  /**
   * Keeps an entry; the same key again gives the entry that there is. `admit` is called before anything new is
   * kept, and may refuse it. What a robot wrote is not kept, and looks as if it were.
   * @throws ChatError `not_found` for a conversation or message that is not the caller's
   */
  submit(given: NewContact, admit: () => Promise<void>): Promise<Pick<Contact, 'id' | 'createdAt'>>
  /** Newest first. */
  list: ContactStore['list']
  /** Erases everything the owner has, and sends no more of it. */
  removeAll(ownerId: string): Promise<void>
  /** Ends tries that are under way; the next start takes them up again. */
  close(): Promise<void>
}

export interface ContactsDependencies {
  readonly store: ContactStore
  readonly conversations: Pick<Conversations, 'findPlace' | 'get'>
  /** Whether there is a form. */
  readonly isOpen: boolean
  /** `undefined`: nobody is told. */
  readonly webhook: Webhook | undefined
  readonly observer: VisitorObserver
  readonly environment: Environment
  readonly logger: Logger
}

/** Begins to send what earlier processes have not delivered. */
export function createContacts(dependencies: ContactsDependencies): Contacts {
  const { store, conversations, isOpen, webhook, observer, environment } = dependencies
  const deliveries = webhook && createDeliveries({ ...dependencies, webhook })
  /** Entries that are being made, by owner and key. */
  const starting = new Map<string, Promise<Pick<Contact, 'id' | 'createdAt'>>>()

  /** @throws ChatError `not_found` */
  const findConversation = async (given: NewContact): Promise<ContactConversation | null> => {
    if (given.conversationId === undefined) return null
    const place = await conversations.findPlace(given.ownerId, given.conversationId)
    if (!place) throw new ChatError('not_found', 'There is no such conversation.')
    const { conversation, messages } = await conversations.get(place.ownerId, place.conversationId)
    const messageId = given.messageId?.toLowerCase()
    const at = messages.findIndex(({ id }) => id === messageId)
    if (messageId !== undefined && at < 0) {
      throw new ChatError('not_found', 'There is no such message.')
    }
    return {
      conversationId: conversation.id,
      title: conversation.title,
      question: questionIn(at < 0 ? messages : messages.slice(0, at + 1)),
      messageId: messageId ?? null,
    }
  }

  const keep = async (given: NewContact, admit: () => Promise<void>) => {
    const about = await findConversation(given)
    await admit()
    const { ownerId, message, email, key } = given
    const contact: Contact = {
      id: environment.createId(),
      ownerId,
      message,
      email,
      about,
      ...(key !== undefined && { key }),
      delivery: deliveries
        ? { state: 'pending', attempts: 0, lastAttemptAt: null, problem: null }
        : null,
      createdAt: new Date(environment.now()).toISOString(),
    }
    observer.contactReceived(given.isByRobot ? 'robot' : 'person')
    if (given.isByRobot) return contact
    await store.add(contact)
    deliveries?.expect(contact)
    return contact
  }

  return {
    checkOpen() {
      if (!isOpen) throw new ChatError('not_found', 'There is no contact form here.')
    },
    async submit(given, admit) {
      const { ownerId, key } = given
      if (key === undefined) return await keep(given, admit)
      const name = JSON.stringify([ownerId, key])
      const underWay = starting.get(name)
      if (underWay) return await underWay
      const first = (async () => (await store.findByKey(ownerId, key)) ?? keep(given, admit))()
      starting.set(name, first)
      try {
        return await first
      } finally {
        starting.delete(name)
      }
    },
    list: (page) => store.list(page),
    async removeAll(ownerId) {
      await store.removeOwner(ownerId)
      deliveries?.forget(ownerId)
    },
    async close() {
      await deliveries?.close()
      await webhook?.close()
      await store.close()
    },
  }
}

/** What the visitor said last. */
function questionIn(messages: readonly Message[]): string | null {
  const question = messages.findLast(({ role }) => role === 'user')
  return question ? firstCodePoints(question.content, LONGEST_QUESTION) : null
}
