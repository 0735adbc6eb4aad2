/** Failures of model servers, in words for visitors. */
import { ChatError, notSetUp } from '../core/errors.ts'
import { errorMessageOf, isOperatorsTrouble } from './error-body.ts'
import { isRecord, itemsOf, parseJson, type JsonRecord } from '../text/json.ts'
import { isByChance } from './openai/refusals.ts'

const UNNAMED_FAILURE = 'The model server reported an error.'

/** What stands for a failure that said nothing fit to be passed on. */
const UNNAMED_EVENT = '{"error":true}'

/** The model happened to write no call of a tool where it meant one; another time it may. */
export class ChanceFailure extends ChatError {
  constructor(message = UNNAMED_FAILURE) {
    super('inference_error', message)
  }
}

/** The failure, in the server's words where they may be shown. */
export function reportedFailure(message: string | undefined): ChatError {
  return new ChatError('inference_error', message ?? UNNAMED_FAILURE)
}

/** An `error` may come alone or beside other keys; some servers send a typed event. */
export function isFailure(body: JsonRecord): boolean {
  if (body.error) return true
  return body.object === 'error' || body.type === 'error'
}

/** Keys under which frameworks, gateways and clouds tell of a failure. */
const FAILURE_KEYS = [
  ...['detail', 'errors', 'error_code', 'error_message', 'error_msg', 'error_type'],
  ...['errorCode', 'errorMessage', 'errorType', 'fault', 'exception', '__type'],
]
const FAILURE_STATUS = /^(?:error|errored|fail|failed|failure)$/i
/** Keys under which they tell its HTTP status. */
const STATUS_KEYS = ['status', 'statusCode', 'status_code', 'code']

/** Whether what is no part of an answer is a failure in one of the forms that frameworks give it. */
export function looksLikeFailure(body: JsonRecord): boolean {
  if (body.success === false || FAILURE_KEYS.some((key) => body[key])) return true
  if (typeof body.status === 'string' && FAILURE_STATUS.test(body.status)) return true
  if (STATUS_KEYS.some((key) => isFailureStatus(body[key]))) return true
  return (
    (typeof body.message === 'string' || typeof body.msg === 'string') &&
    body.code !== undefined &&
    body.code !== null
  )
}

const isFailureStatus = (value: unknown) => typeof value === 'number' && value >= 400 && value < 600

const FILLER =
  /^\W*(?:ping|pong|heart.?beat|keep.?alive|end|eof|eos|done|finished|completed?|stop)?\W*$/i

/**
 * Whether an event only keeps the connection alive, or marks the end beside the protocol; `body` is the JSON in
 * its data, if it is any.
 */
export function saysNothing(data: string, body: unknown): boolean {
  // Without a letter it may be JSON that is cut at once.
  if (body === undefined) return data.trim() === '' || (/\w/.test(data) && FILLER.test(data))
  if (!isRecord(body)) return FILLER.test(data)
  const isNamedSo = [body.type, body.object, body.event].some(
    (name) => typeof name === 'string' && name !== '' && FILLER.test(name),
  )
  return isNamedSo || Object.keys(body).every((key) => FILLER.test(key))
}

/** The failure in a list that came instead of an event; `undefined` when there is none. */
export function failureInList(list: unknown): JsonRecord | undefined {
  for (const item of itemsOf(list)) if (isRecord(item) && isFailure(item)) return item
  return undefined
}

/**
 * The data of an event that its name, or its field's, calls an error: as it is when it says so itself, else
 * data that does.
 */
export function failureData(data: string): string {
  const body = parseJson(data)
  const failed = isRecord(body) ? isFailure(body) : failureInList(body) !== undefined
  return failed ? data : UNNAMED_EVENT
}

/** The failure that a body tells of, or one without words. */
export function failureOf(body: unknown): ChatError {
  const said = errorMessageOf(body)
  if (isOperatorsTrouble(body)) return notSetUp(said ?? UNNAMED_FAILURE)
  return isByChance(body) ? new ChanceFailure(said) : reportedFailure(said)
}
