/** Calls of the page's tools: each runs in one page only, and is asked for first. Loaded with the first tool. */
import type { ToolClaimBody, ToolResultBody } from '../../server/protocol/api.ts'
import type { ToolProgressEvent, ToolRequestEvent } from '../../server/protocol/events.ts'
import { toApiError, type ApiError } from '../api/api-error.ts'
import {
  isObject,
  listIn,
  numberIn,
  oneOf,
  parseJson,
  textIn,
  type JsonObject,
} from '../api/check.ts'
import { conversationPath, type ChatClient } from '../api/client.ts'
import type { WidgetEvent } from '../api/decode-event.ts'
import { newId, type ChatMessage, type PageToolCall } from './chat-message.ts'
import type { Wait } from './follow-turn.ts'
import { safeJson, type PageTool } from './page-tool.ts'

/** What the assistant is told when the visitor says no; its card knows it again, after a reload too. */
export const TOOL_DENIED = 'The visitor did not allow this.'

/** For a server that does not say how long it waits. */
const DEFAULT_TIMEOUT_MS = 60_000

/** A call, whose arguments the assistant has chosen. */
type PageToolRequest = ToolRequestEvent & { readonly arguments: JsonObject }

/** What is asked of the page's tools, or became of that; `undefined` for what names no call. */
export function decodePageToolEvent(
  wire: JsonObject,
): PageToolRequest | ToolProgressEvent | undefined {
  const { tool_request: request, tool_progress: progress } = wire
  if (isObject(request)) {
    const call_id = textIn(request, 'call_id')
    const tool = textIn(request, 'tool')
    const args = request['arguments']
    if (call_id === undefined || tool === undefined || !isObject(args)) return undefined
    const timeout_ms = numberIn(request, 'timeout_ms') ?? DEFAULT_TIMEOUT_MS
    return { type: 'tool_request', call_id, tool, arguments: args, timeout_ms }
  }
  if (!isObject(progress)) return undefined
  const call_id = textIn(progress, 'call_id')
  const state = oneOf(['claimed', 'settled'] as const, progress['state'])
  if (call_id === undefined || state === undefined) return undefined
  return { type: 'tool_progress', call_id, state, claimant: textIn(progress, 'claimant') ?? null }
}

type WithoutClaimant<Body> = Body extends unknown ? Omit<Body, 'claimant'> : never

/** What a call gave, in words for the assistant. */
type Outcome = WithoutClaimant<ToolResultBody>

/** UTF-16 units of JSON; the server shortens further what a model could not read. */
const LONGEST_OUTPUT = 250_000
/** Code points. */
const LONGEST_ERROR = 2_000

// Words for the assistant.
const UNSENT = 'The output of the tool could not be sent.'
const LEFT = 'The page was left while the tool ran.'

/** A failure with its reason, in a text that the server takes. */
function failure(reason: string): Outcome {
  // A code point is two units at most.
  const start = Array.from(reason.slice(0, 2 * LONGEST_ERROR)).slice(0, LONGEST_ERROR)
  const error = start
    .join('')
    .replaceAll('\0', '')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
  return { success: false, error }
}

/** Runs a tool of the page; never throws. */
async function runTool(
  tool: PageTool,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const json = safeJson(await tool.execute(args, { signal }))
    if (json === undefined) return failure('The output of the tool is no JSON, or too deep.')
    if (json.length > LONGEST_OUTPUT) {
      const bound = `${json.length} characters of JSON, at most ${LONGEST_OUTPUT} are allowed`
      return failure(`The output of the tool is too large: ${bound}.`)
    }
    return { success: true, output: parseJson(json) }
  } catch (error) {
    const text = error instanceof Error ? error.message : error
    return failure(typeof text === 'string' && text !== '' ? text : 'The tool failed.')
  }
}

interface Call {
  readonly request: PageToolRequest
  readonly conversationId: string
  /** The message that shows it; loading the conversation again makes another one. */
  answer: ChatMessage
  state: PageToolCall['state']
  claimant: string | null
  problem?: PageToolCall['problem']
  running?: AbortController
}

/** The visitor may still say something to it. */
const isOpen = ({ state }: Call) => state === 'waiting' || state === 'asking'

const ATTEMPTS = 8

/** A tool that does not listen to its signal is left alone. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

export class PageToolRunner {
  readonly #client: ChatClient
  readonly #find: (name: string) => PageTool | undefined
  readonly #wait: Wait
  readonly #onAsk: (open: number) => void
  /** Names the page to the server when it takes on a call. */
  readonly #claimant: string
  /** Calls that change something and whose result the server does not have. */
  readonly #begun: Set<unknown>
  /** Of the turn that is shown. */
  readonly #calls = new Map<string, Call>()
  #asked = 0

  /** `kept`: what the page before this one left in the tab; `onAsk`: another number of questions waits for the visitor. */
  constructor(
    client: ChatClient,
    find: (name: string) => PageTool | undefined,
    kept: string | undefined,
    wait: Wait,
    onAsk: (open: number) => void,
  ) {
    this.#client = client
    this.#find = find
    this.#wait = wait
    this.#onAsk = onAsk
    const parsed = parseJson(kept ?? '')
    const earlier = isObject(parsed) ? parsed : {}
    this.#claimant = textIn(earlier, 'claimant') ?? newId()
    this.#begun = new Set(listIn(earlier, 'begun'))
  }

  /** Who this page is and what it has begun, for the next page in this tab. */
  get kept(): string {
    return JSON.stringify({ claimant: this.#claimant, begun: [...this.#begun] })
  }

  /** Takes in what happened in the turn that this answer belongs to. */
  take(events: readonly WidgetEvent[], answer: ChatMessage, conversationId: string): void {
    let isConcerned = false
    for (const found of events) {
      const event = found.type === 'page_tool' ? decodePageToolEvent(found.wire) : undefined
      if (!event) continue
      isConcerned = true
      const call = this.#calls.get(event.call_id)
      if (event.type === 'tool_request') {
        if (call) call.answer = answer
        else this.#add(event, answer, conversationId)
      } else if (call && event.state === 'settled') this.#finish(call)
      else if (call) call.claimant = event.claimant
    }
    if (isConcerned) this.consider()
  }

  #add(request: PageToolRequest, answer: ChatMessage, conversationId: string): void {
    const state = 'waiting'
    this.#calls.set(request.call_id, { request, conversationId, answer, state, claimant: null })
  }

  /** The visitor stops the answer: what runs is called off. */
  stop(): void {
    for (const call of this.#calls.values()) if (call.running) this.#finish(call)
    this.#draw()
  }

  /** The turn is over. */
  end(): void {
    for (const call of this.#calls.values()) this.#finish(call)
    this.#draw()
    this.#calls.clear()
  }

  /** The conversation is left: what runs is called off, and the assistant is told. */
  leave(): void {
    for (const call of this.#calls.values()) {
      // Nobody is there to hear of a failure; the server does not wait for ever.
      if (call.running) this.#post(call, failure(LEFT)).catch(() => undefined)
    }
    this.end()
  }

  /** Sees what can be done about the calls that nobody has taken on here. */
  consider(): void {
    for (const call of this.#calls.values()) if (isOpen(call)) this.#decide(call)
    this.#draw()
  }

  #decide(call: Call): void {
    const { call_id: id, tool: name, arguments: args } = call.request
    const tool = this.#find(name)
    if (call.claimant !== null && call.claimant !== this.#claimant) call.state = 'elsewhere'
    else if (!tool) call.state = 'waiting'
    else if (tool.readOnly) void this.#run(call, (signal) => runTool(tool, args, signal))
    else if (this.#begun.has(id)) void this.#run(call, async () => failure(LEFT))
    else call.state = 'asking'
  }

  #allow(call: Call): void {
    const { call_id: id, tool: name, arguments: args } = call.request
    const tool = this.#find(name)
    if (call.state !== 'asking') return
    if (!tool) return this.consider()
    void this.#run(call, (signal) => {
      this.#begun.add(id)
      return runTool(tool, args, signal)
    })
  }

  #deny(call: Call): void {
    if (isOpen(call)) void this.#run(call, async () => failure(TOOL_DENIED))
  }

  /** Claims the call, does the work, and hands in what it gave. */
  async #run(call: Call, work: (signal: AbortSignal) => Promise<Outcome>): Promise<void> {
    const running = new AbortController()
    const { signal } = running
    const before = call.state
    call.running = running
    call.state = 'running'
    delete call.problem
    this.#draw()
    const timer = setTimeout(() => running.abort(), call.request.timeout_ms)
    try {
      await this.#reach(call, undefined, signal)
      const outcome = await untilAborted(work(signal), signal)
      await this.#handIn(call, outcome, signal)
      this.#finish(call)
    } catch (cause) {
      if (call.running === running) this.#fail(call, before, toApiError(cause))
    } finally {
      clearTimeout(timer)
      this.#draw()
    }
  }

  async #handIn(call: Call, outcome: Outcome, signal: AbortSignal): Promise<void> {
    try {
      await this.#reach(call, outcome, signal)
    } catch (cause) {
      signal.throwIfAborted()
      const { code, isConnection } = toApiError(cause)
      if (isConnection || code === 'conflict' || code === 'not_found') throw cause
      // Else the turn would wait for what the server does not take.
      await this.#reach(call, failure(UNSENT), signal)
    }
  }

  #fail(call: Call, before: Call['state'], { code }: ApiError): void {
    const wasAsked = before === 'asking' || before === 'waiting'
    const mayAskAgain = wasAsked && !this.#begun.has(call.request.call_id)
    if (code === 'conflict') {
      delete call.running
      call.state = 'elsewhere'
    } else if (mayAskAgain && code !== 'not_found' && !call.running?.signal.aborted) {
      delete call.running
      call.state = before
      call.problem = code === 'rate_limited' ? 'busy' : 'failed'
    } else this.#finish(call)
  }

  #finish(call: Call): void {
    call.state = 'over'
    call.running?.abort()
    delete call.running
    this.#begun.delete(call.request.call_id)
  }

  /** Tells the server; asks again while it cannot be reached. */
  async #reach(call: Call, outcome: Outcome | undefined, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#post(call, outcome, signal)
      } catch (cause) {
        signal.throwIfAborted()
        if (!toApiError(cause).isConnection || attempt === ATTEMPTS) throw cause
        await this.#wait(attempt, signal)
        signal.throwIfAborted()
      }
    }
  }

  /**
   * Says what a call gave; without an outcome, that it runs here.
   * @throws ApiError `conflict` when another page has it, `not_found` when it is over
   */
  async #post(call: Call, outcome: Outcome | undefined, signal?: AbortSignal): Promise<void> {
    const claim: ToolClaimBody = { claimant: this.#claimant }
    const body = outcome ? ({ ...outcome, ...claim } satisfies ToolResultBody) : claim
    const what = outcome ? 'result' : 'claim'
    const path = `/tool-calls/${encodeURIComponent(call.request.call_id)}/${what}`
    await this.#client.request(conversationPath(call.conversationId, path), {
      method: 'POST',
      body,
      signal,
    })
  }

  #draw(): void {
    const shown = new Map<ChatMessage, PageToolCall[]>()
    for (const call of this.#calls.values()) {
      const { request, answer, state, problem } = call
      const calls = shown.get(answer) ?? []
      calls.push({
        id: request.call_id,
        tool: request.tool,
        title: this.#find(request.tool)?.title,
        arguments: request.arguments,
        state,
        problem,
        allow: () => this.#allow(call),
        deny: () => this.#deny(call),
      })
      shown.set(answer, calls)
    }
    for (const [answer, calls] of shown) answer.change({ calls })
    const open = [...this.#calls.values()].filter(({ state }) => state === 'asking').length
    if (open === this.#asked) return
    this.#asked = open
    this.#onAsk(open)
  }
}
