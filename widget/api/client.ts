/**
 * api: the server as the element sees it; nothing here draws. Begin at `createClient`; what an answer streams is read
 * in read-stream.ts, and what it holds is checked in decode-event.ts and decode-body.ts.
 */
import type { RegenerateBody, SendBody } from '../../server/protocol/api.ts'
import { lazy } from '../ui/lazy.ts'
import { ApiError, errorOfResponse, refusalCode, toApiError } from './api-error.ts'
import { isObject, parseJson, numberIn, textIn } from './check.ts'
import {
  decodeConfig,
  decodeId,
  decodeSession,
  readJson,
  type WidgetConfig,
  type Session,
} from './decode-body.ts'
import { createKeyValueStore, type KeyValueStore } from './key-value-store.ts'
import { readTurn, type TurnStream } from './read-stream.ts'

/** Where the server has a conversation, and the `rest` of it. */
export const conversationPath = (id: string, rest = '') =>
  `/api/conversations/${encodeURIComponent(id)}${rest}`

const KEY = 'session'
/** Renewed a little early, so that a request on its way does not outlive its token. */
const MARGIN_MS = 30_000

/**
 * Keeps the visitor's session token over reloads, and shares one request for it. `ask` gives a new session, or the
 * token of who has signed in; the earlier token, however old, lets the server know the visitor again.
 */
function createSession(
  { token: given = () => undefined, renewToken }: ClientOptions,
  store: KeyValueStore,
  ask: (earlierToken: string | undefined) => Promise<Session | string>,
) {
  let asking: Promise<string> | undefined
  let renewing: Promise<boolean> | undefined

  const stored = () => {
    const parsed = parseJson(store.get(KEY) ?? '')
    if (!isObject(parsed)) return undefined
    return { token: textIn(parsed, 'token'), expiresAt: numberIn(parsed, 'expiresAt') ?? 0 }
  }

  const kept = (): string | undefined => {
    const session = stored()
    return session && session.expiresAt - MARGIN_MS > Date.now() ? session.token : undefined
  }

  const keep = (token: string, expiresAt: number) =>
    store.set(KEY, JSON.stringify({ token, expiresAt }))

  const begin = async (): Promise<string> => {
    const session = await ask(stored()?.token)
    if (typeof session === 'string') return session
    keep(session.token, Date.now() + session.expiresIn * 1000)
    return session.token
  }

  return {
    /** @throws ApiError `unauthorized` when the server wants a token and none was given */
    async token(): Promise<string> {
      const ready = (await given()) ?? kept()
      if (ready !== undefined) return ready
      asking ??= begin().finally(() => {
        asking = undefined
      })
      return asking
    },
    /** Forgets a token that the server refused; false when there is nothing to put in its place. */
    async discard(token: string): Promise<boolean> {
      if ((await given()) === token) {
        renewing ??= (renewToken?.(token) ?? Promise.resolve(false)).finally(() => {
          renewing = undefined
        })
        return renewing
      }
      // Another tab may have renewed it already. The token itself is kept: it tells who the visitor was.
      if (kept() === token) keep(token, 0)
      return true
    },
  }
}

export interface Cancellable {
  readonly signal?: AbortSignal | undefined
}

export interface MessagePage extends Cancellable {
  /** At most so many messages, the newest. */
  readonly limit?: number | undefined
  /** Those that came before the message of this id. */
  readonly before?: string | undefined
}

export interface TurnRequest extends Cancellable {
  /** The same key again attaches to the same turn. */
  readonly idempotencyKey: string
  /** Is told how much of the request has left, 0 to 1. */
  readonly onUpload?: ((share: number) => void) | undefined
}

/** Everything that the element asks of a server; each method throws ApiError, or the abort's reason. */
export interface ChatClient {
  /** Asked once; a failure is forgotten. */
  widgetConfig(options?: Cancellable): Promise<WidgetConfig>
  /** What the server said of itself when it was asked last, on an earlier page. */
  lastConfig?(): WidgetConfig | undefined
  /** Resolves to its id. */
  createConversation(options?: Cancellable): Promise<string>
  /** With its messages, all or a page of them, as the server wrote it: see decode-conversation.ts. */
  conversation(id: string, page?: MessagePage): Promise<unknown>
  /** Whatever else the server's API has, as this visitor; an answer that is no success is thrown. */
  request(path: string, options?: RequestOptions): Promise<Response>
  send(conversationId: string, body: SendBody, request: TurnRequest): Promise<TurnStream>
  regenerate(
    conversationId: string,
    body: RegenerateBody,
    request: TurnRequest,
  ): Promise<TurnStream>
  /** What came after the event of that id (without one: the whole turn); `undefined` when no turn is kept. */
  resume(
    conversationId: string,
    lastEventId: string | undefined,
    options?: Cancellable,
  ): Promise<TurnStream | undefined>
  stop(conversationId: string, options?: Cancellable): Promise<void>
}

export interface ClientOptions {
  /** Origin of the server, without a slash at the end. */
  readonly endpoint: string
  readonly token?: () => Promise<string | undefined> | string | undefined
  /** Has the page replace its token, which the server refused; false when it cannot. */
  readonly renewToken?: (refused: string) => Promise<boolean>
  /** Where the server has accounts and there is no token: waits until somebody has signed in, and gives theirs. */
  readonly signIn?: () => Promise<string>
  readonly fetch?: typeof fetch
  readonly store?: KeyValueStore
  /** Whose documents are asked first, as it is when something is asked; an empty one names nobody. */
  readonly creator?: () => string
}

export interface RequestOptions extends Cancellable {
  readonly method?: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** Without a bearer. */
  readonly open?: boolean
  /** Goes on when the page is left. */
  readonly keepalive?: boolean
  readonly onUpload?: TurnRequest['onUpload']
}

/** What servers said of themselves, which is about no visitor; under another name when a version reads it otherwise. */
const KEPT_CONFIGS = 'samosa-chat-config-1:'

/** What tells how far files have come. */
const uploadCode = lazy(() => import('./upload.ts'))
const citedCode = lazy(() => import('./cited.ts'))

/** A client for one server. */
export function createClient(options: ClientOptions): ChatClient {
  const { endpoint } = options
  const fetchIt = options.fetch ?? ((...args) => fetch(...args))
  const store = options.store ?? createKeyValueStore(`samosa-chat:${endpoint}:`)

  const ask = async (url: string, init: RequestInit, onUpload: TurnRequest['onUpload']) => {
    // What is not told of its progress is sent all the same.
    if (!onUpload || options.fetch) return fetchIt(url, init)
    const loaded = await uploadCode.need().catch(() => undefined)
    return loaded ? loaded.upload(url, init, onUpload) : fetchIt(url, init)
  }

  const exchange = async (path: string, request: RequestOptions, bearer?: string) => {
    const { method = 'GET', body, headers, signal, onUpload, keepalive = false } = request
    try {
      const init = {
        method,
        keepalive,
        cache: 'no-store',
        headers: {
          ...headers,
          ...(body && { 'content-type': 'application/json' }),
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: signal ?? null,
      } satisfies RequestInit
      return await ask(endpoint + path, init, onUpload)
    } catch (error) {
      signal?.throwIfAborted()
      if (!URL.canParse(endpoint)) throw new ApiError('misconfigured')
      // Only for developers: where the code cannot be had either, nothing is there to be explained.
      void refusalCode.load().then((code) => code?.explainRefusal(endpoint))
      throw toApiError(error)
    }
  }

  const accept = async (path: string, response: Response): Promise<Response> => {
    if (response.ok) return response
    const error = await errorOfResponse(response)
    // All but single conversations is there on every chat server.
    const isElsewhere = error.code === 'not_found' && !path.startsWith('/api/conversations/')
    throw isElsewhere ? new ApiError('misconfigured', { status: 404 }) : error
  }

  const request = async (path: string, how: RequestOptions = {}): Promise<Response> => {
    if (how.open) return accept(path, await exchange(path, how))
    const bearer = await session.token()
    how.signal?.throwIfAborted()
    const response = await exchange(path, how, bearer)
    if (response.status !== 401) return accept(path, response)
    // Read before anybody is asked to sign in: then it is told before they have.
    const refusal = errorOfResponse(response)
    if (!(await session.discard(bearer))) throw await refusal
    how.signal?.throwIfAborted()
    return accept(path, await exchange(path, how, await session.token()))
  }

  const json = async (path: string, how?: RequestOptions): Promise<unknown> =>
    readJson(await request(path, how), how)

  const keptConfigs = createKeyValueStore(KEPT_CONFIGS)
  let config: Promise<WidgetConfig> | undefined
  const widgetConfig = () => {
    config ??= json('/api/widget-config', { open: true }).then((body) => {
      const decoded = decodeConfig(body)
      keptConfigs.set(endpoint, JSON.stringify(body))
      return decoded
    })
    config.catch(() => {
      config = undefined
    })
    return config
  }

  const session = createSession(options, store, async (earlierToken) => {
    const { takesVisitors, hasAccounts } = await widgetConfig()
    if (!takesVisitors) {
      if (!hasAccounts || !options.signIn) throw new ApiError('unauthorized')
      return await options.signIn()
    }
    const headers = earlierToken && { authorization: `Bearer ${earlierToken}` }
    const how = { method: 'POST', body: {}, open: true, ...(headers && { headers }) }
    return decodeSession(await json('/api/session', how))
  })

  const stream = async (at: string, how: RequestOptions): Promise<TurnStream | undefined> => {
    const headers = { accept: 'text/event-stream', ...how.headers }
    const response = await request(at, { ...how, headers })
    if (response.status === 204) return undefined
    return readTurn(response)
  }

  const startTurn = async (at: string, body: object, turn: TurnRequest) => {
    const { idempotencyKey, ...how } = turn
    const headers = { 'idempotency-key': idempotencyKey }
    const asked = { ...body, creator: options.creator?.() || undefined }
    const started = await stream(at, { ...how, method: 'POST', body: asked, headers })
    if (!started) throw new ApiError('internal')
    return started
  }

  return {
    lastConfig() {
      const body = parseJson(keptConfigs.get(endpoint) ?? '')
      return isObject(body) ? decodeConfig(body) : undefined
    },
    widgetConfig: async (how) => {
      const loaded = await widgetConfig()
      how?.signal?.throwIfAborted()
      return loaded
    },
    createConversation: async (how) =>
      decodeId(await json('/api/conversations', { ...how, method: 'POST', body: {} })),
    conversation: async (id, { limit, before, signal } = {}) => {
      const query = new URLSearchParams()
      if (limit !== undefined) query.set('messages_limit', String(limit))
      if (before !== undefined) query.set('before', before)
      return json(conversationPath(id, query.size > 0 ? `?${query}` : ''), { signal })
    },
    request,
    send: (id, body, how) => startTurn(conversationPath(id, '/messages'), body, how),
    regenerate: (id, body, how) => startTurn(conversationPath(id, '/regenerate'), body, how),
    resume: (id, lastEventId, how) =>
      stream(conversationPath(id, '/stream'), {
        ...how,
        ...(lastEventId !== undefined && { headers: { 'last-event-id': lastEventId } }),
      }),
    stop: async (id, how) => {
      await request(conversationPath(id, '/stop'), { ...how, method: 'POST' })
    },
  }
}

/* The ways in which a question reaches a server, by the name that the page gives them. */

/** What the page wants of each answer, as it is when the question is asked. */
export interface Wishes {
  readonly creator: string
  readonly personalityWeight: number
}

/** A new dialect is a client of its own and one line here. */
export const dialects = {
  conversations: (client) => client,
  cited(client, wishes) {
    const cited = async () => (await citedCode.need()).createCitedClient(client, wishes)
    return {
      ...client,
      // It offers less of it than other questions do.
      lastConfig: () => undefined,
      widgetConfig: async (...asked) => (await cited()).widgetConfig(...asked),
      send: async (...asked) => (await cited()).send(...asked),
      regenerate: async (...asked) => (await cited()).regenerate(...asked),
    }
  },
} satisfies Record<string, (client: ChatClient, wishes: Wishes) => ChatClient>

export type Dialect = keyof typeof dialects
