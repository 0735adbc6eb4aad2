import type {
  FeedbackRequestBody,
  SendBody,
  ToolClaimBody,
  ToolResultBody,
  TurnBody,
  WidgetConfigBody,
} from '../../server/protocol/api.ts'
import { ApiError, errorOfResponse, toApiError } from './api-error.ts'
import {
  decodeConfig,
  decodeConversation,
  decodeList,
  decodeSession,
  decodeSummary,
  type ConversationSummary,
  type StoredConversation,
} from './decode-body.ts'
import { createKeyValueStore, type KeyValueStore } from './key-value-store.ts'
import { readStream, type TurnStream } from './read-stream.ts'
import { createSessionKeeper } from './session.ts'

export interface Cancellable {
  readonly signal?: AbortSignal | undefined
}

export interface TurnRequest extends Cancellable {
  /** The same key again attaches to the same turn. */
  readonly idempotencyKey: string
}

/** Everything that the element asks of a server; each method throws ApiError, or the abort's reason. */
export interface ChatClient {
  /** Asked once; a failure is forgotten. */
  widgetConfig(options?: Cancellable): Promise<WidgetConfigBody>
  createConversation(options?: Cancellable): Promise<ConversationSummary>
  conversation(id: string, options?: Cancellable): Promise<StoredConversation>
  /** Newest first. */
  conversations(options?: Cancellable): Promise<readonly ConversationSummary[]>
  renameConversation(id: string, title: string, options?: Cancellable): Promise<ConversationSummary>
  removeConversation(id: string, options?: Cancellable): Promise<void>
  send(conversationId: string, body: SendBody, request: TurnRequest): Promise<TurnStream>
  regenerate(conversationId: string, body: TurnBody, request: TurnRequest): Promise<TurnStream>
  /** What came after the event of that id (without one: the whole turn); `undefined` when no turn is kept. */
  resume(
    conversationId: string,
    lastEventId: string | undefined,
    options?: Cancellable,
  ): Promise<TurnStream | undefined>
  stop(conversationId: string, options?: Cancellable): Promise<void>
  /** Says what the visitor thinks of an answer. */
  giveFeedback(
    conversationId: string,
    messageId: string,
    body: FeedbackRequestBody,
    options?: Cancellable,
  ): Promise<void>
  /** Takes on a call of the page's tool; `conflict` when another page has, `not_found` when it is over. */
  claimToolCall(
    conversationId: string,
    callId: string,
    body: ToolClaimBody,
    options?: Cancellable,
  ): Promise<void>
  /** What the tool gave; fails as `claimToolCall` does. */
  giveToolResult(
    conversationId: string,
    callId: string,
    body: ToolResultBody,
    options?: Cancellable,
  ): Promise<void>
}

export interface ClientOptions {
  /** Origin of the server, without a slash at the end. */
  readonly endpoint: string
  readonly token?: () => string | undefined
  readonly fetch?: typeof fetch
  readonly store?: KeyValueStore
}

interface RequestOptions extends Cancellable {
  readonly method?: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** Without a bearer. */
  readonly open?: boolean
}

/** A client for one server. */
export function createClient(options: ClientOptions): ChatClient {
  const { endpoint, token = () => undefined } = options
  const fetchIt = options.fetch ?? ((...args) => fetch(...args))
  const store = options.store ?? createKeyValueStore(`samosa-chat:${endpoint}:`)

  const exchange = async (path: string, request: RequestOptions, bearer?: string) => {
    const { method = 'GET', body, headers, signal } = request
    try {
      return await fetchIt(endpoint + path, {
        method,
        cache: 'no-store',
        headers: {
          ...headers,
          ...(body && { 'content-type': 'application/json' }),
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw toApiError(error)
    }
  }

  const accept = async (response: Response): Promise<Response> => {
    if (response.ok) return response
    throw await errorOfResponse(response)
  }

  const request = async (path: string, how: RequestOptions = {}): Promise<Response> => {
    if (how.open) return accept(await exchange(path, how))
    const bearer = await session.token()
    how.signal?.throwIfAborted()
    const response = await exchange(path, how, bearer)
    if (response.status !== 401 || !session.discard(bearer)) return accept(response)
    return accept(await exchange(path, how, await session.token()))
  }

  const json = async (path: string, how?: RequestOptions): Promise<unknown> => {
    const response = await request(path, how)
    return response.json().catch((error: unknown) => {
      how?.signal?.throwIfAborted()
      throw error instanceof SyntaxError ? new ApiError('internal') : toApiError(error)
    })
  }

  let config: Promise<WidgetConfigBody> | undefined
  const widgetConfig = () => {
    config ??= json('/api/widget-config', { open: true }).then(decodeConfig)
    config.catch(() => {
      config = undefined
    })
    return config
  }

  const session = createSessionKeeper({
    store,
    givenToken: token,
    authMode: async () => (await widgetConfig()).auth_mode,
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

  const path = (id: string, rest = '') => `/api/conversations/${encodeURIComponent(id)}${rest}`

  const toolCall = (id: string, callId: string, what: string) =>
    path(id, `/tool-calls/${encodeURIComponent(callId)}/${what}`)

  const stream = async (at: string, how: RequestOptions): Promise<TurnStream | undefined> => {
    const headers = { accept: 'text/event-stream', ...how.headers }
    const response = await request(at, { ...how, headers })
    if (response.status === 204) return undefined
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    // A proxy's page with a status of 200 is no answer.
    if (!response.body || !isStream) throw new ApiError('unreachable')
    return readStream(response.body)
  }

  const startTurn = async (at: string, body: object, { idempotencyKey, signal }: TurnRequest) => {
    const headers = { 'idempotency-key': idempotencyKey }
    const started = await stream(at, { method: 'POST', body, headers, signal })
    if (!started) throw new ApiError('internal')
    return started
  }

  return {
    widgetConfig: async (how) => {
      const loaded = await widgetConfig()
      how?.signal?.throwIfAborted()
      return loaded
    },
    createConversation: async (how) =>
      decodeSummary(await json('/api/conversations', { ...how, method: 'POST', body: {} })),
    conversation: async (id, how) => decodeConversation(await json(path(id), how)),
    conversations: async (how) => decodeList(await json('/api/conversations', how)),
    renameConversation: async (id, title, how) =>
      decodeSummary(await json(path(id), { ...how, method: 'PATCH', body: { title } })),
    removeConversation: async (id, how) => {
      await request(path(id), { ...how, method: 'DELETE' })
    },
    send: (id, body, how) => startTurn(path(id, '/messages'), body, how),
    regenerate: (id, body, how) => startTurn(path(id, '/regenerate'), body, how),
    resume: (id, lastEventId, how) =>
      stream(path(id, '/stream'), {
        ...how,
        ...(lastEventId !== undefined && { headers: { 'last-event-id': lastEventId } }),
      }),
    stop: async (id, how) => {
      await request(path(id, '/stop'), { ...how, method: 'POST' })
    },
    giveFeedback: async (id, messageId, body, how) => {
      const at = path(id, `/messages/${encodeURIComponent(messageId)}/feedback`)
      await request(at, { ...how, method: 'PUT', body })
    },
    claimToolCall: async (id, callId, body, how) => {
      await request(toolCall(id, callId, 'claim'), { ...how, method: 'POST', body })
    },
    giveToolResult: async (id, callId, body, how) => {
      await request(toolCall(id, callId, 'result'), { ...how, method: 'POST', body })
    },
  }
}
