import {
  createClient,
  type ChatClient,
  dialects,
  type Dialect,
  type Wishes,
} from '../api/client.ts'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { carryOver, createMemory, type Memory } from './memory.ts'
import { isObject, parseJson, textIn } from '../api/check.ts'

/** The `sub` of a token that is a JWT. What is not the visitor's own token, the server refuses. */
function subjectOf(token: string): string | undefined {
  const [, claims = ''] = token.split('.')
  try {
    const bytes = Uint8Array.from(atob(claims.replaceAll('-', '+').replaceAll('_', '/')), (unit) =>
      unit.charCodeAt(0),
    )
    const parsed = parseJson(new TextDecoder().decode(bytes))
    return isObject(parsed) ? textIn(parsed, 'sub') : undefined
  } catch {
    return undefined
  }
}

/**
 * Names the user of a token among those of this browser, without telling who it is; empty without a token.
 * FNV-1a over UTF-16 units: it has to tell a few users apart, not to withstand anybody.
 */
export function visitorKey(token: string | undefined): string {
  if (!token) return ''
  let value = 0x811c9dc5
  for (const unit of (subjectOf(token) ?? token).split('')) {
    value = Math.imul(value ^ unit.charCodeAt(0), 0x01000193)
  }
  return (value >>> 0).toString(36)
}

/** What a page says of the server, and of how it is to be asked. */
export interface Page extends Wishes {
  readonly endpoint: string | null
  /** Takes the place of one for the endpoint. */
  readonly client: ChatClient | undefined
  readonly dialect: Dialect
  readonly token: string | undefined
  readonly conversationId: string | null
  readonly conversationKey: string
  readonly mode: string
  readonly isConnected: boolean
}

/** The server an element talks to, for one user, and what this browser remembers of it. */
export interface Connection {
  readonly endpoint: string | null
  /** The client that the page gave, if it did. */
  readonly given: ChatClient | undefined
  /** Origin of the server, below which it may have a path. */
  readonly origin: string
  /** Names the dialect, whose documents are asked, and which chat of a page this is: conversations with others are others. */
  readonly about: string
  /** The user of the page's token or of the account; empty without one. */
  readonly user: string
  /** What begins the name of everything that the browser keeps of the server. */
  readonly prefix: string
  /** Names this user's conversations with the server among all that the browser keeps. */
  readonly name: string
  /** What this browser keeps of the server, for all users. */
  readonly store: KeyValueStore
  /** Asks as this user, and never as another one. */
  readonly client: ChatClient
  readonly memory: Memory
}

/** Where the browser keeps the access token of the account that has signed in; accounts/account.ts puts it there. */
export const ACCOUNT_TOKEN = 'account-token'

/** What becomes of tokens. */
export interface Credentials {
  /** The one to use: that of an account is replaced a little before its end. */
  readonly fresh: (token: string) => Promise<string> | string
  /** Replaces one that the server refused; false when that cannot be. */
  readonly renew: (refused: string) => Promise<boolean>
}

/** Whoever signs in is asked for with another client. */
const anotherUser = () => new Promise<never>(() => {})

/**
 * The folder of our own script, which may be below a path of a site; of a script that others have bundled, under
 * their name or a development server's, the origin alone.
 */
const HOME = /^https?:(?!.*\/node_modules\/).*(?=\/samosa-chat(\.[\w-]{8})?\.js\b)|^https?:..[^/]+/

/** The server that this script came from; the page's own where the script came from none. */
export const defaultEndpoint = () => HOME.exec(import.meta.url)?.[0] ?? location.origin

/**
 * An endpoint as a page gives it, as an address: a host alone is taken for one on this protocol, and
 * `/chat` for a path here, whatever a `<base>` says. What is no address stays as it is.
 */
function addressOf(endpoint: string): string {
  const isWhole = /^([a-z][a-z\d+.-]*:)?\/\/|^\//i.test(endpoint)
  const scheme = location.protocol === 'http:' ? 'http:' : 'https:'
  const url = URL.parse(isWhole ? endpoint : `${scheme}//${endpoint}`, location.href)
  return url ? url.origin + url.pathname.replace(/\/+$/, '') : endpoint
}

/** The chats in the flow of this page, by what they have in common, each at a place of its own. */
const inline = new Map<string, Page[]>()

/** What tells a chat from others of the page: the page's word for it, or its place among those in the flow. */
function keyOf(page: Page, shared: string): string {
  if (page.conversationKey) return `${page.conversationKey}:`
  if (page.mode !== 'inline') return ''
  const places = inline.get(shared) ?? []
  inline.set(shared, places)
  let place = places.indexOf(page)
  if (place < 0) place = places.findIndex((other) => !other.isConnected)
  if (place < 0) place = places.length
  places[place] = page
  return place === 0 ? '' : `${place + 1}:`
}

/**
 * Connects to an endpoint; an empty one means the server that the script came from. Gives the earlier
 * connection back when it is the same.
 */
export function connect(
  page: Page,
  { fresh, renew }: Credentials,
  earlier: Connection | undefined,
): Connection {
  const { endpoint, client: given, dialect, creator } = page
  const asked = dialect === 'cited' ? `cited:${creator}:` : ''
  const about = asked + keyOf(page, `${endpoint} ${asked}`)
  const isSameServer =
    earlier?.endpoint === endpoint && earlier.given === given && earlier.about === about
  const origin = endpoint ? addressOf(endpoint.trim()) : defaultEndpoint()
  const prefix = `samosa-chat:${origin}:`
  const store = isSameServer ? earlier.store : createKeyValueStore(prefix)
  const tokenNow = () => page.token ?? store.get(ACCOUNT_TOKEN)
  const user = visitorKey(tokenNow())
  if (isSameServer && earlier.user === user) return earlier
  const own = about + (user && `${user}:`)
  const memory = createMemory(own === '' ? store : createKeyValueStore(prefix + own))
  if (isSameServer && earlier.user === '') carryOver(earlier.memory, memory, page.conversationId)
  const token = () => {
    const now = tokenNow()
    return now && visitorKey(now) === user ? fresh(now) : undefined
  }
  const asking = { creator: () => page.creator, signIn: anotherUser }
  const options = { endpoint: origin, store, token, renewToken: renew, ...asking }
  const client = given ?? dialects[dialect](createClient(options), page)
  const name = prefix + own
  return { endpoint, origin, given, about, user, prefix, name, store, client, memory }
}
