import { ChatError } from '../core/errors.ts'
import { errorMessageOf } from './error-message.ts'
import { isRecord, itemsOf, parseJson, type JsonRecord } from './json.ts'

const UNNAMED_FAILURE = 'The model server reported an error.'

/** What stands for a failure that said nothing fit to be passed on. */
const UNNAMED_EVENT = '{"error":true}'

/** The failure, in the server's words where they may be shown. */
export function reportedFailure(message: string | undefined): ChatError {
  return new ChatError('inference_error', message ?? UNNAMED_FAILURE)
}

/** An `error` may come alone or beside other keys; some servers send a typed event. */
export function isFailure(body: JsonRecord): boolean {
  if (body.error) return true
  return body.object === 'error' || body.type === 'error'
}

/** Whether what is no part of an answer is a failure in one of the forms that frameworks give it. */
export function looksLikeFailure(body: JsonRecord): boolean {
  if (body.success === false || body.detail) return true
  if (body.errors || body.error_code || body.error_message || body.error_msg) return true
  return (
    (typeof body.message === 'string' || typeof body.msg === 'string') &&
    body.code !== undefined &&
    body.code !== null
  )
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

/** The failure in a body's `error.message`, or without words. */
export const failureOf = (body: unknown) => reportedFailure(errorMessageOf(body))
