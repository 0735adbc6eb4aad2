/**
 * The API's description as a page. Made here and whole: it needs no script, and nothing from elsewhere.
 * Its style is the demo's `docs.css`.
 *
 * No viewer package shows it under the policy of our pages (measured in December 2026, in Chromium 156, with what
 * `npm install` puts on the disk): swagger-ui-dist (13 MB) stops at our trusted types, and without them axe finds too little
 * contrast in 106 places and 48 buttons inside buttons; @scalar/api-reference (243 MB) breaks the policy 31 times, rapidoc
 * (159 MB) 87, openapi-explorer (48 MB) 60, redoc (85 MB) 10 and shows an error, @stoplight/elements (1.1 GB) 65 and
 * shows nothing. With scripts switched off all of them show nothing; this page is whole.
 */
import { STATUS_CODES } from 'node:http'
import { html } from 'hono/html'
import { z } from 'zod'
import type { oas31 } from 'zod-openapi'
import type { AnyRoute, OpenRoute, TextReply } from '../../dialects/route.ts'
import {
  describeRoutes,
  operationsOf,
  type Call,
  type DescriptionOptions,
  type OpenApiDocument,
} from '../openapi.ts'
import { etagOf, PAGE_HEADERS } from '../responses.ts'
import {
  choicesOf,
  componentOf,
  curlOf,
  describeType,
  fieldsOf,
  fieldTable,
  joined,
  prose,
  type Html,
  type Schema,
} from './schemas.ts'

/* The API's description: for programs at `/openapi.json`, for people at `/docs`. */

/** The two routes that describe all the others, and themselves. */
export function createDescriptionRoutes(
  described: readonly AnyRoute[],
  options: DescriptionOptions,
): readonly OpenRoute[] {
  // Made when first asked for: a server that nobody asks starts the sooner.
  const describe = once(() => describeRoutes([...described, ...routes], options))
  const json = once(() => textOf('application/json', JSON.stringify(describe())))
  const page = once(async () => ({
    ...textOf('text/html; charset=utf-8', String(await docsPage(describe()))),
    headers: PAGE_HEADERS,
  }))

  const routes: readonly OpenRoute[] = [
    {
      method: 'GET',
      path: '/openapi.json',
      open: true,
      doc: {
        name: 'getDescription',
        chapter: 'Operation',
        summary: 'Describes this API as an OpenAPI document.',
        responses: {
          200: {
            description: 'The document.',
            schema: z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
            cached: true,
          },
        },
      },
      handle: async () => json(),
    },
    {
      method: 'GET',
      path: '/docs',
      open: true,
      doc: {
        name: 'getDocs',
        chapter: 'Operation',
        summary: 'Shows the description as a page.',
        responses: {
          200: { description: 'The page.', contentType: 'text/html; charset=utf-8', cached: true },
        },
      },
      handle: page,
    },
  ]
  return routes
}

function textOf(contentType: string, text: string): TextReply {
  return { kind: 'text', contentType, text, etag: etagOf(text) }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}

const MARK =
  'M13.3 5.6a3.1 3.1 0 0 1 5.4 0l9.3 16a3.1 3.1 0 0 1-2.7 4.7H15l-4.6 3.6a.8.8 0 0 1-1.3-.6v-3H6.7A3.1 3.1 0 0 1 4 21.6z'
const ICON = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path fill='%23b4530a' d='${MARK}'/></svg>`

const FIRST_STEPS = `SERVER=http://127.0.0.1:8787
TOKEN=$(curl -s -X POST "$SERVER/api/session" | sed 's/.*"token":"\\([^"]*\\).*/\\1/')`

interface Chapter {
  readonly name: string
  readonly anchor: string
  readonly description: string
  readonly calls: readonly Call[]
}

export function docsPage(document: OpenApiDocument): Html {
  const { info, components } = document
  const chapters = chaptersOf(document)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${info.title} API</title>
        <link rel="icon" href="${ICON}" />
        <link rel="stylesheet" href="docs.css" />
      </head>
      <body>
        <a class="skip" href="#start">Skip to the description</a>
        <header>
          <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
            <path d="${MARK}" />
          </svg>
          <p class="brand">${info.title} <span>API ${info.version}</span></p>
          <p class="links"><a href="openapi.json">openapi.json</a> <a href="./">Demo</a></p>
        </header>
        <div class="columns">
          <nav aria-label="Operations">${contents(chapters)}</nav>
          <main id="start" tabindex="-1">
            <h1>The API, route by route</h1>
            <p class="lead">${prose(info.description)}</p>
            <p>
              Programs read the same as an OpenAPI document at
              <a href="openapi.json"><code>/openapi.json</code></a
              >. Routes marked <span class="access">token</span> need
              <code>Authorization: Bearer</code>; each may also answer with
              <a href="#Problem">another error</a>. The examples below use two variables, here for a
              server that takes anonymous visitors; where users have accounts,
              <code>POST /api/auth/login</code> gives the token:
            </p>
            <pre
              tabindex="0"
              role="group"
              aria-label="First steps"
            ><code>${FIRST_STEPS}</code></pre>
            ${chapters.map((chapter) => chapterSection(chapter, document))}
            <section class="chapter">
              <h2 id="objects">Objects</h2>
              <p>What answers are made of. Clients ignore fields that are not named here.</p>
              ${Object.entries(components.schemas)
                .toSorted(([a], [b]) => a.localeCompare(b))
                .map(objectSection)}
            </section>
          </main>
        </div>
      </body>
    </html> `
}

function chaptersOf(document: OpenApiDocument): readonly Chapter[] {
  const calls = operationsOf(document)
  return document.tags.map(({ name, description }) => ({
    name,
    anchor: name.toLowerCase().replaceAll(' ', '-'),
    description,
    calls: calls.filter(({ operation }) => operation.tags?.includes(name)),
  }))
}

function contents(chapters: readonly Chapter[]): Html {
  return html`${chapters.map(
      ({ name, anchor, calls }) =>
        html`<h2><a href="#${anchor}">${name}</a></h2>
          <ul>
            ${calls.map(
              ({ method, operation }) =>
                html`<li>
                  <a href="#${operation.operationId}"
                    ><span>${titleOf(operation)}</span> ${badge(method)}</a
                  >
                </li>`,
            )}
          </ul>`,
    )}
    <h2><a href="#objects">Objects</a></h2>`
}

function chapterSection(chapter: Chapter, document: OpenApiDocument): Html {
  const { name, anchor, description, calls } = chapter
  return html`<section class="chapter">
    <h2 id="${anchor}">${name}</h2>
    <p>${prose(description)}</p>
    ${calls.map((call) => operationSection(call, document))}
  </section>`
}

function objectSection([name, schema]: readonly [string, Schema]): Html {
  const choices = 'properties' in schema ? [] : choicesOf(schema)
  const fields = choices.length > 0 ? [] : fieldsOf(schema, 'optional')
  return html`<article class="object" id="${name}" aria-labelledby="${name}-title">
    <h3 id="${name}-title">
      ${name} <a class="anchor" href="#${name}" aria-label="Link to ${name}">#</a>
    </h3>
    ${schema.description !== undefined && html`<p>${prose(schema.description)}</p>`}
    ${
      choices.length > 0
        ? html`<p>One of ${joined(choices.map(describeType), ', ')}.</p>`
        : fields.length > 0
          ? fieldTable(fields)
          : html`<p>${describeType(schema)}</p>`
    }
  </article>`
}

/* One operation of the API as a part of the page. */

/** `listConversations` as `List conversations`. */
function titleOf({ operationId = '' }: oas31.OperationObject): string {
  const words = operationId.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const badge = (method: string): Html =>
  html`<span class="method ${method.toLowerCase()}">${method}</span>`

function operationSection(call: Call, document: OpenApiDocument): Html {
  const { method, path, operation } = call
  const { operationId, summary = '', description = '', requestBody } = operation
  const parameters = (operation.parameters ?? []).filter((parameter) => 'name' in parameter)
  const title = titleOf(operation)
  return html`<article class="operation" id="${operationId}" aria-labelledby="${operationId}-title">
    <h3 id="${operationId}-title">
      ${title}
      <a class="anchor" href="#${operationId}" aria-label="Link to ${title}">#</a>
    </h3>
    <p class="address">${badge(method)} <code>${breakable(path)}</code> ${token(operation)}</p>
    <p>${prose(summary)} ${prose(description)}</p>
    ${
      parameters.length > 0 &&
      html`<h4>Parameters</h4>
        ${parameterTable(parameters)}`
    }
    ${requestBody && 'content' in requestBody && bodyPart(requestBody)}
    ${responsesPart(operation, document)}
    <h4>Example</h4>
    <pre
      tabindex="0"
      role="group"
      aria-label="Command line"
    ><code>${curlOf(call, document)}</code></pre>
  </article>`
}

/** A long path may break behind each of its slashes. */
function breakable(path: string): readonly Html[] {
  return path.split(/(?<=\/)/).map((part) => html`${part}<wbr />`)
}

function token({ security }: oas31.OperationObject): Html {
  if (security === undefined) return html`<span class="access">token</span>`
  return security.length === 0
    ? html`<span class="access open">open</span>`
    : html`<span class="access open">token optional</span>`
}

function parameterTable(parameters: readonly oas31.ParameterObject[]): Html {
  return fieldTable(
    parameters.map(({ name, in: place, required, description = '', schema = {} }) => ({
      name,
      type: html`${describeType(schema)} <small class="place">${place}</small>`,
      description,
      mark: required ? 'required' : '',
    })),
  )
}

function bodyPart({ content, required }: oas31.RequestBodyObject): Html {
  const schema = content['application/json']?.schema ?? {}
  const fields = fieldsOf(schema, 'required')
  return html`<h4>Body${!required && html` <small>may be left out</small>`}</h4>
    ${fields.length === 0 ? html`<p>${describeType(schema)}</p>` : fieldTable(fields)}`
}

type DescribedResponse = oas31.ResponseObject | oas31.ReferenceObject

function responsesPart(
  { responses = {} }: oas31.OperationObject,
  { components }: OpenApiDocument,
): Html {
  const { default: _, ...byStatus } = responses
  const all = Object.entries<DescribedResponse>(byStatus).flatMap(([status, described]) => {
    const response =
      '$ref' in described ? components.responses[componentOf(described.$ref)] : described
    return response && 'headers' in response ? [{ status, response }] : []
  })
  const isError = (status: string) => Number(status) >= 400
  const good = all.filter(({ status }) => !isError(status))
  const errors = all.filter(({ status }) => isError(status))
  return html`<h4>Answers</h4>
    <ul class="answers">
      ${good.map(answer)}
    </ul>
    ${
      errors.length > 0 &&
      html`<details>
        <summary>Errors: ${errors.map(({ status }) => status).join(', ')}</summary>
        <ul class="answers">
          ${errors.map(answer)}
        </ul>
      </details>`
    }`
}

interface Answer {
  readonly status: string
  readonly response: oas31.ResponseObject
}

function answer({ status, response: { description, content } }: Answer): Html {
  const kinds = Object.entries(content ?? {}).map(([type, { schema }]) => {
    const isProblem = type === 'application/problem+json'
    // Of a small object that has no name, the fields say more than the word.
    const fields = schema && !isProblem ? fieldsOf(schema, 'optional') : []
    return html`<span class="note"
        ><code>${type}</code>${schema && html`: ${what(type, schema)}`}</span
      >${fields.length > 0 && fieldTable(fields)}`
  })
  return html`<li>
    <span class="status">${status}</span>
    <div><span class="reason">${STATUS_CODES[status]}</span> ${prose(description)} ${kinds}</div>
  </li>`
}

function what(type: string, schema: Schema): Html {
  return type === 'text/event-stream'
    ? html`each event’s <code>data</code> is the JSON of one ${describeType(schema)}`
    : describeType(schema)
}
