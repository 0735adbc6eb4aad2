/** Ports of who asks: identities, accounts, and what is remembered of those who signed in. */
import type { RequestTrace } from './inference.ts'
import type { Cancellable } from './system.ts'

/** An account that another service keeps; what it does not say is `null`. */
export interface IdentityAccount {
  /** Who the user signs in with (`google`, say). */
  readonly provider: string | null
  /** ISO 8601, UTC. */
  readonly createdAt: string | null
  readonly lastLoginAt: string | null
}

/** Who is asking. */
export interface Identity {
  /** Owns conversations; the same in every dialect. */
  readonly userId: string
  /** `admin` opens the admin routes. */
  readonly roles: readonly string[]
  readonly email?: string | undefined
  readonly name?: string | undefined
  /** What the service that signs the caller in says of the account besides. */
  readonly account?: IdentityAccount | undefined
  /** What the caller signs in with, where that is an account of this server. */
  readonly username?: string | undefined
  /** What of a provider's products the caller may ask; empty or absent: all. */
  readonly products?: readonly string[] | undefined
  /** The same of its agents. */
  readonly agents?: readonly string[] | undefined
}

/** Tells who a bearer token belongs to. @throws ChatError `unauthorized`, `auth_unreachable` */
export interface Authenticator {
  authenticate(token: string, trace: Omit<RequestTrace, 'userId'>): Promise<Identity>
}

/** Somebody who signs in with a username and a password. */
export interface Account {
  readonly id: string
  readonly username: string
  readonly email: string | null
  readonly fullName: string | null
  readonly roles: readonly string[]
  /** What of a provider's products the user may ask; empty: all. */
  readonly allowedProducts: readonly string[]
  /** The same of its agents. */
  readonly allowedAgents: readonly string[]
  readonly isActive: boolean
  /** Tokens carry it: raised, it ends every session there is. */
  readonly tokenVersion: number
  readonly passwordHash: string
  /** Where the user has signed in from, newest first; nobody can read an address out of it. */
  readonly knownPlaces: readonly string[]
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
  readonly lastLoginAt: string | null
}

export type AccountChanges = Partial<
  Pick<
    Account,
    'isActive' | 'tokenVersion' | 'passwordHash' | 'knownPlaces' | 'updatedAt' | 'lastLoginAt'
  >
>

/** What became of a new account. */
export type Addition = 'added' | 'not first' | 'username taken' | 'email taken'

/** Keeps accounts. Usernames and e-mail addresses are unique, as `foldName` compares them. */
export interface AccountStore {
  /** Cheap: every request with a token asks. */
  find(id: string): Promise<Account | undefined>
  findByUsername(username: string): Promise<Account | undefined>
  /** In the order in which they were made. */
  list(): Promise<readonly Account[]>
  count(): Promise<number>
  /**
   * Resolves when the account would survive a power cut. `onlyFirst`: adds nothing when there is one already.
   * @throws ChatError `internal` when it cannot be kept
   */
  add(account: Account, options: { readonly onlyFirst: boolean }): Promise<Addition>
  /**
   * Changes one account by what is known of it when its turn comes; resolves to what it is then, `undefined`
   * when there is none. @throws ChatError `internal` when it cannot be kept
   */
  change(id: string, change: (account: Account) => AccountChanges): Promise<Account | undefined>
  /**
   * Whoever has it is signed out, and somebody else may take its names. Resolves to false when there is none.
   * @throws ChatError `internal` when it cannot be erased
   */
  remove(id: string): Promise<boolean>
  close(): Promise<void>
}

/** What the operator asks for on the command line. */
export type AccountRequest =
  | { readonly kind: 'add'; readonly account: Account }
  | {
      readonly kind: 'disable' | 'enable'
      readonly username: string
      /** ISO 8601, UTC. */
      readonly at: string
    }
  | {
      readonly kind: 'passwd'
      readonly username: string
      readonly at: string
      readonly passwordHash: string
    }

/** What somebody asks for who registers, checked. */
export interface Registration {
  readonly username: string
  readonly password: string
  readonly fullName: string | undefined
  readonly email: string | undefined
  readonly roles: readonly string[]
  readonly allowedProducts: readonly string[]
  readonly allowedAgents: readonly string[]
  readonly isActive: boolean
}

export interface Credentials {
  readonly username: string
  readonly password: string
  /** Where the caller is: an address, or the network that one caller has at hand. */
  readonly place: string
}

export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
  readonly refreshExpiresIn: number
}

/** Signing up, in and out with accounts of this server. */
export interface Accounts {
  /** @throws ChatError `forbidden` for whom it would be no use to send a registration */
  checkMayRegister(caller: Identity | undefined): Promise<void>
  /** @throws ChatError `forbidden`, `conflict`, `rate_limited`; `invalid_request` (400) for the password */
  register(
    registration: Registration,
    caller: Identity | undefined,
    place: string,
  ): Promise<Account>
  /** @throws ChatError `unauthorized`, the same for all that is wrong; `rate_limited` */
  signIn(credentials: Credentials): Promise<TokenPair>
  /** @throws ChatError `unauthorized`, `rate_limited` */
  renew(refreshToken: string, place: string): Promise<TokenPair>
  /** Ends every session of the user. */
  signOut(userId: string): Promise<void>
  /** @throws ChatError `unauthorized` when it is gone */
  account(userId: string): Promise<Account>
  list(): Promise<readonly Account[]>
}

/** Somebody who has signed in, as last seen. */
export interface UserRecord {
  readonly id: string
  readonly email: string | null
  readonly name: string | null
  readonly isAdmin: boolean
  /** ISO 8601, UTC. */
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  readonly account?: IdentityAccount | undefined
}

/** Remembers who has signed in; anonymous visitors are not kept. */
export interface UserDirectory {
  /** Cheap, and never fails a request: what cannot be written is logged. */
  note(identity: Identity): void
  list(): Promise<readonly UserRecord[]>
  remove(userId: string): Promise<void>
  /** Forgets everybody who was last seen before a time (ISO 8601, UTC). Resolves to how many. */
  removeSeenBefore(time: string): Promise<number>
  close(): Promise<void>
}

/** Something that fills up within a window of time: a user's messages, an address's sessions. */
export interface Quota {
  /** Whose and of what; the same key is the same quota. */
  readonly key: string
  readonly limit: number
}

/** How a quota stands. */
export interface QuotaState {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Whole seconds until the window begins anew. */
  readonly resetSeconds: number
}

/** Counts what callers take. */
export interface RateLimiter {
  /** Length of a window. */
  readonly windowSeconds: number
  /**
   * Takes one from every quota, or from none when one of them is used up. Resolves to the quota that is
   * closest to its end, `undefined` without any.
   */
  take(quotas: readonly Quota[]): Promise<QuotaState | undefined>
  /** How the quota that is closest to its end stands; takes nothing. */
  look(quotas: readonly Quota[]): Promise<QuotaState | undefined>
  /** Gives so many back to every quota, at most what was taken from it in this window. */
  giveBack(quotas: readonly Quota[], count: number): Promise<void>
}

export interface Caller {
  readonly userId: string
  /** An IP address, or the network that one caller has at hand. */
  readonly address: string
}

/** What may be spent on answers in a day. */
export interface TokenBudget {
  /** @throws ChatError `budget_exhausted` when the caller's or the server's day is used up */
  check(caller: Caller): Promise<void>
}

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
  pending(): Promise<readonly Pick<Contact, 'id' | 'ownerId'>[]>
  /** Whether this server may try to deliver the entry now; false while another one does. */
  claimDelivery(id: string): Promise<boolean>
  /** Does nothing when the entry is gone. */
  setDelivery(id: string, delivery: Delivery): Promise<void>
  /** Erases the words of a conversation from the entries that are about it. */
  forgetConversation(conversationId: string): Promise<void>
  /** Erases everything the owner has. */
  removeOwner(ownerId: string): Promise<void>
  /** Erases what was written before a time (ISO 8601, UTC), delivered or not. Resolves to how many there were. */
  removeBefore(time: string): Promise<number>
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
