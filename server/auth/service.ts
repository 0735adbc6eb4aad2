/** Tokens that another service issues and checks. */
import { createHash } from 'node:crypto'
import { decodeJwt, errors } from 'jose'
import { z } from 'zod'
import { ChatError } from '../core/errors.ts'
import type { Authenticator, Identity, IdentityAccount } from '../core/ports/people.ts'
import type { RequestTrace } from '../core/ports/index.ts'
import type { Environment } from '../core/settings.ts'
import { createSharedWork } from '../core/shared-work.ts'
import { unreachable, type Asker } from './ask.ts'
import { createExpiringCache, LONGEST_TOKEN, refusal } from './tokens.ts'

export interface AuthServiceOptions {
  /** Base URL of the service. */
  readonly url: string
  readonly internalApiKey: string | undefined
  /** The user with this e-mail is an admin, whatever the service says. */
  readonly adminEmail: string | undefined
  readonly cache: { readonly ttlSeconds: number; readonly maxSize: number }
  readonly asker: Asker
  readonly environment: Environment
}

const userSchema = z.object({
  // A number that JSON cannot hold exactly would make one user of two.
  id: z.union([z.string().min(1).max(255), z.int()]),
  email: z.string().nullish(),
  name: z.string().nullish(),
  is_admin: z.boolean().nullish(),
  // Only shown to admins: of another form than expected, it is nothing that should keep a user out.
  provider: z.string().max(255).nullish().catch(null),
  created_at: z.string().nullish().catch(null),
  last_login_at: z.string().nullish().catch(null),
})

const answerSchema = z.discriminatedUnion('valid', [
  z.object({ valid: z.literal(true), user: userSchema }),
  z.object({ valid: z.literal(false) }),
])

/** Users whose tokens another service issues and checks (`POST /auth/validate`). */
export function createServiceAuthenticator(options: AuthServiceOptions): Authenticator {
  const { url, internalApiKey, asker, environment } = options
  const cache = createExpiringCache<Identity>(options.cache.maxSize, environment.now)
  const askOnce = createSharedWork<Identity>()
  const adminEmail = options.adminEmail?.toLowerCase()

  const validate = async (token: string, trace: Omit<RequestTrace, 'userId'>) => {
    const { status, body } = await asker.ask({
      method: 'POST',
      url: `${url}/auth/validate`,
      headers: {
        'x-trace-id': trace.traceId,
        ...(trace.sessionTraceId !== undefined && { 'x-session-trace-id': trace.sessionTraceId }),
        ...(internalApiKey !== undefined && { 'x-internal-api-key': internalApiKey }),
      },
      body: { token },
    })
    if (status === 401) throw refusal()
    if (status === 403) throw new ChatError('internal', 'internal api key rejected by auth')
    if (status !== 200) throw unreachable(new Error(`auth answered HTTP ${status}`))
    const answer = answerSchema.safeParse(body)
    if (!answer.success) {
      const where = answer.error.issues.map(({ path }) => path.join('.')).join(', ')
      throw unreachable(
        new Error(`auth sent an answer of another form (at ${where || 'its root'})`),
      )
    }
    if (!answer.data.valid) throw refusal()
    return identityOf(answer.data.user, adminEmail)
  }

  return {
    async authenticate(token, trace) {
      if (token.length > LONGEST_TOKEN) throw refusal()
      // Whoever reads the memory of this process finds no token here.
      const key = createHash('sha256').update(token).digest('base64')
      const known = cache.get(key)
      if (known) return known
      return await askOnce(key, async () => {
        const identity = await validate(token, trace)
        const keepUntil = environment.now() + options.cache.ttlSeconds * 1_000
        cache.set(key, identity, Math.min(keepUntil, endOf(token)))
        return identity
      })
    },
  }
}

function identityOf(user: z.output<typeof userSchema>, adminEmail: string | undefined): Identity {
  const email = user.email ?? undefined
  const isAdmin =
    user.is_admin === true || (adminEmail !== undefined && email?.toLowerCase() === adminEmail)
  return {
    userId: String(user.id),
    roles: isAdmin ? ['admin'] : [],
    email,
    name: user.name ?? undefined,
    account: accountOf(user),
  }
}

function accountOf(user: z.output<typeof userSchema>): IdentityAccount | undefined {
  const account = {
    provider: user.provider ?? null,
    createdAt: utc(user.created_at),
    lastLoginAt: utc(user.last_login_at),
  }
  return Object.values(account).every((value) => value === null) ? undefined : account
}

/** A time as we write it; services in Python leave the zone out of UTC at times. */
function utc(time: string | null | undefined): string | null {
  const hasZone = /(?:z|[+-]\d\d:?\d\d)$/i.test(time ?? '')
  const date = new Date(hasZone ? (time ?? '') : `${time}Z`)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** When the token says that it ends, in milliseconds since 1970; never, when it does not say. */
function endOf(token: string): number {
  try {
    // Nobody has checked it: it may be anything.
    const end = Number(decodeJwt(token).exp) * 1_000
    return Number.isFinite(end) ? end : Infinity
  } catch (error) {
    if (error instanceof errors.JOSEError) return Infinity
    throw error
  }
}
