import type { RequestTrace } from './ports/inference.ts'

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
