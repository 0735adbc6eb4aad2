import type { Cancellable } from './common.ts'

/** What a visitor wrote to the owner of the site. */
export interface Contact {
  readonly id: string
  readonly ownerId: string
  readonly message: string
  /** Where the visitor awaits the answer. */
  readonly email: string
  /** What the visitor was talking about with the assistant. */
  readonly about: ContactConversation | null
  /** Of the request's `Idempotency-Key`; never the key itself. */
  readonly key?: string | undefined
  /** `null`: nobody is told but who looks for it. */
  readonly delivery: Delivery | null
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A conversation as it was when its visitor asked for a person; once it is deleted, nothing of its words. */
export interface ContactConversation {
  readonly conversationId: string
  readonly title: string | null
  /** What the visitor asked last, or before the message; cut. */
  readonly question: string | null
  /** The answer that the visitor came from. */
  readonly messageId: string | null
}

/** How far an entry has come on its way to the receiver of the webhook. */
export interface Delivery {
  readonly state: 'pending' | 'delivered' | 'failed'
  /** Tries so far. */
  readonly attempts: number
  /** ISO 8601, UTC. */
  readonly lastAttemptAt: string | null
  /** Why the last try failed, in words. */
  readonly problem: string | null
}

/** Keeps what visitors wrote to the owner. Every method that writes resolves when that would survive a power cut. */
export interface ContactStore {
  add(contact: Contact): Promise<void>
  find(id: string): Promise<Contact | undefined>
  /** The owner's entry that was made with a key. */
  findByKey(ownerId: string, key: string): Promise<Contact | undefined>
  /** Newest first. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<{
    readonly items: readonly Contact[]
    /** How many there are in all. */
    readonly total: number
  }>
  /** Those that are still to be delivered, oldest first. */
  pending(): readonly Pick<Contact, 'id' | 'ownerId'>[]
  /** Does nothing when the entry is gone. */
  setDelivery(id: string, delivery: Delivery): Promise<void>
  /** Erases the words of a conversation from the entries that are about it. */
  forgetConversation(conversationId: string): Promise<void>
  /** Erases everything the owner has. */
  removeOwner(ownerId: string): Promise<void>
  close(): Promise<void>
}

/** Something that happened, for a receiver outside. */
export interface WebhookEvent {
  /** The same in every try. */
  readonly id: string
  /** `contact.created`. */
  readonly type: string
  /** When it happened: ISO 8601, UTC. */
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}

export type WebhookAnswer =
  | { readonly kind: 'taken' }
  /** The receiver wants nothing any more. */
  | { readonly kind: 'gone'; readonly problem: string }
  | {
      readonly kind: 'refused'
      /** Why, in words for the operator; no secrets. */
      readonly problem: string
      /** Milliseconds that the receiver wants to be left alone. */
      readonly retryAfterMs: number | undefined
    }

/** Tells a receiver outside what happened. */
export interface Webhook {
  /** Tries once. @throws only when the signal is aborted */
  send(event: WebhookEvent, cancellable: Cancellable): Promise<WebhookAnswer>
  close(): Promise<void>
}
