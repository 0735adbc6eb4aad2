import type { Identity } from '../identity.ts'

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
   * @throws ChatError `internal` when the disk fails
   */
  add(account: Account, options: { readonly onlyFirst: boolean }): Promise<Addition>
  /**
   * Changes one account by what is known of it when its turn comes; resolves to what it is then, `undefined`
   * when there is none. @throws ChatError `internal` when the disk fails
   */
  change(id: string, change: (account: Account) => AccountChanges): Promise<Account | undefined>
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
