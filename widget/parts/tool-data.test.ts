import { describe, expect, it } from 'vitest'
import { answerStrings } from './strings.ts'
import { describeCall, formatJson, readCall, readResult, summarize, toolIcon } from './tool-data.ts'
import { toolWords } from './tool-strings.ts'

const words = (content: string, over = false) =>
  describeCall(readCall(content), over, toolWords(answerStrings))

describe('a tool call in words', () => {
  it('says what is searched and calculated', () => {
    const search = '{"tool":"web_search","arguments":{"query":"capital of Nepal"}}'
    expect(words(search)).toBe('Searching the web for “capital of Nepal”')
    expect(words(search, true)).toBe('Searched the web for “capital of Nepal”')
    const sum = '{"tool":"calculator","arguments":{"expression":"12*3"}}'
    expect(words(sum)).toBe('Calculating 12 × 3')
    expect(words('{"tool":"calculator","arguments":{"expression":"percent(250,18)"}}')).toBe(
      'Calculating 18% × 250',
    )
    expect(words('{"tool":"calculator","arguments":{"expression":"2**8 / 4"}}')).toBe(
      'Calculating 2^8 ÷ 4',
    )
    expect(words('12*3', true)).toBe('Calculated 12 × 3')
  })

  it('names other tools as they are called', () => {
    expect(words('{"tool":"weather_lookup","arguments":{}}')).toBe('Using weather lookup')
    expect(words('{"tool":"toString","arguments":{}}')).toBe('Using toString')
  })

  it('never shows or chokes on JSON that is half there, at any cut', () => {
    const call = '{"tool":"web_search","arguments":{"query":"a \\"b\\" {c}"}}'
    for (let cut = 0; cut < call.length; cut += 1) {
      expect(['Using a tool', 'Searching the web']).toContain(words(call.slice(0, cut)))
    }
  })

  it('never throws, whatever the JSON is', () => {
    for (const odd of [
      'null',
      '[]',
      '"x"',
      '{}',
      '{"tool":3,"arguments":[1]}',
      '{"tool":""}',
      '{',
    ]) {
      expect(words(odd)).toBe('Using a tool')
      expect(() => summarize(readResult(odd))).not.toThrow()
    }
  })

  it('has a picture for each tool', () => {
    expect(toolIcon('web_search')).toBe('globe')
    expect(toolIcon('calculator')).toBe('calculator')
    expect(toolIcon('constructor')).toBe('spark')
    expect(toolIcon(undefined)).toBe('spark')
  })
})

describe('a tool result in one look', () => {
  const summary = (value: unknown) => summarize(readResult(JSON.stringify(value)))

  it('is the value of a calculation', () => {
    expect(summary({ success: true, output: { expression: '1', value: 36 } })).toEqual({
      kind: 'value',
      text: '36',
    })
  })

  it('is the list of what a search found', () => {
    const results = [{ title: 'A', url: 'https://a.example' }, { url: 'https://b.example' }, 3]
    expect(summary({ success: true, output: { results } })).toEqual({
      kind: 'links',
      links: [
        { title: 'A', url: 'https://a.example' },
        { title: 'https://b.example', url: 'https://b.example' },
      ],
    })
  })

  it('is what went wrong', () => {
    expect(readResult('{"error":"no"}').success).toBe(false)
    expect(summary({ success: false, output: null, error: 'no network' })).toEqual({
      kind: 'text',
      text: 'no network',
    })
  })

  it('is what the fields of an object say, or the sentence in it', () => {
    const output = { item_count: 3, in_stock: true, parts: [1], note: '', price: '4 €', more: 1 }
    expect(summary({ success: true, output })).toEqual({
      kind: 'text',
      text: 'item count: 3 · in stock: true · price: 4 €',
    })
    const said = { ok: true, message: 'Added to the bag.' }
    expect(summary({ success: true, output: said })).toEqual({
      kind: 'text',
      text: 'Added to the bag.',
    })
    expect(summary({ success: true, output: { parts: [] } })).toEqual({ kind: 'none' })
  })

  it('is the text itself where the result is no JSON, cut short', () => {
    expect(summarize(readResult('36'))).toEqual({ kind: 'value', text: '36' })
    expect(summarize(readResult('plain words'))).toEqual({ kind: 'text', text: 'plain words' })
    const long = summarize(readResult('x'.repeat(5_000)))
    expect(long.kind === 'text' && long.text.length).toBe(200)
  })
})

it('formats JSON for reading and leaves other text alone', () => {
  expect(formatJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
  expect(formatJson(' not json ')).toBe('not json')
})
