/** JSON Schema in words: what a value is, and within which limits. */
import type { JsonSchema, OpenApiDocument, Operation } from '../openapi.ts'

/** Writes HTML: everything that is put into a template is escaped, except what is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Html | readonly Html[]

export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((string, index) => string + written(pieces[index] ?? '')).join(''))
}

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

function written(piece: Piece): string {
  if (piece instanceof Html) return piece.text
  if (typeof piece === 'object') return piece.map(({ text }) => text).join('')
  return String(piece).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
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
export const choicesOf = (schema: JsonSchema): readonly JsonSchema[] =>
  [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(
    (choice) => typeof choice === 'object' && choice.type !== 'null',
  )

/** What a value is, such as `text, 1–500 characters, or null`. */
export function describeType(schema: JsonSchema): Html {
  if (schema.$ref !== undefined) {
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
  return html`${describeKind(schema)}${limits === '' ? '' : prose(`, ${limits}`)}`
}

function describeKind(schema: JsonSchema): Html {
  const { type, items, additionalProperties } = schema
  if (type === 'array' && typeof items === 'object' && !Array.isArray(items)) {
    return items.properties ? html`list of objects` : html`list of ${describeType(items)}`
  }
  if (type === 'object' && !schema.properties && typeof additionalProperties === 'object') {
    return html`map of text to ${describeType(additionalProperties)}`
  }
  const format = schema['format']
  if (typeof format === 'string') return html`${FORMATS[format] ?? format}`
  const types = type === undefined ? ['any JSON'] : [type].flat()
  return html`${types.map((name) => WORDS[name] ?? name).join(' or ')}`
}

/** Such as `1–500 characters`; empty without any. */
function describeLimits(schema: JsonSchema): string {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum } = schema
  const standard = schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`
  const pattern = schema.pattern === undefined ? '' : `matches \`${schema.pattern}\``
  return [
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' entries'),
    range(minimum, maximum, ''),
    pattern,
    standard,
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
              <code>${name}</code>${mark === '' ? '' : html` <small class="mark">${mark}</small>`}
            </th>
            <td>
              ${type}${
                description === '' ? '' : html`<span class="note">${prose(description)}</span>`
              }
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`
}

/** The fields of an object, or of every object that a choice offers. */
export function fieldsOf(schema: JsonSchema, marking: Marking, prefix = ''): readonly Field[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (typeof field !== 'object') return []
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
  return own.length > 0 ? own : withoutRepeats(schema, marking, prefix)
}

function withoutRepeats(schema: JsonSchema, marking: Marking, prefix: string): readonly Field[] {
  const seen = new Map<string, Field>()
  for (const choice of choicesOf(schema)) {
    for (const field of fieldsOf(choice, marking, prefix)) {
      if (!seen.has(field.name)) seen.set(field.name, field)
    }
  }
  return [...seen.values()]
}

function innerObject(
  schema: JsonSchema,
): { readonly schema: JsonSchema; readonly suffix: string } | undefined {
  if (schema.properties) return { schema, suffix: '.' }
  if (typeof schema.items === 'object' && !Array.isArray(schema.items)) {
    const inner = innerObject(schema.items)
    return inner && { schema: inner.schema, suffix: `[]${inner.suffix}` }
  }
  const [choice] = choicesOf(schema)
  return choice && innerObject(choice)
}

/* A command line that calls an operation. */

export interface Call {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

export function curlOf({ method, path, operation }: Call, document: OpenApiDocument): string {
  const url = `"$SERVER${path.replaceAll(/\{(\w+)\}/g, '$$$1')}"`
  const types = Object.values(operation.responses).flatMap((response) =>
    '$ref' in response ? [] : Object.keys(response.content ?? {}),
  )
  const streams = types.includes('text/event-stream')
  const needsToken = operation.security === undefined
  const { requestBody } = operation
  const schema = requestBody?.required ? requestBody.content['application/json']?.schema : undefined
  const body = schema && JSON.stringify(exampleOf(schema, document)).replaceAll("'", `'\\''`)
  return [
    `curl${streams ? ' -N' : ''}${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${url}`,
    ...(needsToken ? [`-H "Authorization: Bearer $TOKEN"`] : []),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d '${body}'`]),
  ].join(' \\\n  ')
}

/** A small value that the schema takes: what must be there, or else the first field alone. */
function exampleOf(schema: JsonSchema, document: OpenApiDocument): unknown {
  if (schema.$ref !== undefined) {
    return exampleOf(document.components.schemas[componentOf(schema.$ref)] ?? {}, document)
  }
  const [example] = schema.examples ?? []
  if (example !== undefined) return example
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? []
  if (choice && !schema.properties) return exampleOf(choice, document)
  switch ([schema.type].flat()[0]) {
    case 'object':
      return exampleObject(schema, document)
    case 'array':
      return []
    case 'boolean':
      return true
    case 'integer':
    case 'number':
      return schema.minimum ?? 0
    case 'string':
      return schema['format'] === 'uuid' ? '00000000-0000-4000-8000-000000000000' : 'text'
    default:
      return null
  }
}

function exampleObject(schema: JsonSchema, document: OpenApiDocument): unknown {
  const fields = Object.entries(schema.properties ?? {})
  const needed = fields.filter(([name]) => schema.required?.includes(name))
  const shown = needed.length > 0 ? needed : fields.slice(0, 1)
  return Object.fromEntries(
    shown.map(([name, field]) => [
      name,
      typeof field === 'object' ? exampleOf(field, document) : null,
    ]),
  )
}
