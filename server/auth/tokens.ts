/** What every kind of token has in common. */
import { ChatError } from '../core/errors.ts'
import { errors, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Account, TokenPair } from '../core/ports/index.ts'
import type { Environment } from '../core/settings.ts'

/** Characters; longer ones are refused unread. */
export const LONGEST_TOKEN = 8_192
/** Seconds that clocks may differ. */
export const CLOCK_TOLERANCE = 5

const SIGNED = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Whether it has the form of a signed token: three parts, none of them empty, nothing around them. */
export const looksSigned = (token: string): boolean =>
  token.length <= LONGEST_TOKEN && SIGNED.test(token)

/** The one answer to every token that is refused: what is wrong with it is nobody's business. */
export const refusal = (cause?: unknown): ChatError =>
  new ChatError('unauthorized', 'The session is not valid any more.', { cause })

// The tokens of accounts: one kind for requests, which ends soon, and one that gets others.

export interface AccountTokensOptions {
  /** HMAC secret, at least 32 bytes. */
  readonly secret: string
  readonly algorithm: string
  readonly issuer: string
  /** Undefined: tokens name none. */
  readonly audience: string | undefined
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly environment: Environment
}

type TokenType = 'access' | 'refresh'

/** What a token says; whether it is still so, the account tells. */
export interface AccountClaims {
  readonly userId: string
  readonly tokenVersion: number
  /** Milliseconds since 1970. */
  readonly endsAt: number
}

const claimsSchema = z.object({
  sub: z.string().min(1),
  type: z.enum(['access', 'refresh']),
  exp: z.number(),
  token_version: z.int(),
})

export function createAccountTokens(options: AccountTokensOptions) {
  const { algorithm, issuer, audience, accessSeconds, refreshSeconds, environment } = options
  const key = new TextEncoder().encode(options.secret)

  const sign = (account: Account, type: TokenType, lifetime: number) => {
    const now = Math.floor(environment.now() / 1_000)
    const token = new SignJWT({
      username: account.username,
      type,
      token_version: account.tokenVersion,
      roles: [...account.roles],
      products: [...account.allowedProducts],
      agents: [...account.allowedAgents],
    })
      .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
      .setSubject(account.id)
      .setIssuer(issuer)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifetime)
    if (audience !== undefined) token.setAudience(audience)
    return token.sign(key)
  }

  return {
    async issue(account: Account): Promise<TokenPair> {
      return {
        accessToken: await sign(account, 'access', accessSeconds),
        refreshToken: await sign(account, 'refresh', refreshSeconds),
        expiresIn: accessSeconds,
        refreshExpiresIn: refreshSeconds,
      }
    },
    /** @throws ChatError `unauthorized` for all but a valid token of this type */
    async read(token: string, type: TokenType): Promise<AccountClaims> {
      if (!looksSigned(token)) throw refusal()
      const verified = await jwtVerify(token, key, {
        algorithms: [algorithm],
        issuer,
        ...(audience !== undefined && { audience }),
        requiredClaims: ['sub', 'exp', 'iat', 'nbf'],
        currentDate: new Date(environment.now()),
        clockTolerance: CLOCK_TOLERANCE,
      }).catch((error: unknown) => {
        throw error instanceof errors.JOSEError ? refusal(error) : error
      })
      const claims = claimsSchema.safeParse(verified.payload)
      if (!claims.success || claims.data.type !== type) throw refusal()
      const { sub, exp, token_version: tokenVersion } = claims.data
      return { userId: sub, tokenVersion, endsAt: exp * 1_000 }
    },
  }
}

/**
 * Keeps values until a time of their own; when it is full, the one that was used longest ago goes. `maxSize` 0: keeps
 * nothing.
 */
export function createExpiringCache<Value extends object | string>(
  maxSize: number,
  now: () => number,
) {
  const entries = new LRUCache<string, Value>({
    // Its `max` would reserve the room at once: 290 MB for the ten million entries that a setting may ask for.
    maxSize: Math.max(1, maxSize),
    sizeCalculation: () => 1,
    perf: { now },
    ttlResolution: 0,
  })
  return {
    get: (key: string): Value | undefined => entries.get(key),
    /** `expiresAt`: milliseconds since 1970. */
    set(key: string, value: Value, expiresAt: number): void {
      // An entry is over at its end; the library's is over only after it, and one of no time would never be.
      const ttl = Math.ceil(expiresAt) - now() - 1
      if (ttl >= 1 && maxSize > 0) entries.set(key, value, { ttl })
    },
  }
}
