import type { GenerateRequest, HistoryMessage, ThreadReference, ToolRound } from '../core/ports.ts'
import { mergeBodies } from './extra-body.ts'
import type { JsonRecord } from './json.ts'
import { openaiMessages, takesTurns, type OpenaiMessage } from './openai-history.ts'
import { NO_FILES, type FileUrls } from './openai-question.ts'
import { roundMessages } from './openai-rounds.ts'

/** What of a request a server may refuse. */
export type Part =
  | 'max_tokens'
  | 'max_completion_tokens'
  | 'temperature'
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
  | 'tools'

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
  const { refused, model, thinking, extra, files } = options
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
  own.stream = true
  if (request.thread) Object.assign(own, threadFields(request.thread, sends))
  if (sends('stream_options')) own.stream_options = { include_usage: true }
  if (request.tools.length > 0 && sends('tools')) Object.assign(own, toolFields(request, sends))
  const switches = thinking.some((body) => Object.keys(body).length > 0)
  const switching =
    switches && sends(request.thinkingMode ? 'thinking_on' : 'thinking_off') ? thinking : []
  const body = [...extra, ...switching].reduce(mergeBodies, own)
  // Servers refuse both names at once.
  return {
    body: 'max_completion_tokens' in body ? mergeBodies(body, { max_tokens: null }) : body,
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
  const hasMetadata = request.messages.some(({ metadata }) => metadata !== undefined)
  const known =
    hasMetadata && !sends('metadata') ? request.messages.map(withoutMetadata) : request.messages
  const messages = known.some(isBlank) && !sends('blank_text') ? known.map(inWords) : known
  const inOwnOrder = thread !== undefined && !takesTurns(messages) && sends('own_order')
  const asInput = files.size > 0 && thread !== undefined && sends('input_parts')
  const hasImages = [...files.keys()].some(({ kind }) => kind === 'image')
  const asImages = hasImages && sends('images')
  const hasCarry = rounds.some(({ carry }) => carry !== undefined)
  const sent = [
    ...openaiMessages(systemPrompt, messages, {
      urls: asInput || asImages ? files : NO_FILES,
      asInput,
      inOwnOrder,
    }),
    ...roundMessages(hasCarry && !sends('carry') ? rounds.map(withoutCarry) : rounds),
  ]
  return sent.some(isBare) && !sends('bare_history') ? sent.map(withReasoningField) : sent
}

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
  return {
    tools: tools.map(({ name, description, parameters }) => ({
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
