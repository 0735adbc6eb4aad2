/**
 * The API's description as a page. Made here and whole: it needs no script, and nothing from elsewhere.
 * Its style is the demo's `docs.css`.
 */
import { OPERATION_METHODS, type JsonSchema, type OpenApiDocument } from '../openapi-document.ts'
import type { Call } from './curl.ts'
import { fieldsOf, fieldTable } from './field-table.ts'
import { html, joined, prose, type Html } from './html.ts'
import { badge, operationSection, titleOf } from './operation.ts'
import { choicesOf, describeType } from './schema-words.ts'

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

export function docsPage(document: OpenApiDocument): string {
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
              ${Object.entries(components.schemas).map(objectSection)}
            </section>
          </main>
        </div>
      </body>
    </html> `.text
}

function chaptersOf({ tags, paths }: OpenApiDocument): readonly Chapter[] {
  const calls = Object.entries(paths).flatMap(([path, item]) =>
    OPERATION_METHODS.flatMap((method): readonly Call[] => {
      const operation = item[method]
      return operation ? [{ method, path, operation }] : []
    }),
  )
  return tags.map(({ name, description }) => ({
    name,
    anchor: name.toLowerCase().replaceAll(' ', '-'),
    description,
    calls: calls.filter(({ operation }) => operation.tags.includes(name)),
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

function objectSection([name, schema]: readonly [string, JsonSchema]): Html {
  const choices = schema.properties ? [] : choicesOf(schema)
  const fields = choices.length > 0 ? [] : fieldsOf(schema, 'optional')
  return html`<article class="object" id="${name}" aria-labelledby="${name}-title">
    <h3 id="${name}-title">
      ${name} <a class="anchor" href="#${name}" aria-label="Link to ${name}">#</a>
    </h3>
    ${schema.description === undefined ? '' : html`<p>${prose(schema.description)}</p>`}
    ${
      choices.length > 0
        ? html`<p>One of ${joined(choices.map(describeType), ', ')}.</p>`
        : fields.length > 0
          ? fieldTable(fields)
          : html`<p>${describeType(schema)}</p>`
    }
  </article>`
}
