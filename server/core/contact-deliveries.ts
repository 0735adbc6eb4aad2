/**
 * Sends entries of the contact form to the owner's webhook until each is taken: at once, then after pauses that
 * grow to hours, for three days, across restarts. What is to be sent stands in the store with the entry itself.
 */
import type {
  Contact,
  ContactStore,
  Delivery,
  Logger,
  VisitorObserver,
  Webhook,
  WebhookAnswer,
  WebhookEvent,
} from './ports/index.ts'
import type { Environment } from './settings.ts'

/** Milliseconds until the second try; each pause is twice the one before, up to the longest. */
const FIRST_PAUSE = 1_000
const LONGEST_PAUSE = 6 * 60 * 60_000
/** So that what has failed together is not tried together for ever. */
const JITTER = 0.1
/** Milliseconds after which an entry is given up. */
const PATIENCE = 3 * 24 * 60 * 60_000
/** A slow receiver holds up no more than these. */
const TRIES_AT_ONCE = 4

export interface DeliveriesDependencies {
  readonly store: Pick<ContactStore, 'find' | 'pending' | 'setDelivery'>
  readonly webhook: Pick<Webhook, 'send'>
  readonly observer: VisitorObserver
  readonly environment: Environment
  readonly logger: Logger
}

export interface Deliveries {
  /** Sends an entry that the store has. */
  expect(contact: Pick<Contact, 'id' | 'ownerId'>): void
  /** Sends nothing more of an owner's. */
  forget(ownerId: string): void
  /** Ends tries that are under way; they count as none. */
  close(): Promise<void>
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
export function createDeliveries(dependencies: DeliveriesDependencies): Deliveries {
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
      const contact = await store.find(entry.id)
      // Erased, or taken by the same folder's server before.
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

  for (const contact of store.pending()) expect(contact)
  observer.deliveriesWaiting(waiting.size)
  goOn()

  return {
    expect(contact) {
      if (isClosed) return
      expect(contact)
      observer.deliveriesWaiting(waiting.size)
      goOn()
    },
    forget(ownerId) {
      for (const entry of waiting.values()) {
        if (entry.ownerId !== ownerId) continue
        entry.running?.abort()
        leave(entry.id)
      }
      endFailure(false)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      for (const entry of waiting.values()) entry.running?.abort()
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
