/** The fields of an object as a table; those of objects inside it follow it as `outer.inner`. */
import type { JsonSchema } from '../openapi-document.ts'
import { html, prose, type Html } from './html.ts'
import { choicesOf, describeType } from './schema-words.ts'

/** Which of the two is worth saying: what must be there, or what may be missing. */
export type Marking = 'required' | 'optional'

export interface Field {
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
