/** Accounts over HTTP: registering, signing in and out, and who one is. */
import { z } from 'zod'
import {
  emailProblem,
  fullNameProblem,
  LONGEST_EMAIL,
  LONGEST_FULL_NAME,
  LONGEST_PASSWORD,
  LONGEST_USERNAME,
  SHORTEST_PASSWORD,
  usernameProblem,
} from '../../core/accounts.ts'
import { ChatError } from '../../core/errors.ts'
import type { Account, Accounts, TokenPair } from '../../core/ports/index.ts'
import { object, optional, text } from '../fields.ts'
import { empty, json, type AnyRoute } from '../route.ts'

/** Entries of a list. */
const MOST_ENTRIES = 100
const LONGEST_ENTRY = 100
/** Bytes of the lists together, as JSON: tokens carry them, and a header has an end. */
const MOST_LIST_BYTES = 4_096

/** `accounts` is undefined where the server has none: then every route says so. */
export function createAuthRoutes(accounts: Accounts | undefined): readonly AnyRoute[] {
  if (accounts) return routesOf(accounts)
  return Object.values(ROUTES).map(({ doc: { name, chapter, summary }, ...route }) => ({
    ...route,
    open: true,
    doc: { name, chapter, summary, responses: NO_ACCOUNTS },
    handle: refuse,
  }))
}

async function refuse(): Promise<never> {
  throw new ChatError('not_found', 'This server has no accounts: AUTH_MODE is not "local" here.')
}

const routesOf = (accounts: Accounts): readonly AnyRoute[] => [
  {
    ...ROUTES.register,
    open: 'guests',
    async handle(exchange) {
      const { identity } = exchange
      // Before the body is looked at: who may not register learns nothing else.
      await accounts.checkMayRegister(identity)
      const body = await exchange.json(registerBody)
      const registration = {
        username: body.username,
        password: body.password,
        fullName: body.full_name,
        email: body.email,
        roles: body.roles ?? [],
        allowedProducts: body.allowed_products ?? [],
        allowedAgents: body.allowed_agents ?? [],
        isActive: body.is_active ?? true,
      }
      return json(userBody(await accounts.register(registration, identity, exchange.place())), 201)
    },
  },
  {
    ...ROUTES.login,
    open: true,
    async handle(exchange) {
      const credentials = await exchange.json(loginBody)
      return json(tokensBody(await accounts.signIn({ ...credentials, place: exchange.place() })))
    },
  },
  {
    ...ROUTES.refresh,
    open: true,
    async handle(exchange) {
      const { refresh_token: token } = await exchange.json(refreshBody)
      return json(tokensBody(await accounts.renew(token, exchange.place())))
    },
  },
  {
    ...ROUTES.logout,
    async handle({ identity }) {
      await accounts.signOut(identity.userId)
      return empty(204)
    },
  },
  {
    ...ROUTES.me,
    handle: async ({ identity }) => json(userBody(await accounts.account(identity.userId))),
  },
]

const userBody = (account: Account): z.input<typeof userSchema> => ({
  id: account.id,
  username: account.username,
  email: account.email,
  full_name: account.fullName,
  roles: [...account.roles],
  allowed_products: [...account.allowedProducts],
  allowed_agents: [...account.allowedAgents],
  is_active: account.isActive,
  token_version: account.tokenVersion,
  created_at: account.createdAt,
  updated_at: account.updatedAt,
  last_login_at: account.lastLoginAt,
})

const tokensBody = (pair: TokenPair): z.input<typeof tokensSchema> => ({
  access_token: pair.accessToken,
  refresh_token: pair.refreshToken,
  token_type: 'bearer',
  expires_in: pair.expiresIn,
  refresh_expires_in: pair.refreshExpiresIn,
})

// ── bodies ───────────────────────────────────────────────────────────────────────────────────────

/** A text without the white space around it, which `problem` finds nothing wrong with. */
const checked = (longest: number, problem: (value: string) => string | undefined) =>
  z
    .string('must be a text')
    .trim()
    .superRefine((value, context) => {
      const message = problem(value)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .meta({ minLength: 1, maxLength: longest })

const entries = () =>
  optional(
    z
      .array(text(1, LONGEST_ENTRY), 'must be a list of texts')
      .max(MOST_ENTRIES, `must have at most ${MOST_ENTRIES} entries`),
  )

const LISTS = ['roles', 'allowed_products', 'allowed_agents'] as const

const registerBody = object({
  username: checked(LONGEST_USERNAME, usernameProblem),
  password: z
    .string('must be a text')
    .describe(`${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} bytes in UTF-8, else 400.`),
  full_name: optional(checked(LONGEST_FULL_NAME, fullNameProblem)),
  email: optional(checked(LONGEST_EMAIL, emailProblem)),
  roles: entries().describe('`admin` opens the admin’s routes. Set by an admin.'),
  allowed_products: entries().describe('Empty: all. Set by an admin.'),
  allowed_agents: entries().describe('Empty: all. Set by an admin.'),
  is_active: optional(z.boolean('must be true or false')).describe('Set by an admin.'),
}).superRefine((body, context) => {
  const bytes = Buffer.byteLength(JSON.stringify(LISTS.map((name) => body[name] ?? [])))
  if (bytes <= MOST_LIST_BYTES) return
  const message = `is too long: ${LISTS.join(', ')} may have ${MOST_LIST_BYTES} bytes together`
  const path = LISTS.filter((name) => body[name]?.length).slice(0, 1)
  context.addIssue({ code: 'custom', path, message })
})

const loginBody = object({
  username: z.string('must be a text'),
  password: z.string('must be a text'),
})

const refreshBody = object({ refresh_token: z.string('must be a text') })

// ── what the API's description says ──────────────────────────────────────────────────────────────

const userSchema = z
  .object({
    id: z.uuid(),
    username: z.string(),
    email: z.string().nullable(),
    full_name: z.string().nullable(),
    roles: z.array(z.string()),
    allowed_products: z.array(z.string()).describe('Empty: all.'),
    allowed_agents: z.array(z.string()).describe('Empty: all.'),
    is_active: z.boolean().describe('Whoever is not is signed out, and cannot sign in.'),
    token_version: z.int().describe('Tokens with another one are dead.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    last_login_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Account' })

const tokensSchema = z
  .object({
    access_token: z.string().describe('For `Authorization: Bearer`.'),
    refresh_token: z.string().describe('For `POST /api/auth/refresh` alone.'),
    token_type: z.literal('bearer'),
    expires_in: z.int().describe('Seconds, of the access token.'),
    refresh_expires_in: z.int().describe('Seconds, of the refresh token.'),
  })
  .meta({ id: 'Tokens' })

const NO_ACCOUNTS = {
  404: { description: 'This server has no accounts: its `AUTH_MODE` is another.' },
}
const TOO_OFTEN = { 429: { description: 'Too many attempts.' } }
const UNAUTHORIZED = { 401: { description: 'There is no token, or it is not valid.' } }

const ROUTES = {
  register: {
    method: 'POST',
    path: '/api/auth/register',
    doc: {
      name: 'register',
      chapter: 'Accounts',
      summary: 'Adds a user.',
      description:
        'Open while there is no user: the first becomes an admin. From then on it is for admins, or, where the operator says so, for everybody, but only an admin may set roles and lists.',
      mayCarryToken: true,
      body: registerBody,
      responses: {
        201: { description: 'The user.', schema: userSchema },
        400: {
          description: 'The body is not valid JSON, or the password is too short or too long.',
        },
        ...UNAUTHORIZED,
        403: { description: 'Only an admin may do that.' },
        ...NO_ACCOUNTS,
        409: { description: 'The username or the e-mail address is taken.' },
        ...TOO_OFTEN,
      },
    },
  },
  login: {
    method: 'POST',
    path: '/api/auth/login',
    doc: {
      name: 'login',
      chapter: 'Accounts',
      summary: 'Signs a user in.',
      body: loginBody,
      responses: {
        200: { description: 'Tokens.', schema: tokensSchema },
        401: { description: 'Username or password is wrong, or the user is not active.' },
        ...NO_ACCOUNTS,
        ...TOO_OFTEN,
      },
    },
  },
  refresh: {
    method: 'POST',
    path: '/api/auth/refresh',
    doc: {
      name: 'refreshTokens',
      chapter: 'Accounts',
      summary: 'Gives new tokens for a refresh token.',
      description:
        'The old one stays good until it ends or the user logs out: two tabs may ask at once.',
      body: refreshBody,
      responses: {
        200: { description: 'New tokens.', schema: tokensSchema },
        401: { description: 'It is no valid refresh token, or its user has logged out since.' },
        ...NO_ACCOUNTS,
        ...TOO_OFTEN,
      },
    },
  },
  logout: {
    method: 'POST',
    path: '/api/auth/logout',
    doc: {
      name: 'logout',
      chapter: 'Accounts',
      summary: 'Ends every session of the caller.',
      responses: {
        204: { description: 'All tokens that were given until now are dead.' },
        ...UNAUTHORIZED,
        ...NO_ACCOUNTS,
      },
    },
  },
  me: {
    method: 'GET',
    path: '/api/auth/me',
    doc: {
      name: 'getMe',
      chapter: 'Accounts',
      summary: 'Says who the caller is.',
      responses: {
        200: { description: 'The user.', schema: userSchema },
        ...UNAUTHORIZED,
        ...NO_ACCOUNTS,
      },
    },
  },
} as const satisfies Readonly<Record<string, Pick<AnyRoute, 'method' | 'path' | 'doc'>>>
