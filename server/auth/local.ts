/** Accounts of this server: registering, signing in and out, and whose a token is. */
import { createHmac } from 'node:crypto'
import { ADMIN, addAccount, LONGEST_USERNAME, passwordProblem } from '../core/accounts.ts'
import { ChatError, invalidField } from '../core/errors.ts'
import type { Authenticator, Identity } from '../core/ports/people.ts'
import type {
  Account,
  Accounts,
  AccountStore,
  Logger,
  RateLimiter,
  Registration,
} from '../core/ports/index.ts'
import type { Environment } from '../core/settings.ts'
import {
  createAccountTokens,
  type AccountClaims,
  type AccountTokensOptions,
  refusal,
  createExpiringCache,
} from './tokens.ts'
import { createAttempts, createPasswords, type PasswordHashing } from './passwords.ts'

/** Tokens whose signature is not checked again for a while, and for how long, in milliseconds. */
const RECENT_TOKENS = 2_000
const RECENT_FOR = 60_000
/** Places that an account remembers: at home, at work, on the way. */
const MOST_PLACES = 8

export interface LocalAccountsOptions {
  readonly store: AccountStore
  readonly limiter: RateLimiter
  readonly tokens: Omit<AccountTokensOptions, 'environment'>
  /** Whether anybody may register once there is a user. */
  readonly isRegistrationOpen: boolean
  readonly passwordCost: number | undefined
  readonly environment: Environment
  readonly logger: Logger
  /** Tests set it. */
  readonly hashing?: PasswordHashing
}

export interface LocalAccounts extends Accounts, Authenticator {
  /** @throws StartError when passwords cannot be hashed on this machine */
  checkReady(): Promise<void>
  close(): Promise<void>
}

/** What a new account is made of; the password is a hash already. */
export function newAccount(
  registration: Omit<Registration, 'password'>,
  passwordHash: string,
  { now, createId }: Environment,
): Account {
  const { username, email, fullName, roles, allowedProducts, allowedAgents, isActive } =
    registration
  const createdAt = new Date(now()).toISOString()
  return {
    id: createId(),
    username,
    email: email ?? null,
    fullName: fullName ?? null,
    roles: [...new Set(roles)],
    allowedProducts: [...new Set(allowedProducts)],
    allowedAgents: [...new Set(allowedAgents)],
    isActive,
    tokenVersion: 0,
    passwordHash,
    knownPlaces: [],
    createdAt,
    updatedAt: createdAt,
    lastLoginAt: null,
  }
}

export function createLocalAccounts(options: LocalAccountsOptions): LocalAccounts {
  const { store, isRegistrationOpen, environment, logger } = options
  const tokens = createAccountTokens({ ...options.tokens, environment })
  const attempts = createAttempts(options.limiter)
  const passwords = createPasswords({
    cost: options.passwordCost,
    ...(options.hashing && { hashing: options.hashing }),
  })
  const recent = createExpiringCache<AccountClaims>(RECENT_TOKENS, environment.now)
  /** What goes on after somebody got an answer. */
  const afterwards = new Set<Promise<void>>()

  const timeNow = () => new Date(environment.now()).toISOString()

  /** A place as the account remembers it: a keyed hash, so that nobody reads addresses out of a copy. */
  const placeMark = (account: Account, place: string) =>
    createHmac('sha256', options.tokens.secret)
      .update(`${account.id} ${place}`)
      .digest('base64url')
      .slice(0, 22)

  const isKnownAt = (account: Account | undefined, place: string) =>
    account?.knownPlaces.includes(placeMark(account, place)) ?? false

  /** @throws ChatError `unauthorized` when the token's sessions have ended since, or its user has gone */
  const accountOf = async ({ userId, tokenVersion }: AccountClaims): Promise<Account> => {
    const account = await store.find(userId)
    if (!account?.isActive || account.tokenVersion !== tokenVersion) throw refusal()
    return account
  }

  /** Nobody is kept out because it cannot be written down that they came in. */
  const noteSignIn = async (account: Account, place: string) => {
    const mark = placeMark(account, place)
    try {
      await store.change(account.id, ({ knownPlaces }) => ({
        lastLoginAt: timeNow(),
        knownPlaces: [mark, ...knownPlaces.filter((known) => known !== mark)].slice(0, MOST_PLACES),
      }))
    } catch (error) {
      logger.warn({ err: error }, 'a sign-in could not be noted')
    }
  }

  /** Hashes a password anew when `PASSWORD_COST` has changed: now is the only time that it is known. */
  const renewHash = ({ id, passwordHash }: Account, password: string, place: string) => {
    if (!passwords.isOfOtherCost(passwordHash)) return
    const work = passwords
      .inTurn(place, (turn) => turn.hash(password))
      .then(async (renewed) => {
        await store.change(id, (account) =>
          account.passwordHash === passwordHash ? { passwordHash: renewed } : {},
        )
      })
      .catch((error: unknown) => {
        logger.warn(
          { err: error },
          'a password could not be hashed anew; the next sign-in tries again',
        )
      })
      .finally(() => afterwards.delete(work))
    afterwards.add(work)
  }

  const checkMayRegister = async (caller: Identity | undefined) => {
    if (isAdmin(caller) || isRegistrationOpen || (await store.count()) === 0) return
    throw new ChatError('forbidden', 'Only an admin may add users here.')
  }

  /** Of anybody but the first. */
  const checkMayHave = (registration: Registration, caller: Identity | undefined) => {
    const { roles, allowedProducts, allowedAgents, isActive } = registration
    const isPlain = [roles, allowedProducts, allowedAgents].every((list) => list.length === 0)
    if (isAdmin(caller) || (isPlain && isActive)) return
    throw new ChatError(
      'forbidden',
      'Only an admin may set roles, allowed_products, allowed_agents and is_active.',
    )
  }

  return {
    checkReady: () => passwords.checkReady(),

    checkMayRegister,

    async register(registration, caller, place) {
      const { username, password } = registration
      const checkNext = async () => {
        await checkMayRegister(caller)
        checkMayHave(registration, caller)
      }
      if ((await store.count()) > 0) await checkNext()
      const problem = passwordProblem(password)
      if (problem !== undefined) throw invalidField('password', problem, { status: 400 })
      await attempts.register(place, isAdmin(caller))
      if (await store.findByUsername(username)) throw taken('username')
      const hash = await passwords.inTurn(place, (turn) => turn.hash(password))
      const wanted = newAccount(registration, hash, environment)
      const { addition, account } = await addAccount(store, wanted, checkNext)
      switch (addition) {
        case 'username taken':
          throw taken('username')
        case 'email taken':
          throw taken('email')
        default:
          return account
      }
    },

    async signIn({ username, password, place }) {
      const find = async () => {
        const isTooLong = username.length > LONGEST_USERNAME * 2
        const account = isTooLong ? undefined : await store.findByUsername(username)
        return { account, attempt: { username, place, isKnownPlace: isKnownAt(account, place) } }
      }
      await attempts.check((await find()).attempt)
      const account = await passwords.inTurn(place, async (turn) => {
        // Much may have happened while this one waited.
        const found = await find()
        await attempts.begin(found.attempt)
        const isRight = await turn.matches(password, found.account?.passwordHash)
        if (!found.account?.isActive || !isRight) {
          throw new ChatError('unauthorized', 'Invalid credentials')
        }
        await attempts.succeed(found.attempt)
        return found.account
      })
      renewHash(account, password, place)
      await noteSignIn(account, place)
      return await tokens.issue(account)
    },

    async renew(refreshToken, place) {
      await attempts.renew(place)
      return await tokens.issue(await accountOf(await tokens.read(refreshToken, 'refresh')))
    },

    async signOut(userId) {
      await store.change(userId, ({ tokenVersion }) => ({
        tokenVersion: tokenVersion + 1,
        updatedAt: timeNow(),
      }))
    },

    async account(userId) {
      const account = await store.find(userId)
      if (!account) throw refusal()
      return account
    },

    list: () => store.list(),

    async authenticate(token) {
      let claims = recent.get(token)
      if (!claims) {
        claims = await tokens.read(token, 'access')
        recent.set(token, claims, Math.min(claims.endsAt, environment.now() + RECENT_FOR))
      }
      return identityOf(await accountOf(claims))
    },

    async close() {
      await Promise.all(afterwards)
      await passwords.close()
    },
  }
}

const isAdmin = (caller: Identity | undefined) => caller?.roles.includes(ADMIN) ?? false

const taken = (field: 'username' | 'email') =>
  new ChatError('conflict', `This ${field} is taken.`, {
    errors: [{ path: field, message: 'is taken' }],
  })

function identityOf(account: Account): Identity {
  const { id, username, email, fullName, roles, allowedProducts, allowedAgents } = account
  return {
    userId: id,
    username,
    roles,
    email: email ?? undefined,
    name: fullName ?? username,
    products: allowedProducts,
    agents: allowedAgents,
  }
}
