import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { ChatError } from '../core/errors.ts'
import { countCodePoints } from '../core/turn/history.ts'
import type { Authenticator } from '../core/identity.ts'
import type { Environment } from '../core/settings.ts'
import { CLOCK_TOLERANCE, looksSigned, refusal } from './token.ts'

/** What tokens may be signed with; a public key is never taken for a shared secret. */
export const PUBLIC_KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'ES384',
  'EdDSA',
] as const

export interface JwtOptions {
  readonly key: JWTVerifyGetKey
  readonly algorithms: readonly string[]
  /** Checked where the operator has set it. */
  readonly issuer: string | undefined
  readonly audience: string | undefined
  readonly environment: Environment
}

/** Code points of a user's id. */
const LONGEST_ID = 255

const claimsSchema = z.object({
  sub: z.string().refine((value) => value !== '' && countCodePoints(value) <= LONGEST_ID),
  roles: z.array(z.string()).catch([]),
  email: z.string().max(320).optional().catch(undefined),
  name: z.string().max(255).optional().catch(undefined),
})

/** Where issuers write what a token is for. */
const PURPOSE_CLAIMS = ['type', 'typ', 'token_type', 'token_use']
/** Tokens that are no access tokens: those that get others, and anonymous visitors of this server. */
const OTHER_PURPOSES = new Set(['refresh', 'offline', 'visitor'])

/** Users whose tokens the host site signs. */
export function createJwtAuthenticator(options: JwtOptions): Authenticator {
  const { key, issuer, audience, environment } = options

  const verify = async (token: string, withKey: JWTVerifyGetKey): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, withKey, {
      algorithms: [...options.algorithms],
      // Where there is an end, it is checked.
      requiredClaims: ['sub'],
      currentDate: new Date(environment.now()),
      clockTolerance: CLOCK_TOLERANCE,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    })
    return payload
  }

  /** A token that names no key may have been signed with any of several. */
  const verifyWithAny = async (token: string): Promise<JWTPayload> => {
    try {
      return await verify(token, key)
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      for await (const candidate of error) {
        try {
          return await verify(token, () => candidate)
        } catch (failure) {
          if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure
        }
      }
      throw error
    }
  }

  return {
    async authenticate(token) {
      if (!looksSigned(token)) throw refusal()
      const payload = await verifyWithAny(token).catch((error: unknown) => {
        // Whatever else goes wrong (a key of an unusable kind, say), the token has not been verified.
        throw error instanceof ChatError ? error : refusal(error)
      })
      const claims = claimsSchema.safeParse(payload)
      if (!claims.success || hasOtherPurpose(payload)) throw refusal()
      const { sub, roles, email, name } = claims.data
      return { userId: sub, roles, email, name }
    },
  }
}

function hasOtherPurpose(payload: JWTPayload): boolean {
  return PURPOSE_CLAIMS.some((claim) => {
    const value = payload[claim]
    return typeof value === 'string' && OTHER_PURPOSES.has(value.toLowerCase())
  })
}
