import { createClient, type ChatClient } from '../api/client.ts'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { carryOver, createMemory, type Memory } from './memory.ts'
import { visitorKey } from './visitor-key.ts'

/** The server an element talks to, for one user, and what this browser remembers of it. */
export interface Connection {
  readonly endpoint: string | null
  /** The client that the page gave, if it did. */
  readonly given: ChatClient | undefined
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
  endpoint: string | null,
  given: ChatClient | undefined,
  { token, renew }: Credentials,
  earlier: Connection | undefined,
): Connection {
  const user = visitorKey(token())
  const isSameServer = earlier?.endpoint === endpoint && earlier.given === given
  if (isSameServer && earlier.user === user) return earlier
  const origin = endpoint ? addressOf(endpoint.trim()) : defaultEndpoint()
  const prefix = `samosa-chat:${origin}:`
  const store = createKeyValueStore(prefix)
  const memory = createMemory(user === '' ? store : createKeyValueStore(`${prefix}${user}:`))
  if (isSameServer && earlier.user === '') carryOver(earlier.memory, memory)
  const client = isSameServer
    ? earlier.client
    : (given ?? createClient({ endpoint: origin, store, token, renewToken: renew }))
  return { endpoint, given, user, client, memory }
}
