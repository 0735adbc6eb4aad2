/** The one place where an event of the wire (dialect A, one JSON object) becomes a `WidgetEvent`. */
import {
  ERROR_CODES,
  FINISH_REASONS,
  PROGRESS_STEPS,
  type Citation,
  type Source,
  type CitationsEvent,
  type ErrorCode,
  type FinishReason,
  type ProgressEvent,
  type SourcesEvent,
  type SuggestionsEvent,
  type TokenEvent,
  type TurnStartEvent,
} from '../../server/protocol/events.ts'
import {
  isObject,
  listIn,
  numberIn,
  oneOf,
  parseJson,
  textIn,
  textsIn,
  type JsonObject,
} from './check.ts'

/** Something for the page's tools, as the server wrote it: see page-tool-runner.ts. */
interface PageToolEvent {
  readonly type: 'page_tool'
  readonly wire: JsonObject
}

/** What is being done before there are words. */
export interface StepEvent extends Pick<ProgressEvent, 'type' | 'step'> {
  /** Of the tool, or of the file that is read. */
  readonly name: string | undefined
  readonly done: number | undefined
  readonly total: number | undefined
}

/** What happens in a turn, reduced to what the element needs. */
export type WidgetEvent =
  | Omit<TurnStartEvent, 'turn_id'>
  | TokenEvent
  | SourcesEvent
  | CitationsEvent
  | StepEvent
  | SuggestionsEvent
  | PageToolEvent
  | {
      readonly type: 'error'
      readonly code: ErrorCode
      readonly retryable: boolean
      /** In the server's words. */
      readonly detail?: string
      /** Seconds until asking again makes sense. */
      readonly retryAfter?: number | undefined
    }
  | {
      readonly type: 'done'
      readonly finish_reason: FinishReason
      /** An `AnswerOutcome`, or one that later servers know. */
      readonly outcome?: string | undefined
      /** Another conversation than the one that was asked. */
      readonly conversation_id?: string | undefined
    }

const MOST_SUGGESTIONS = 4
/** UTF-16 units: 120 characters, however wide. */
const LONGEST_SUGGESTION = 240

/** The sources of an event or of a stored message; entries without a number and a title are left out. */
export function sourcesIn(body: JsonObject): readonly Source[] {
  return listIn(body, 'sources').flatMap((entry) => {
    if (!isObject(entry)) return []
    const number = numberIn(entry, 'number')
    const title = textIn(entry, 'title')
    if (number === undefined || title === undefined) return []
    const open_url = textIn(entry, 'open_url')
    const page = numberIn(entry, 'page')
    return {
      number,
      title,
      url: textIn(entry, 'url') ?? null,
      creator: textIn(entry, 'creator') ?? null,
      section: textIn(entry, 'section') ?? null,
      snippet: textIn(entry, 'snippet') ?? '',
      score: numberIn(entry, 'score') ?? 0,
      ...(open_url !== undefined && { open_url }),
      ...(page !== undefined && { page }),
    }
  })
}

/** The citations of an event or of a stored message; entries without a number are left out. */
export function citationsIn(body: JsonObject): readonly Citation[] {
  return listIn(body, 'citations').flatMap((entry) => {
    const number = isObject(entry) && numberIn(entry, 'number')
    return number ? { number, unproven: textsIn(entry, 'unproven') } : []
  })
}

/** The questions that may follow an answer: only few and short ones, as they become buttons. */
export function suggestionsIn(body: JsonObject): readonly string[] {
  return textsIn(body, 'suggestions')
    .map((text) => text.trim())
    .filter((text) => text !== '' && text.length <= LONGEST_SUGGESTION)
    .slice(0, MOST_SUGGESTIONS)
}

function decodeProgress(progress: JsonObject): WidgetEvent | undefined {
  const step = oneOf(PROGRESS_STEPS, progress['step'])
  if (step === undefined) return undefined
  const name = textIn(progress, 'name')
  const done = numberIn(progress, 'done')
  const total = numberIn(progress, 'total')
  return { type: 'progress', step, name, done, total }
}

/** The event that one `data:` holds, or `undefined` for what this version does not know. */
export function decodeEvent(data: string): WidgetEvent | undefined {
  const wire = parseJson(data)
  if (!isObject(wire)) return undefined

  const text = textIn(wire, 'token')
  if (text !== undefined) return { type: 'token', text }

  if (textIn(wire, 'turn_id') !== undefined) {
    const user_message_id = textIn(wire, 'user_message_id')
    const message_id = textIn(wire, 'message_id')
    if (user_message_id === undefined || message_id === undefined) return undefined
    return { type: 'start', user_message_id, message_id }
  }

  if (Array.isArray(wire['sources'])) return { type: 'sources', sources: sourcesIn(wire) }
  if (Array.isArray(wire['citations'])) return { type: 'citations', citations: citationsIn(wire) }

  const detail = textIn(wire, 'error')
  if (detail !== undefined) {
    const code = oneOf(ERROR_CODES, wire['code']) ?? 'internal'
    const retryAfter = numberIn(wire, 'retry_after')
    return { type: 'error', code, retryable: wire['retryable'] !== false, detail, retryAfter }
  }

  if (wire['done'] === true) {
    return {
      type: 'done',
      finish_reason: oneOf(FINISH_REASONS, wire['finish_reason']) ?? 'stop',
      outcome: textIn(wire, 'outcome'),
    }
  }

  if (isObject(wire['tool_request'] ?? wire['tool_progress'])) return { type: 'page_tool', wire }
  if (isObject(wire['progress'])) return decodeProgress(wire['progress'])
  if (!Array.isArray(wire['suggestions'])) return undefined
  return { type: 'suggestions', suggestions: suggestionsIn(wire) }
}
