/** The body of a request in OpenAI's protocol, and what of it a server is known not to take. */
import { textIn } from '../../core/conversation-text.ts'
import { messagesToAnswer } from '../../core/turn/continuation.ts'
import type {
  GenerateRequest,
  HistoryMessage,
  ThreadReference,
  ToolRound,
  ToolCall,
  ToolResult,
} from '../../core/ports/index.ts'
import { mergeBodies } from './extra-fields.ts'
import { isRecord, itemsOf, type JsonRecord } from '../../text/json.ts'
import {
  openaiMessages,
  takesTurns,
  type OpenaiMessage,
  NO_FILES,
  together,
  type FileUrls,
  argumentsText,
  errorText,
  outputText,
} from './messages.ts'

/** What of a request a server may refuse. */
export type Part =
  | 'max_tokens'
  | 'max_completion_tokens'
  | 'temperature'
  | 'stream'
  /** A stream of a model that may call tools. */
  | 'tool_stream'
  | 'stream_options'
  /** Earlier answers without a field for their reasoning. */
  | 'bare_history'
  /** Files of a thread as parts of their own. */
  | 'input_parts'
  | 'images'
  /** Messages of a thread that do not take turns, or do not begin with a question. */
  | 'own_order'
  /** A question of blanks alone. */
  | 'blank_text'
  /** An answer that has called tools and said nothing, as an empty text. */
  | 'empty_content'
  /** The prompt as a message of its own role. */
  | 'system'
  /** What clients of a thread keep with its messages. */
  | 'metadata'
  /** What a provider has called the thread. */
  | 'conversation_id'
  | 'user'
  | 'carry'
  | 'forced_tool'
  | 'tool_choice'
  | 'thinking_on'
  | 'thinking_off'
  /** Of the tools' schemas, what not every kind of schema has. */
  | 'schema_keywords'
  | 'tools'
  /** Calls that were made, and their results, in the protocol's own form. */
  | 'tool_messages'

export interface BodyOptions {
  readonly model: string
  /** What turns thinking on or off, in the order in which it is merged in. */
  readonly thinking: readonly JsonRecord[]
  /** What the operator adds, likewise. */
  readonly extra: readonly JsonRecord[]
  /** Of the request's messages. */
  readonly files: FileUrls
  /** What the server has refused for this model, and does not get again. */
  readonly refused: ReadonlySet<Part>
  /** No answer may get longer, whatever is asked. */
  readonly mostTokens: number | undefined
}

/** A request's body, and which of its parts it holds. */
export interface Built {
  readonly body: JsonRecord
  readonly parts: ReadonlySet<Part>
}

const WEB_SEARCH = 'web_search'

/**
 * Only what OpenAI itself takes: it refuses a request with a parameter that it does not know. Thinking and
 * the operator's fields come on top.
 */
export function buildBody(request: GenerateRequest, options: BodyOptions): Built {
  const { refused, model, thinking, extra, files, mostTokens = Infinity } = options
  const parts = new Set<Part>()
  /** Whether a part goes out. */
  const sends = (name: Part): boolean => {
    if (!refused.has(name)) parts.add(name)
    return !refused.has(name)
  }
  const own: Record<string, unknown> = { model, messages: messagesOf(request, files, sends) }
  if (sends('temperature')) own.temperature = request.temperature
  if (sends('max_tokens')) own.max_tokens = request.maxTokens
  else if (sends('max_completion_tokens')) own.max_completion_tokens = request.maxTokens
  const tools = request.tools.length > 0 && sends('tools') ? toolFields(request, sends) : undefined
  const streams = (!tools || sends('tool_stream')) && sends('stream')
  if (streams) own.stream = true
  if (request.thread) Object.assign(own, threadFields(request.thread, sends))
  if (streams && sends('stream_options')) own.stream_options = { include_usage: true }
  Object.assign(own, tools)
  const switches = thinking.some((body) => Object.keys(body).length > 0)
  const switching =
    switches && sends(request.thinkingMode ? 'thinking_on' : 'thinking_off') ? thinking : []
  const body = [...extra, ...switching].reduce(mergeBodies, own)
  // Servers refuse both names at once.
  const name = 'max_completion_tokens' in body ? 'max_completion_tokens' : 'max_tokens'
  const most = body[name]
  return {
    body: {
      ...(name === 'max_completion_tokens' ? mergeBodies(body, { max_tokens: null }) : body),
      ...(typeof most === 'number' && most > mostTokens && { [name]: mostTokens }),
    },
    parts,
  }
}

type Sends = (part: Part) => boolean

function messagesOf(
  request: GenerateRequest,
  files: FileUrls,
  sends: Sends,
): readonly OpenaiMessage[] {
  const { systemPrompt, rounds, thread } = request
  const asked = messagesToAnswer(request)
  const hasMetadata = asked.some(({ metadata }) => metadata !== undefined)
  const known = hasMetadata && !sends('metadata') ? asked.map(withoutMetadata) : asked
  const messages = known.some(isBlank) && !sends('blank_text') ? known.map(inWords) : known
  const inOwnOrder = thread !== undefined && !takesTurns(messages) && sends('own_order')
  const asInput = files.size > 0 && thread !== undefined && sends('input_parts')
  const hasImages = [...files.keys()].some(({ kind }) => kind === 'image')
  const asImages = hasImages && sends('images')
  const hasCarry = rounds.some(({ carry }) => carry !== undefined)
  const sent: readonly OpenaiMessage[] = [
    ...openaiMessages(systemPrompt, messages, {
      urls: asInput || asImages ? files : NO_FILES,
      asInput,
      inOwnOrder,
    }),
    ...roundMessages(hasCarry && !sends('carry') ? rounds.map(withoutCarry) : rounds),
  ]
  const refusals: readonly (readonly [Part, (message: OpenaiMessage) => boolean, Rewrite])[] = [
    ['tool_messages', isOfTools, withoutToolMessages],
    ['empty_content', isWordless, (all) => all.map(withNull)],
    ['bare_history', isBare, (all) => all.map(withReasoningField)],
    ['system', ({ role }) => role === 'system', withoutSystem],
  ]
  return refusals.reduce(
    (all, [part, concerns, rewrite]) => (all.some(concerns) && !sends(part) ? rewrite(all) : all),
    sent,
  )
}

type Rewrite = (messages: readonly OpenaiMessage[]) => readonly OpenaiMessage[]

/** Clients of threads ask by a blank to go on. */
const isBlank = ({ role, content }: HistoryMessage) => role === 'user' && content.trim() === ''

const inWords = (message: HistoryMessage): HistoryMessage =>
  isBlank(message) ? { ...message, content: 'Please go on.' } : message

const withoutMetadata = ({ metadata: _metadata, ...message }: HistoryMessage): HistoryMessage =>
  message

function threadFields(thread: ThreadReference, sends: Sends): JsonRecord {
  const { user, conversationId } = thread
  return {
    ...(sends('user') && { user }),
    ...(conversationId !== null && sends('conversation_id') && { conversation_id: conversationId }),
  }
}

function toolFields(request: GenerateRequest, sends: Sends): JsonRecord {
  const { tools, mayCallTools, forceWebSearch, rounds } = request
  const isForced =
    forceWebSearch &&
    mayCallTools &&
    rounds.length === 0 &&
    tools.some(({ name }) => name === WEB_SEARCH)
  const forced = { type: 'function', function: { name: WEB_SEARCH } }
  const plain = tools.map((tool) => ({ ...tool, parameters: plainSchema(tool.parameters) }))
  const hasKeywords = JSON.stringify(plain) !== JSON.stringify(tools)
  const described = hasKeywords && !sends('schema_keywords') ? plain : tools
  return {
    tools: described.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters },
    })),
    ...(isForced && sends('forced_tool') && { tool_choice: forced }),
    ...(!mayCallTools && sends('tool_choice') && { tool_choice: 'none' }),
  }
}

const isBare = (message: OpenaiMessage) =>
  message.role === 'assistant' && !('reasoning_content' in message)

/**
 * Some servers refuse an answer that has called tools without the field, and take an empty one: the
 * reasoning of a finished turn is not sent again.
 */
const withReasoningField = (message: OpenaiMessage): OpenaiMessage =>
  message.role === 'assistant' ? { reasoning_content: '', ...message } : message

const withoutCarry = ({ text, calls, results }: ToolRound): ToolRound => ({ text, calls, results })

/** Servers that take no call without words want the field empty in another way. */
const isWordless = (message: OpenaiMessage) =>
  message.role === 'assistant' && message.content === '' && message.tool_calls !== undefined

const withNull = (message: OpenaiMessage): OpenaiMessage =>
  isWordless(message) && message.role === 'assistant' ? { ...message, content: null } : message

const isOfTools = (message: OpenaiMessage) =>
  message.role === 'tool' || (message.role === 'assistant' && message.tool_calls !== undefined)

/**
 * For a model that knows no tools: what earlier answers have called is left out, and what was found out for
 * the question that is being answered is told in words.
 */
function withoutToolMessages(messages: readonly OpenaiMessage[]): readonly OpenaiMessage[] {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const found = messages
    .slice(asked + 1)
    .flatMap((message) => (message.role === 'tool' ? [message.content] : []))
  const kept = messages.flatMap((message): readonly OpenaiMessage[] => {
    if (message.role === 'tool') return []
    if (message.role !== 'assistant' || message.tool_calls === undefined) return [message]
    const { tool_calls: _calls, ...said } = message
    return said.content === '' || said.content === null ? [] : [said]
  })
  if (found.length === 0) return kept
  const told = ['This was found for my question:', ...found].join('\n\n')
  const last = kept.at(-1)
  return last?.role === 'user'
    ? [...kept.slice(0, -1), { ...last, content: together(last.content, told) }]
    : [...kept, { role: 'user', content: told }]
}

/** For a model that takes no such messages, each stands in front of the question that follows it. */
function withoutSystem(messages: readonly OpenaiMessage[]): readonly OpenaiMessage[] {
  let waiting: string[] = []
  const kept: OpenaiMessage[] = []
  for (const message of messages) {
    if (message.role === 'system') waiting.push(message.content)
    else if (message.role === 'user' && waiting.length > 0) {
      kept.push({ ...message, content: together(waiting.join('\n\n'), message.content) })
      waiting = []
    } else kept.push(message)
  }
  return waiting.length === 0 ? kept : [...kept, { role: 'user', content: waiting.join('\n\n') }]
}

/** What OpenAPI's schemas have in common with JSON Schema, and all servers with them. */
const PLAIN_KEYWORDS: ReadonlySet<string> = new Set(['description', 'enum', 'nullable', 'required'])

/** A tool's schema for servers that refuse keywords which they do not know. */
function plainSchema(schema: JsonRecord): JsonRecord {
  const plain: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (PLAIN_KEYWORDS.has(key)) plain[key] = value
    else if (key === 'type') Object.assign(plain, plainType(value))
    else if (key === 'const') plain.enum = [value]
    else if (key === 'items' && isRecord(value)) plain.items = plainSchema(value)
    else if (key === 'anyOf' || key === 'oneOf') plain.anyOf = itemsOf(value).map(plainOf)
    else if (key === 'properties' && isRecord(value)) {
      plain.properties = Object.fromEntries(
        Object.entries(value).map(([name, property]) => [name, plainOf(property)]),
      )
    }
  }
  return plain
}

const plainOf = (schema: unknown) => (isRecord(schema) ? plainSchema(schema) : {})

/** Several types at once are something that only JSON Schema has. */
function plainType(type: unknown): JsonRecord {
  if (!Array.isArray(type)) return { type }
  const types = itemsOf(type).filter((one) => one !== 'null')
  return { type: types[0], ...(types.length < type.length && { nullable: true }) }
}

/**
 * The rounds of the running turn: what the model said and called, under the ids and with the further
 * fields that came from the server, and what the tools gave.
 */
function roundMessages(rounds: readonly ToolRound[]): readonly OpenaiMessage[] {
  return rounds.flatMap((round) => [
    answerMessage(round),
    ...round.calls.map((call, index) => resultMessage(call, round.results[index])),
  ])
}

function answerMessage({ text, calls, carry }: ToolRound): OpenaiMessage {
  return {
    ...carry,
    role: 'assistant',
    content: textIn(text).trim(),
    tool_calls: calls.map((call) => ({
      ...call.carry,
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: argumentsText(call.arguments) },
    })),
  }
}

function resultMessage(call: ToolCall, result: ToolResult | undefined): OpenaiMessage {
  return {
    role: 'tool',
    tool_call_id: call.id,
    content: result?.success ? outputText(result.output) : errorText(result?.error),
  }
}
