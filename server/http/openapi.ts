/** Describes the server's routes as an OpenAPI document, from what the routes say of themselves. */
import type { AnyRoute, Chapter } from '../dialects/route.ts'
import type {
  OpenApiDocument,
  Operation,
  Parameter,
  PathItem,
  Reference,
} from './openapi-document.ts'
import { headers, responsesOf, sharedResponses } from './openapi-responses.ts'
import { createSchemaCollection, type SchemaCollection } from './openapi-schemas.ts'

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
