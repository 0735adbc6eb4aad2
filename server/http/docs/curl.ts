/** A command line that calls an operation. */
import { componentOf } from './schema-words.ts'
import type { JsonSchema, OpenApiDocument, Operation } from '../openapi-document.ts'

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
export function exampleOf(schema: JsonSchema, document: OpenApiDocument): unknown {
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
