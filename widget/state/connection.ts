import { createClient, type ChatClient } from '../api/client.ts'
import { dialects, type Dialect, type Wishes } from '../api/dialects.ts'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { carryOver, createMemory, type Memory } from './memory.ts'
import { visitorKey } from './visitor-key.ts'

/** What a page says of the server, and of how it is to be asked. */
export interface Page extends Wishes {
  readonly endpoint: string | null
  /** Takes the place of one for the endpoint. */
  readonly client: ChatClient | undefined
  readonly dialect: Dialect
}

/** The server an element talks to, for one user, and what this browser remembers of it. */
export interface Connection {
  readonly endpoint: string | null
  /** The client that the page gave, if it did. */
  readonly given: ChatClient | undefined
  /** Names the dialect, and whose documents are asked: conversations with others are others. */
  readonly about: string
  /** The user of the page's token; empty without one. */
  readonly user: string
  readonly client: ChatClient
  readonly memory: Memory
}

/** The token that the page gave, if it did. */
export interface Credentials {
  readonly token: () => string | undefined
  /** Has the page replace one that the server refused; false when it does not. */
  readonly renew: (refused: string) => Promise<boolean>
}

/** The origin that this script came from; the page's own where the script has none. */
function defaultEndpoint(): string {
  const { protocol, origin } = new URL(import.meta.url)
  return protocol === 'http:' || protocol === 'https:' ? origin : location.origin
}

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

/**
 * Connects to an endpoint; an empty one means the server that the script came from. Gives the earlier
 * connection back when it is the same.
 */
export function connect(
  page: Page,
  { token, renew }: Credentials,
  earlier: Connection | undefined,
): Connection {
  const { endpoint, client: given, dialect, creator } = page
  const user = visitorKey(token())
  const about = dialect === 'cited' ? `cited:${creator}:` : ''
  const isSameServer =
    earlier?.endpoint === endpoint && earlier.given === given && earlier.about === about
  if (isSameServer && earlier.user === user) return earlier
  const origin = endpoint ? addressOf(endpoint.trim()) : defaultEndpoint()
  const prefix = `samosa-chat:${origin}:`
  const store = createKeyValueStore(prefix)
  const own = about + (user && `${user}:`)
  const memory = createMemory(own === '' ? store : createKeyValueStore(prefix + own))
  if (isSameServer && earlier.user === '') carryOver(earlier.memory, memory)
  const client = isSameServer
    ? earlier.client
    : (given ??
      dialects[dialect](createClient({ endpoint: origin, store, token, renewToken: renew }), page))
  return { endpoint, given, about, user, client, memory }
}
