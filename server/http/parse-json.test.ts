import { expect, it } from 'vitest'
import { ANY_DEPTH, parseJson } from './body.ts'

const bytesOf = (json: string) => Buffer.from(json)
const refusal = expect.objectContaining({ code: 'too_large' })

it('reads a long text, with quotes in it, and everything around it', () => {
  const file = '[\\"a\\\\'.repeat(100_000) + 'a'.repeat(2_000_000)
  expect(parseJson(bytesOf(`{"a":[1,"${file}",{"b":null}]}`))).toEqual({
    a: [1, `${'["a\\'.repeat(100_000)}${'a'.repeat(2_000_000)}`, { b: null }],
  })
})

it.each([
  ['lists', `[${'[],'.repeat(500_000)}1]`],
  ['numbers', `[${'1,'.repeat(600_000)}1]`],
  ['quotes', `["${'\\"'.repeat(1_100_000)}"]`],
  ['texts', `[${'"",'.repeat(600_000)}1]`],
  ['names', `{${Array.from({ length: 400_000 }, (_, at) => `"k${at}":1,`).join('')}"k":1}`],
])('refuses a body of too many %s before it takes its time', (_, json) => {
  expect(() => parseJson(bytesOf(json))).toThrow(refusal)
})

it('reads whatever fits into an ordinary body', () => {
  const json = `[${'[],'.repeat(349_000)}1]`
  expect(parseJson(bytesOf(json))).toHaveLength(349_001)
})

it('reads whatever depth it is told to, and finds what is broken there', () => {
  const nested = (inner: string) =>
    bytesOf(`${'{"a":'.repeat(20_000)}${inner}${'}'.repeat(20_000)}`)
  expect(parseJson(nested('1'), ANY_DEPTH)).toMatchObject({ a: { a: {} } })
  const broken = expect.objectContaining({ code: 'invalid_request' })
  expect(() => parseJson(nested('"\\ud800"'), ANY_DEPTH)).toThrow(broken)
  expect(() => parseJson(nested('1'))).toThrow(expect.objectContaining({ code: 'malformed_json' }))
})
