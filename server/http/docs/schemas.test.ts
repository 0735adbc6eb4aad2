import { describe, expect, it } from 'vitest'
import { html } from 'hono/html'
import { describeType, fieldsOf, joined, prose, type Schema } from './schemas.ts'

const words = async (schema: Schema) =>
  String(await describeType(schema)).replaceAll(/<[^>]+>/g, '')

describe('a schema in words', () => {
  it.each<[Schema, string]>([
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
    [{ enum: ['up', 'down'] }, '&quot;up&quot; or &quot;down&quot;'],
    [{ type: 'boolean', const: true }, 'true'],
    [{ type: 'array', items: { $ref: '#/components/schemas/Source' } }, 'list of Source'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'map of text to text'],
    [{}, 'any JSON'],
  ])('%j', async (schema, expected) => {
    expect(await words(schema)).toBe(expected)
  })

  it('names the fields of objects inside objects, lists and choices', () => {
    const inner: Schema = { type: 'object', properties: { c: {} }, required: ['c'] }
    const schema: Schema = {
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

describe('templates', () => {
  it('escape what is put into them, also in attributes', async () => {
    const text = `<img onerror='x'> & "y"`
    const escaped = '&lt;img onerror=&#39;x&#39;&gt; &amp; &quot;y&quot;'
    const page = await html`<p title="${text}">${text}</p>`
    expect(String(page)).toBe(`<p title="${escaped}">${escaped}</p>`)
  })

  it('leave what is HTML already, alone or in a list', async () => {
    const items = ['a', '<b>'].map((item) => html`<i>${item}</i>`)
    expect(String(await html`${items}`)).toBe('<i>a</i><i>&lt;b&gt;</i>')
    expect(String(await html`${joined(items, ', ')}`)).toBe('<i>a</i>, <i>&lt;b&gt;</i>')
  })

  it('show as code what stands in backticks', async () => {
    expect(String(await html`${prose('Send `<id>`, or `x`.')}`)).toBe(
      'Send <code>&lt;id&gt;</code>, or <code>x</code>.',
    )
  })
})
