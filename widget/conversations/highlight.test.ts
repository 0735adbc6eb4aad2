import fc from 'fast-check'
import { expect, it } from 'vitest'
import { highlight } from './rows.ts'

const marks = (text: string, query: string) =>
  highlight(text, query)
    .map((piece) => (piece.isMatch ? `[${piece.text}]` : piece.text))
    .join('')

it.each([
  ['Watering ferns', 'fern', 'Watering [fern]s'],
  ['Watering ferns', 'FERN water', '[Water]ing [fern]s'],
  ['Le Café', 'cafe', 'Le [Café]'],
  ['Zur Schloßstraße 4', 'schlossstrasse', 'Zur [Schloßstraße] 4'],
  ['Die Straße', 'stras', 'Die [Straß]e'],
  ['Die Straße', 'se', 'Die Stra[ße]'],
  ['Œuvres et cœur', 'oeuvre coeur', '[Œuvre]s et [cœur]'],
  ['Smørrebrød', 'smorrebrod', '[Smørrebrød]'],
  ['don’t worry', "don't", '[don’t] worry'],
  ['o\u0308ffnen', 'OFF', '[o\u0308ff]nen'],
  ['ｶﾞｰﾃﾞﾝの本', 'ガーデン', '[ｶﾞｰﾃﾞﾝ]の本'],
  ['مُحَمَّد هنا', 'محمد', '[مُحَمَّد] هنا'],
  ['oﬃce', 'fi', 'o[ﬃ]ce'],
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
