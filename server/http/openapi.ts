/** Describes the server's routes as an OpenAPI document, from what the routes say of themselves. */
import type { AnyRoute, Chapter, ResponseDoc } from '../dialects/route.ts'
import { z } from 'zod'
import { STATUS_CODES } from 'node:http'
import type { ProblemBody } from '../protocol/api.ts'
import { ERROR_CODES } from '../protocol/events.ts'

/* The parts of an OpenAPI 3.1 document that this server writes (https://spec.openapis.org/oas/v3.1.1). */

export type JsonSchema = z.core.JSONSchema.JSONSchema

export interface Reference {
  readonly $ref: string
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description?: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

export interface Content {
  readonly [mediaType: string]: { readonly schema?: JsonSchema }
}

export interface Header {
  readonly description: string
  readonly schema: JsonSchema
}

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Header | Reference>>
  readonly content?: Content
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  /** By status, or `default`. */
  readonly responses: Readonly<Record<string, Response | Reference>>
}

export const OPERATION_METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

type PathItem = {
  readonly [method in (typeof OPERATION_METHODS)[number]]?: Operation
}

export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly summary: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string; readonly description: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly parameters: Readonly<Record<string, Parameter>>
    readonly headers: Readonly<Record<string, Header>>
    readonly responses: Readonly<Record<string, Response>>
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>
  }
}

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

const TRACE_ID: Parameter = {
  name: 'x-trace-id',
  in: 'header',
  description: 'An id of your own for this request; it comes back, and is on every log line.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
}

export interface DescriptionOptions {
  readonly version: string
}

export function describeRoutes(
  routes: readonly AnyRoute[],
  { version }: DescriptionOptions,
): OpenApiDocument {
  const schemas = createSchemaCollection()
  const paths: Record<string, PathItem> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    const operation = describeRoute(route, schemas)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation }
  }
  const used = new Set(routes.map(({ doc }) => doc.chapter))
  const responses = sharedResponses(schemas)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Samosa Chat',
      version,
      summary: 'A chat backend whose answers stream and survive a lost connection.',
      description:
        'JSON in and out, UTF-8. Times are ISO 8601, UTC. Lengths count Unicode code points. Errors are problem details (RFC 9457), with a `detail` that a person may read.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to where the description is: a proxy may have put this server below a path.
    servers: [{ url: '.', description: 'This server.' }],
    tags: Object.entries(CHAPTERS)
      .map(([name, description]) => ({ name, description }))
      .filter(({ name }) => [...used].some((chapter) => chapter === name)),
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: sorted(schemas.components),
      parameters: { TraceId: TRACE_ID },
      headers,
      responses,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A visitor’s session (`POST /api/session`), or the token of a signed-in user.',
        },
      },
    },
  }
}

function describeRoute(route: AnyRoute, schemas: SchemaCollection): Operation {
  const { doc } = route
  const { name, chapter, summary, description, body } = doc
  return {
    operationId: name,
    tags: [chapter],
    summary,
    ...(description !== undefined && { description }),
    ...(route.open && { security: securityOf(route) }),
    parameters: parametersOf(route, schemas),
    ...(body && {
      requestBody: {
        required: !doc.bodyIsOptional,
        content: { 'application/json': { schema: schemas.add(body) } },
      },
    }),
    responses: responsesOf(route, schemas),
  }
}

const securityOf = ({ open, doc }: AnyRoute) =>
  open === 'guests' || doc.mayCarryToken ? [{}, { bearer: [] }] : []

function parametersOf(
  { path, doc }: AnyRoute,
  schemas: SchemaCollection,
): readonly (Parameter | Reference)[] {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']): Parameter => ({
    name,
    in: 'path',
    required: true,
    description: doc.parameters?.[name] ?? '',
    schema: { type: 'string', format: 'uuid' },
  }))
  const fields = doc.query ? schemas.addQuery(doc.query) : []
  const inQuery = fields.map(({ name, required, schema }): Parameter => {
    const { description, ...rest } = schema
    return {
      name,
      in: 'query',
      required,
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })
  const inHeader = Object.entries(doc.headers ?? {}).map(([name, description]): Parameter => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }))
  return [...inPath, ...inQuery, ...inHeader, { $ref: '#/components/parameters/TraceId' }]
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => a.localeCompare(b)))
}

/* The answers that follow from what a route is, and the errors that all routes share. */

const problemSchema = z
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

const headers: Readonly<Record<string, Header>> = {
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
function sharedResponses(schemas: SchemaCollection): Readonly<Record<string, Response>> {
  const content = problemContent(schemas)
  const named = Object.entries(ERRORS).map(([status, error]): [string, Response] => [
    nameOf(Number(status)),
    { description: error.description, headers: { ...traced, ...error.headers }, content },
  ])
  const other = { description: 'Any other error.', headers: traced, content }
  return { ...Object.fromEntries(named), OtherError: other }
}

/** The responses of one operation: its own, and the errors that any route of its kind may give. */
function responsesOf(
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

/* The routes' zod schemas as JSON Schema; those with an id stand once, among the components. */

const COMPONENTS = '#/components/schemas/'

interface SchemaCollection {
  /** What a client sends, or may rely on: keys that are not named are left open. */
  add(schema: z.ZodType): JsonSchema
  /** The fields of a query as they are meant: numbers, and not the texts that stand for them. */
  addQuery(schema: z.ZodObject): readonly QueryField[]
  /** Everything that was added with an id. */
  readonly components: Readonly<Record<string, JsonSchema>>
}

interface QueryField {
  readonly name: string
  readonly required: boolean
  readonly schema: JsonSchema
}

function createSchemaCollection(): SchemaCollection {
  const components: Record<string, JsonSchema> = {}

  // Wrapped, because a schema with an id becomes a reference below the root alone.
  const convert = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ schema }), { io })
    for (const [name, definition] of Object.entries($defs)) components[name] = tidy(definition)
    const converted = properties?.['schema']
    return typeof converted === 'object' ? tidy(converted) : {}
  }

  return {
    components,
    add: (schema) => convert(schema, 'input'),
    addQuery(schema) {
      const required = new Set(convert(schema, 'input').required)
      const { properties = {} } = convert(schema, 'output')
      return Object.entries(properties).flatMap(([name, field]) =>
        typeof field === 'object' ? [{ name, required: required.has(name), schema: field }] : [],
      )
    },
  }
}

/** Points references at the components, and drops what says nothing. */
function tidy(schema: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) schema.$ref = schema.$ref.replace(/^#\/\$defs\//, COMPONENTS)
  // It only repeats the format.
  if (schema['format'] !== undefined) delete schema.pattern
  // Text is the only key that JSON has.
  delete schema.propertyNames
  if (schema.minLength === 0) delete schema.minLength
  // The bounds of every whole number.
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  for (const child of childrenOf(schema)) if (typeof child === 'object') tidy(child)
  return schema
}

function childrenOf(schema: JsonSchema): readonly (JsonSchema | boolean)[] {
  const { properties = {}, items = [], additionalProperties = true } = schema
  return [
    ...Object.values(properties),
    ...(Array.isArray(items) ? items : [items]),
    additionalProperties,
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ]
}
