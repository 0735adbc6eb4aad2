/**
 * Tools in a turn: calls of a round are run, on the server or by the page, and told in the answer.
 */
import { toChatError, ChatError } from '../errors.ts'
import { firstCodePoints } from '../../text/code-points.ts'
import { isRecord, type JsonRecord, parseJson } from '../../text/json.ts'
import type {
  Cancellable,
  ClientToolReference,
  Logger,
  Tool,
  ToolCall,
  ToolDefinition,
  ToolOptions,
  ToolResult,
  TurnWriter,
  GenerateRequest,
} from '../ports/index.ts'
import type { ToolLimits, Environment } from '../settings.ts'
import { closeTagged, writeToolResult } from '../../protocol/tags.ts'
import type { AnswerSoFar } from './answer.ts'
import type { ToolProgressEvent } from '../../protocol/events.ts'

/** Rounds of tools in a turn; after them the model has to answer with what it has. */
const MOST_ROUNDS = 5
/** Calls of one round that are run; no model means more at once. */
const MOST_CALLS = 16

export interface ToolRoundOptions {
  readonly answer: AnswerSoFar
  readonly tools: TurnTools
  readonly signal: AbortSignal
  readonly output: TurnWriter
}

/**
 * Answers what the model has called in a round: runs the calls side by side and writes their results into
 * the answer, in the order of the calls, each as soon as those before it are there.
 * @returns what the model is to be asked next; `undefined` when the answer ends here
 */
export async function answerCalls(
  request: GenerateRequest,
  { answer, tools, signal, output }: ToolRoundOptions,
): Promise<GenerateRequest | undefined> {
  const { calls, finish } = answer
  if (!finish || calls.length === 0 || signal.aborted) return undefined
  const text = answer.roundText()
  const refusal = refusalOf(request, finish.reason)
  const running = calls.map(async (call, index) => {
    if (refusal !== undefined) return refused(refusal)
    return index < MOST_CALLS ? tools.run(call, { signal }) : refused('Too many calls at once.')
  })
  const results: ToolResult[] = []
  for (const [index, call] of calls.entries()) {
    const result = await running[index]
    if (!result) return undefined
    const closing = index === 0 ? closeTagged(text) : ''
    const written = answer.note({
      type: 'token',
      text: closing + writeToolResult(call.name, result),
    })
    if (written) output.append([written])
    results.push(result)
  }
  if (refusal !== undefined) return undefined
  const { carry } = finish
  answer.startRound()
  const rounds = [...request.rounds, { text, calls, results, ...(carry && { carry }) }]
  return { ...request, rounds, mayCallTools: rounds.length < MOST_ROUNDS }
}

/** Why calls are not run, if they are not. */
function refusalOf(request: GenerateRequest, reason: string): string | undefined {
  if (!request.mayCallTools) return 'No more tools can be used in this answer.'
  if (reason === 'tool_calls' || reason === 'stop') return undefined
  return 'The answer ended before the call was complete.'
}

const refused = (error: string): ToolResult => ({ success: false, error })

export interface TurnToolsOptions {
  /** What this server runs. */
  readonly tools: readonly Tool[]
  /** What the page runs. One of these takes the place of a tool of this server that has its name. */
  readonly pageTools: readonly ToolDefinition[]
  readonly clientTools: ClientTools
  readonly conversationId: string
  readonly output: TurnWriter
  readonly cite: ToolOptions['cite']
  /** Whose documents come first. */
  readonly creator?: string | undefined
  readonly limits: ToolLimits
  readonly logger: Logger
  /** What log lines carry. */
  readonly names: Readonly<Record<string, unknown>>
}

type Run = (args: JsonRecord, options: Cancellable) => Promise<ToolResult | undefined>

export type TurnTools = ReturnType<typeof createTurnTools>

/** The tools that a model may call in one turn. */
export function createTurnTools(options: TurnToolsOptions) {
  const { pageTools, clientTools, conversationId, output, cite, limits, logger, names } = options
  const isOfPage = (wanted: string) => pageTools.some(({ name }) => name === wanted)

  const runHere =
    (tool: Tool): Run =>
    (args, { signal }) => {
      const { name, step } = tool
      if (step) output.append([{ type: 'progress', step, name }])
      return runWithin(limits.server, signal, ({ signal: within }) =>
        tool.run(args, { signal: within, cite, creator: options.creator }),
      )
    }

  const runInPage =
    (tool: string): Run =>
    (args, { signal }) => {
      // Readers write it as JSON: what is nested too deeply for that must not get into the log.
      JSON.stringify(args)
      const call = { conversationId, tool, arguments: args, timeoutMs: limits.client }
      return clientTools.ask(call, { signal, append: (events) => output.append(events) })
    }

  const find = (wanted: string): Run | undefined => {
    if (isOfPage(wanted)) return runInPage(wanted)
    const tool = options.tools.findLast(({ name }) => name === wanted)
    return tool && runHere(tool)
  }

  return {
    // Most turns are over without a call, and many models cannot call: nothing is prepared for that.
    get definitions(): readonly ToolDefinition[] {
      const serverTools = options.tools.filter(({ name }) => !isOfPage(name))
      return [...serverTools, ...pageTools].map(({ name, description, parameters }) => ({
        name,
        description,
        parameters,
      }))
    },
    /** Never throws; whatever goes wrong is the result. `undefined` when the signal aborts. */
    async run(call: ToolCall, cancellable: Cancellable): Promise<ToolResult | undefined> {
      const run = find(call.name)
      if (!run) return refused(`There is no tool named ${firstCodePoints(call.name, 64)}.`)
      const args = readArguments(call.arguments)
      if (!args) return refused('The arguments are not a JSON object.')
      try {
        const result = await run(args, cancellable)
        return result && boundResult(result)
      } catch (error) {
        if (cancellable.signal.aborted) return undefined
        logger.warn({ ...names, tool: call.name, cause: toChatError(error) }, 'a tool broke')
        return refused('The tool failed.')
      }
    },
  }
}

function readArguments(text: string): JsonRecord | undefined {
  if (text.trim() === '') return {}
  // What a model writes may be anything.
  const args = parseJson(text)
  return isRecord(args) ? args : undefined
}

/** Runs a tool for so many milliseconds at most, whether it heeds its signal or not. */
async function runWithin(
  milliseconds: number,
  signal: AbortSignal,
  run: (options: Cancellable) => Promise<ToolResult>,
): Promise<ToolResult | undefined> {
  if (signal.aborted) return undefined
  const abort = new AbortController()
  const given = Promise.withResolvers<ToolResult | undefined>()
  const onAbort = () => {
    given.resolve(undefined)
    abort.abort(signal.reason)
  }
  const timer = setTimeout(() => {
    given.resolve(refused('The tool took too long.'))
    abort.abort(new DOMException('The tool took too long.', 'TimeoutError'))
  }, milliseconds)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([given.promise, run({ signal: abort.signal })])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** UTF-16 units of a result's JSON: what a model can still read beside everything else. */
export const LONGEST_OUTPUT = 20_000
/** Unicode code points. */
const LONGEST_ERROR = 2_000

/**
 * The result as a model can use it. A text, or the JSON of anything else, that is longer than
 * `LONGEST_OUTPUT` is cut and says so: the beginning of a page or a list is worth more than nothing.
 * @throws TypeError, RangeError when the output is no JSON, or nested too deeply to be written
 */
function boundResult(result: ToolResult): ToolResult {
  if (!result.success)
    return { success: false, error: firstCodePoints(result.error, LONGEST_ERROR) }
  const { output = null } = result
  const json = JSON.stringify(output) ?? 'null'
  if (json.length <= LONGEST_OUTPUT) return { success: true, output }
  const text = typeof output === 'string' ? output : json
  return { success: true, output: cut(text) }
}

function cut(text: string): string {
  const note = `\n[cut here; the whole has ${text.length} characters]`
  let length = LONGEST_OUTPUT - note.length
  // Written as JSON a text grows, by its quotes and by every character that is escaped.
  while (JSON.stringify(text.slice(0, length) + note).length > LONGEST_OUTPUT) {
    length = Math.floor(length * 0.9)
  }
  // Never half a surrogate pair.
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '') + note
}

/** Calls answered lately that are remembered, so that a page may repeat an answer whose receipt was lost. */
const MOST_ANSWERED = 1_000

/** A call that waits for a page. */
interface ClientToolCall {
  readonly conversationId: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** Milliseconds. */
  readonly timeoutMs: number
}

interface WaitingCall {
  readonly conversationId: string
  claimant: string | null
  report(state: ToolProgressEvent['state']): void
  settle(result: ToolResult | undefined): void
}

export type ClientTools = ReturnType<typeof createClientTools>

/**
 * Where turns wait for the pages that run their tools, and pages bring the results. Within one process: a page must
 * reach the one that runs its turn.
 */
export function createClientTools({ createId }: Pick<Environment, 'createId'>) {
  const waiting = new Map<string, WaitingCall>()
  /** Oldest first. */
  const answered = new Map<string, ClientToolReference>()

  const find = ({ conversationId, callId, claimant }: ClientToolReference): WaitingCall => {
    const call = waiting.get(callId)
    if (call?.conversationId !== conversationId) {
      throw new ChatError('not_found', 'No such tool call is waiting.')
    }
    if (call.claimant !== null && call.claimant !== claimant) throw takenElsewhere()
    return call
  }

  /** @throws ChatError `conflict` when another page has answered it */
  const isAnsweredBy = ({ conversationId, callId, claimant }: ClientToolReference): boolean => {
    const earlier = answered.get(callId)
    if (earlier?.conversationId !== conversationId) return false
    if (earlier.claimant !== claimant) throw takenElsewhere()
    return true
  }

  const remember = (reference: ClientToolReference) => {
    answered.set(reference.callId, reference)
    const [oldest] = answered.keys()
    if (answered.size > MOST_ANSWERED && oldest !== undefined) answered.delete(oldest)
  }

  return {
    /**
     * Tells the turn's readers what is to be run, and waits for the result; failure when none comes in time,
     * `undefined` when the signal aborts.
     */
    async ask(
      request: ClientToolCall,
      { signal, append }: Cancellable & Pick<TurnWriter, 'append'>,
    ): Promise<ToolResult | undefined> {
      if (signal.aborted) return undefined
      const { conversationId, tool, timeoutMs } = request
      const callId = createId()
      const { promise, resolve } = Promise.withResolvers<ToolResult | undefined>()
      const call: WaitingCall = {
        conversationId,
        claimant: null,
        report: (state) =>
          append([{ type: 'tool_progress', call_id: callId, state, claimant: call.claimant }]),
        settle(result) {
          if (!waiting.delete(callId)) return
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          call.report('settled')
          resolve(result)
        },
      }
      const timer = setTimeout(() => {
        call.settle({ success: false, error: 'The page did not answer in time.' })
      }, timeoutMs)
      const onAbort = () => call.settle(undefined)
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.set(callId, call)
      append([
        {
          type: 'tool_request',
          call_id: callId,
          tool,
          arguments: request.arguments,
          timeout_ms: timeoutMs,
        },
      ])
      return await promise
    },

    /**
     * Gives the call to a page; it may ask again, also when it has answered.
     * @throws ChatError `not_found` when no such call is waiting, `conflict` when another page has it
     */
    claim(reference: ClientToolReference): void {
      if (isAnsweredBy(reference)) return
      const call = find(reference)
      if (call.claimant !== null) return
      call.claimant = reference.claimant
      call.report('claimed')
    },

    /** Ends the wait. The page that answered may repeat it. @throws ChatError as claim does */
    answer(reference: ClientToolReference, result: ToolResult): void {
      if (isAnsweredBy(reference)) return
      const call = find(reference)
      call.claimant = reference.claimant
      remember(reference)
      call.settle(result)
    },
  }
}

const takenElsewhere = () => new ChatError('conflict', 'Another page runs this tool call already.')
