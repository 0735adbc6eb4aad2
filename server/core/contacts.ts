/** The way from a visitor to a person: entries of the contact form, kept, listed, and sent to the owner's webhook. */
import type { Conversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import { createSharedWork } from './shared-work.ts'
import { firstCodePoints } from '../text/code-points.ts'
import type {
  Contact,
  ContactConversation,
  ContactStore,
  Logger,
  Message,
  VisitorObserver,
  Webhook,
  Delivery,
  WebhookAnswer,
  WebhookEvent,
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

export type Contacts = ReturnType<typeof createContacts>

/** Begins to send what earlier processes have not delivered. */
export function createContacts(dependencies: ContactsDependencies) {
  const { store, conversations, isOpen, webhook, observer, environment } = dependencies
  const deliveries = webhook && createDeliveries({ ...dependencies, webhook })
  /** By owner and key. */
  const keepOnce = createSharedWork<Pick<Contact, 'id' | 'createdAt'>>()

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
    /** @throws ChatError `not_found` where there is no form */
    checkOpen(): void {
      if (!isOpen) throw new ChatError('not_found', 'There is no contact form here.')
    },
    /**
     * Keeps an entry; the same key again gives the entry that there is. `admit` is called before anything new is
     * kept, and may refuse it. What a robot wrote is not kept, and looks as if it were.
     * @throws ChatError `not_found` for a conversation or message that is not the caller's
     */
    async submit(
      given: NewContact,
      admit: () => Promise<void>,
    ): Promise<Pick<Contact, 'id' | 'createdAt'>> {
      const { ownerId, key } = given
      if (key === undefined) return await keep(given, admit)
      return await keepOnce(
        JSON.stringify([ownerId, key]),
        async () => (await store.findByKey(ownerId, key)) ?? (await keep(given, admit)),
      )
    },
    /** Newest first. */
    list: store.list,
    /** Erases everything the owner has, and sends no more of it. */
    async removeAll(ownerId: string): Promise<void> {
      await store.removeOwner(ownerId)
      deliveries?.forget(ownerId)
    },
    /** Erases what was written before a time (ISO 8601, UTC), sent or not. Resolves to how many there were. */
    removeBefore: store.removeBefore,
    /** Ends tries that are under way; the next start takes them up again. */
    async close(): Promise<void> {
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

// Sends entries of the contact form to the owner's webhook until each is taken: at once, then after pauses that
// grow to hours, for three days, across restarts. What is to be sent stands in the store with the entry itself.

/** Milliseconds until the second try; each pause is twice the one before, up to the longest. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 6 * 60 * 60_000
/** So that what has failed together is not tried together for ever. */
const JITTER = 0.1
/** Milliseconds after which an entry is given up. */
const PATIENCE = 3 * 24 * 60 * 60_000
/** Milliseconds after which an entry that another server delivers is looked at again. */
const CLAIMED_ELSEWHERE = 65_000
/** A slow receiver holds up no more than these. */
const TRIES_AT_ONCE = 4

interface DeliveriesDependencies {
  readonly store: Pick<ContactStore, 'find' | 'pending' | 'claimDelivery' | 'setDelivery'>
  readonly webhook: Pick<Webhook, 'send'>
  readonly observer: VisitorObserver
  readonly environment: Environment
  readonly logger: Logger
}

interface Waiting {
  readonly id: string
  readonly ownerId: string
  /** Tries of this process. */
  tries: number
  /** Milliseconds since 1970. */
  dueAt: number
  /** Until when the receiver wants to be left alone; milliseconds since 1970. */
  notBefore: number
  /** Set while it is being tried. */
  running: AbortController | undefined
  /** The last try failed. */
  isFailing: boolean
}

/** Begins with what is pending in the store. */
export function createDeliveries(dependencies: DeliveriesDependencies) {
  const { store, webhook, observer, environment, logger } = dependencies
  const waiting = new Map<string, Waiting>()
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  /** The operator knows that the receiver takes not all of it. */
  let isToldOfFailure = false

  const leave = (id: string) => {
    waiting.delete(id)
    observer.deliveriesWaiting(waiting.size)
  }

  const tellOfFailure = (problem: string) => {
    if (isToldOfFailure) return
    isToldOfFailure = true
    logger.warn(
      { problem },
      'what visitors wrote cannot be delivered to the webhook; it is tried again for three days',
    )
  }

  /** `isTaken`: the receiver has just shown it. */
  const endFailure = (isTaken: boolean) => {
    if (!isToldOfFailure || [...waiting.values()].some(({ isFailing }) => isFailing)) return
    isToldOfFailure = false
    if (isTaken) logger.info({}, 'the webhook takes what visitors wrote again')
  }

  /** Who is reached again is told at once what it has missed. */
  const hurry = () => {
    const now = environment.now()
    for (const entry of waiting.values()) entry.dueAt = Math.max(now, entry.notBefore)
  }

  const giveUp = ({ id }: Contact, problem: string) => {
    leave(id)
    observer.deliveryGivenUp()
    logger.error(
      { contact: id, problem },
      'what a visitor wrote was not delivered and is tried no more; it is in the list of entries',
    )
  }

  const settle = async (entry: Waiting, contact: Contact, answer: WebhookAnswer) => {
    const now = environment.now()
    const isTaken = answer.kind === 'taken'
    const isOver = answer.kind === 'gone' || now - Date.parse(contact.createdAt) >= PATIENCE
    const delivery: Delivery = {
      state: isTaken ? 'delivered' : isOver ? 'failed' : 'pending',
      attempts: (contact.delivery?.attempts ?? 0) + 1,
      lastAttemptAt: new Date(now).toISOString(),
      problem: isTaken ? null : answer.problem,
    }
    observer.deliveryTried(isTaken ? 'delivered' : 'failed')
    if (isTaken) {
      leave(entry.id)
      hurry()
    } else if (isOver) {
      giveUp(contact, answer.problem)
    } else {
      entry.isFailing = true
      entry.notBefore = answer.kind === 'refused' ? now + (answer.retryAfterMs ?? 0) : now
      entry.dueAt = Math.max(now + pauseAfter(entry.tries), entry.notBefore)
      tellOfFailure(answer.problem)
    }
    endFailure(isTaken)
    await store.setDelivery(contact.id, delivery)
  }

  const attempt = async (entry: Waiting, { signal }: AbortController) => {
    try {
      if (!(await store.claimDelivery(entry.id))) {
        // Another server is at it; what comes of that is looked at later.
        entry.dueAt = environment.now() + CLAIMED_ELSEWHERE
        return
      }
      const contact = await store.find(entry.id)
      // Erased, or delivered by another server.
      if (contact?.delivery?.state !== 'pending') return leave(entry.id)
      entry.tries += 1
      const answer = await webhook.send(eventOf(contact), { signal })
      if (!signal.aborted) await settle(entry, contact, answer)
    } catch (error) {
      if (signal.aborted) return
      entry.dueAt = Math.max(entry.dueAt, environment.now() + pauseAfter(entry.tries))
      logger.error({ contact: entry.id, err: error }, 'how far an entry has come could not be kept')
    }
  }

  const start = (entry: Waiting) => {
    const controller = new AbortController()
    entry.running = controller
    const tried = attempt(entry, controller).finally(() => {
      entry.running = undefined
      running.delete(tried)
      goOn()
    })
    running.add(tried)
  }

  /** Starts what is due, and wakes up for what is due next. */
  const goOn = () => {
    clearTimeout(timer)
    if (isClosed) return
    const now = environment.now()
    const next = [...waiting.values()]
      .filter((entry) => !entry.running)
      .toSorted((one, other) => one.dueAt - other.dueAt)
    for (const entry of next) {
      if (running.size >= TRIES_AT_ONCE) return
      if (entry.dueAt > now) {
        timer = setTimeout(goOn, Math.min(entry.dueAt - now, LONGEST_PAUSE)).unref()
        return
      }
      start(entry)
    }
  }

  const expect = ({ id, ownerId }: Pick<Contact, 'id' | 'ownerId'>) => {
    const dueAt = environment.now()
    const state = { tries: 0, dueAt, notBefore: dueAt, running: undefined, isFailing: false }
    waiting.set(id, { id, ownerId, ...state })
  }

  /** What earlier processes have not delivered. */
  const takeUp = async () => {
    try {
      for (const contact of await store.pending()) expect(contact)
    } catch (error) {
      logger.error({ err: error }, 'what is still to be delivered could not be read')
    }
    observer.deliveriesWaiting(waiting.size)
    goOn()
  }
  const takenUp = takeUp()

  return {
    /** Sends an entry that the store has. */
    expect(contact: Pick<Contact, 'id' | 'ownerId'>): void {
      if (isClosed) return
      expect(contact)
      observer.deliveriesWaiting(waiting.size)
      goOn()
    },
    /** Sends nothing more of an owner's. */
    forget(ownerId: string): void {
      for (const entry of waiting.values()) {
        if (entry.ownerId !== ownerId) continue
        entry.running?.abort()
        leave(entry.id)
      }
      endFailure(false)
    },
    /** Ends tries that are under way; they count as none. */
    async close(): Promise<void> {
      isClosed = true
      clearTimeout(timer)
      for (const entry of waiting.values()) entry.running?.abort()
      await takenUp
      await Promise.all(running)
    },
  }
}

function pauseAfter(tries: number): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, tries - 1))
  return pause * (1 + JITTER * (2 * Math.random() - 1))
}

/** What the receiver is told: the same in every try. */
function eventOf({ id, ownerId, message, email, about, createdAt }: Contact): WebhookEvent {
  return {
    id,
    type: 'contact.created',
    timestamp: createdAt,
    data: {
      id,
      created_at: createdAt,
      message,
      email,
      user_id: ownerId,
      conversation: about && {
        id: about.conversationId,
        title: about.title,
        question: about.question,
        message_id: about.messageId,
      },
    },
  }
}
