import { describe, expect, it } from 'vitest'
import { answerStrings } from '../words/en/answer.ts'
import {
  describeCall,
  readableArguments,
  readableOutput,
  readCall,
  readResult,
  summarize,
  toolIcon,
  type ToolStage,
} from './tool-in-words.ts'
import { toolWords } from '../words/en/tools.ts'

const words = (content: string, stage: ToolStage = 'running') =>
  describeCall(readCall(content), stage, toolWords(answerStrings))

describe('a tool call in words', () => {
  it('says what is searched and calculated', () => {
    const search = '{"tool":"web_search","arguments":{"query":"capital of Nepal"}}'
    expect(words(search)).toBe('Searching the web for “capital of Nepal”')
    expect(words(search, 'done')).toBe('Searched the web for “capital of Nepal”')
    const sum = '{"tool":"calculator","arguments":{"expression":"12*3"}}'
    expect(words(sum)).toBe('Calculating 12 × 3')
    expect(words('{"tool":"calculator","arguments":{"expression":"percent(250,18)"}}')).toBe(
      'Calculating 18% × 250',
    )
    expect(words('{"tool":"calculator","arguments":{"expression":"2**8 / 4"}}')).toBe(
      'Calculating 2^8 ÷ 4',
    )
    expect(words('12*3', 'done')).toBe('Calculated 12 × 3')
  })

  it('does not claim that what failed was done', () => {
    expect(words('1/0', 'failed')).toBe('Could not calculate 1/0')
    const search = '{"tool":"web_search","arguments":{"query":"Nepal"}}'
    expect(words(search, 'failed')).toBe('Could not search the web for “Nepal”')
    const documents = '{"tool":"knowledge_search","arguments":{}}'
    expect(words(documents, 'failed')).toBe('Could not search the documents')
    expect(words('{"tool":"set_timer"}', 'failed')).toBe('Could not use set timer')
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

  it('names the sections of documents, and each place once', () => {
    const care = { title: 'Ferns', url: '/ferns', section: 'Water' }
    const results = [care, { ...care, snippet: 'Another passage.' }, { ...care, section: 'Ferns' }]
    expect(summary({ success: true, output: { results } })).toEqual({
      kind: 'links',
      links: [
        { title: 'Ferns › Water', url: '/ferns' },
        { title: 'Ferns', url: '/ferns' },
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

describe('a card that is opened', () => {
  it('shows what a tool was given and what it gave, without the marks around them', () => {
    expect(readableArguments('{"tool":"weather","arguments":{"city":"Kathmandu"}}')).toBe(
      '{\n  "city": "Kathmandu"\n}',
    )
    expect(readableOutput('{"tool":"weather","success":true,"output":{"sky":["sun"]}}')).toBe(
      '{\n  "sky": [\n    "sun"\n  ]\n}',
    )
    expect(readableOutput('{"success":true,"output":"Sunny.\\nWarm.","error":null}')).toBe(
      'Sunny.\nWarm.',
    )
    expect(readableOutput('{"success":false,"output":null,"error":"no such city"}')).toBe(
      'no such city',
    )
  })

  it('leaves what is no JSON, or not yet, as it stands', () => {
    expect(readableArguments(' 12*3 ')).toBe('12*3')
    expect(readableArguments('{"tool":"weather","argu')).toBe('{"tool":"weather","argu')
    expect(readableArguments('{"city":"Patan"}')).toBe('{\n  "city": "Patan"\n}')
    expect(readableOutput(' plain words ')).toBe('plain words')
    expect(readableOutput('{"success":true,"output":null}')).toBe('null')
    expect(readableOutput('')).toBe('')
  })
})
