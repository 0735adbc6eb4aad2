/** The routes' zod schemas as JSON Schema; those with an id stand once, among the components. */
import { z } from 'zod'
import type { JsonSchema } from './openapi-document.ts'

const COMPONENTS = '#/components/schemas/'

export interface SchemaCollection {
  /** What a client sends, or may rely on: keys that are not named are left open. */
  add(schema: z.ZodType): JsonSchema
  /** The fields of a query as they are meant: numbers, and not the texts that stand for them. */
  addQuery(schema: z.ZodObject): readonly QueryField[]
  /** Everything that was added with an id. */
  readonly components: Readonly<Record<string, JsonSchema>>
}

export interface QueryField {
  readonly name: string
  readonly required: boolean
  readonly schema: JsonSchema
}

export function createSchemaCollection(): SchemaCollection {
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
