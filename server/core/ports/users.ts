import type { Identity, IdentityAccount } from '../identity.ts'

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
  close(): Promise<void>
}
