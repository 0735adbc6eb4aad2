/** The one place where an event of the wire (dialect A, one JSON object) becomes a `TurnEvent`. */
import {
  ERROR_CODES,
  FINISH_REASONS,
  PROGRESS_STEPS,
  type Source,
  type TurnEvent,
} from '../../server/protocol/events.ts'
import { isObject, listIn, numberIn, oneOf, parseJson, textIn, type JsonObject } from './check.ts'

const TOOL_STATES = ['claimed', 'settled'] as const
/** For a server that does not say how long it waits. */
const DEFAULT_TOOL_TIMEOUT_MS = 60_000
const MOST_SUGGESTIONS = 4
/** UTF-16 units: 120 characters, however wide. */
const LONGEST_SUGGESTION = 240

/** Sources of an event or of a stored message; entries without a number and a title are left out. */
export function decodeSources(list: readonly unknown[]): readonly Source[] {
  return list.flatMap((entry) => {
    if (!isObject(entry)) return []
    const number = numberIn(entry, 'number')
    const title = textIn(entry, 'title')
    if (number === undefined || title === undefined) return []
    return {
      number,
      title,
      url: textIn(entry, 'url') ?? null,
      creator: textIn(entry, 'creator') ?? null,
      section: textIn(entry, 'section') ?? null,
      snippet: textIn(entry, 'snippet') ?? '',
      score: numberIn(entry, 'score') ?? 0,
    }
  })
}

function decodeToolRequest(wire: JsonObject): TurnEvent | undefined {
  const call_id = textIn(wire, 'call_id')
  const tool = textIn(wire, 'tool')
  const args = wire['arguments']
  if (call_id === undefined || tool === undefined || !isObject(args)) return undefined
  const timeout_ms = numberIn(wire, 'timeout_ms') ?? DEFAULT_TOOL_TIMEOUT_MS
  return { type: 'tool_request', call_id, tool, arguments: args, timeout_ms }
}

function decodeToolProgress(wire: JsonObject): TurnEvent | undefined {
  const call_id = textIn(wire, 'call_id')
  const state = oneOf(TOOL_STATES, wire['state'])
  if (call_id === undefined || state === undefined) return undefined
  return { type: 'tool_progress', call_id, state, claimant: textIn(wire, 'claimant') ?? null }
}

function decodeProgress(wire: JsonObject): TurnEvent | undefined {
  const step = oneOf(PROGRESS_STEPS, wire['step'])
  if (step === undefined) return undefined
  const name = textIn(wire, 'name')
  const done = numberIn(wire, 'done')
  const total = numberIn(wire, 'total')
  return {
    type: 'progress',
    step,
    ...(name !== undefined && { name }),
    ...(done !== undefined && { done }),
    ...(total !== undefined && { total }),
  }
}

/** Only texts, few and short: they become buttons. */
function decodeSuggestions(list: readonly unknown[]): TurnEvent {
  const texts = list.flatMap((entry) =>
    typeof entry === 'string' && entry.trim() !== '' ? [entry.trim()] : [],
  )
  const short = texts.filter((text) => text.length <= LONGEST_SUGGESTION)
  return { type: 'suggestions', suggestions: short.slice(0, MOST_SUGGESTIONS) }
}

/** The event that one `data:` holds, or `undefined` for what this version does not know. */
export function decodeEvent(data: string): TurnEvent | undefined {
  const wire = parseJson(data)
  if (!isObject(wire)) return undefined

  const text = textIn(wire, 'token')
  if (text !== undefined) return { type: 'token', text }

  const turnId = textIn(wire, 'turn_id')
  if (turnId !== undefined) {
    const userMessageId = textIn(wire, 'user_message_id')
    const messageId = textIn(wire, 'message_id')
    if (userMessageId === undefined || messageId === undefined) return undefined
    return { type: 'start', turn_id: turnId, user_message_id: userMessageId, message_id: messageId }
  }

  if (Array.isArray(wire['sources'])) {
    return { type: 'sources', sources: decodeSources(listIn(wire, 'sources')) }
  }

  const message = textIn(wire, 'error')
  if (message !== undefined) {
    return {
      type: 'error',
      message,
      code: oneOf(ERROR_CODES, wire['code']) ?? 'internal',
      retryable: wire['retryable'] !== false,
    }
  }

  if (wire['done'] === true) {
    return {
      type: 'done',
      message_id: textIn(wire, 'message_id') ?? '',
      finish_reason: oneOf(FINISH_REASONS, wire['finish_reason']) ?? 'stop',
      token_count: numberIn(wire, 'token_count') ?? 0,
      inference_time_ms: numberIn(wire, 'inference_time_ms') ?? 0,
    }
  }

  if (isObject(wire['tool_request'])) return decodeToolRequest(wire['tool_request'])
  if (isObject(wire['tool_progress'])) return decodeToolProgress(wire['tool_progress'])
  if (isObject(wire['progress'])) return decodeProgress(wire['progress'])
  if (Array.isArray(wire['suggestions'])) {
    return decodeSuggestions(listIn(wire, 'suggestions'))
  }

  const title = textIn(wire, 'title')
  return title === undefined ? undefined : { type: 'title', title }
}
