/** One operation of the API as a part of the page. */
import { STATUS_CODES } from 'node:http'
import type {
  JsonSchema,
  OpenApiDocument,
  Operation,
  Parameter,
  Reference,
  Response,
} from '../openapi-document.ts'
import { curlOf, type Call } from './curl.ts'
import { fieldsOf, fieldTable } from './field-table.ts'
import { html, prose, type Html } from './html.ts'
import { componentOf, describeType } from './schema-words.ts'

/** `listConversations` as `List conversations`. */
export function titleOf({ operationId }: Operation): string {
  const words = operationId.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const badge = (method: string): Html =>
  html`<span class="method ${method}">${method.toUpperCase()}</span>`

export function operationSection(call: Call, document: OpenApiDocument): Html {
  const { method, path, operation } = call
  const { operationId, summary, description, requestBody } = operation
  const parameters = (operation.parameters ?? []).filter((parameter) => 'name' in parameter)
  const body = requestBody?.content['application/json']?.schema
  return html`<article class="operation" id="${operationId}" aria-labelledby="${operationId}-title">
    <h3 id="${operationId}-title">
      ${titleOf(operation)}
      <a class="anchor" href="#${operationId}" aria-label="Link to ${titleOf(operation)}">#</a>
    </h3>
    <p class="address">${badge(method)} <code>${breakable(path)}</code> ${token(operation)}</p>
    <p>${prose(summary)} ${description === undefined ? '' : prose(description)}</p>
    ${
      parameters.length === 0
        ? ''
        : html`<h4>Parameters</h4>
            ${parameterTable(parameters)}`
    }
    ${body ? bodyPart(body, requestBody.required) : ''} ${responsesPart(operation, document)}
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

function token({ security }: Operation): Html {
  if (security === undefined) return html`<span class="access">token</span>`
  return security.length === 0
    ? html`<span class="access open">open</span>`
    : html`<span class="access open">token optional</span>`
}

function parameterTable(parameters: readonly Parameter[]): Html {
  return fieldTable(
    parameters.map((parameter) => ({
      name: parameter.name,
      type: html`${describeType(parameter.schema)} <small class="place">${parameter.in}</small>`,
      description: parameter.description ?? '',
      mark: parameter.required ? 'required' : '',
    })),
  )
}

function bodyPart(schema: JsonSchema, required: boolean): Html {
  const fields = fieldsOf(schema, 'required')
  return html`<h4>Body${required ? '' : html` <small>may be left out</small>`}</h4>
    ${fields.length === 0 ? html`<p>${describeType(schema)}</p>` : fieldTable(fields)}`
}

function responsesPart({ responses }: Operation, document: OpenApiDocument): Html {
  const all = Object.entries(responses).map(([status, response]) => ({
    status,
    response: resolve(response, document),
  }))
  const isError = (status: string) => status === 'default' || Number(status) >= 400
  const good = all.filter(({ status }) => !isError(status))
  const errors = all.filter(({ status }) => isError(status) && status !== 'default')
  return html`<h4>Answers</h4>
    <ul class="answers">
      ${good.map(({ status, response }) => answer(status, response))}
    </ul>
    ${
      errors.length === 0
        ? ''
        : html`<details>
            <summary>Errors: ${errors.map(({ status }) => status).join(', ')}</summary>
            <ul class="answers">
              ${errors.map(({ status, response }) => answer(status, response))}
            </ul>
          </details>`
    }`
}

function answer(status: string, { description, content }: Response): Html {
  const kinds = Object.entries(content ?? {}).map(([type, { schema }]) => {
    const isProblem = type === 'application/problem+json'
    // Of a small object that has no name, the fields say more than the word.
    const fields = schema && !isProblem ? fieldsOf(schema, 'optional') : []
    return html`<span class="note"
        ><code>${type}</code>${schema ? html`: ${what(type, schema)}` : ''}</span
      >${fields.length === 0 ? '' : fieldTable(fields)}`
  })
  return html`<li>
    <span class="status">${status}</span>
    <div>
      <span class="reason">${STATUS_CODES[Number(status)] ?? ''}</span> ${prose(description)}
      ${kinds}
    </div>
  </li>`
}

function what(type: string, schema: JsonSchema): Html {
  return type === 'text/event-stream'
    ? html`each event’s <code>data</code> is the JSON of one ${describeType(schema)}`
    : describeType(schema)
}

function resolve(response: Response | Reference, document: OpenApiDocument): Response {
  if (!('$ref' in response)) return response
  return document.components.responses[componentOf(response.$ref)] ?? { description: '' }
}
