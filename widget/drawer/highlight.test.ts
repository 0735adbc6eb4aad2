import fc from 'fast-check'
import { expect, it } from 'vitest'
import { highlight } from './highlight.ts'

const marks = (text: string, query: string) =>
  highlight(text, query)
    .map((piece) => (piece.isMatch ? `[${piece.text}]` : piece.text))
    .join('')

it.each([
  ['Watering ferns', 'fern', 'Watering [fern]s'],
  ['Watering ferns', 'FERN water', '[Water]ing [fern]s'],
  ['Le Café', 'cafe', 'Le [Café]'],
  ['aaa', 'a', '[aaa]'],
  ['a.b', '.', 'a[.]b'],
  ['nothing', 'zebra', 'nothing'],
  ['', 'a', ''],
  ['text', '  ', 'text'],
])('marks in %j what %j finds', (text, query, expected) => {
  expect(marks(text, query)).toBe(expected)
})

it('loses and adds nothing, whatever the text and the words', () => {
  const unit = fc.constantFrom(
    'a',
    'A',
    'ä',
    'ß',
    'ﬃ',
    'İ',
    ' ',
    '京',
    '👩‍👧',
    '\u0301',
    '\ud800',
    '\0',
    '.',
  )
  const text = fc.array(unit, { maxLength: 30 }).map((units) => units.join(''))
  fc.assert(
    fc.property(text, text, (shown, query) => {
      const pieces = highlight(shown, query)
      expect(pieces.map((piece) => piece.text).join('')).toBe(shown)
    }),
  )
})
