/** A client of dialect A that sees the wire as it is. */
import { createParser, type EventSourceMessage } from 'eventsource-parser'

/** The keys of dialect A's events, any of which may be missing. */
export interface WireData {
  readonly turn_id?: string
  readonly user_message_id?: string
  readonly message_id?: string
  readonly title?: string
  readonly token?: string
  readonly error?: string
  readonly code?: string
  readonly done?: boolean
  readonly finish_reason?: string
  readonly outcome?: string
  readonly suggestions?: readonly string[]
  readonly sources?: readonly Readonly<Record<string, unknown>>[]
  readonly citations?: readonly unknown[]
  readonly token_count?: number
  readonly tool_request?: {
    readonly call_id: string
    readonly tool: string
    readonly arguments: unknown
    readonly timeout_ms: number
  }
  readonly tool_progress?: {
    readonly call_id: string
    readonly state: string
    readonly claimant: string | null
  }
}

export interface WireEvent {
  readonly id: string | undefined
  readonly data: WireData
}

export interface WireMessage {
  readonly id: string
  readonly role: string
  readonly content: string
  readonly feedback: { readonly rating: string; readonly comment: string | null } | null
  readonly inference_time_ms: number | null
  readonly citations?: readonly unknown[]
  readonly outcome?: string
  readonly created_at: string
}

/** A message as dialect C has it. */
export interface WireThreadMessage {
  readonly id: string
  readonly text: string
  readonly status: string
  readonly sender_type: string
  readonly attachments: readonly {
    readonly id: string
    readonly filename: string
    readonly content_type: string
    readonly size_bytes: number
    readonly download_url: string
  }[]
  readonly updated_at: string
}

/** The keys of the bodies that tests look into; a missing one fails the test that needs it. */
export interface TestBody {
  readonly id: string
  readonly title: string
  readonly created_at: string
  readonly updated_at: string
  readonly messages: readonly WireMessage[]
  readonly items: readonly {
    readonly id: string
    readonly updated_at: string
    readonly title?: string
    readonly snippet?: string | null
  }[]
  readonly next_cursor: string | null
  readonly has_more: boolean
  readonly grouped: Readonly<Record<string, unknown>>
  readonly running_turn_id?: string
  readonly errors: readonly { readonly path: string; readonly message: string }[]
  readonly detail: string
  readonly text: string
  readonly metadata: unknown
  readonly last_messages: readonly WireThreadMessage[]
  readonly attachments: WireThreadMessage['attachments']
  readonly pagination: {
    readonly total: number
    readonly page: number
    readonly limit: number
    readonly has_more: boolean
  }
}

export interface EventReader<Event> {
  /** Resolves with the next event; rejects at the end. */
  next(): Promise<Event>
  /** Resolves with everything that is still to come. */
  rest(): Promise<readonly Event[]>
  /** Closes the connection. */
  leave(): void
}

export interface TestStream extends EventReader<WireEvent> {
  readonly response: Response
}

export interface TestReply {
  readonly status: number
  readonly headers: Headers
  readonly body: TestBody
}

export interface TestClient {
  readonly token: string
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestReply>
  stream(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<TestStream>
  /** A new conversation's id. */
  conversation(body?: unknown): Promise<string>
  /** Sends a message and reads the whole answer. */
  send(id: string, content: string, headers?: Record<string, string>): Promise<readonly WireEvent[]>
}

export const tokensOf = (events: readonly WireEvent[]): readonly string[] =>
  events.flatMap(({ data }) => (data.token === undefined ? [] : [data.token]))

export function createTestClient(url: () => string, token: string): TestClient {
  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    fetch(url() + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })

  const client: TestClient = {
    token,
    async request(method, path, body, headers) {
      const response = await call(method, path, body, headers)
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? undefined : JSON.parse(text)) as TestBody,
      }
    },
    async stream(method, path, body, headers) {
      return readStream(await call(method, path, body, headers))
    },
    async conversation(body = {}) {
      const { body: created } = await client.request('POST', '/api/conversations', body)
      return created.id
    },
    async send(id, content, headers) {
      const path = `/api/conversations/${id}/messages`
      const stream = await client.stream('POST', path, { content }, headers)
      if (stream.response.status !== 200) throw new Error(`status ${stream.response.status}`)
      return await stream.rest()
    },
  }
  return client
}

const readStream = (response: Response): TestStream => ({
  response,
  ...readEvents(response, ({ id, data }) => ({ id, data: JSON.parse(data) as WireData })),
})

/** Events of a stream, one after the other, each made of what the parser found. */
export function readEvents<Event>(
  response: Response,
  eventOf: (message: EventSourceMessage) => Event,
): EventReader<Event> {
  const events: Event[] = []
  const parser = createParser({ onEvent: (message) => events.push(eventOf(message)) })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const readMore = async (): Promise<boolean> => {
    const step = await reader?.read()
    if (!step || step.done) return false
    parser.feed(step.value)
    return true
  }
  return {
    async next() {
      while (events.length === 0) {
        if (!(await readMore())) throw new Error('the stream ended')
      }
      const event = events.shift()
      if (event === undefined) throw new Error('no event')
      return event
    },
    async rest() {
      while (await readMore());
      return events.splice(0)
    },
    leave() {
      void reader?.cancel()
    },
  }
}
