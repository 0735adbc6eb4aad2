/** JSON Schema in words: what a value is, and within which limits. */
import { html } from 'hono/html'
import type { oas31 } from 'zod-openapi'
import type { Call, OpenApiDocument } from '../openapi.ts'

export type Schema = oas31.SchemaObject | oas31.ReferenceObject

const isReference = (schema: Schema): schema is oas31.ReferenceObject => '$ref' in schema

export type Html = ReturnType<typeof html>

/** A sentence whose `code` stands in backticks. */
export function prose(sentence: string): readonly Html[] {
  return sentence
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

/** Puts something between each two. */
export function joined(items: readonly Html[], separator: string): readonly Html[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [html`${separator}`, item]))
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  array: 'list',
}

const FORMATS: Readonly<Record<string, string>> = { uuid: 'UUID', 'date-time': 'time' }

/** The name of the component that a reference means. */
export const componentOf = (reference: string) => reference.replace(/^.*\//, '')

/** The branches of a choice, without `null`. */
export function choicesOf(schema: Schema): readonly Schema[] {
  if (isReference(schema)) return []
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return choices.filter((choice) => !('type' in choice && choice.type === 'null'))
}

/** What a value is, such as `text, 1–500 characters, or null`. */
export function describeType(schema: Schema): Html {
  if (isReference(schema)) {
    const name = componentOf(schema.$ref)
    return html`<a href="#${name}">${name}</a>`
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`
  if (schema.enum) {
    return html`${joined(
      schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`),
      schema.enum.length > 3 ? ', ' : ' or ',
    )}`
  }
  // Beside its fields, a choice says only which of them go together.
  if (!schema.properties && (schema.anyOf || schema.oneOf)) {
    const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
    return html`${joined(choices.map(describeType), ', or ')}`
  }
  const limits = describeLimits(schema)
  return html`${describeKind(schema)}${limits && prose(`, ${limits}`)}`
}

function describeKind(schema: oas31.SchemaObject): Html {
  const { type, format, items, additionalProperties } = schema
  if (type === 'array' && items) {
    return 'properties' in items ? html`list of objects` : html`list of ${describeType(items)}`
  }
  if (type === 'object' && !schema.properties && typeof additionalProperties === 'object') {
    return html`map of text to ${describeType(additionalProperties)}`
  }
  if (format !== undefined) return html`${FORMATS[format] ?? format}`
  const types = type === undefined ? ['any JSON'] : [type].flat()
  return html`${types.map((name) => WORDS[name] ?? name).join(' or ')}`
}

/** Such as `1–500 characters`; empty without any. */
function describeLimits(schema: oas31.SchemaObject): string {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum, pattern } = schema
  return [
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' entries'),
    range(minimum, maximum, ''),
    pattern === undefined ? '' : `matches \`${pattern}\``,
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  const [lowest, highest] = [from, to].map((limit) => limit?.toLocaleString('en'))
  if (lowest === undefined) return highest === undefined ? '' : `at most ${highest}${unit}`
  return highest === undefined ? `at least ${lowest}${unit}` : `${lowest}–${highest}${unit}`
}

/* The fields of an object as a table; those of objects inside it follow it as `outer.inner`. */

/** Which of the two is worth saying: what must be there, or what may be missing. */
type Marking = 'required' | 'optional'

interface Field {
  readonly name: string
  readonly type: Html
  readonly description: string
  readonly mark: string
}

export function fieldTable(fields: readonly Field[]): Html {
  return html`<table>
    <tbody>
      ${fields.map(
        ({ name, type, mark, description }) =>
          html`<tr>
            <th scope="row">
              <code>${name}</code>${mark && html` <small class="mark">${mark}</small>`}
            </th>
            <td>${type}${description && html`<span class="note">${prose(description)}</span>`}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The fields of an object, or of every object that a choice offers. */
export function fieldsOf(schema: Schema, marking: Marking, prefix = ''): readonly Field[] {
  if (isReference(schema)) return []
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const isRequired = schema.required?.includes(name) ?? false
    const inner = innerObject(field)
    return [
      {
        name: prefix + name,
        type: describeType(field),
        description: field.description ?? choicesOf(field)[0]?.description ?? '',
        mark: isRequired === (marking === 'required') ? marking : '',
      },
      ...(inner ? fieldsOf(inner.schema, marking, `${prefix}${name}${inner.suffix}`) : []),
    ]
  })
  if (own.length > 0) return own
  const offered = choicesOf(schema).flatMap((choice) => fieldsOf(choice, marking, prefix))
  return offered.filter(
    ({ name }, index) => offered.findIndex((field) => field.name === name) === index,
  )
}

function innerObject(
  schema: Schema,
): { readonly schema: Schema; readonly suffix: string } | undefined {
  if (isReference(schema)) return undefined
  if (schema.properties) return { schema, suffix: '.' }
  if (schema.items) {
    const inner = innerObject(schema.items)
    return inner && { schema: inner.schema, suffix: `[]${inner.suffix}` }
  }
  const [choice] = choicesOf(schema)
  return choice && innerObject(choice)
}

/* A command line that calls an operation. */

export function curlOf({ method, path, operation }: Call, { components }: OpenApiDocument): string {
  const url = `"$SERVER${path.replaceAll(/\{(\w+)\}/g, '$$$1')}"`
  const streams = JSON.stringify(operation.responses).includes('"text/event-stream"')
  const { requestBody } = operation
  const schema =
    requestBody && 'content' in requestBody && requestBody.required
      ? requestBody.content['application/json']?.schema
      : undefined
  const body =
    schema && JSON.stringify(exampleOf(schema, components.schemas)).replaceAll("'", `'\\''`)
  return [
    `curl${streams ? ' -N' : ''}${method === 'GET' ? '' : ` -X ${method}`} ${url}`,
    ...(operation.security ? [] : [`-H "Authorization: Bearer $TOKEN"`]),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d '${body}'`]),
  ].join(' \\\n  ')
}

/** A small value that the schema takes: what must be there, or else the first field alone. */
function exampleOf(schema: Schema, components: OpenApiDocument['components']['schemas']): unknown {
  if (isReference(schema)) return exampleOf(components[componentOf(schema.$ref)] ?? {}, components)
  if (schema.examples) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice && !schema.properties) return exampleOf(choice, components)
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {})
      const needed = fields.filter(([name]) => schema.required?.includes(name))
      const shown = needed.length > 0 ? needed : fields.slice(0, 1)
      return Object.fromEntries(shown.map(([name, field]) => [name, exampleOf(field, components)]))
    }
    case 'array':
      return []
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'string':
      return schema.format === 'uuid' ? '00000000-0000-4000-8000-000000000000' : 'text'
    default:
      return null
  }
}
