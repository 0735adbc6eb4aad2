import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatError } from '../../core/errors.ts'
import { SseReader, LONGEST_EVENT } from './sse.ts'

function read(bytes: Uint8Array, cuts: readonly number[] = []): readonly string[] {
  const reader = new SseReader()
  const edges = [0, ...cuts, bytes.length]
  const events = edges
    .slice(1)
    .flatMap((edge, index) => reader.read(bytes.subarray(edges[index] ?? 0, edge)))
  return [...events, reader.end()].flat()
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('an event that is called an error', () => {
  const events = (text: string) => read(bytesOf(text))
  const UNNAMED = JSON.stringify({ error: true })

  it('says so itself, whatever its data is', () => {
    const known = '{"error":{"message":"No credit"}}'
    expect(events(`event: error\ndata: ${known}\n\ndata: a\n\n`)).toEqual([known, 'a'])
    expect(events('event: error\ndata: {"message":"x"}\n\n')).toEqual([UNNAMED])
    expect(events('event: error\ndata: text\n\n')).toEqual([UNNAMED])
    expect(events('event: errors\ndata: text\n\n')).toEqual(['text'])
  })

  it('may be a line of that name, wherever it is cut, and no line that only begins like it', () => {
    const bytes = bytesOf(
      'data: a\r\n\r\nerror: {"code":1}\r\ndata: b\r\n\r\nerr: c\r\nerrors: d\r\n',
    )
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(read(bytes, [cut])).toEqual(['a', UNNAMED, 'b'])
    }
    expect(read(bytes, [...bytes.keys()])).toEqual(['a', UNNAMED, 'b'])
  })
})

const STREAM = [
  ': a comment',
  'data: {"token":"नमस्ते 🥟"}',
  '',
  'event: token',
  'id: 7',
  'retry: 100',
  'data:no space',
  '',
  'data: two',
  'data: lines',
  '',
  'data',
  '',
  'data: [DONE]',
  '',
  '',
]
const EVENTS = ['{"token":"नमस्ते 🥟"}', 'no space', 'two\nlines', '', '[DONE]']

describe('the reader of server-sent events', () => {
  for (const [name, lineEnd] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`gives the same events wherever a stream with ${name} is cut, behind a byte order mark too`, () => {
      const bytes = bytesOf(`\uFEFF${STREAM.join(lineEnd)}`)
      expect(read(bytes)).toEqual(EVENTS)
      for (let cut = 0; cut <= bytes.length; cut += 1) expect(read(bytes, [cut])).toEqual(EVENTS)
      expect(read(bytes, [...bytes.keys()])).toEqual(EVENTS)
    })
  }

  it('keeps any text whole, cut anywhere, multi-byte characters included', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((s) => !/[\r\n]/.test(s))
    const property = fc.property(fc.array(text), fc.array(fc.nat()), (texts, places) => {
      const json = texts.map((one) => JSON.stringify(one))
      const bytes = bytesOf(json.map((one) => `data: ${one}\n\n`).join(''))
      const cuts = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b)
      expect(read(bytes, cuts)).toEqual(json)
    })
    fc.assert(property)
  })

  it('gives events that came together together, at once', () => {
    const reader = new SseReader()
    expect(reader.read(bytesOf('data: a\n\ndata: b\n\ndata: c'))).toEqual(['a', 'b'])
    expect(reader.read(bytesOf('\n\n'))).toEqual(['c'])
  })

  it('gives the last event although the blank line behind it is missing', () => {
    expect(read(bytesOf('data: a\n\ndata: [DONE]'))).toEqual(['a', '[DONE]'])
    expect(read(bytesOf('data: a\n\ndata: [DONE]\n'))).toEqual(['a', '[DONE]'])
    expect(read(bytesOf('data: a\r\n\r\ndata: [DONE]\r'))).toEqual(['a', '[DONE]'])
  })

  it('refuses an event that is too long instead of keeping it', () => {
    const reader = new SseReader()
    const piece = new Uint8Array(1_048_576).fill(97)
    reader.read(bytesOf('data: '))
    const readTooMuch = () => {
      for (let length = 0; length <= LONGEST_EVENT; length += piece.length) reader.read(piece)
    }
    expect(readTooMuch).toThrow(ChatError)
  })
})
