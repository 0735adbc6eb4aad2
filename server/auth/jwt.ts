/** Tokens that the host site signs, with a secret that it shares or with keys that it shows. */
import {
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  createLocalJWKSet,
  type LocalJWKSet,
} from 'jose'
import { z } from 'zod'
import { ChatError } from '../core/errors.ts'
import { countCodePoints } from '../text/code-points.ts'
import type { Authenticator } from '../core/ports/people.ts'
import type { Environment } from '../core/settings.ts'
import { CLOCK_TOLERANCE, looksSigned, refusal } from './tokens.ts'
import { unreachable, type Asker } from './ask.ts'

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

/** Milliseconds after which the keys are asked for again. */
const FRESH_FOR = 10 * 60_000
/** Milliseconds that known keys are used while the address does not answer. */
const USABLE_FOR = 60 * 60_000
/** Milliseconds between two times that unknown key ids make the keys be asked for again. */
const UNKNOWN_KEY_PAUSE = 10_000
/** Milliseconds between two attempts after one that failed. */
const FAILURE_PAUSE = 3_000

interface KeySetOptions {
  readonly url: string
  readonly asker: Asker
  readonly environment: Environment
}

const keySetSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) })

/**
 * The keys at an address (RFC 7517), asked for when they are first needed, when they are old, and when a
 * token names one that is not among them.
 * @throws ChatError `auth_unreachable` when there are none to be had; jose's errors for a token that fits none
 */
export function createKeySet({ url, asker, environment }: KeySetOptions): JWTVerifyGetKey {
  let known: { readonly keys: LocalJWKSet; readonly at: number } | undefined
  let loading: Promise<void> | undefined
  /** When an unknown key id made the keys be asked for again. */
  let renewedAt = -Infinity
  let failed: { readonly error: unknown; readonly at: number } | undefined

  const ageOf = (event: { readonly at: number } | undefined) =>
    event ? environment.now() - event.at : Infinity

  const read = async () => {
    const { status, body } = await asker.ask({ method: 'GET', url, headers: {} })
    if (status !== 200) throw unreachable(new Error(`the key set answered HTTP ${status}`))
    const keySet = keySetSchema.safeParse(body)
    if (!keySet.success) throw unreachable(new Error('the key set is none'))
    return createLocalJWKSet(keySet.data)
  }

  /** One request for all that wait. @throws ChatError `auth_unreachable` */
  const load = async () => {
    if (failed && ageOf(failed) < FAILURE_PAUSE) throw failed.error
    loading ??= read()
      .then(
        (keys) => {
          known = { keys, at: environment.now() }
          failed = undefined
        },
        (error: unknown) => {
          failed = { error, at: environment.now() }
          throw error
        },
      )
      .finally(() => {
        loading = undefined
      })
    await loading
  }

  const current = async (): Promise<LocalJWKSet> => {
    if (known && ageOf(known) < FRESH_FOR) return known.keys
    try {
      await load()
    } catch (error) {
      // Signatures do not get worse while the address is down for a while.
      if (!known || ageOf(known) >= USABLE_FOR) throw error
    }
    if (!known) throw unreachable(new Error('there is no key set'))
    return known.keys
  }

  return async (header, token) => {
    const keys = await current()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      // Others may have asked since, or be asking: what they get is as new.
      if (known?.keys === keys) {
        if (!loading) {
          if (environment.now() - renewedAt < UNKNOWN_KEY_PAUSE) throw error
          renewedAt = environment.now()
        }
        await load()
      }
      const newer = await current()
      return await newer(header, token)
    }
  }
}
