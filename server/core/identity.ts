import type { RequestTrace } from './ports.ts'

/** Who is asking. */
export interface Identity {
  /** Owns conversations; the same in every dialect. */
  readonly userId: string
  readonly roles: readonly string[]
}

/** Tells who a bearer token belongs to. @throws ChatError `unauthorized`, `auth_unreachable` */
export interface Authenticator {
  authenticate(token: string, trace: Omit<RequestTrace, 'userId'>): Promise<Identity>
}
