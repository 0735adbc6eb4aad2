/**
 * Accounts of the server: who has signed in, their tokens, and what becomes of it all when they leave.
 * Loaded where a server has accounts. The form is in sign-in.ts.
 */
import { html, type ReactiveController, type ReactiveControllerHost } from 'lit'
import { ApiError, toApiError } from '../api/api-error.ts'
import { emit, type AccountUser } from '../api/chat-events.ts'
import { isObject, listIn, numberIn, parseJson, textIn } from '../api/check.ts'
import type { ChatClient } from '../api/client.ts'
import { objectOf, readJson } from '../api/decode-body.ts'
import { ACCOUNT_TOKEN, type Connection, visitorKey } from '../conversation/connection.ts'
import type { ConversationState } from '../conversation/conversation-state.ts'
import { mayType } from '../ui/element.ts'
import type { Strings } from '../words/strings.ts'
import { sentenceOf } from './sign-in.ts'

/** What the browser keeps beside the access token. */
const DETAILS = 'account'
/** An access token is replaced so many milliseconds before its end, or when a tenth of its time is left. */
const MARGIN_MS = 30_000

type AccountHost = ReactiveControllerHost & HTMLElement

interface Details {
  /** Names the user, as their tokens do. */
  readonly key: string
  /** Gone once the server has refused it: who it was is still known, and has to sign in again. */
  readonly refreshToken: string | undefined
  /** Milliseconds since 1970. */
  readonly renewAt: number
  readonly user: AccountUser
}

interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly renewAt: number
}

/** Who was there when it was looked at last. */
interface Seen {
  /** Of the server's accounts: another one has others. */
  readonly prefix: string | undefined
  /** Names the user in the browser's storage; empty for nobody. */
  readonly key: string
  readonly user: AccountUser | undefined
  readonly isNeeded: boolean
}

function decodeUser(body: unknown): AccountUser {
  const user = objectOf(body)
  const id = textIn(user, 'id')
  const username = textIn(user, 'username')
  if (id === undefined || username === undefined) throw new ApiError('misconfigured')
  const roles = listIn(user, 'roles').filter((role) => typeof role === 'string')
  return { id, username, full_name: textIn(user, 'full_name') ?? null, roles }
}

function decodeTokens(body: unknown): Tokens {
  const pair = objectOf(body)
  const access = textIn(pair, 'access_token')
  const refresh = textIn(pair, 'refresh_token')
  if (access === undefined || refresh === undefined) throw new ApiError('misconfigured')
  const life = (numberIn(pair, 'expires_in') ?? Infinity) * 1000
  return { access, refresh, renewAt: Date.now() + Math.max(life - MARGIN_MS, life * 0.9) }
}

function detailsIn({ store }: Connection): Details | undefined {
  const kept = parseJson(store.get(DETAILS) ?? '')
  if (!isObject(kept) || !isObject(kept['user'])) return undefined
  const refreshToken = textIn(kept, 'refreshToken')
  // JSON has no infinity: what never ends has none.
  const renewAt = numberIn(kept, 'renewAt') ?? Infinity
  const key = textIn(kept, 'key') ?? ''
  const isTheirs = key === visitorKey(store.get(ACCOUNT_TOKEN))
  return isTheirs ? { key, refreshToken, renewAt, user: decodeUser(kept['user']) } : undefined
}

/** Everything that the browser's storage has of a user: conversation, drafts, choices. */
function forget(prefix: string, user: string): void {
  const isTheirs = (name: string) => {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    return rest.startsWith(`${user}:`) || (rest.startsWith('cited:') && rest.includes(`:${user}:`))
  }
  try {
    for (const name of Object.keys(localStorage)) if (isTheirs(name)) localStorage.removeItem(name)
  } catch {
    // Where there is no storage, nothing is in it.
  }
}

const authorization = (access: string) => ({ headers: { authorization: `Bearer ${access}` } })

const post = (client: ChatClient, path: string, body: object) =>
  client.request(path, { method: 'POST', body, open: true })

/** Asks for new tokens. */
const refresh = async (client: ChatClient, refresh_token: string): Promise<Tokens> =>
  decodeTokens(await readJson(await post(client, '/api/auth/refresh', { refresh_token })))

/** Those on this page; other tabs hear of a change by the `storage` event, which does not come here. */
const here = new Set<Account>()
const tellAll = () => here.forEach((account) => account.look())

/** Signs in and out on the server that an element talks to. */
export class Account implements ReactiveController {
  /** What must still be done as this user before they have left. */
  beforeLeaving: () => Promise<unknown> | undefined = () => undefined
  readonly #host: AccountHost
  readonly #strings: () => Strings
  readonly #reauthorize: () => void
  readonly #connected: () => Connection | undefined
  #seen: Seen | undefined
  #renewing: Promise<boolean> | undefined

  constructor(
    host: AccountHost,
    strings: () => Strings,
    reauthorize: () => void,
    connection: () => Connection | undefined,
  ) {
    this.#host = host
    this.#strings = strings
    this.#reauthorize = reauthorize
    this.#connected = connection
    host.addController(this)
  }

  hostConnected(): void {
    here.add(this)
    addEventListener('storage', this.look)
    // A page that the browser kept aside has heard nothing meanwhile.
    addEventListener('pageshow', this.look)
    this.look()
  }

  hostDisconnected(): void {
    here.delete(this)
    removeEventListener('storage', this.look)
    removeEventListener('pageshow', this.look)
  }

  hostUpdate(): void {
    // Another server has other accounts: nobody has come or gone.
    if (this.#connected()?.prefix !== this.#seen?.prefix) this.#see()
  }

  /** Who has signed in. */
  get user(): AccountUser | undefined {
    return this.isSignedOut ? undefined : detailsIn(this.#connection)?.user
  }

  get isSignedOut(): boolean {
    return this.#token === undefined
  }

  /** Nobody has signed in, or they have to once more. */
  get isNeeded(): boolean {
    return this.isSignedOut || detailsIn(this.#connection)?.refreshToken === undefined
  }

  /** A token that will do for a while: the given one, or what has taken its place. */
  fresh(token: string): Promise<string> | string {
    const details = detailsIn(this.#connection)
    const isDue = details?.refreshToken !== undefined && details.renewAt <= Date.now()
    return isDue && this.#token === token ? this.#freshen(token) : token
  }

  /**
   * Replaces a token that the server refused, once for all that ask; false when it does not give another.
   * @throws ApiError when the server cannot be asked
   */
  renew(refused: string): Promise<boolean> {
    this.#renewing ??= this.#renew(refused).finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  /**
   * Signs in; what the user before has left behind is erased first.
   * @throws ApiError
   */
  readonly enter = async (username: string, password: string): Promise<void> => {
    await this.#host.updateComplete
    const connection = this.#connection
    const { client } = connection
    const body = { username, password }
    const tokens = decodeTokens(await readJson(await post(client, '/api/auth/login', body)))
    const asked = await client.request('/api/auth/me', {
      open: true,
      ...authorization(tokens.access),
    })
    const user = decodeUser(await readJson(asked))
    const before = visitorKey(connection.store.get(ACCOUNT_TOKEN))
    if (before !== '' && before !== visitorKey(tokens.access)) forget(connection.prefix, before)
    this.#keep(connection, tokens, user)
    tellAll()
    await this.#host.updateComplete
  }

  /** As `enter`, for a page. @throws Error whose message is a sentence for the visitor */
  async signIn(username: string, password: string): Promise<void> {
    try {
      await this.enter(username, password)
    } catch (error) {
      throw new Error(sentenceOf(toApiError(error), this.#strings()), { cause: error })
    }
  }

  /** Erases what this browser has of the user, at once; then the server is told, if it can be reached. */
  async signOut(): Promise<void> {
    await this.#host.updateComplete
    const connection = this.#connection
    const access = this.#token
    if (access === undefined) return
    const refreshToken = detailsIn(connection)?.refreshToken
    const done = this.beforeLeaving()
    forget(connection.prefix, visitorKey(access))
    this.#drop(connection)
    tellAll()
    await this.#host.updateComplete
    try {
      await done
      await this.#logOut(connection.client, access, refreshToken)
    } catch {
      // The tokens are gone from here, and end by themselves.
    }
  }

  /** The form, where it is needed; a page may have its own in the slot. */
  renderSignIn({ messages, phase }: ConversationState) {
    if (!this.isNeeded) return undefined
    const isUnsent = phase.kind === 'failed' && phase.retry === 'send'
    return html`<slot name="sign-in"
      ><samosa-sign-in
        part="sign-in"
        ?whole=${messages.length === 0}
        .strings=${this.#strings()}
        .enter=${this.enter}
        .username=${this.user?.username}
        .waits=${phase.kind === 'sending' || isUnsent}
      ></samosa-sign-in
    ></slot>`
  }

  /** Notices who has come and who has gone. */
  readonly look = (): void => {
    const before = this.#seen
    const now = this.#see()
    if (!before || before.prefix !== now.prefix) return
    const isSame = before.key === now.key && before.user?.id === now.user?.id
    if (!isSame || before.isNeeded !== now.isNeeded) void this.#follow(before, now)
  }

  get #connection(): Connection {
    const connection = this.#connected()
    if (!connection) throw new Error('The element has not been drawn yet.')
    return connection
  }

  get #token(): string | undefined {
    return this.#connected()?.store.get(ACCOUNT_TOKEN)
  }

  #hasSameUser(token: string): boolean {
    return visitorKey(this.#token) === visitorKey(token)
  }

  async #freshen(token: string): Promise<string> {
    // Without a new one the old one may still do; if not, the server says so.
    await this.renew(token).catch(() => false)
    return this.#hasSameUser(token) ? (this.#token ?? token) : token
  }

  #see(): Seen {
    const prefix = this.#connected()?.prefix
    const key = visitorKey(this.#token)
    // Between the two writes of another tab nobody is known.
    const user = this.user ?? (this.#seen?.key === key ? this.#seen.user : undefined)
    this.#seen = { prefix, key, user, isNeeded: this.isNeeded }
    return this.#seen
  }

  async #follow(before: Seen, now: Seen): Promise<void> {
    const host = this.#host
    const { prefix } = this.#connection
    const hadFocus = host.matches(':focus-within')
    const hasLeft = before.key !== '' && before.key !== now.key
    host.requestUpdate()
    await host.updateComplete
    // Only now nothing is written for them any more.
    if (hasLeft) forget(prefix, before.key)
    if (hasLeft && before.user) emit(host, 'samosa-sign-out', { user: before.user })
    if (before.key !== now.key && now.user) emit(host, 'samosa-sign-in', { user: now.user })
    // What waits for them, and what may have changed meanwhile.
    if (before.key === now.key && before.isNeeded && !now.isNeeded) this.#reauthorize()
    if (hadFocus && !now.isNeeded && mayType()) host.focus({ preventScroll: true })
  }

  async #renew(refused: string): Promise<boolean> {
    const connection = this.#connection
    const { client } = connection
    const replaced = () => this.#token !== refused && this.#hasSameUser(refused)
    if (this.#token !== refused) return replaced()
    const { hasAccounts } = await client.widgetConfig()
    const details = detailsIn(connection)
    if (!hasAccounts) this.#drop(connection)
    if (!hasAccounts || details?.refreshToken === undefined) return false
    try {
      const tokens = await refresh(client, details.refreshToken)
      // They may have left meanwhile, or another tab was faster.
      if (this.#token === refused) this.#keep(connection, tokens, details.user)
    } catch (cause) {
      const error = toApiError(cause)
      if (error.isConnection || error.code === 'rate_limited') throw error
      if (this.#token === refused) this.#keep(connection, undefined, details.user)
      tellAll()
    }
    return replaced()
  }

  async #logOut(client: ChatClient, access: string, refreshToken: string | undefined) {
    const logOut = (token: string) =>
      client.request('/api/auth/logout', {
        method: 'POST',
        open: true,
        keepalive: true,
        ...authorization(token),
      })
    try {
      await logOut(access)
    } catch (error) {
      if (toApiError(error).code !== 'unauthorized' || refreshToken === undefined) throw error
      await logOut((await refresh(client, refreshToken)).access)
    }
  }

  /** Without tokens, the user has to sign in again; the old access token says who it is. */
  #keep({ store }: Connection, tokens: Tokens | undefined, user: AccountUser): void {
    const access = tokens?.access ?? store.get(ACCOUNT_TOKEN) ?? ''
    const { refresh: refreshToken, renewAt = 0 } = tokens ?? {}
    const details = { key: visitorKey(access), refreshToken, renewAt, user }
    store.set(DETAILS, JSON.stringify(details))
    store.set(ACCOUNT_TOKEN, access)
  }

  #drop({ store }: Connection): void {
    store.remove(DETAILS)
    store.remove(ACCOUNT_TOKEN)
  }
}
