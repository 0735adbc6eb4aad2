/**
 * A server for tests that lives in memory behind `fetch`: conversations, keys and turns behave as the
 * real one's, tokens come when the test says so, and connections break when the test says so.
 */
import { isObject } from '../api/check.ts'
import { newId } from '../state/id.ts'
import { ScriptedTurn } from './scripted-turn.ts'

export interface ScriptedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: unknown
}

interface ScriptedMessage {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly content: string
  feedback?: unknown
}

interface ScriptedConversation {
  readonly id: string
  readonly messages: ScriptedMessage[]
  turn?: ScriptedTurn
}

/** What becomes of the next requests: never there, answer lost, or answered by the test. */
export type Fault = 'refuse' | 'lose answer' | (() => Response)

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

/** A problem-details answer. */
export const problem = (status: number, rest: object = {}, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ type: 'about:blank', title: 'No', status, detail: 'raw', ...rest }),
    {
      status,
      headers: { 'content-type': 'application/problem+json', ...headers },
    },
  )

export class ScriptedServer {
  readonly requests: ScriptedRequest[] = []
  readonly conversations = new Map<string, ScriptedConversation>()
  readonly turns: ScriptedTurn[] = []
  config: Record<string, unknown> = {
    title: 'Ask us',
    greeting: 'Good day',
    starters: ['What is a samosa?', 'Who bakes them?'],
    features: { think: true, knowledge: true, feedback: true },
    auth_mode: 'visitor',
    max_message_length: 100,
    locale: 'en',
  }
  /** Faults by path ending, used up in order. */
  readonly faults: { readonly at: RegExp; readonly fault: Fault }[] = []
  /** Bearers that are taken besides the sessions'. */
  readonly accepted = new Set<string>()
  readonly #keys = new Map<string, ScriptedTurn>()
  #token = newId()

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
    const path = new URL(input instanceof Request ? input.url : input).pathname
    const headers = new Headers(init.headers)
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    const request = { method, path, headers, body }
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
    if (path === '/api/session') return json({ token: this.#token, expires_in: 3600 }, 201)
    const bearer = headers.get('authorization')?.replace('Bearer ', '') ?? ''
    if (bearer !== this.#token && !this.accepted.has(bearer)) return problem(401)
    if (path === '/api/conversations') return method === 'POST' ? this.#create() : this.#list()
    const [, id = '', rest = ''] = /^\/api\/conversations\/([^/]+)(.*)$/.exec(path) ?? []
    const conversation = this.conversations.get(id)
    if (!conversation) return problem(404)
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
        return json(this.#body(conversation))
    }
  }

  /** Adds a conversation as though it had been there before. */
  addConversation(messages: readonly (readonly ['user' | 'assistant', string])[] = []): string {
    const id = newId()
    const stored = messages.map(([role, content]) => ({ id: newId(), role, content }))
    this.conversations.set(id, { id, messages: stored })
    return id
  }

  #rate({ messages }: ScriptedConversation, id: string, body: unknown): Response {
    const message = messages.find((one) => one.id === id)
    if (!message || !isObject(body)) return problem(404)
    const { rating, comment = null } = body
    message.feedback = rating === null ? null : { rating, comment }
    return json(message)
  }

  #create(): Response {
    return json({ id: this.addConversation(), title: 'New conversation', updated_at: '' }, 201)
  }

  #list(): Response {
    return json({ items: [...this.conversations.values()].map((entry) => this.#body(entry)) })
  }

  #body({ id, messages, turn }: ScriptedConversation) {
    const running = turn?.running ? { running_turn_id: turn.id } : {}
    return { id, title: 'A title', updated_at: '', messages, ...running }
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
    if (conversation.turn?.running) return problem(409, { turn_id: conversation.turn.id })
    const sent = isObject(body) ? body : {}
    const content = isSend ? sent['content'] : ''
    if (sent['replaces'] !== undefined) {
      const from = conversation.messages.findIndex(({ id }) => id === sent['replaces'])
      if (from < 0) return problem(404)
      conversation.messages.splice(from)
    }
    if (isSend) conversation.messages.push({ id: newId(), role: 'user', content: String(content) })
    const user = conversation.messages.findLast(({ role }) => role === 'user')
    const turn = new ScriptedTurn(user?.id ?? '', (answer) => {
      if (!isSend && conversation.messages.at(-1)?.role === 'assistant') conversation.messages.pop()
      conversation.messages.push(answer)
    })
    conversation.turn = turn
    this.#keys.set(key, turn)
    this.turns.push(turn)
    return turn.response(null, signal)
  }
}
