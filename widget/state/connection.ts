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

/** The origin that this script came from; the page's own where the script has none. */
function defaultEndpoint(): string {
  const { protocol, origin } = new URL(import.meta.url)
  return protocol === 'http:' || protocol === 'https:' ? origin : location.origin
}

/**
 * Connects to an endpoint; an empty one means the server that the script came from. Gives the earlier
 * connection back when it is the same.
 */
export function connect(
  endpoint: string | null,
  given: ChatClient | undefined,
  token: () => string | undefined,
  earlier: Connection | undefined,
): Connection {
  const user = visitorKey(token())
  const isSameServer = earlier?.endpoint === endpoint && earlier.given === given
  if (isSameServer && earlier.user === user) return earlier
  const origin = (endpoint ?? '').replace(/\/+$/, '') || defaultEndpoint()
  const prefix = `samosa-chat:${origin}:`
  const store = createKeyValueStore(prefix)
  const memory = createMemory(user === '' ? store : createKeyValueStore(`${prefix}${user}:`))
  if (isSameServer && earlier.user === '') carryOver(earlier.memory, memory)
  const client = isSameServer
    ? earlier.client
    : (given ?? createClient({ endpoint: origin, store, token }))
  return { endpoint, given, user, client, memory }
}
