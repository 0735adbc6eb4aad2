/** Anonymous visitors, known by a signed token and by nothing else. */
import { hash } from 'node:crypto'
import { jwtVerify, SignJWT, errors, type JWTPayload } from 'jose'
import type { Authenticator } from '../core/ports/people.ts'
import type { Environment } from '../core/settings.ts'
import type { SessionBody } from '../protocol/api.ts'
import { createExpiringCache, CLOCK_TOLERANCE, looksSigned, refusal } from './tokens.ts'

const TOKEN_TYPE = 'visitor'
/** Seconds that a visitor may stay away and still be known again by an expired token. */
const RENEWABLE_FOR = 180 * 24 * 60 * 60

/** Tokens that are not checked again: 13 MB when there are so many. */
const KNOWN_TOKENS = 20_000

/** By this a token is known again, so that none stays in memory. */
const digestOf = (token: string) => hash('sha256', token, 'base64url')

export interface VisitorOptions {
  /** HMAC secret, at least 32 bytes. */
  readonly secret: string
  readonly algorithm: string
  readonly issuer: string
  readonly lifetimeSeconds: number
  readonly environment: Environment
}

export function createVisitorSessions(
  options: VisitorOptions,
): Authenticator & { start(earlierToken?: string): Promise<SessionBody> } {
  const { algorithm, issuer, lifetimeSeconds, environment } = options
  const key = new TextEncoder().encode(options.secret)

  /**
   * Checking a signature takes a third of the time until a model is asked. Nothing takes a token back before its end,
   * and its secret stays while the server runs, so that what was found holds until then.
   */
  const known = createExpiringCache<string>(KNOWN_TOKENS, environment.now)

  /** `expiredFor`: seconds since its end that a token is still taken. */
  const readClaims = async (token: string, expiredFor: number): Promise<JWTPayload | undefined> => {
    if (!looksSigned(token)) return undefined
    try {
      const verified = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(environment.now()),
        clockTolerance: CLOCK_TOLERANCE,
      })
      return verified.payload
    } catch (error) {
      // The signature and every other claim have been checked before the end is.
      if (error instanceof errors.JWTExpired) {
        const end = error.payload.exp ?? 0
        return end + expiredFor >= environment.now() / 1_000 ? error.payload : undefined
      }
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  const visitorIn = (claims: JWTPayload | undefined) =>
    claims?.['type'] === TOKEN_TYPE ? claims.sub : undefined

  return {
    async authenticate(token) {
      if (!looksSigned(token)) throw refusal()
      const digest = digestOf(token)
      const visitor = known.get(digest)
      if (visitor !== undefined) return { userId: visitor, roles: [] }
      const claims = await readClaims(token, 0)
      const userId = visitorIn(claims)
      if (userId === undefined) throw refusal()
      known.set(digest, userId, (claims?.exp ?? 0) * 1_000)
      return { userId, roles: [] }
    },
    /**
     * A new anonymous visitor, or, when an earlier token of ours is given, even one that has expired,
     * the same visitor again: a browser that was closed for a month keeps its conversations.
     */
    async start(earlierToken) {
      const earlier = await readClaims(earlierToken ?? '', RENEWABLE_FOR)
      const visitorId = visitorIn(earlier) ?? environment.createId()
      const now = Math.floor(environment.now() / 1_000)
      const token = await new SignJWT({ type: TOKEN_TYPE })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setSubject(visitorId)
        .setIssuer(issuer)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(key)
      return { token, expires_in: lifetimeSeconds, visitor_id: visitorId }
    },
  }
}
