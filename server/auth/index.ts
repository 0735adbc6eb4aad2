/** The ways of telling who is asking; `AUTH_MODE` picks one. */
import { StartError } from '../core/errors.ts'
import type { Authenticator } from '../core/ports/people.ts'
import type {
  Accounts,
  AccountStore,
  Logger,
  RateLimiter,
  KeptText,
  UserDirectory,
} from '../core/ports/index.ts'
import type { Environment } from '../core/settings.ts'
import type { AuthMode, SessionBody } from '../protocol/api.ts'
import { createAsker, type Asker } from './ask.ts'
import { createJwtAuthenticator, PUBLIC_KEY_ALGORITHMS, createKeySet } from './jwt.ts'
import { createLocalAccounts } from './local.ts'
import { createServiceAuthenticator } from './service.ts'
import { createVisitorSessions } from './visitor.ts'
import { randomBytes } from 'node:crypto'

export interface AuthenticationConfig {
  readonly mode: AuthMode
  readonly serviceUrl: string | undefined
  /** URL of the proxy that leads to the service, if one does. */
  readonly proxy?: string | undefined
  /** How this server names itself to those it asks. */
  readonly userAgent?: string
  readonly cacheTtlSeconds: number
  readonly cacheMaxSize: number
  readonly adminEmail: string | undefined
  readonly jwt: {
    readonly secret: string | undefined
    /** Undefined: what fits the kind of key. */
    readonly algorithm: string | undefined
    readonly issuer: string | undefined
    readonly audience: string | undefined
    readonly jwksUrl: string | undefined
    /** URL of the proxy that leads to the key set, if one does. */
    readonly proxy?: string | undefined
    readonly accessMinutes: number
    readonly refreshMinutes: number
  }
  readonly internalApiKey: string | undefined
  readonly accounts: {
    /** Who may register once there is a user. */
    readonly registration: 'admin' | 'open'
    /** Undefined: the library's. */
    readonly passwordCost: number | undefined
  }
}

export interface AuthenticationDependencies {
  /** Where a secret of our own is kept. */
  readonly secretFile: KeptText
  /** Told the secret that tokens are checked with. @throws StartError when servers that share all else have another */
  readonly checkSecret: (secret: string) => Promise<void>
  readonly users: UserDirectory
  /** Opened where there are accounts of our own. */
  readonly openAccounts: () => Promise<AccountStore>
  /** Counts attempts with passwords. */
  readonly limiter: RateLimiter
  readonly environment: Environment
  readonly logger: Logger
}

interface Mode {
  readonly authenticator: Authenticator
  /** Starts an anonymous session, or renews the one whose token is given. */
  readonly startSession?: (earlierToken: string | undefined) => Promise<SessionBody>
  /** Signing up, in and out. */
  readonly accounts?: Accounts
  readonly close?: () => Promise<void>
}

export interface Authentication extends Mode {
  readonly close: () => Promise<void>
}

interface ModeInput extends AuthenticationDependencies {
  readonly config: AuthenticationConfig
  readonly asker: Asker
}

/** The issuer of our own tokens where the operator names none. */
const OWN_ISSUER = 'samosa-chat'
const SECRET_ALGORITHM = 'HS256'

const MODES = { visitor, local, service, jwt } satisfies Record<
  AuthMode,
  (input: ModeInput) => Mode | Promise<Mode>
>

/** @throws StartError when the mode needs what is not configured */
export async function createAuthentication(
  config: AuthenticationConfig,
  dependencies: AuthenticationDependencies,
): Promise<Authentication> {
  const { userAgent, jwt: keys } = config
  const proxy = config.mode === 'jwt' ? keys.proxy : config.proxy
  const asker = createAsker({ proxy, userAgent })
  const made = await MODES[config.mode]({ ...dependencies, config, asker })
  return {
    ...made,
    async close() {
      await made.close?.()
      await asker.close()
    },
  }
}

/** Anonymous visitors with signed sessions of our own. */
async function visitor(input: ModeInput): Promise<Mode> {
  const {
    config: { jwt: own },
    environment,
  } = input
  const { algorithm = SECRET_ALGORITHM } = own
  const sessions = createVisitorSessions({
    secret: await signingSecret(input),
    algorithm: algorithm.startsWith('HS') ? algorithm : SECRET_ALGORITHM,
    issuer: own.issuer ?? OWN_ISSUER,
    lifetimeSeconds: own.refreshMinutes * 60,
    environment,
  })
  return { authenticator: sessions, startSession: (earlierToken) => sessions.start(earlierToken) }
}

/** Users of this server, with a username and a password. */
async function local(input: ModeInput): Promise<Mode> {
  const { config, users, openAccounts, limiter, environment, logger } = input
  const { algorithm = SECRET_ALGORITHM, issuer = OWN_ISSUER, audience } = config.jwt
  const store = await openAccounts()
  const accounts = createLocalAccounts({
    store,
    limiter,
    tokens: {
      secret: await signingSecret(input),
      algorithm,
      issuer,
      audience,
      accessSeconds: config.jwt.accessMinutes * 60,
      refreshSeconds: config.jwt.refreshMinutes * 60,
    },
    isRegistrationOpen: config.accounts.registration === 'open',
    passwordCost: config.accounts.passwordCost,
    environment,
    logger,
  })
  await accounts.checkReady()
  return {
    authenticator: noting(accounts, users),
    accounts,
    async close() {
      await accounts.close()
      await store.close()
    },
  }
}

/** Users of another service, which checks their tokens. */
function service({ config, asker, users, environment }: ModeInput): Mode {
  const { serviceUrl, cacheTtlSeconds, cacheMaxSize, adminEmail } = config
  const authenticator = createServiceAuthenticator({
    url: required(serviceUrl, 'service', 'AUTH_SERVICE_URL'),
    internalApiKey: config.internalApiKey,
    adminEmail,
    cache: { ttlSeconds: cacheTtlSeconds, maxSize: cacheMaxSize },
    asker,
    environment,
  })
  return { authenticator: noting(authenticator, users) }
}

/** Users of the host site, which signs their tokens. */
async function jwt(input: ModeInput): Promise<Mode> {
  const { asker, users, environment, checkSecret } = input
  const { secret, jwksUrl, algorithm, issuer, audience } = input.config.jwt
  if (jwksUrl === undefined && secret !== undefined) await checkSecret(secret)
  const checks = { issuer, audience, environment }
  const authenticator =
    jwksUrl === undefined
      ? createJwtAuthenticator({
          ...checks,
          key: secretKey(required(secret, 'jwt', 'JWT_SECRET_KEY')),
          algorithms: [algorithm ?? SECRET_ALGORITHM],
        })
      : createJwtAuthenticator({
          ...checks,
          key: createKeySet({ url: jwksUrl, asker, environment }),
          algorithms: algorithm === undefined ? PUBLIC_KEY_ALGORITHMS : [algorithm],
        })
  return { authenticator: noting(authenticator, users) }
}

/** What our own tokens are signed with. */
async function signingSecret({ config, secretFile, checkSecret }: ModeInput): Promise<string> {
  const secret = config.jwt.secret ?? (await readOrCreateSecret(secretFile))
  await checkSecret(secret)
  return secret
}

function secretKey(secret: string) {
  const key = new TextEncoder().encode(secret)
  return () => key
}

/** Everybody who is let in stands in the directory. */
function noting(authenticator: Authenticator, users: UserDirectory): Authenticator {
  return {
    async authenticate(token, trace) {
      const identity = await authenticator.authenticate(token, trace)
      users.note(identity)
      return identity
    },
  }
}

function required(value: string | undefined, mode: AuthMode, name: string): string {
  if (value === undefined) throw new StartError(`AUTH_MODE is "${mode}", which needs ${name}.`)
  return value
}

/**
 * The secret that signs tokens: made once and kept in the data folder, so that visitors stay known over
 * restarts. @throws StartError when the file holds something else
 */
export async function readOrCreateSecret(file: KeptText): Promise<string> {
  const secret = (await file.keepFirst(randomBytes(48).toString('base64url'))).trim()
  if (secret.length >= 32) return secret
  throw new StartError(
    `${file.place} is damaged: it should hold at least 32 characters. Delete it to make a new one.`,
  )
}
