/** An answer of a model whose rounds a test has written, with tools around it. */
import { AnswerFiles, AnswerSoFar, TurnOutput } from '../core/turn/answer.ts'

import { createClientTools, type ClientTools, createTurnTools } from '../core/turn/tools.ts'
import { generateAnswer, type GenerationResult } from '../core/turn/generate.ts'
import type {
  GenerateRequest,
  InferenceEvent,
  Tool,
  ToolDefinition,
  ToolResult,
} from '../core/ports/index.ts'
import { systemEnvironment, TOOL_LIMITS, type ToolLimits } from '../core/settings.ts'

import { TOOL_CALL_END, TOOL_CALL_START } from '../protocol/marks.ts'
import { parseTagged } from '../protocol/tags.ts'
import type { TurnEvent } from '../protocol/events.ts'
import { createRecordingLogger } from './stores/testing.ts'
import { generateRequest } from './inference-requests.ts'

export interface ScriptedAnswerOptions {
  /** What the model says in each round; the last one is said again for as long as it is asked. */
  readonly rounds: readonly (readonly InferenceEvent[])[]
  readonly tools?: readonly Tool[]
  readonly pageTools?: readonly ToolDefinition[]
  readonly limits?: Partial<ToolLimits>
}

export interface ScriptedAnswer {
  readonly result: Promise<
    GenerationResult & Pick<AnswerSoFar, 'usage' | 'tokenCount'> & { readonly content: string }
  >
  readonly requests: readonly GenerateRequest[]
  readonly events: readonly TurnEvent[]
  readonly clientTools: ClientTools
  readonly conversationId: string
  /** Resolves with the first event of this type, which may have come already. */
  event<Type extends TurnEvent['type']>(type: Type): Promise<Extract<TurnEvent, { type: Type }>>
  /** Resolves when there are so many token events. */
  tokens(count: number): Promise<void>
  end(reason: 'stopped' | 'interrupted'): void
}

export const say = (text: string): InferenceEvent => ({ type: 'token', text })

/** What an adapter emits for calls: their tags, the calls, and the end of the round. */
export function callsOf(
  ...calls: readonly (readonly [name: string, args: string])[]
): readonly InferenceEvent[] {
  return [
    ...calls.flatMap(([name, args], index): readonly InferenceEvent[] => [
      say(`${TOOL_CALL_START}{"tool":${JSON.stringify(name)}}${TOOL_CALL_END}`),
      { type: 'tool_call', call: { id: `call-${index}`, name, arguments: args } },
    ]),
    { type: 'finish', reason: 'tool_calls' },
  ]
}

export const DONE = { type: 'finish', reason: 'stop' } satisfies InferenceEvent

export const createTestTool = (name: string, run: Tool['run']): Tool => ({
  name,
  description: `The ${name} tool`,
  parameters: { type: 'object' },
  run,
})

/** The results in a tagged text, in their order. */
export const resultsIn = (content: string) =>
  parseTagged(content)
    .filter(({ kind }) => kind === 'tool_result')
    .map((segment) => JSON.parse(segment.content) as ToolResult & { readonly tool: string })

export function startScriptedAnswer(options: ScriptedAnswerOptions): ScriptedAnswer {
  const { rounds, tools = [], pageTools = [], limits } = options
  const requests: GenerateRequest[] = []
  const events: TurnEvent[] = []
  let changed = Promise.withResolvers<void>()
  const change = () => changed.promise
  const abort = new AbortController()
  const clientTools = createClientTools(systemEnvironment)
  const conversationId = 'conversation-1'
  const output = new TurnOutput({
    writer: {
      append(appended) {
        events.push(...appended)
        changed.resolve()
        changed = Promise.withResolvers()
      },
    },
    acknowledged: Promise.resolve(true),
    elapsed: () => 0,
  })
  const logger = createRecordingLogger()
  const turnTools = createTurnTools({
    tools,
    pageTools,
    clientTools,
    conversationId,
    output,
    cite: () => [],
    limits: { ...TOOL_LIMITS, ...limits },
    logger,
    names: {},
  })
  const answer = new AnswerSoFar()
  const generated = generateAnswer({
    inference: {
      kind: 'openai',
      callsTools: true,
      async *generate(request) {
        requests.push(request)
        yield rounds[Math.min(requests.length, rounds.length) - 1] ?? []
      },
      models: async () => ({}),
      isReady: async () => true,
      close: async () => {},
    },
    request: generateRequest({ tools: turnTools.definitions }),
    answer,
    files: new AnswerFiles({
      attachments: undefined,
      place: { ownerId: 'owner-1', conversationId },
      createId: systemEnvironment.createId,
      logger,
      names: {},
    }),
    tools: turnTools,
    signal: abort.signal,
    output,
  })
  return {
    result: generated.then((result) => ({
      ...result,
      content: answer.content(),
      usage: answer.usage,
      tokenCount: answer.tokenCount,
    })),
    requests,
    events,
    clientTools,
    conversationId,
    async event(type) {
      for (;;) {
        for (const event of events) if (isOfType(event, type)) return event
        await change()
      }
    },
    async tokens(count) {
      while (events.filter((event) => event.type === 'token').length < count) await change()
    },
    end: (reason) => abort.abort(reason),
  }
}

const isOfType = <Type extends TurnEvent['type']>(
  event: TurnEvent,
  type: Type,
): event is Extract<TurnEvent, { type: Type }> => event.type === type
