/** JSON Schema in words: what a value is, and within which limits. */
import type { JsonSchema } from '../openapi-document.ts'
import { html, joined, prose, type Html } from './html.ts'

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
