import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../openapi.ts'
import { fieldsOf, describeType } from './schemas.ts'

const words = (schema: JsonSchema) => describeType(schema).text.replaceAll(/<[^>]+>/g, '')

describe('a schema in words', () => {
  it.each<[JsonSchema, string]>([
    [{ type: 'string', minLength: 1, maxLength: 8_000 }, 'text, 1–8,000 characters'],
    [{ type: 'integer', minimum: 1, maximum: 200, default: 50 }, 'whole number, 1–200, default 50'],
    [{ type: 'number', minimum: 0 }, 'number, at least 0'],
    [{ type: 'string', pattern: '^a+$' }, 'text, matches ^a+$'],
    [{ type: ['boolean', 'null'] }, 'boolean or null'],
    [
      { anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }] },
      'text, at most 5 characters, or null',
    ],
    [{ type: 'string', format: 'uuid' }, 'UUID'],
    [{ enum: ['up', 'down'] }, '&#34;up&#34; or &#34;down&#34;'],
    [{ type: 'boolean', const: true }, 'true'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Source' } }, 'list of Source'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'map of text to text'],
    [{}, 'any JSON'],
  ])('%j', (schema, expected) => {
    expect(words(schema)).toBe(expected)
  })

  it('names the fields of objects inside objects, lists and choices', () => {
    const inner: JsonSchema = { type: 'object', properties: { c: {} }, required: ['c'] }
    const schema: JsonSchema = {
      type: 'object',
      required: ['a'],
      properties: { a: inner, b: { anyOf: [{ type: 'array', items: inner }, { type: 'null' }] } },
    }
    expect(fieldsOf(schema, 'required').map(({ name, mark }) => `${name} ${mark}`)).toEqual([
      'a required',
      'a.c required',
      'b ',
      'b[].c required',
    ])
  })
})
