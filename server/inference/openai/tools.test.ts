import { afterEach, describe, expect, it } from 'vitest'
import type { GenerateRequest, Inference, ToolCall, ToolRound } from '../../core/ports/index.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { gather, generateRequest } from '../../testing/inference-requests.ts'
import { createOpenai } from './index.ts'

const tool = (name: string) => ({
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object', properties: { x: { type: 'number' } } },
})

const chunk = (delta: object, finish: string | null = null) => ({
  raw: `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
})
const call = (index: number, id: string | undefined, name: string, more: object = {}) => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: '{"x":1}' },
  ...more,
})
const calling = (...calls: readonly object[]) => chunk({ tool_calls: calls }, 'tool_calls')

const DONE: Script = [{ raw: 'data: [DONE]\n\n' }, { end: true }]

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

async function start(script: Script): Promise<{ server: FakeModelServer; inference: Inference }> {
  const server = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  const inference = createOpenai({
    url: server.url,
    apiKey: undefined,
    model: 'm',
    timeoutSeconds: 5,
  })
  closers.push(inference.close, server.close)
  return { server, inference }
}

async function ask(script: Script, changes: Partial<GenerateRequest> = {}) {
  const { server, inference } = await start(script)
  const answer = await gather(inference, generateRequest({ tools: [tool('f')], ...changes }))
  const events = answer.batches.flat()
  const calls = events.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []))
  return { ...answer, events, calls, body: server.requests[0]?.body ?? {} }
}

/** Has the answer's calls answered, and returns the messages of the request after it. */
async function nextMessages(script: Script, earlier: readonly ToolRound[] = []) {
  const { text, calls, finish } = await ask(script, { rounds: earlier })
  const round: ToolRound = {
    text,
    calls,
    results: calls.map(() => ({ success: true, output: { value: 2 } })),
    ...(finish?.carry && { carry: finish.carry }),
  }
  const { body } = await ask(['Done.'], { rounds: [...earlier, round] })
  return { messages: body.messages, round }
}

describe('the tools of a request', () => {
  it('are offered as functions, and the model decides', async () => {
    const { body } = await ask(['Hi'])
    expect(body.tools).toEqual([{ type: 'function', function: tool('f') }])
    expect(body).not.toHaveProperty('tool_choice')
  })

  it('are known by their names, whatever the model writes around them', async () => {
    const calls = [call(0, 'a', 'functions.f'), call(1, 'b', 'f<|channel|>commentary')]
    const answer = await ask([calling(...calls), ...DONE])
    expect(answer.calls.map(({ name }) => name)).toEqual(['f', 'f'])
    expect(answer.text).not.toMatch(/functions|channel/)
  })

  it('stay named but forbidden when the turn has had enough of them', async () => {
    const { body } = await ask(['Hi'], { mayCallTools: false, forceWebSearch: true })
    expect(body).toMatchObject({ tools: [{}], tool_choice: 'none' })
  })

  it('leave no trace where there are none', async () => {
    const { body } = await ask(['Hi'], { tools: [], mayCallTools: false, forceWebSearch: true })
    expect(Object.keys(body).filter((key) => key.startsWith('tool'))).toEqual([])
  })

  it('begin with a search of the web when the visitor wants one', async () => {
    const tools = [tool('f'), tool('web_search')]
    const forced = { type: 'function', function: { name: 'web_search' } }
    const first = await ask(['Hi'], { tools, forceWebSearch: true })
    expect(first.body.tool_choice).toEqual(forced)
    const round: ToolRound = { text: '', calls: [], results: [] }
    const second = await ask(['Hi'], { tools, forceWebSearch: true, rounds: [round] })
    expect(second.body).not.toHaveProperty('tool_choice')
    const without = await ask(['Hi'], { forceWebSearch: true })
    expect(without.body).not.toHaveProperty('tool_choice')
  })
})

describe('a call that the model makes', () => {
  it('comes as an event right behind its tag', async () => {
    const { events, finish } = await ask([
      chunk({ content: 'Let me see. ' }),
      calling(call(0, 'call_a', 'f'), call(1, 'call_b', 'g')),
    ])
    const tag = (name: string) => ({
      type: 'token',
      text: `<|python_start|>{"tool":"${name}","arguments":{"x":1}}<|python_end|>`,
    })
    const event = (id: string, name: string) => ({
      type: 'tool_call',
      call: { id, name, arguments: '{"x":1}' },
    })
    expect(events.slice(1, 5)).toEqual([
      tag('f'),
      event('call_a', 'f'),
      tag('g'),
      event('call_b', 'g'),
    ])
    expect(finish).toMatchObject({ reason: 'tool_calls' })
  })

  it('has an id that is unique in the turn, whatever the server gives', async () => {
    const known: ToolCall = { id: '0', name: 'f', arguments: '' }
    const earlier: ToolRound = {
      text: '',
      calls: [known],
      results: [{ success: true, output: 1 }],
    }
    const { calls } = await ask(
      [calling(call(0, '0', 'f'), call(1, undefined, 'g'), call(2, 'own', 'h'))],
      { rounds: [earlier] },
    )
    const ids = calls.map(({ id }) => id)
    expect(new Set([...ids, '0']).size).toBe(4)
    expect(ids[2]).toBe('own')
    for (const id of ids.slice(0, 2)) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/)
  })

  it('ends the answer as calls do although the server says stop, and only then', async () => {
    const stopped = await ask([chunk({ tool_calls: [call(0, 'a', 'f')] }, 'stop'), ...DONE])
    expect(stopped).toMatchObject({ calls: [{ id: 'a' }], finish: { reason: 'tool_calls' } })
    const cut = await ask([chunk({ tool_calls: [call(0, 'a', 'f')] }, 'length'), ...DONE])
    expect(cut.finish?.reason).toBe('length')
  })

  it('that is announced and never made is none', async () => {
    const { calls, finish } = await ask([chunk({ content: 'Hi' }, 'tool_calls'), ...DONE])
    expect(calls).toEqual([])
    expect(finish?.reason).toBe('stop')
  })
})

describe('the rounds of a turn', () => {
  it('go back behind the history: what was said, called and given, without the thinking', async () => {
    const { messages } = await nextMessages([
      chunk({ content: '<think>hm</think>' }),
      chunk({ content: 'Let me see. ' }),
      calling(call(0, 'call_a', 'f'), call(1, 'call_b', 'g')),
    ])
    expect(messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [
          { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'call_b', type: 'function', function: { name: 'g', arguments: '{"x":1}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: '{"value":2}' },
      { role: 'tool', tool_call_id: 'call_b', content: '{"value":2}' },
    ])
  })

  it('say what failed, and hold arguments that a server can read', async () => {
    const round: ToolRound = {
      text: '',
      calls: [
        { id: 'a', name: 'f', arguments: '' },
        { id: 'b', name: 'f', arguments: '{"x":' },
      ],
      results: [
        { success: false, error: 'No.' },
        { success: true, output: 'plain' },
      ],
    }
    const { body } = await ask(['Done.'], { rounds: [round] })
    const emptyCall = { function: { name: 'f', arguments: '{}' } }
    expect(body.messages).toMatchObject([
      {},
      {},
      { role: 'assistant', content: '', tool_calls: [emptyCall, emptyCall] },
      { tool_call_id: 'a', content: '{"error":"No."}' },
      { tool_call_id: 'b', content: 'plain' },
    ])
  })

  it.each(['reasoning_content', 'reasoning', 'reasoning_text'])(
    'give %s back under its own name',
    async (field) => {
      const { messages, round } = await nextMessages([
        chunk({ [field]: 'I should ' }),
        chunk({ [field]: 'ask f.' }),
        calling(call(0, 'a', 'f')),
      ])
      expect(messages).toMatchObject([
        {},
        {},
        { role: 'assistant', [field]: 'I should ask f.' },
        {},
      ])
      const again = await nextMessages([calling(call(0, 'b', 'f'))], [round])
      expect(again.messages).toMatchObject([{}, {}, { [field]: 'I should ask f.' }, {}, {}, {}])
    },
  )

  it('give reasoning details back as they came, their pieces put together', async () => {
    const detail = (more: object) => ({ type: 'reasoning.text', index: 0, ...more })
    const encrypted = { type: 'reasoning.encrypted', index: 1, data: 'abc', id: 'e' }
    const { messages } = await nextMessages([
      chunk({ reasoning: 'I ', reasoning_details: [detail({ text: 'I ', format: 'v1' })] }),
      chunk({ reasoning: 'ask.', reasoning_details: [detail({ text: 'ask.', format: null })] }),
      chunk({ reasoning_details: [detail({ signature: 'signed' })] }),
      chunk({ reasoning_details: [encrypted] }),
      chunk({ reasoning_details: [{ ...encrypted, data: 'def' }] }),
      calling(call(0, 'a', 'f')),
    ])
    const [, , said] = Array.isArray(messages) ? messages : []
    expect(said).toMatchObject({
      reasoning_details: [
        detail({ text: 'I ask.', format: 'v1', signature: 'signed' }),
        encrypted,
        { ...encrypted, data: 'def' },
      ],
    })
    expect(said).not.toHaveProperty('reasoning')
  })

  it('give the further fields of a call back with it', async () => {
    const extra_content = { google: { thought_signature: 'signed' } }
    const { messages } = await nextMessages([
      calling(call(0, 'a', 'f', { extra_content, other: null })),
    ])
    expect(messages).toMatchObject([{}, {}, { tool_calls: [{ id: 'a', extra_content }] }, {}])
    expect(JSON.stringify(messages)).not.toContain('other')
  })

  it('keep nothing of an answer that calls no tool', async () => {
    const { finish } = await ask([chunk({ reasoning_content: 'hm' }), chunk({ content: 'Hi' })])
    expect(finish).not.toHaveProperty('carry')
  })
})
