import type { RegenerateBody, SendBody } from '../../server/protocol/api.ts'
import { ApiError, errorOfResponse, toApiError } from './api-error.ts'
import { isObject, parseJson } from './check.ts'
import {
  decodeConfig,
  decodeId,
  decodeSession,
  readJson,
  type WidgetConfig,
} from './decode-body.ts'
import { conversationPath } from './conversation-path.ts'
import { createKeyValueStore, type KeyValueStore } from './key-value-store.ts'
import { readStream, type TurnStream } from './read-stream.ts'
import { createSessionKeeper } from './session.ts'

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

/** A client for one server. */
export function createClient(options: ClientOptions): ChatClient {
  const { endpoint, token = () => undefined } = options
  const fetchIt = options.fetch ?? ((...args) => fetch(...args))
  const store = options.store ?? createKeyValueStore(`samosa-chat:${endpoint}:`)

  const ask = async (url: string, init: RequestInit, onUpload: TurnRequest['onUpload']) => {
    // What is not told of its progress is sent all the same.
    if (!onUpload || options.fetch) return fetchIt(url, init)
    const loaded = await import('./upload.ts').catch(() => undefined)
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
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      } satisfies RequestInit
      return await ask(endpoint + path, init, onUpload)
    } catch (error) {
      signal?.throwIfAborted()
      if (!URL.canParse(endpoint)) throw new ApiError('misconfigured')
      // Only for developers: where the code cannot be had either, nothing is there to be explained.
      void import('./explain-refusal.ts')
        .then((code) => code.explainRefusal(endpoint))
        .catch(() => {})
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

  const session = createSessionKeeper({
    store,
    givenToken: token,
    renewGiven: options.renewToken,
    async signIn() {
      const { takesVisitors, hasAccounts } = await widgetConfig()
      if (takesVisitors) return undefined
      if (!hasAccounts || !options.signIn) throw new ApiError('unauthorized')
      return await options.signIn()
    },
    request: async (earlierToken) =>
      decodeSession(
        await json('/api/session', {
          method: 'POST',
          body: {},
          open: true,
          ...(earlierToken !== undefined && {
            headers: { authorization: `Bearer ${earlierToken}` },
          }),
        }),
      ),
  })

  const stream = async (at: string, how: RequestOptions): Promise<TurnStream | undefined> => {
    const headers = { accept: 'text/event-stream', ...how.headers }
    const response = await request(at, { ...how, headers })
    if (response.status === 204) return undefined
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    // A proxy's page with a status of 200 is no answer.
    if (!response.body || !isStream) throw new ApiError('unreachable')
    return readStream(response.body)
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
