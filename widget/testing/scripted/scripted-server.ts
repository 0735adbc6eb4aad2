/**
 * A server for tests that lives in memory behind `fetch`: conversations, keys and turns behave as the
 * real one's, tokens come when the test says so, and connections break when the test says so.
 */
import type {
  AttachmentBody,
  ConversationBody,
  ConversationListBody,
  ConversationWithMessagesBody,
  MessageBody,
} from '../../../server/dialects/conversations/bodies.ts'
import type { SessionBody } from '../../../server/protocol/api.ts'
import { isObject, listIn, oneOf, textIn, type JsonObject } from '../../api/check.ts'
import { json, problem } from './answers.ts'
import { newId } from '../../conversation/chat-message.ts'
import { ScriptedAccounts } from './scripted-accounts.ts'
import { ScriptedTurn } from './scripted-turn.ts'

export { problem } from './answers.ts'

export interface ScriptedRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Headers
  readonly body: unknown
}

/** What a test may leave out of a message. */
type ScriptedMessage = Pick<MessageBody, 'id' | 'role' | 'content'> & Partial<MessageBody>

interface ScriptedConversation {
  readonly id: string
  readonly messages: ScriptedMessage[]
  title?: string
  updatedAt?: string
  turn?: ScriptedTurn
  /** The account that it belongs to; without one everybody sees it. */
  owner?: string | undefined
}

const VISITOR = newId()
const LONG_AGO = '2026-01-01T00:00:00.000Z'

/** What becomes of the next requests: never there, answer lost, or answered by the test. */
export type Fault = 'refuse' | 'lose answer' | (() => Response | Promise<Response>)

/** As the real server writes it. */
function conversationBody(conversation: ScriptedConversation): ConversationBody {
  const { id, title = 'A title', updatedAt = LONG_AGO } = conversation
  return {
    id,
    user_id: VISITOR,
    title,
    model_tag: 'default',
    is_favorited: false,
    created_at: updatedAt,
    updated_at: updatedAt,
  }
}

/** As the real server writes it. */
function messageBody(conversation_id: string, message: ScriptedMessage): MessageBody {
  return {
    conversation_id,
    token_count: null,
    model_tag: null,
    inference_time_ms: null,
    finish_reason: message.role === 'user' ? null : 'stop',
    feedback: null,
    created_at: LONG_AGO,
    ...message,
  }
}

export class ScriptedServer {
  readonly requests: ScriptedRequest[] = []
  readonly conversations = new Map<string, ScriptedConversation>()
  readonly turns: ScriptedTurn[] = []
  /** Bytes of files that were sent, a character each. */
  readonly files = new Map<string, string>()
  /** What visitors wrote to a person, by its key. */
  readonly letters = new Map<string, JsonObject>()
  config: Record<string, unknown> = {
    title: 'Ask us',
    greeting: 'Good day',
    starters: ['What is a samosa?', 'Who bakes them?'],
    features: { think: true, knowledge: true, feedback: true, model_settings: true },
    auth_mode: 'visitor',
    max_message_length: 100,
    locale: 'en',
  }
  /** Faults by path ending, used up in order. */
  readonly faults: { readonly at: RegExp; readonly fault: Fault }[] = []
  /** As servers did before messages came in pages. */
  givesAllMessages = false
  /** Users who can sign in, where the configuration says so. */
  readonly accounts = new ScriptedAccounts()
  /** Bearers that are taken besides the sessions'. */
  readonly accepted = new Set<string>()
  readonly #keys = new Map<string, ScriptedTurn>()
  #token = newId()

  get #session(): SessionBody {
    return { token: this.#token, expires_in: 3600, visitor_id: VISITOR }
  }

  /** Makes every token given out so far worthless. */
  expireSessions(): void {
    this.#token = newId()
  }

  fail(at: RegExp, fault: Fault): void {
    this.faults.push({ at, fault })
  }

  /** Requests of one kind, `POST /messages` say. */
  asked(method: string, at: RegExp): readonly ScriptedRequest[] {
    return this.requests.filter((request) => request.method === method && at.test(request.path))
  }

  get lastTurn(): ScriptedTurn {
    const turn = this.turns.at(-1)
    if (!turn) throw new Error('no turn was started')
    return turn
  }

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', signal } = init
    const { pathname: path, searchParams: query } = new URL(
      input instanceof Request ? input.url : input,
    )
    const headers = new Headers(init.headers)
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    const request = { method, path, query, headers, body }
    this.requests.push(request)
    await Promise.resolve()
    signal?.throwIfAborted()
    const at = this.faults.findIndex((entry) => entry.at.test(path))
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0]?.fault
    if (fault === 'refuse') throw new TypeError('Failed to fetch')
    if (typeof fault === 'function') return fault()
    const response = this.#answer(request, signal ?? undefined)
    if (fault === 'lose answer') throw new TypeError('Failed to fetch')
    return response
  }

  #answer(request: ScriptedRequest, signal: AbortSignal | undefined): Response {
    const { method, path, headers } = request
    if (path === '/api/widget-config') return json(this.config)
    if (path === '/api/session') return json(this.#session, 201)
    const bearer = headers.get('authorization')?.replace('Bearer ', '') ?? ''
    if (path.startsWith('/api/auth/')) {
      if (this.config['auth_mode'] !== 'local') return problem(404, { code: 'not_found' })
      return this.accounts.answer(path, bearer, request.body)
    }
    const owner = this.accounts.ownerOf(bearer)
    const isKnown = bearer === this.#token || this.accepted.has(bearer)
    if (owner === undefined && !isKnown) return problem(401)
    if (path === '/api/conversations')
      return method === 'POST' ? this.#create(owner) : this.#list(request.query, owner)
    if (path === '/api/contact') return this.#takeLetter(request)
    const file = this.files.get(/^\/api\/attachments\/(.+)$/.exec(path)?.[1] ?? '')
    if (file !== undefined) return new Response(file)
    const exported = /^\/api\/threads\/([^/]+)\/export$/.exec(path)?.[1]
    if (exported !== undefined) return this.#export(exported, request.query)
    const [, id = '', rest = ''] = /^\/api\/conversations\/([^/]+)(.*)$/.exec(path) ?? []
    const conversation = this.conversations.get(id)
    if (!conversation || conversation.owner !== owner) return problem(404)
    if (method === 'PATCH') {
      if (isObject(request.body)) conversation.title = String(request.body['title'])
      return json(conversationBody(conversation))
    }
    if (method === 'DELETE') {
      this.conversations.delete(id)
      return new Response(null, { status: 204 })
    }
    const [, messageId] = /^\/messages\/([^/]+)\/feedback$/.exec(rest) ?? []
    if (messageId !== undefined) return this.#rate(conversation, messageId, request.body)
    const [, callId, step] = /^\/tool-calls\/([^/]+)\/(.+)$/.exec(rest) ?? []
    if (callId !== undefined) {
      const status = conversation.turn?.answerCall(callId, step === 'result', request.body) ?? 404
      return status === 204 ? new Response(null, { status }) : problem(status)
    }
    switch (rest) {
      case '/messages':
      case '/regenerate':
        return this.#startTurn(conversation, request, rest === '/messages', signal)
      case '/stream':
        return conversation.turn
          ? conversation.turn.response(headers.get('last-event-id'), signal)
          : new Response(null, { status: 204 })
      case '/stop':
        conversation.turn?.done('stopped')
        return json({}, 202)
      default:
        return this.#page(conversation, request.query)
    }
  }

  /** Checks as much of a letter as the real server does of its form. */
  #takeLetter({ headers, body }: ScriptedRequest): Response {
    const ways = this.config['contact']
    if (!isObject(ways) || ways['form'] !== true) return problem(404, { code: 'not_found' })
    const sent = isObject(body) ? body : {}
    const wrong = [
      ...(textIn(sent, 'message')?.trim() ? [] : ['message']),
      ...(/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(textIn(sent, 'email') ?? '') ? [] : ['email']),
      ...(sent['consent'] === true ? [] : ['consent']),
    ]
    if (wrong.length > 0) {
      const errors = wrong.map((at) => ({ path: at, message: 'is wrong' }))
      return problem(422, { code: 'invalid_request', errors })
    }
    const about = textIn(sent, 'conversation_id')
    if (about !== undefined && !this.conversations.has(about))
      return problem(404, { code: 'not_found' })
    const key = headers.get('idempotency-key') ?? newId()
    const letter = this.letters.get(key) ?? { ...sent, id: newId() }
    this.letters.set(key, letter)
    return json({ id: letter['id'], created_at: LONG_AGO }, 201)
  }

  #export(id: string, query: URLSearchParams): Response {
    const conversation = this.conversations.get(id)
    if (!conversation) return problem(404)
    const { title = '' } = conversation
    const name = encodeURIComponent(`${title}.${query.get('format')}`)
    const headers = { 'content-disposition': `attachment; filename="x"; filename*=UTF-8''${name}` }
    return new Response(`# ${title}`, { headers })
  }

  #page(conversation: ScriptedConversation, query: URLSearchParams): Response {
    const messages = conversation.messages.map((message) => messageBody(conversation.id, message))
    const before = query.get('before')
    const end = before === null ? messages.length : messages.findIndex(({ id }) => id === before)
    if (end < 0) return problem(404)
    const limit = this.givesAllMessages ? end : Number(query.get('messages_limit') ?? end)
    const start = Math.max(0, end - limit)
    const shown = messages.slice(start, end)
    const { turn } = conversation
    const page: ConversationWithMessagesBody = {
      ...conversationBody(conversation),
      messages: shown,
      has_more: start > 0,
      ...(turn?.running && { running_turn_id: turn.id }),
    }
    return json(page)
  }

  /** Adds a conversation as though it had been there before. */
  addConversation(messages: readonly (readonly ['user' | 'assistant', string])[] = []): string {
    const id = newId()
    const stored = messages.map(([role, content]) => ({ id: newId(), role, content }))
    this.conversations.set(id, { id, messages: stored })
    return id
  }

  /** Keeps a file as the server does; returns what it says of it. */
  readonly #keepFile = (file: JsonObject): AttachmentBody => {
    const id = newId()
    const bytes = atob(String(file['data_base64']))
    this.files.set(id, bytes)
    return {
      id,
      filename: String(file['filename']),
      content_type: String(file['content_type']),
      size_bytes: bytes.length,
      download_url: `/api/attachments/${id}`,
    }
  }

  #rate({ id, messages }: ScriptedConversation, messageId: string, body: unknown): Response {
    const at = messages.findIndex((one) => one.id === messageId)
    const message = messages[at]
    if (!message || !isObject(body)) return problem(404)
    const rating = oneOf(['up', 'down'], body['rating'])
    const comment = textIn(body, 'comment') ?? null
    const rated = { ...message, feedback: rating === undefined ? null : { rating, comment } }
    messages[at] = rated
    return json(messageBody(id, rated))
  }

  #create(owner: string | undefined): Response {
    const messages: ScriptedMessage[] = []
    const created = { id: newId(), messages, title: 'New conversation', owner }
    this.conversations.set(created.id, created)
    return json(conversationBody(created), 201)
  }

  #list(query: URLSearchParams, owner: string | undefined): Response {
    const words = query.get('q')?.toLowerCase() ?? ''
    const cursor = query.get('cursor')
    const limit = Number(query.get('limit') ?? 50)
    const placeOf = ({ updatedAt = '', id }: ScriptedConversation) => `${updatedAt} ${id}`
    const rest = [...this.conversations.values()]
      .filter((entry) => entry.owner === owner)
      .filter(({ title = '' }) => title.toLowerCase().includes(words))
      .filter((entry) => cursor === null || placeOf(entry) < cursor)
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1))
    const page = rest.slice(0, limit)
    const last = rest.length > limit ? page.at(-1) : undefined
    const list: ConversationListBody = {
      items: page.map(conversationBody),
      grouped: {},
      limit,
      offset: 0,
      next_cursor: last ? placeOf(last) : null,
    }
    return json(list)
  }

  /** Adds conversations, the first one the newest, a minute apart. */
  addTitled(titles: readonly string[], newest = Date.now()): readonly string[] {
    return titles.map((title, index) => {
      const id = this.addConversation([['user', title]])
      const updatedAt = new Date(newest - index * 60_000).toISOString()
      Object.assign(this.conversations.get(id) ?? {}, { title, updatedAt })
      return id
    })
  }

  #startTurn(
    conversation: ScriptedConversation,
    { headers, body }: ScriptedRequest,
    isSend: boolean,
    signal: AbortSignal | undefined,
  ): Response {
    const key = headers.get('idempotency-key') ?? ''
    const known = this.#keys.get(key)
    if (known) return known.response(null, signal)
    const { turn: before } = conversation
    if (before?.running && before.readers > 0) return problem(409, { turn_id: before.id })
    // One that nobody reads is stopped for the next.
    before?.done('stopped', before.text !== '')
    const sent = isObject(body) ? body : {}
    const content = isSend ? sent['content'] : ''
    if (sent['replaces'] !== undefined) {
      const from = conversation.messages.findIndex(({ id }) => id === sent['replaces'])
      if (from < 0) return problem(404)
      conversation.messages.splice(from)
    }
    if (sent['repeats'] !== undefined) {
      const at = conversation.messages.findIndex(({ id }) => id === sent['repeats'])
      if (at < 0 || conversation.messages[at + 1]?.role === 'assistant') return problem(404)
      conversation.messages.splice(at, 1)
    }
    if (isSend) {
      const attachments = listIn(sent, 'attachments').filter(isObject).map(this.#keepFile)
      const message = { id: newId(), role: 'user', content: String(content) } as const
      conversation.messages.push({ ...message, ...(attachments.length > 0 && { attachments }) })
    }
    const user = conversation.messages.findLast(({ role }) => role === 'user')
    const turn = new ScriptedTurn(user?.id ?? '', (answer) => {
      if (!isSend && conversation.messages.at(-1)?.role === 'assistant') conversation.messages.pop()
      conversation.messages.push({ ...answer, role: 'assistant' })
    })
    conversation.turn = turn
    this.#keys.set(key, turn)
    this.turns.push(turn)
    return turn.response(null, signal)
  }
}
