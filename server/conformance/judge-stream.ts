import { ChatError } from '../core/errors.ts'
import type { InferenceEvent, ToolCall } from '../core/ports/index.ts'
import type { FinishReason } from '../protocol/events.ts'
import { THINK_END } from '../protocol/marks.ts'
import { parseTagged } from '../protocol/tags.ts'
import { parseJson } from '../text/json.ts'
import type { StreamCase } from './stream-corpus.ts'

/** What an adapter made of a stream. */
export interface Made {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly unknown[]
  /** As events, beside the tags in the text. */
  readonly callEvents: readonly ToolCall[]
  /** `undefined`: the answer was not presented as complete. */
  readonly finish: FinishReason | undefined
  /** What it failed with. */
  readonly error: Error | undefined
}

/** Reads the tagged text of the events back into its parts. */
export function madeOf(events: readonly InferenceEvent[], error: Error | undefined): Made {
  let tagged = ''
  let finish: FinishReason | undefined
  const callEvents: ToolCall[] = []
  for (const event of events) {
    if (event.type === 'tool_call') callEvents.push(event.call)
    if (event.type === 'token') tagged += event.text
    if (event.type === 'finish') finish = event.reason
  }
  const segments = parseTagged(tagged)
  const joined = (kind: string) =>
    segments
      .filter((segment) => segment.kind === kind)
      .map((segment) => segment.content)
      .join('')
  const toolCalls = segments
    .filter((segment) => segment.kind === 'tool_call')
    .map((segment) => parseJson(segment.content))
  return { text: joined('text'), reasoning: joined('think'), toolCalls, callEvents, finish, error }
}

/** What is wrong with what was made; nothing when it is right. */
export function judgeStream({ expected }: StreamCase, made: Made): readonly string[] {
  const { error } = made
  if (error !== undefined && !(error instanceof ChatError)) return [`it crashed: ${String(error)}`]
  if (error && (expected.error || expected.incomplete || expected.errorAcceptable)) {
    return made.finish === undefined ? judgeParts(expected, made) : ['it finished and failed']
  }
  if (error) return [`it failed: ${error.message}`]
  if (expected.error) return ['the error is missing']
  if (expected.incomplete) return ['it was presented as complete']
  return [...judgeParts(expected, made), ...judgeFinish(expected.finishReason, made.finish)]
}

function judgeParts(expected: StreamCase['expected'], made: Made): readonly string[] {
  const problems: string[] = []
  // Tags inside the text of a server that writes them itself are reasoning too, for us.
  const { text, reasoning } = splitTagged(expected.text)
  const wantedText = text + (expected.refusal ?? '')
  // Tagged text has no way to say an end tag inside thinking; it is left out.
  const wantedReasoning = (expected.reasoning + reasoning).replaceAll(THINK_END, '')
  if (made.error === undefined || !expected.errorAcceptable) {
    if (!sameText(made.text, wantedText)) problems.push(differ('text', wantedText, made.text))
    const accepted = [wantedReasoning, ...(expected.acceptReasoning ?? [])]
    if (!accepted.some((right) => sameText(made.reasoning, right))) {
      problems.push(differ('reasoning', wantedReasoning, made.reasoning))
    }
  }
  if (made.error === undefined && !expected.ignoreToolCalls) {
    const wanted = expected.toolCalls.map((call) => ({
      tool: call.name,
      arguments: parseJson(call.arguments || '{}'),
    }))
    const [left, right] = [canonical(wanted), canonical(made.toolCalls)]
    if (left !== right) problems.push(differ('tool calls', left, right))
    problems.push(...judgeCallEvents(expected.toolCalls, made.callEvents))
  }
  return problems
}

/** Every call is an event too, under the server's id unless that was used already. */
function judgeCallEvents(
  wanted: StreamCase['expected']['toolCalls'],
  got: readonly ToolCall[],
): readonly string[] {
  const problems: string[] = []
  const calls = (list: readonly { readonly name: string; readonly arguments: string }[]) =>
    canonical(list.map((call) => [call.name, parseJson(call.arguments || '{}')]))
  if (calls(wanted) !== calls(got)) {
    problems.push(differ('tool call events', calls(wanted), calls(got)))
  }
  if (new Set(got.map(({ id }) => id)).size < got.length) problems.push('two calls have one id')
  const lost = wanted.find(({ id }) => id !== undefined && !got.some((call) => call.id === id))
  if (lost) problems.push(`the call ${lost.id} has another id`)
  return problems
}

function judgeFinish(wanted: string | null, got: string | undefined): readonly string[] {
  if (got === undefined) return ['it never finished']
  return wanted === null || wanted === got ? [] : [differ('finish reason', wanted, got)]
}

function splitTagged(text: string) {
  const { text: plain, reasoning } = madeOf([{ type: 'token', text }], undefined)
  return { text: plain, reasoning }
}

/** Line ends around a block are layout. */
const sameText = (left: string, right: string) => left.trim() === right.trim()

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function differ(what: string, wanted: string, got: string): string {
  const at = Array.from({ length: Math.max(wanted.length, got.length) }).findIndex(
    (_, index) => wanted[index] !== got[index],
  )
  const from = Math.max(0, at - 20)
  const show = (value: string) => JSON.stringify(value.slice(from, from + 80))
  return `${what} differs at ${at}: expected ${show(wanted)}, got ${show(got)}`
}
