import { createClient, type ChatClient } from '../api/client.ts'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { createMemory, type Memory } from './memory.ts'

/** The server an element talks to, and what this browser remembers of it. */
export interface Connection {
  readonly endpoint: string | null
  /** The client that the page gave, if it did. */
  readonly given: ChatClient | undefined
  readonly client: ChatClient
  readonly memory: Memory
}

/** The origin that this script came from; the page's own where the script has none. */
function defaultEndpoint(): string {
  const { protocol, origin } = new URL(import.meta.url)
  return protocol === 'http:' || protocol === 'https:' ? origin : location.origin
}

/** Connects to an endpoint; an empty one means the server that the script came from. */
export function connect(
  endpoint: string | null,
  given: ChatClient | undefined,
  token: () => string | undefined,
): Connection {
  const origin = (endpoint ?? '').replace(/\/+$/, '') || defaultEndpoint()
  const store = createKeyValueStore(`samosa-chat:${origin}:`)
  const client = given ?? createClient({ endpoint: origin, store, token })
  return { endpoint, given, client, memory: createMemory(store) }
}
