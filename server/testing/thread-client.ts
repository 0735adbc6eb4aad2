/** A client of dialect C that sees the wire as it is. */
import { readEvents, type EventReader } from './test-client.ts'

export interface WireThreadMessage {
  readonly id: string
  readonly sender_id: string
  readonly sender_type: string
  readonly status: string
  readonly text: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly tokens_count: number | null
  readonly error_code: string | null
  readonly correlation_id: string | null
  readonly attachments: readonly Readonly<Record<string, unknown>>[]
}

/** The keys of the bodies that tests look into; a missing one fails the test that needs it. */
export interface ThreadReplyBody extends WireThreadMessage {
  readonly detail?: string
  readonly turn_id?: string
  readonly owner_id?: string
  readonly title?: string | null
  readonly items: readonly WireThreadMessage[]
}

export interface ThreadReply {
  readonly status: number
  readonly body: ThreadReplyBody
}

/** Reads the data of events. */
export type ThreadStreamReader = EventReader<string>

export interface ThreadClient {
  request(method: string, path: string, body?: unknown): Promise<ThreadReply>
  /** A new thread's id. */
  thread(body?: unknown): Promise<string>
  read(id: string): Promise<ThreadReplyBody>
  /** Newest first. */
  messages(id: string): Promise<readonly WireThreadMessage[]>
  /** Sends a message and waits for its answer. */
  post(
    id: string,
    body: object,
    options?: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
  ): Promise<ThreadReply>
  /** Sends a message; its answer is to be read. */
  open(id: string, body: object, headers?: Record<string, string>): Promise<ThreadStreamReader>
  /** Sends a message and reads the data of all events of its answer. */
  send(id: string, body: object, headers?: Record<string, string>): Promise<readonly string[]>
  file(path: string): Promise<{ readonly status: number; readonly bytes: ArrayBuffer }>
  /** All that any dialect shows of a thread, in one text. */
  everything(id: string): Promise<string>
}

export function createThreadClient(url: () => string, token: string): ThreadClient {
  const call = (
    method: string,
    path: string,
    body?: unknown,
    { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ) =>
    fetch(url() + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  const replyOf = async (response: Response): Promise<ThreadReply> => {
    const text = await response.text()
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as ThreadReplyBody,
    }
  }
  const request = async (method: string, path: string, body?: unknown) =>
    await replyOf(await call(method, path, body))

  const client: ThreadClient = {
    request,
    async thread(body = {}) {
      return (await request('POST', '/api/threads', body)).body.id
    },
    read: async (id) => (await request('GET', `/api/threads/${id}`)).body,
    messages: async (id) =>
      (await request('GET', `/api/threads/${id}/messages?limit=100`)).body.items,
    post: async (id, body, options) =>
      await replyOf(await call('POST', `/api/threads/${id}/messages`, body, options)),
    async open(id, body, headers = {}) {
      const response = await call('POST', `/api/threads/${id}/messages/stream`, body, { headers })
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      return readEvents(response, ({ data }) => data)
    },
    async send(id, body, headers) {
      const stream = await client.open(id, body, headers)
      return await stream.rest()
    },
    async file(path) {
      const response = await call('GET', path)
      return { status: response.status, bytes: await response.arrayBuffer() }
    },
    async everything(id) {
      const paths = [
        `/api/threads/${id}`,
        `/api/threads/${id}/messages?limit=100`,
        `/api/conversations/${id}`,
        '/api/conversations',
        `/api/threads/${id}/export?format=markdown`,
        `/api/threads/${id}/export?format=json`,
      ]
      return (
        await Promise.all(paths.map(async (path) => await (await call('GET', path)).text()))
      ).join('\n')
    },
  }
  return client
}
