/** The answers that follow from what a route is, and the errors that all routes share. */
import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import type { AnyRoute, ResponseDoc } from '../dialects/route.ts'
import type { ProblemBody } from '../protocol/api.ts'
import { ERROR_CODES } from '../protocol/events.ts'
import type { Content, Header, JsonSchema, Reference, Response } from './openapi-document.ts'
import type { SchemaCollection } from './openapi-schemas.ts'

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence for a person.'),
    code: z.exactOptional(z.enum(ERROR_CODES)),
    errors: z
      .exactOptional(z.array(z.object({ path: z.string(), message: z.string() })))
      .describe('The fields that are wrong.'),
    turn_id: z.exactOptional(z.uuid()).describe('The turn that is in the way.'),
  })
  .meta({
    id: 'Problem',
    description: 'Problem details (RFC 9457).',
  }) satisfies z.ZodType<ProblemBody>

const text: JsonSchema = { type: 'string' }

export const headers: Readonly<Record<string, Header>> = {
  TraceId: { description: 'The request’s id: it is on every log line.', schema: text },
  RateLimit: {
    description: 'What is left of the allowance, and until when; absent where nothing was taken.',
    schema: text,
  },
  RateLimitPolicy: { description: 'What the allowance is.', schema: text },
  RetryAfter: {
    description: 'Seconds after which asking again makes sense.',
    schema: { type: 'integer', minimum: 0 },
  },
  Challenge: { description: '`Bearer`.', schema: text },
  ETag: { description: 'For `If-None-Match`.', schema: text },
}

const headerAt = (name: string): Reference => ({ $ref: `#/components/headers/${name}` })
const traced = { 'x-trace-id': headerAt('TraceId') }
const limited = {
  RateLimit: headerAt('RateLimit'),
  'RateLimit-Policy': headerAt('RateLimitPolicy'),
}

/** By status: a sentence, and the headers that come with it. */
const ERRORS: Readonly<
  Record<number, { readonly description: string; readonly headers?: Response['headers'] }>
> = {
  400: { description: 'The body is not valid JSON.' },
  401: {
    description: 'There is no token, or it is not valid.',
    headers: { 'WWW-Authenticate': headerAt('Challenge') },
  },
  403: { description: 'The caller does not have the role that this needs.' },
  404: { description: 'There is no such thing, or it belongs to somebody else.' },
  413: { description: 'The request is too large.' },
  415: { description: 'The body is not of a type that is taken here.' },
  422: { description: 'The body or the query is not as described; `errors` names the fields.' },
  429: {
    description: 'Too many requests.',
    headers: { ...limited, 'Retry-After': headerAt('RetryAfter') },
  },
}

const nameOf = (status: number) => (STATUS_CODES[status] ?? String(status)).replaceAll(/\W/g, '')

const problemContent = (schemas: SchemaCollection): Content => ({
  'application/problem+json': { schema: schemas.add(problemSchema) },
})

/** The shared error responses, by the names under which routes refer to them. */
export function sharedResponses(schemas: SchemaCollection): Readonly<Record<string, Response>> {
  const content = problemContent(schemas)
  const named = Object.entries(ERRORS).map(([status, error]): [string, Response] => [
    nameOf(Number(status)),
    { description: error.description, headers: { ...traced, ...error.headers }, content },
  ])
  const other = { description: 'Any other error.', headers: traced, content }
  return { ...Object.fromEntries(named), OtherError: other }
}

/** The responses of one operation: its own, and the errors that any route of its kind may give. */
export function responsesOf(
  route: AnyRoute,
  schemas: SchemaCollection,
): Readonly<Record<string, Response | Reference>> {
  const own = Object.entries(route.doc.responses).map(([status, response]): [string, Response] => [
    status,
    describeResponse(Number(status), response, route, schemas),
  ])
  const shared = sharedStatuses(route).map((status): [string, Reference] => [
    String(status),
    { $ref: `#/components/responses/${nameOf(status)}` },
  ])
  return {
    ...Object.fromEntries(shared),
    ...Object.fromEntries(own),
    default: { $ref: '#/components/responses/OtherError' },
  }
}

function sharedStatuses(route: AnyRoute): readonly number[] {
  const { body, query } = route.doc
  return [
    ...(body ? [400, 413, 415] : []),
    ...(body || query ? [422] : []),
    ...(route.open === true ? [] : [401]),
    ...(!route.open && route.role !== undefined ? [403] : []),
    ...(route.path.includes('/:') ? [404] : []),
    ...(route.takes === undefined ? [] : [429]),
  ]
}

function describeResponse(
  status: number,
  response: ResponseDoc,
  route: AnyRoute,
  schemas: SchemaCollection,
): Response {
  const { description, schema, events, contentType } = response
  const described = {
    description,
    headers: {
      ...traced,
      ...ERRORS[status]?.headers,
      // What answers with nothing has taken nothing.
      ...(route.takes !== undefined && status < 400 && status !== 204 && limited),
      ...(response.cached && { ETag: headerAt('ETag') }),
    },
  }
  if (schema) {
    const type = events ? 'text/event-stream' : (contentType ?? 'application/json')
    return { ...described, content: { [type]: { schema: schemas.add(schema) } } }
  }
  if (contentType !== undefined) {
    return { ...described, content: { [contentType]: { schema: text } } }
  }
  return status >= 400 ? { ...described, content: problemContent(schemas) } : described
}
