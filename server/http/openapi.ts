/** Describes the server's routes as an OpenAPI document, from what the routes say of themselves and by zod-openapi. */
import { z } from 'zod'
import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi'
import {
  METHODS,
  type AnyRoute,
  type Chapter,
  type Method,
  type ResponseDoc,
} from '../dialects/route.ts'
import { ERROR_CODES } from '../protocol/events.ts'

/** A description of which every part is there. */
export type OpenApiDocument = ReturnType<typeof describeRoutes>

const CHAPTERS: Readonly<Record<Chapter, string>> = {
  Conversations: 'List, create, read, rename and erase conversations. Callers see their own alone.',
  Answers:
    'Send a message and read the answer as server-sent events. The id of an event is `<turn>.<n>`; a reader that was cut off goes on behind the last one it saw. Answers are Markdown with reasoning in `<think>…</think>`, tool calls in `<|python_start|>…<|python_end|>` and their results in `<|output_start|>…<|output_end|>`.',
  'Answers with sources':
    'Ask a question and read an answer that rests on passages of the site’s documents, as server-sent events with names.',
  Threads:
    'The same conversations as threads: messages with metadata, and answers as OpenAI’s `chat.completion.chunk` events.',
  Search: 'Look for what was said in the caller’s own threads.',
  Accounts:
    'Register, sign in and out where the server keeps accounts (`AUTH_MODE=local`). Access tokens end soon; a refresh token gets new ones.',
  'Tools of the page':
    'A send may offer tools that run in the page. When the model calls one, the answer waits for the page’s result.',
  Models: 'What the model server has.',
  'Session and settings': 'Who is asking, and what the chat element asks at its start.',
  Operation: 'Health, figures and this description.',
}

export interface DescriptionOptions {
  readonly version: string
}

export function describeRoutes(routes: readonly AnyRoute[], { version }: DescriptionOptions) {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) }
  }
  const used = new Set<string>(routes.map(({ doc }) => doc.chapter))
  const tags = Object.entries(CHAPTERS)
    .map(([name, description]) => ({ name, description }))
    .filter(({ name }) => used.has(name))
  const info = {
    title: 'Samosa Chat',
    version,
    summary: 'A chat backend whose answers stream and survive a lost connection.',
    description:
      'JSON in and out, UTF-8. Times are ISO 8601, UTC. Lengths count Unicode code points. Errors are problem details (RFC 9457), with a `detail` that a person may read.',
    license: { name: 'MIT', identifier: 'MIT' },
  }
  const document = createDocument(
    {
      openapi: '3.1.1',
      info,
      // Relative to where the description is: a proxy may have put this server below a path.
      servers: [{ url: '.', description: 'This server.' }],
      tags,
      security: [{ bearer: [] }],
      paths,
      components: {
        parameters: { TraceId: TRACE_ID },
        headers: HEADERS,
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A visitor’s session (`POST /api/session`), or the token of a signed-in user.',
          },
        },
      },
    },
    { override: tidy },
  )
  const { schemas = {}, responses = {} } = document.components ?? {}
  return {
    ...document,
    info,
    tags,
    paths: document.paths ?? {},
    components: { ...document.components, schemas, responses },
  }
}

/** An operation of the document, and how it is called. */
export interface Call {
  readonly method: Method
  readonly path: string
  readonly operation: oas31.OperationObject
}

export function operationsOf({ paths }: OpenApiDocument): readonly Call[] {
  return Object.entries(paths).flatMap(([path, { get, post, put, patch, delete: remove }]) => {
    const operations = { GET: get, POST: post, PUT: put, PATCH: patch, DELETE: remove }
    return METHODS.flatMap((method) => {
      const operation = operations[method]
      return operation ? [{ method, path, operation }] : []
    })
  })
}

/** Leaves out of a schema what says nothing to a reader, and leaves keys open that are not named. */
const tidy: ZodOpenApiOverride = ({ jsonSchema }) => {
  // It only repeats the format.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  // Text is the only key that JSON has.
  delete jsonSchema.propertyNames
  if (jsonSchema.minLength === 0) delete jsonSchema.minLength
  // The bounds of every whole number.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  // Said of our types: to OpenAPI it would mean something else.
  delete jsonSchema.readOnly
  // Clients are to ignore what a later version answers besides.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

const TRACE_ID: oas31.ParameterObject = {
  name: 'x-trace-id',
  in: 'header',
  description: 'An id of your own for this request; it comes back, and is on every log line.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
}

function describeRoute(route: AnyRoute): ZodOpenApiOperationObject {
  const { doc } = route
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => [
    name,
    z.uuid().describe(doc.parameters?.[name] ?? ''),
  ])
  const inHeader = Object.entries(doc.headers ?? {}).map(([name, description]) => [
    name,
    z.string().optional().describe(description),
  ])
  const takesToken = route.open === 'guests' || doc.mayCarryToken
  return {
    operationId: doc.name,
    tags: [doc.chapter],
    summary: doc.summary,
    ...(doc.description !== undefined && { description: doc.description }),
    ...(route.open && { security: takesToken ? [{}, { bearer: [] }] : [] }),
    requestParams: {
      path: z.object(Object.fromEntries(inPath)),
      ...(doc.query && { query: doc.query }),
      header: z.object(Object.fromEntries(inHeader)),
    },
    parameters: [{ $ref: '#/components/parameters/TraceId' }],
    ...(doc.body && {
      requestBody: {
        required: !doc.bodyIsOptional,
        content: { 'application/json': { schema: doc.body } },
      },
    }),
    responses: responsesOf(route),
  }
}

/* The answers that follow from what a route is, and the errors that all routes share. */

/** The body of every error. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence for a person.'),
    code: z.exactOptional(z.enum(ERROR_CODES)),
    errors: z
      .exactOptional(z.array(z.object({ path: z.string(), message: z.string() })).readonly())
      .describe('The fields that are wrong.'),
    turn_id: z.exactOptional(z.uuid()).describe('The turn that is in the way.'),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' })

const HEADERS: Readonly<Record<string, oas31.HeaderObject>> = {
  TraceId: {
    description: 'The request’s id: it is on every log line.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description: 'What is left of the allowance, and until when; absent where nothing was taken.',
    schema: { type: 'string' },
  },
  RateLimitPolicy: { description: 'What the allowance is.', schema: { type: 'string' } },
  RetryAfter: {
    description: 'Seconds after which asking again makes sense.',
    schema: { type: 'integer', minimum: 0 },
  },
  Challenge: { description: '`Bearer`.', schema: { type: 'string' } },
  ETag: { description: 'For `If-None-Match`.', schema: { type: 'string' } },
}

const headerAt = (name: string) => ({ $ref: `#/components/headers/${name}` })
const traced = { 'x-trace-id': headerAt('TraceId') }
const limited = {
  RateLimit: headerAt('RateLimit'),
  'RateLimit-Policy': headerAt('RateLimitPolicy'),
}
const problem = { 'application/problem+json': { schema: problemSchema } }

/** A response that all routes share; the document has it once, under its id. */
const sharedError = (
  id: string,
  description: string,
  headers: oas31.HeadersObject = {},
): ZodOpenApiResponseObject => ({
  id,
  description,
  headers: { ...traced, ...headers },
  content: problem,
})

const OTHER_ERROR = sharedError('OtherError', 'Any other error.')

const ERRORS = {
  400: sharedError('BadRequest', 'The body is not valid JSON.'),
  401: sharedError('Unauthorized', 'There is no token, or it is not valid.', {
    'WWW-Authenticate': headerAt('Challenge'),
  }),
  403: sharedError('Forbidden', 'The caller does not have the role that this needs.'),
  404: sharedError('NotFound', 'There is no such thing, or it belongs to somebody else.'),
  413: sharedError('PayloadTooLarge', 'The request is too large.'),
  415: sharedError('UnsupportedMediaType', 'The body is not of a type that is taken here.'),
  422: sharedError(
    'UnprocessableEntity',
    'The body or the query is not as described; `errors` names the fields.',
  ),
  429: sharedError('TooManyRequests', 'Too many requests.', {
    ...limited,
    'Retry-After': headerAt('RetryAfter'),
  }),
}

const isShared = (status: number): status is keyof typeof ERRORS => status in ERRORS

/** The responses of one operation: its own, and the errors that any route of its kind may give. */
function responsesOf(route: AnyRoute): ZodOpenApiResponsesObject {
  const { body, query } = route.doc
  return {
    ...(body && { 400: ERRORS[400], 413: ERRORS[413], 415: ERRORS[415] }),
    ...((body || query) && { 422: ERRORS[422] }),
    ...(route.open !== true && { 401: ERRORS[401] }),
    ...(!route.open && route.role !== undefined && { 403: ERRORS[403] }),
    ...(route.path.includes('/:') && { 404: ERRORS[404] }),
    ...(route.takes !== undefined && { 429: ERRORS[429] }),
    ...Object.fromEntries(
      Object.entries(route.doc.responses).map(([status, response]) => [
        status,
        describeResponse(Number(status), response, route),
      ]),
    ),
    default: OTHER_ERROR,
  }
}

function describeResponse(
  status: number,
  { description, schema, events, contentType, cached }: ResponseDoc,
  route: AnyRoute,
): ZodOpenApiResponseObject {
  // What answers with nothing has taken nothing.
  const tellsLimits = route.takes !== undefined && status < 400 && status !== 204
  const type = events ? 'text/event-stream' : (contentType ?? (schema && 'application/json'))
  const own = type && { [type]: { schema: schema ?? { type: 'string' as const } } }
  const content = own ?? (status >= 400 ? problem : undefined)
  return {
    description,
    headers: {
      ...traced,
      ...(isShared(status) && ERRORS[status].headers),
      ...(tellsLimits && limited),
      ...(cached && { ETag: headerAt('ETag') }),
    },
    ...(content && { content }),
  }
}
