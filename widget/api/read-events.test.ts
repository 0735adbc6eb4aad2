import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createEventReader } from './read-stream.ts'

type Read = readonly [string | undefined, string]

function read(...pieces: readonly string[]): readonly Read[] {
  const events: Read[] = []
  const feed = createEventReader((id, data) => events.push([id, data]))
  for (const piece of pieces) feed(piece)
  return events
}

/** What another reader makes of the same text. */
function expected(text: string): readonly Read[] {
  const events: Read[] = []
  createParser({ onEvent: ({ id, data }) => events.push([id, data]) }).feed(text)
  return events
}

const TEXT =
  'id: t.1\ndata: {"token":"Hi"}\n\n: a comment\nid: t.2\r\ndata: two\r\ndata: lines\r\n\r\n' +
  'event: other\ndata:no space\n\ndata\n\nid: gone\n\nretry: 5\ndata: last\n\ndata: never whole'

it('reads events with their ids', () => {
  expect(read(TEXT)).toEqual([
    ['t.1', '{"token":"Hi"}'],
    ['t.2', 'two\nlines'],
    [undefined, 'no space'],
    [undefined, ''],
    [undefined, 'last'],
  ])
})

it('reads the same wherever the text is cut', () => {
  const whole = read(TEXT)
  for (let cut = 0; cut <= TEXT.length; cut += 1) {
    expect(read(TEXT.slice(0, cut), TEXT.slice(cut))).toEqual(whole)
  }
  expect(read(...TEXT)).toEqual(whole)
})

it.each(['\n', '\r\n', '\r'])('takes %j for the end of a line, at once', (end) => {
  expect(read(`data: a${end}${end}`)).toEqual([[undefined, 'a']])
  expect(read(`data: a${end}`, `${end}data: b${end}${end}`)).toHaveLength(2)
})

it('reads what another reader reads', () => {
  const piece = fc.constantFrom('id', 'data', ':', ' ', '\n', '\n\n', 'a', 'é', '{', ': ', 'data: ')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = `${pieces.join('')}\n\n`
      expect(read(...pieces, '\n', '\n')).toEqual(expected(text))
    }),
    { numRuns: 1_000 },
  )
})
