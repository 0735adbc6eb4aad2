import type { ToolRequestEvent } from '../../server/protocol/events.ts'
import type { ApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { decodeToolEvent, claimToolCall, giveToolResult } from '../api/tool-calls.ts'
import type { WidgetEvent } from '../api/decode-event.ts'
import type { ChatMessage, PageCall, PageCallProblem, PageCallState } from './chat-message.ts'
import type { Wait } from './follow-turn.ts'
import type { PageTool } from './page-tools.ts'
import type { ToolResultBody } from '../../server/protocol/api.ts'

interface Kept {
  readonly claimant: string
  readonly begun: readonly string[]
}

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' &&
  value !== null &&
  'claimant' in value &&
  typeof value.claimant === 'string' &&
  'begun' in value &&
  Array.isArray(value.begun)

function read(text: string | undefined): Kept | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return isKept(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Who this page is when it takes on a call, and which calls it has begun; outlives a reload. */
class PageIdentity {
  /** Names the page to the server. */
  readonly claimant: string
  /** Calls that change something and whose result the server does not have. */
  readonly #begun: Set<string>

  /** `kept`: what the page before this one left. */
  constructor(kept: string | undefined, newId: () => string) {
    const earlier = read(kept)
    this.claimant = earlier?.claimant ?? newId()
    this.#begun = new Set(earlier?.begun)
  }

  /** For the next page in this tab. */
  get kept(): string {
    return JSON.stringify({ claimant: this.claimant, begun: [...this.#begun] } satisfies Kept)
  }

  hasBegun(callId: string): boolean {
    return this.#begun.has(callId)
  }

  begin(callId: string): void {
    this.#begun.add(callId)
  }

  end(callId: string): void {
    this.#begun.delete(callId)
  }
}

type WithoutClaimant<Body> = Body extends unknown ? Omit<Body, 'claimant'> : never

/** What a call gave, in words for the assistant. */
type ToolOutcome = WithoutClaimant<ToolResultBody>

/** UTF-16 units of JSON; the server shortens further what a model could not read. */
const LONGEST_OUTPUT = 250_000
/** Code points. */
const LONGEST_ERROR = 2_000

/** A failure with its reason, in a text that the server takes. */
function failure(reason: string): ToolOutcome {
  // A code point is two units at most.
  const start = Array.from(reason.slice(0, 2 * LONGEST_ERROR)).slice(0, LONGEST_ERROR)
  const error = start
    .join('')
    .replaceAll('\0', '')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
  return { success: false, error }
}

/** Runs a tool of the page; never throws. `jsonOf` writes what it gives, where that has a form. */
async function runTool(
  tool: PageTool,
  args: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
  jsonOf: (value: unknown) => string | undefined,
): Promise<ToolOutcome> {
  try {
    const json = jsonOf(await tool.execute(args, { signal }))
    if (json === undefined) return failure('The output of the tool is no JSON, or too deep.')
    if (json.length > LONGEST_OUTPUT) {
      const bound = `${json.length} characters of JSON, at most ${LONGEST_OUTPUT} are allowed`
      return failure(`The output of the tool is too large: ${bound}.`)
    }
    const output: unknown = JSON.parse(json)
    return { success: true, output }
  } catch (error) {
    const text = error instanceof Error ? error.message : error
    return failure(typeof text === 'string' && text !== '' ? text : 'The tool failed.')
  }
}

interface Call {
  readonly request: ToolRequestEvent
  readonly args: Readonly<Record<string, unknown>>
  readonly conversationId: string
  /** The message that shows it; loading the conversation again makes another one. */
  answer: ChatMessage
  state: PageCallState
  claimant: string | null
  problem?: PageCallProblem
  running?: AbortController
}

export interface ToolRunnerOptions {
  readonly client: ChatClient
  readonly find: (name: string) => PageTool | undefined
  /** What the page before this one left in the tab. */
  readonly kept: string | undefined
  readonly newId: () => string
  readonly errorOf: (cause: unknown) => ApiError
  readonly wait: Wait
  readonly jsonOf: (value: unknown) => string | undefined
  /** What the assistant is told when the visitor says no. */
  readonly denied: string
  /** Another number of questions waits for the visitor. */
  readonly onAsk: (open: number) => void
}

/** Words for the assistant. */
const UNSENT = 'The output of the tool could not be sent.'
const LEFT = 'The page was left while the tool ran.'
const ATTEMPTS = 8

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/**
 * Runs what the assistant calls of this page's tools: each call in one page only, and asked for first.
 * Loaded with the first tool: what it needs of the rest is passed in.
 */
export class ToolRunner {
  readonly #options: ToolRunnerOptions
  readonly #identity: PageIdentity
  /** Of the turn that is shown. */
  readonly #calls = new Map<string, Call>()
  #asked = 0

  constructor(options: ToolRunnerOptions) {
    this.#options = options
    this.#identity = new PageIdentity(options.kept, options.newId)
  }

  /** Leaves word for the next page in this tab. */
  get kept(): string {
    return this.#identity.kept
  }

  /** Takes in what happened in the turn that this answer belongs to. */
  take(events: readonly WidgetEvent[], answer: ChatMessage, conversationId: string): void {
    let isConcerned = false
    for (const found of events) {
      const event = found.type === 'page_tool' ? decodeToolEvent(found.wire) : undefined
      if (!event) continue
      if (event.type === 'tool_request') this.#add(event, answer, conversationId)
      else if (event.state === 'settled') this.#finish(event.call_id)
      else this.#noteClaim(event.call_id, event.claimant)
      isConcerned = true
    }
    if (isConcerned) this.consider()
  }

  /** The visitor stops the answer: what runs is called off. */
  stop(): void {
    for (const call of this.#calls.values()) {
      if (call.running) this.#finish(call.request.call_id)
    }
    this.#draw()
  }

  /** The turn is over. */
  end(): void {
    for (const id of this.#calls.keys()) this.#finish(id)
    this.#draw()
    this.#calls.clear()
  }

  /** The conversation is left: what runs is called off, and the assistant is told. */
  leave(): void {
    const { client } = this.#options
    for (const { running, conversationId, request } of this.#calls.values()) {
      if (!running) continue
      const body = { ...failure(LEFT), claimant: this.#identity.claimant }
      // Nobody is there to hear of a failure; the server does not wait for ever.
      giveToolResult(client, conversationId, request.call_id, body).catch(() => undefined)
    }
    this.end()
  }

  #add(request: ToolRequestEvent, answer: ChatMessage, conversationId: string): void {
    const known = this.#calls.get(request.call_id)
    if (known) known.answer = answer
    else {
      const args = isRecord(request.arguments) ? request.arguments : {}
      const state = 'waiting'
      this.#calls.set(request.call_id, {
        request,
        args,
        conversationId,
        answer,
        state,
        claimant: null,
      })
    }
  }

  #noteClaim(id: string, claimant: string | null): void {
    const call = this.#calls.get(id)
    if (call) call.claimant = claimant
  }

  #finish(id: string): void {
    const call = this.#calls.get(id)
    if (!call) return
    call.state = 'over'
    call.running?.abort()
    delete call.running
    this.#identity.end(id)
  }

  /** Sees what can be done about the calls that nobody has taken on here. */
  consider(): void {
    for (const call of this.#calls.values()) {
      if (isOpen(call)) this.#decide(call)
    }
    this.#draw()
  }

  #decide(call: Call): void {
    const { args } = call
    const { call_id: id, tool: name } = call.request
    const tool = this.#options.find(name)
    if (call.claimant !== null && call.claimant !== this.#identity.claimant)
      call.state = 'elsewhere'
    else if (!tool) call.state = 'waiting'
    else if (tool.readOnly) void this.#run(call, (signal) => this.#use(tool, args, signal))
    else if (this.#identity.hasBegun(id)) void this.#run(call, async () => failure(LEFT))
    else call.state = 'asking'
  }

  #use(tool: PageTool, args: Call['args'], signal: AbortSignal): Promise<ToolOutcome> {
    return runTool(tool, args, signal, this.#options.jsonOf)
  }

  #allow(call: Call): void {
    const tool: PageTool | undefined = this.#options.find(call.request.tool)
    if (call.state !== 'asking') return
    if (!tool) return this.consider()
    const { args } = call
    const { call_id: id } = call.request
    void this.#run(call, (signal) => {
      this.#identity.begin(id)
      return this.#use(tool, args, signal)
    })
  }

  #deny(call: Call): void {
    if (isOpen(call)) void this.#run(call, async () => failure(this.#options.denied))
  }

  /** Claims the call, does the work, and hands in what it gave. */
  async #run(call: Call, work: (signal: AbortSignal) => Promise<ToolOutcome>): Promise<void> {
    const { client } = this.#options
    const { conversationId, request } = call
    const { claimant } = this.#identity
    const running = new AbortController()
    const { signal } = running
    const before = call.state
    call.running = running
    call.state = 'running'
    delete call.problem
    this.#draw()
    const timer = setTimeout(() => running.abort(), request.timeout_ms)
    try {
      await this.#reach(signal, () =>
        claimToolCall(client, conversationId, request.call_id, { claimant }, { signal }),
      )
      const outcome = await untilAborted(work(signal), signal)
      await this.#handIn(call, outcome, signal)
      this.#finish(request.call_id)
    } catch (cause) {
      if (call.running === running) this.#fail(call, before, this.#options.errorOf(cause))
    } finally {
      clearTimeout(timer)
      this.#draw()
    }
  }

  /** Else the turn would wait for what the server does not take. */
  async #handIn(call: Call, outcome: ToolOutcome, signal: AbortSignal): Promise<void> {
    const { client, errorOf } = this.#options
    const { conversationId, request } = call
    const { claimant } = this.#identity
    const give = (given: ToolOutcome) =>
      this.#reach(signal, () =>
        giveToolResult(client, conversationId, request.call_id, { ...given, claimant }, { signal }),
      )
    try {
      await give(outcome)
    } catch (cause) {
      signal.throwIfAborted()
      const { code, isConnection } = errorOf(cause)
      if (isConnection || code === 'conflict' || code === 'not_found') throw cause
      await give(failure(UNSENT))
    }
  }

  #fail(call: Call, before: PageCallState, { code }: ApiError): void {
    const { signal } = call.running ?? {}
    const wasAsked = before === 'asking' || before === 'waiting'
    const mayAskAgain = wasAsked && !this.#identity.hasBegun(call.request.call_id)
    if (code === 'conflict') {
      delete call.running
      call.state = 'elsewhere'
    } else if (mayAskAgain && code !== 'not_found' && !signal?.aborted) {
      delete call.running
      call.state = before
      call.problem = code === 'rate_limited' ? 'busy' : 'failed'
    } else this.#finish(call.request.call_id)
  }

  /** Asks again while the server cannot be reached. */
  async #reach(signal: AbortSignal, ask: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ask()
      } catch (cause) {
        signal.throwIfAborted()
        if (!this.#options.errorOf(cause).isConnection || attempt === ATTEMPTS) throw cause
        await this.#options.wait(attempt, signal)
        signal.throwIfAborted()
      }
    }
  }

  #draw(): void {
    const shown = new Map<ChatMessage, PageCall[]>()
    for (const call of this.#calls.values()) {
      const { request, answer, state, problem } = call
      const calls = shown.get(answer) ?? []
      calls.push({
        id: request.call_id,
        tool: request.tool,
        title: this.#options.find(request.tool)?.title,
        arguments: call.args,
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
    this.#options.onAsk(open)
  }
}

/** The visitor may still say something to it. */
const isOpen = ({ state }: Call) => state === 'waiting' || state === 'asking'

/** A tool that does not listen to its signal is left alone. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}
