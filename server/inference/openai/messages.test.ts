import { describe, expect, it } from 'vitest'
import { openaiMessages } from './messages.ts'

const question = { role: 'user', content: 'Well?' } as const
/** What an answer becomes, behind a question. */
const answer = (content: string) =>
  openaiMessages('', [question, { role: 'assistant', content }]).slice(1)
const call = (json: string) => `<|python_start|>${json}<|python_end|>`
const result = (json: string) => `<|output_start|>${json}<|output_end|>`

describe('the history for an OpenAI server', () => {
  it('begins with the prompt and leaves what people wrote untouched', () => {
    const history = [
      { role: 'user', content: ' <think>hello</think> ' },
      { role: 'assistant', content: '<think>greet</think>\n\nHi!' },
      { role: 'user', content: 'Bye' },
    ] as const
    expect(openaiMessages('Be kind.', history)).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: ' <think>hello</think> ' },
      { role: 'assistant', content: 'Hi!' },
      { role: 'user', content: 'Bye' },
    ])
  })

  it('has no system message without a prompt, and no answer that was only thinking', () => {
    expect(answer('<think>hm</think>')).toEqual([])
  })

  it('begins with a question, and asks those without an answer between them together', () => {
    const history = [
      { role: 'assistant', content: 'Cut off from its question' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: '<think>hm</think>' },
      { role: 'user', content: 'Two' },
      { role: 'user', content: 'Three' },
      { role: 'assistant', content: 'Answer' },
      { role: 'user', content: 'Four' },
    ] as const
    expect(openaiMessages('Be kind.', history)).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'One\n\nTwo\n\nThree' },
      { role: 'assistant', content: 'Answer' },
      { role: 'user', content: 'Four' },
    ])
    expect(openaiMessages('', [{ role: 'assistant', content: 'Alone' }])).toEqual([])
  })

  it('gives a result without an output as null', () => {
    expect(answer(`${call('{"tool":"a"}')}${result('{"success":true}')}`).at(-1)).toMatchObject({
      role: 'tool',
      content: 'null',
    })
  })

  it('gives tool calls and their results back as such', () => {
    const content =
      `<think>compute</think>Let me see. ${call('{"tool":"calculator","arguments":{"expression":"6*7"}}')}` +
      `${result('{"tool":"calculator","success":true,"output":{"value":42},"error":null}')}It is 42.`
    expect(answer(content)).toEqual([
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [
          {
            id: 'call00001',
            type: 'function',
            function: { name: 'calculator', arguments: '{"expression":"6*7"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call00001', content: '{"value":42}' },
      { role: 'assistant', content: 'It is 42.' },
    ])
  })

  it('keeps parallel calls in one message and later rounds apart, with ids of their own', () => {
    const a = call('{"tool":"a","arguments":{}}')
    const ok = result('{"success":true,"output":"fine"}')
    const failed = result('{"success":false,"output":null,"error":"no network"}')
    const messages = answer(`${a}\n${a}${ok}${failed}\n${a}${ok}`)
    expect(messages.map(({ role }) => role)).toEqual([
      'assistant',
      'tool',
      'tool',
      'assistant',
      'tool',
    ])
    expect(messages.flatMap((message) => ('tool_call_id' in message ? [message] : []))).toEqual([
      { role: 'tool', tool_call_id: 'call00001', content: 'fine' },
      { role: 'tool', tool_call_id: 'call00002', content: '{"error":"no network"}' },
      { role: 'tool', tool_call_id: 'call00003', content: 'fine' },
    ])
  })

  it('leaves out a call without a result, a result without a call, and a call that is broken', () => {
    const lone = call('{"tool":"a","arguments":{}}')
    expect(answer(`Before.${lone}`)).toEqual([{ role: 'assistant', content: 'Before.' }])
    expect(answer(`${result('{"success":true}')}After.`)).toEqual([
      { role: 'assistant', content: 'After.' },
    ])
    expect(answer(`${call('{"tool":')}${result('{}')}`)).toEqual([])
  })
})
