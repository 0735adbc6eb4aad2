import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { growthOf } from '../../testing/growth.ts'
import { isRecord, parseJson } from '../../text/json.ts'
import { joinArguments } from './tool-calls.ts'

const parsed = (pieces: readonly string[]): unknown => JSON.parse(joinArguments(pieces))

/** The text in pieces of these lengths. */
function cut(text: string, lengths: readonly number[]): readonly string[] {
  let at = 0
  const pieces = lengths.map((length) => text.slice(at, (at += length)))
  return [...pieces, text.slice(at)]
}

const soFar = (pieces: readonly string[]) => pieces.map((_, at) => pieces.slice(0, at + 1).join(''))

const WAYS: Readonly<Record<string, (pieces: readonly string[]) => readonly string[]>> = {
  'in increments': (pieces) => pieces,
  'in increments that come twice': (pieces) => pieces.flatMap((piece) => [piece, piece]),
  'in increments, then whole': (pieces) => [...pieces, pieces.join('')],
  'in increments behind an empty object': (pieces) => ['{}', ...pieces],
  'in increments before an empty object': (pieces) => [...pieces, '{}'],
  'each piece with all that came before': soFar,
  'each piece with all that came before, the last twice': (pieces) => [
    ...soFar(pieces),
    pieces.join(''),
  ],
  'each piece with all that came before, behind an empty object': (pieces) => [
    '{}',
    '',
    ...soFar(pieces),
  ],
  'with all that came before in some pieces': (pieces) => [
    ...pieces.slice(0, 2),
    ...soFar(pieces).slice(1),
  ],
  'as JSON in JSON': (pieces) => [JSON.stringify(pieces.join(''))],
}

describe('the arguments of a call', () => {
  for (const [way, send] of Object.entries(WAYS)) {
    it(`are what the model wrote, sent ${way}`, () => {
      const object = fc.dictionary(
        fc.string({ maxLength: 4 }),
        fc.oneof(
          fc.integer(),
          fc.constantFrom('', '{}', '}{', '\\"', '1', '11', null),
          fc.dictionary(fc.string({ maxLength: 2 }), fc.nat(9), { maxKeys: 2 }),
        ),
        { minKeys: 1, maxKeys: 3 },
      )
      const property = fc.property(
        object,
        fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 }),
        (value, lengths) => {
          const text = JSON.stringify(value)
          const pieces = cut(text, lengths).filter((piece) => piece !== '')
          const sent = send(pieces)
          // What makes an object as increments is taken for them.
          fc.pre(sent === pieces || !isRecord(parseJson(sent.join(''))))
          expect(parsed(sent)).toEqual(JSON.parse(text))
        },
      )
      fc.assert(property, { numRuns: 100 })
    })
  }

  it('are increments wherever these make an object, also where one repeats what came before', () => {
    expect(joinArguments(['{"n":1', '1', '1', '}'])).toBe('{"n":111}')
    expect(joinArguments(['{"a":', '{"a":', '1}}'])).toBe('{"a":{"a":1}}')
    expect(joinArguments(['{"id":', '12345678901234567890}'])).toBe('{"id":12345678901234567890}')
  })

  it('are the piece that says all, where one before it looked as if it did', () => {
    const pieces = ['{"a":', '{"a":0', '{"a":{"a":0', '{"a":{"a":0}}']
    expect(joinArguments(pieces)).toBe('{"a":{"a":0}}')
  })

  it.each<[string, readonly string[], unknown]>([
    [
      'an object for each state of it',
      ['{"q":"fr"}', '{"q":"fry"}', '{"q":"fry","n":2}'],
      { q: 'fry', n: 2 },
    ],
    ['single quotes', ["{'q': 'it\\'s \"hot\"', 'n': [1, 2,],}"], { q: 'it\'s "hot"', n: [1, 2] }],
    [
      'the words of Python',
      ['{"a": True, "b": False, "c": None, "d": "True"}'],
      { a: true, b: false, c: null, d: 'True' },
    ],
    ['a mark behind it', ['{"q":1}<|call|>'], { q: 1 }],
    ['a fence around it', ['```json\n{"q":1}\n```'], { q: 1 }],
    ['the format before it', ['<|constrain|>json<|message|>{"q":1}'], { q: 1 }],
  ])('may have %s', (_, pieces, object) => {
    expect(parsed(pieces)).toEqual(object)
  })

  it.each([
    '',
    ' ',
    '{"q":',
    '{"q":1',
    '[1]',
    '11',
    '"q":{"n":1}',
    '{"a":{"b":1}',
    "{'q': 'fr",
    'fry it',
    '{q}',
  ])('stay as they came where nothing makes an object of them: %j', (text) => {
    const joined = text.trim() === '' ? '' : text
    expect(joinArguments([text])).toBe(joined)
    expect(joinArguments([...text])).toBe(joined)
  })

  it('take no longer to read than they are long', () => {
    const read = (pieces: string) => joinArguments(pieces.split('\n'))
    const makers = [
      (size: number) => `{"q":"${'\\"'.repeat(size)}`,
      (size: number) => `{'q':'${"\\'".repeat(size)}\\`,
      (size: number) => `${'{}'.repeat(size)}\n{`,
      (size: number) => '{"q"\n'.repeat(size),
    ]
    for (const make of makers) expect(growthOf(read, make, 2_000)).toBeLessThan(8)
  })
})
