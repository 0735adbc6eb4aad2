import { boundResult } from './bounded-result.ts'
import type { ClientTools } from '../page-tools.ts'
import { toChatError } from '../errors.ts'
import { firstCodePoints } from './history.ts'
import type {
  Cancellable,
  Logger,
  Tool,
  ToolCall,
  ToolDefinition,
  ToolOptions,
  ToolResult,
  TurnWriter,
} from '../ports/index.ts'
import type { ToolLimits } from '../settings.ts'

/** The tools that a model may call in one turn. */
export interface TurnTools {
  readonly definitions: readonly ToolDefinition[]
  /** Never throws; whatever goes wrong is the result. `undefined` when the signal aborts. */
  run(call: ToolCall, options: Cancellable): Promise<ToolResult | undefined>
}

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

type Arguments = Readonly<Record<string, unknown>>
type Run = (args: Arguments, options: Cancellable) => Promise<ToolResult | undefined>

export function createTurnTools(options: TurnToolsOptions): TurnTools {
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
    get definitions() {
      const serverTools = options.tools.filter(({ name }) => !isOfPage(name))
      return [...serverTools, ...pageTools].map(({ name, description, parameters }) => ({
        name,
        description,
        parameters,
      }))
    },
    async run(call, cancellable) {
      const run = find(call.name)
      if (!run) return failed(`There is no tool named ${firstCodePoints(call.name, 64)}.`)
      const args = readArguments(call.arguments)
      if (!args) return failed('The arguments are not a JSON object.')
      try {
        const result = await run(args, cancellable)
        return result && boundResult(result)
      } catch (error) {
        if (cancellable.signal.aborted) return undefined
        logger.warn({ ...names, tool: call.name, cause: toChatError(error) }, 'a tool broke')
        return failed('The tool failed.')
      }
    },
  }
}

const failed = (error: string): ToolResult => ({ success: false, error })

function readArguments(text: string): Arguments | undefined {
  if (text.trim() === '') return {}
  try {
    const args: unknown = JSON.parse(text)
    if (typeof args !== 'object' || args === null || Array.isArray(args)) return undefined
    return { ...args }
  } catch {
    // What a model writes may be anything.
    return undefined
  }
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
    given.resolve(failed('The tool took too long.'))
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
