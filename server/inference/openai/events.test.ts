import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatError } from '../../core/errors.ts'
import type { InferenceEvent } from '../../core/ports/index.ts'
import { parseTagged } from '../../protocol/tags.ts'
import { AnswerDecoder } from '../transport/answer-stream.ts'
import { OpenaiReader } from './events.ts'
import { growthOf } from '../../testing/growth.ts'

interface Decoded {
  readonly text: string
  readonly tokens: readonly string[]
  readonly calls: readonly unknown[]
  readonly finish: Extract<InferenceEvent, { type: 'finish' }> | undefined
  readonly outcome: unknown
}

function decode(body: string | Uint8Array, cuts: readonly number[] = []): Decoded {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const decoder = new AnswerDecoder(new OpenaiReader())
  const edges = [0, ...cuts, bytes.length]
  const events = edges
    .slice(1)
    .flatMap((edge, index) => [...decoder.push(bytes.subarray(edges[index] ?? 0, edge))])
  events.push(...decoder.end('closed'))
  const tokens = events.flatMap((event) => (event.type === 'token' ? [event.text] : []))
  const calls = events.flatMap((event) => (event.type === 'tool_call' ? [event.call] : []))
  const finish = events.find((event) => event.type === 'finish')
  const { outcome } = decoder
  return {
    text: tokens.join(''),
    tokens,
    calls,
    finish,
    outcome: outcome instanceof ChatError ? `${outcome.code}: ${outcome.message}` : outcome,
  }
}

const line = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const chunk = (delta: object, finish: string | null = null, index = 0) =>
  line({ object: 'chat.completion.chunk', choices: [{ index, delta, finish_reason: finish }] })
const DONE = 'data: [DONE]\n\n'
const END = chunk({}, 'stop') + DONE
const said = (...deltas: readonly object[]) =>
  decode(deltas.map((delta) => chunk(delta)).join('') + END)

const piece = (index: number | undefined, id?: string, name?: string, args?: unknown) => ({
  tool_calls: [{ index, id, type: 'function', function: { name, arguments: args } }],
})
const callTag = (name: string, args: string) =>
  `<|python_start|>{"tool":"${name}","arguments":${args}}<|python_end|>`

const EVERYTHING = [
  ': waiting\n\n',
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Denk` nach – 考え' }),
  chunk({ reasoning_content: 'る 🤔 </thi' }),
  chunk({ reasoning_content: 'ng>' }),
  'event: message\nid: 4\n',
  chunk({ content: 'Grüße, ' }),
  chunk({ content: [{ type: 'text', text: '世界 🥟' }] }),
  chunk({ content: 'not mine' }, null, 1),
  chunk(piece(0, 'a', 'weather', '{"ci')),
  chunk(piece(0, undefined, undefined, 'ty":"पुणे"}')),
  chunk({}, 'tool_calls'),
  line({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }),
  DONE,
  chunk({ content: 'too late' }),
].join('')

describe('an answer of an OpenAI server', () => {
  it('is the same wherever its bytes are cut', () => {
    const bytes = new TextEncoder().encode(EVERYTHING)
    const whole = decode(bytes)
    expect(whole.text).toBe(
      `<think>Denk\` nach – 考える 🤔 </thing>\n\n</think>Grüße, 世界 🥟${callTag('weather', '{"city":"पुणे"}')}`,
    )
    expect(whole.finish).toEqual({
      type: 'finish',
      reason: 'tool_calls',
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    })
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(decode(bytes, [cut])).toEqual(whole)
    expect(decode(bytes, [...bytes.keys()])).toEqual(whole)
    const property = fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
      expect(
        decode(
          bytes,
          cuts.toSorted((a, b) => a - b),
        ),
      ).toEqual(whole)
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('is the same with CRLF, CR, a byte order mark and no space behind the colon', () => {
    const whole = decode(EVERYTHING)
    expect(decode(`\uFEFF${EVERYTHING.replaceAll('\n', '\r\n')}`)).toEqual(whole)
    expect(decode(EVERYTHING.replaceAll('\n', '\r'))).toEqual(whole)
    expect(decode(EVERYTHING.replaceAll('data: ', 'data:'))).toEqual(whole)
  })

  it('gives one token for each piece of text, as the server cut it', () => {
    expect(said({ content: 'a' }, { content: '' }, { content: 'b' }).tokens).toEqual(['a', 'b'])
  })
})

describe('reasoning', () => {
  it.each([
    ['reasoning_content', { reasoning_content: 'hm' }],
    ['reasoning', { reasoning: 'hm', reasoning_details: [{ text: 'hm' }] }],
    ['reasoning_text', { reasoning_text: 'hm' }],
    ['reasoning_details', { reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }],
    ['parts', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }],
    ['a plain part', { content: [{ type: 'thinking', thinking: 'hm' }] }],
  ])('as %s is put in think tags once', (_, delta) => {
    expect(said(delta, { content: 'Hi' }).tokens).toEqual(['<think>hm', '</think>Hi'])
  })

  it('becomes a block for each time that it comes, and is closed at the end', () => {
    expect(said({ reasoning: 'a' }, { content: 'b' }, { reasoning: 'c' }).text).toBe(
      '<think>a</think>b<think>c</think>',
    )
  })

  it('may come beside text in one chunk, and stays open when the answer is cut off', () => {
    expect(said({ reasoning: 'a', content: 'b' }).text).toBe('<think>a</think>b')
    expect(decode(chunk({ reasoning: 'a' })).text).toBe('<think>a')
  })

  it('is not ended by an end tag of its own, cut anywhere', () => {
    const text = 'see </output>\n</think>\n more'
    for (let cut = 0; cut <= text.length; cut += 1) {
      const decoded = said(
        { reasoning: text.slice(0, cut) },
        { reasoning: text.slice(cut) },
        { content: 'Hi' },
      )
      expect(decoded.text).toBe('<think>see </output>\n\n more</think>Hi')
    }
    expect(said({ reasoning: 'a </thi' }, { content: 'b' }).text).toBe('<think>a </thi</think>b')
  })

  const told = (
    content: string,
    sign: object = { extra_content: { google: { thought: true } } },
  ) => ({
    content,
    ...sign,
  })

  it.each([
    ['with marks', [told('<thought>fry, '), told('then eat'), { content: '</thought>Hi' }]],
    [
      'with the end of its marks inside',
      [told('<thought>fry, then eat</thought>'), { content: 'Hi' }],
    ],
    [
      'with marks that are cut',
      [told('<tho'), told('ught>fry, then eat</tho'), { content: 'ught>' }, { content: 'Hi' }],
    ],
    ['without marks', [told('fry, then eat'), { content: 'Hi' }]],
    ['by another sign', [told('fry, then eat', { thought: true }), { content: 'Hi' }]],
    [
      'by its channel',
      [told('fry, then eat', { channel: 'analysis' }), { content: 'Hi', channel: 'final' }],
    ],
    [
      'beside the same in a field',
      [told('fry, then eat', { thought: true, reasoning: 'fry, then eat' }), { content: 'Hi' }],
    ],
    ['as a part', [{ content: [{ text: 'fry, then eat', thought: true }, { text: 'Hi' }] }]],
    [
      'as a summary',
      [{ content: [{ type: 'reasoning', summary: [{ text: 'fry, then eat' }] }, { text: 'Hi' }] }],
    ],
    ['as thinking', [{ thinking: 'fry, then eat' }, { content: 'Hi' }]],
    ['as marked text', [{ content: '[TH' }, { content: 'INK]fry, then eat[/THINK]Hi' }]],
  ])('that is told beside the text, or by marks in it, is thinking: %s', (_, deltas) => {
    expect(said(...deltas).text).toBe('<think>fry, then eat</think>Hi')
  })

  it('that is told beside the text may come in mid-answer, and signatures are no thoughts', () => {
    const signed = { content: 'a', extra_content: { google: { thought_signature: 'x' } } }
    expect(said(signed, told('<thought>b'), { content: '</thought>c' }).text).toBe(
      'a<think>b</think>c',
    )
  })

  it('that is marked in mid-answer is text, and what may be a mark stands when the answer breaks off', () => {
    for (const content of ['a <thinking>b</thinking>', '[THIN', '<|channel|>final']) {
      expect(said({ content }).text).toBe(content)
      expect(decode(chunk({ content })).text).toBe(content)
      expect(decode(chunk({ content }) + line({ error: { message: 'No.' } })).text).toBe(content)
      expect(decode(chunk({ content }) + chunk({}, 'abort') + DONE).text).toBe(content)
    }
    expect(said({ content: '[TH' }, piece(0, 'a', 'f', '{}'), { content: 'INK]' }).text).toBe(
      `[TH${callTag('f', '{}')}INK]`,
    )
    expect(said({ content: '<tho' }, { reasoning: 'a' }, { content: 'ught>' }).text).toBe(
      '<tho<think>a</think>ught>',
    )
  })

  it('inside the text passes through as it is', () => {
    expect(said({ content: '<thi' }, { content: 'nk>a</think>b' }).text).toBe('<think>a</think>b')
  })

  it.each(['```js\nlet a', '~~~~\ncode', 'an `open span', '- ```\n  x', 'fine', '`closed`'])(
    'ends where it ends although code in it is open: %j',
    (reasoning) => {
      const segments = parseTagged(said({ reasoning }, { content: 'Hi' }).text)
      expect(segments.map(({ kind }) => kind)).toEqual(['think', 'text'])
      expect(segments[1]?.content).toBe('Hi')
    },
  )
})

describe('tool calls', () => {
  it.each([
    ['in one piece', [piece(0, 'a', 'f', '{"x":1}')]],
    [
      'in pieces',
      [
        piece(0, 'a', 'f', ''),
        piece(0, undefined, undefined, '{"x"'),
        piece(0, undefined, undefined, ':1}'),
      ],
    ],
    ['with id and name in every piece', [piece(0, 'a', 'f', '{"x"'), piece(0, 'a', 'f', ':1}')]],
    [
      'with a name in every piece',
      [piece(0, undefined, 'f', '{"x"'), piece(0, undefined, 'f', ':1}')],
    ],
    [
      'without an index',
      [piece(undefined, 'a', 'f', '{"x"'), piece(undefined, undefined, undefined, ':1}')],
    ],
    ['as an object', [piece(0, 'a', 'f', { x: 1 })]],
    [
      'in the old form',
      [
        { function_call: { name: 'f', arguments: '{"x"' } },
        { function_call: { arguments: ':1}' } },
      ],
    ],
  ])('%s come as one whole tag', (_, deltas) => {
    const { tokens, finish } = said(...deltas)
    expect(tokens).toEqual([callTag('f', '{"x":1}')])
    expect(finish?.reason).toBe('tool_calls')
  })

  it.each([
    ['by index', [piece(0, 'a', 'f', '{}'), piece(1, 'b', 'g', '{}')]],
    ['by id where the index repeats', [piece(0, 'a', 'f', '{}'), piece(0, 'b', 'g', '{}')]],
    [
      'by id where there is no index',
      [piece(undefined, 'a', 'f', '{}'), piece(undefined, 'b', 'g', '{}')],
    ],
    [
      'by name where there is nothing else',
      [piece(undefined, undefined, 'f', '{}'), piece(undefined, undefined, 'g', '{}')],
    ],
    [
      'when their pieces are mixed',
      [
        piece(0, 'a', 'f', '{'),
        piece(1, 'b', 'g', '{'),
        piece(0, undefined, undefined, '}'),
        piece(1, undefined, undefined, '}'),
      ],
    ],
  ])('are told apart %s', (_, deltas) => {
    expect(said(...deltas).text).toBe(callTag('f', '{}') + callTag('g', '{}'))
  })

  it('stand between the text before and the text after them, and close the thinking', () => {
    const decoded = said({ reasoning: 'so' }, { content: 'Look: ' }, piece(0, 'a', 'f', '{}'), {
      content: 'Done.',
    })
    expect(decoded.text).toBe(`<think>so</think>Look: ${callTag('f', '{}')}Done.`)
    expect(said({ reasoning: 'so' }, piece(0, 'a', 'f', '{}')).text).toBe(
      `<think>so</think>${callTag('f', '{}')}`,
    )
  })

  it('without arguments have none, and broken arguments are kept as a string', () => {
    expect(said(piece(0, 'a', 'f', null)).text).toBe(callTag('f', '{}'))
    expect(said(piece(0, 'a', 'f', '{"x":')).text).toBe(callTag('f', '"{\\"x\\":"'))
  })

  it('are one whole segment, whatever their arguments and the text before them say', () => {
    const given = { code: '<|python_end|> \\<|output_start|>', big: 1 }
    const args = JSON.stringify(given)
    const segments = parseTagged(said({ content: 'Run ```\nx' }, piece(0, 'a', 'f', args)).text)
    expect(segments.map(({ kind, closed }) => [kind, closed])).toEqual([
      ['text', true],
      ['tool_call', true],
    ])
    expect(JSON.parse(segments[1]?.content ?? '')).toEqual({
      tool: 'f',
      arguments: given,
    })
  })

  it('keep the digits of large numbers', () => {
    expect(said(piece(0, 'a', 'f', '{"id":12345678901234567890}')).text).toContain(
      '12345678901234567890',
    )
  })

  it('stand outside the thinking and the code that the text leaves open', () => {
    for (const content of ['<think>let me', 'a <think>`b', '```js\nlet a', '<think>a</think>b']) {
      const { text } = said({ content }, piece(0, 'a', 'f', '{}'), { content: 'Done.' })
      expect(parseTagged(text).map(({ kind }) => kind)).toContain('tool_call')
      expect(parseTagged(text).at(-1)).toMatchObject({ kind: 'text', content: 'Done.' })
    }
    const { text } = said({ content: '<think>a' }, { reasoning: 'b' }, { content: 'c' })
    expect(parseTagged(text).map(({ kind, content }) => [kind, content])).toEqual([
      ['think', 'a'],
      ['think', 'b'],
      ['text', 'c'],
    ])
  })

  it('go on under their id alone', () => {
    const begun = {
      tool_calls: [...piece(0, 'a', 'f', '').tool_calls, ...piece(1, 'b', 'g', '').tool_calls],
    }
    const later = (id: string, args: string) => ({
      tool_calls: [{ id, function: { arguments: args } }],
    })
    expect(said(begun, later('a', '{"x":1}'), later('b', '{"y":2}')).text).toBe(
      callTag('f', '{"x":1}') + callTag('g', '{"y":2}'),
    )
  })

  it('come before what follows them as soon as their arguments are whole, and not sooner', () => {
    expect(
      said(piece(0, 'a', 'f', '{"x":"}'), { content: 'a' }, piece(0, 'a', 'f', '"}')).text,
    ).toBe(`a${callTag('f', '{"x":"}"}')}`)
    expect(said(piece(0, 'a', 'f', '{"x":"\\"}"}'), { content: 'a' }).text).toBe(
      `${callTag('f', '{"x":"\\"}"}')}a`,
    )
  })

  it('are not written when the answer was cut off', () => {
    expect(decode(chunk(piece(0, 'a', 'f', '{}'))).text).toBe('')
  })
})

describe('what is gathered and not passed on at once', () => {
  const TOO_MUCH = 'inference_error: The model server sent more than an answer can hold.'
  const long = 'x'.repeat(1_000_000)

  it('fails the answer when it is more than an answer can hold', () => {
    const start = chunk(piece(0, 'a', 'f', '{"x":"'))
    const more = chunk(piece(0, undefined, undefined, long))
    expect(decode(start + more.repeat(3) + END)).toMatchObject({ outcome: 'complete' })
    expect(decode(start + more.repeat(5) + END)).toMatchObject({ text: '', outcome: TOO_MUCH })
    const calls = Array.from({ length: 65 }, (_, index) =>
      chunk(piece(index, `${index}`, 'f', '{}')),
    )
    expect(decode(calls.slice(1).join('') + END)).toMatchObject({ outcome: 'complete' })
    expect(decode(calls.join('') + END)).toMatchObject({ outcome: TOO_MUCH })
  })

  it('is looked at once, however often text comes between', () => {
    const make = (size: number) =>
      chunk(piece(0, 'a', 'f', `{"q":"${'x'.repeat(size * 100)}`)) +
      chunk({ content: 'x' }).repeat(size) +
      END
    const length = 500 + callTag('f', `"{\\"q\\":\\"${'x'.repeat(50_000)}"`).length
    expect(decode(make(500)).text).toHaveLength(length)
    expect(growthOf(decode, make, 500)).toBeLessThan(8)
  })

  it('counts reasoning that goes back, encrypted or not', () => {
    const encrypted = chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: long }] })
    const read = (event: string, count: number) => {
      const decoder = new AnswerDecoder(new OpenaiReader({ keepsReasoning: true }))
      decoder.push(new TextEncoder().encode(event.repeat(count) + END))
      return decoder.outcome
    }
    expect(read(encrypted, 3)).toBe('complete')
    expect(read(encrypted, 5)).toBeInstanceOf(ChatError)
    const word = chunk({
      reasoning_details: [{ type: 'reasoning.text', format: null, text: ' word' }],
    })
    expect(read(word, 50_000)).toBe('complete')
  })
})

describe('the end', () => {
  it.each([
    ['[DONE] without a finish reason', DONE, 'stop'],
    ['a finish reason without [DONE]', chunk({}, 'length'), 'length'],
    ['[DONE] without a blank line', `${chunk({}, 'stop')}data: [DONE]`, 'stop'],
    ['a finish reason without a blank line', chunk({}, 'stop').trimEnd(), 'stop'],
    ['another word for it', chunk({}, 'EOS_TOKEN') + DONE, 'stop'],
    ['a reason beside the last text', chunk({ content: '' }) + chunk({}, 'STOP'), 'stop'],
    ['a filter', chunk({}, 'content_filter') + DONE, 'content_filter'],
  ])('is known by %s', (_, ending, reason) => {
    const decoded = decode(chunk({ content: 'Hi' }) + ending)
    expect(decoded).toMatchObject({ text: 'Hi', outcome: 'complete', finish: { reason } })
  })

  it.each([
    ['nothing at all', ''],
    ['whole events', chunk({ content: 'Hi' })],
    ['half an event', `${chunk({ content: 'Hi' })}data: {"choices":[{"ind`],
  ])('is missing after %s', (_, body) => {
    expect(decode(body)).toMatchObject({ outcome: 'running', finish: undefined })
  })

  it.each([
    ['[DONE]', DONE],
    ['the end of the body', ''],
    ['an end that says otherwise', END],
  ])('of an answer that the server gave up is a failure, with %s behind it', (_, ending) => {
    for (const word of ['abort', 'network_error', 'insufficient_system_resource', 'constructor']) {
      expect(decode(chunk({ content: 'Hi' }) + chunk({}, word) + ending)).toMatchObject({
        text: 'Hi',
        finish: undefined,
        outcome: 'inference_interrupted: The model server ended the answer before it was complete.',
      })
    }
  })

  it.each([
    ['on every chunk', ['stop', 'stop', 'stop']],
    ['on the first chunk', ['stop', null, 'stop']],
    ['of another kind before the last', ['length', 'abort', 'stop']],
    ['as the word "null"', ['null', 'null', 'stop']],
    ['as an empty text', ['', '', 'stop']],
  ])('is the reason behind the last text, whatever was given before: %s', (_, reasons) => {
    const pieces = reasons.map((reason, at) => chunk({ content: `${at} ` }, reason)).join('')
    for (const ending of [DONE, '']) {
      expect(decode(pieces + ending)).toMatchObject({
        text: '0 1 2 ',
        outcome: 'complete',
        finish: { reason: 'stop' },
      })
    }
    expect(decode(`${pieces}${chunk({ content: 'more' })}`)).toMatchObject({
      text: '0 1 2 more',
      outcome: 'running',
    })
  })

  it('is taken back by thinking and by calls as by text, and not by what says nothing', () => {
    const stopped = chunk({ content: 'Hi' }) + chunk({}, 'stop')
    for (const delta of [{ reasoning: 'hm' }, piece(0, 'a', 'f', '{}'), { refusal: 'No.' }]) {
      expect(decode(stopped + chunk(delta)).outcome).toBe('running')
    }
    for (const delta of [{}, { content: '' }, { content: null }, { role: 'assistant' }]) {
      expect(decode(stopped + chunk(delta)).outcome).toBe('complete')
    }
    expect(decode(stopped + chunk({ content: 'another choice' }, null, 1)).outcome).toBe('complete')
  })

  const COUNTED = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }

  it('keeps what is counted behind the reason', () => {
    const usage = COUNTED
    const body = chunk({ content: 'Hi' }, 'stop') + line({ choices: [], usage })
    for (const ending of [DONE, '']) expect(decode(body + ending).finish).toMatchObject({ usage })
  })

  it.each([
    ['in a choice', { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: COUNTED }] }],
    ['in a delta', { choices: [{ index: 0, delta: { usage: COUNTED }, finish_reason: 'stop' }] }],
    ['in a message', { choices: [{ message: { usage: COUNTED }, finish_reason: 'stop' }] }],
    ['in a message beside the choices', { choices: [], message: { usage: COUNTED } }],
    ['in a field of a provider', { choices: [], x_groq: { id: 'r', usage: COUNTED } }],
    ['in an event of its own', { usage: COUNTED }],
    ['in such a field of an event of its own', { x_groq: { usage: COUNTED } }],
    [
      'as metadata',
      { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 } },
    ],
    [
      'as metadata in another spelling',
      { choices: [], usage_metadata: { prompt_token_count: 3, candidates_token_count: 4 } },
    ],
    ['under the names of others', { choices: [], usage: { input_tokens: 3, output_tokens: 4 } }],
  ])('keeps what is counted %s', (_, event) => {
    const body = chunk({ content: 'Hi' }, 'stop') + line(event)
    for (const ending of [DONE, line({ choices: [], usage: null }) + line({ usage: {} }) + DONE]) {
      expect(decode(body + ending)).toMatchObject({
        outcome: 'complete',
        finish: { usage: COUNTED },
      })
    }
  })

  it('keeps what a whole message has counted in its choice', () => {
    const choice = { message: { content: 'Hi' }, finish_reason: 'stop', usage: COUNTED }
    expect(decode(JSON.stringify({ choices: [choice] })).finish).toMatchObject({ usage: COUNTED })
  })

  const UNREADABLE = ['[ERROR] upstream overloaded', '{"choices":[{"del', 'Internal error', '<p>']
  const FOREIGN = [
    '{"code":"overloaded"}',
    '{"Message":"Too many requests"}',
    '"overloaded"',
    '["overloaded"]',
    '503',
  ]
  const unread = (data: string) => `data: ${data}\n\n`

  it.each([...UNREADABLE, ...FOREIGN])(
    'is not [DONE] alone when what came before it cannot be understood: %s',
    (data) => {
      const half = chunk({ content: 'Half' })
      for (const between of ['', line({ choices: [], usage: { total_tokens: 1 } }), ': ping\n\n']) {
        expect(decode(half + unread(data) + between + DONE)).toMatchObject({
          text: 'Half',
          finish: undefined,
          outcome: 'inference_interrupted: The answer was cut off before it was complete.',
        })
      }
      // What is read afterwards says that the answer went on.
      expect(decode(half + unread(data) + half + DONE).outcome).toBe('complete')
      expect(decode(half + unread(data) + END).outcome).toBe('complete')
    },
  )

  it('is no end, whatever reason was given, when the last event is cut or cannot be read', () => {
    for (const data of UNREADABLE) {
      const body = chunk({ content: 'Half' }, 'stop') + unread(data)
      expect(decode(body + DONE).outcome).toMatch(/^inference_interrupted/)
      expect(decode(body).outcome).toBe('running')
      expect(decode(body.trimEnd()).outcome).toBe('running')
    }
  })

  it('is one when servers tell of other things behind their reason, or mark the end in their own way', () => {
    for (const data of [...FOREIGN, '{"citations":[]}', '[END]', 'ping', '', '[DON', '{}']) {
      expect(decode(chunk({ content: 'Hi' }, 'stop') + unread(data) + DONE).outcome).toBe(
        'complete',
      )
      expect(decode(chunk({ content: 'Hi' }, 'stop') + unread(data)).outcome).toBe('complete')
    }
    for (const data of ['{"type":"ping"}', '{"heartbeat":1}', 'keep-alive', '', '{}']) {
      expect(decode(chunk({ content: 'Hi' }) + unread(data) + DONE).outcome).toBe('complete')
    }
  })

  it('comes with refusals as text, and passes over what it does not know', () => {
    const body = [
      'data: {broken\n\n',
      line([1]),
      line('x'),
      line({ object: 'ping' }),
      line({ choices: [null] }),
      line({ choices: [{ index: 0, delta: null }] }),
      chunk({ refusal: 'I cannot.' }),
      END,
    ].join('')
    expect(decode(body)).toMatchObject({ text: 'I cannot.', outcome: 'complete' })
  })
})

describe('an error', () => {
  const error = { message: 'Token limit reached, key sk-abcdef123', code: 400 }
  const failed = 'inference_error: Token limit reached, key [key]'

  it.each([
    ['by itself', line({ error })],
    ['as a named event', `event: error\n${line({ error })}`],
    ['beside choices', line({ error, choices: [{ index: 0, delta: {} }] })],
    ['inside a choice', line({ choices: [{ index: 0, delta: {}, error }] })],
    ['after the finish reason', chunk({}, 'length') + line({ error }) + DONE],
  ])('%s ends the answer, and what came before it stands', (_, event) => {
    const decoded = decode(chunk({ content: 'Hi' }) + event)
    expect(decoded).toMatchObject({ text: 'Hi', outcome: failed, finish: undefined })
  })

  it('may tell what is wrong in a message or a detail of its own', () => {
    for (const event of [
      line({ detail: 'boom' }),
      line({ detail: [{ loc: ['body'], msg: 'boom' }] }),
      line({ message: 'boom', code: 500 }),
      line({ status: 'error', message: 'boom' }),
      line({ error: 'boom' }),
    ]) {
      const { outcome, text } = decode(chunk({ content: 'part' }) + event + END)
      expect(outcome).toBe('inference_error: boom')
      expect(text).toBe('part')
    }
  })

  it('without a message of its own says so in our words', () => {
    for (const event of [
      'event: error\ndata: {"code":500,"message":"boom"}\n\n',
      'event: error\ndata: boom\n\n',
      'event: error\ndata: [DONE]\n\n',
      'error: {"code":500,"message":"boom"}\n\n',
      'error:boom\n',
      line([1, { error: { code: 503 } }]),
      line({ choices: null, success: false }),
      line({ errors: [{ message: 'boom' }] }),
      line({ error: 'sk-abcdef' }),
      line({ object: 'error', message: '/srv/x' }),
      line({ errorMessage: 'timed out', errorType: 'Sandbox.Timedout' }),
      line({ fault: { faultstring: 'quota' } }),
      chunk({}, 'error'),
    ]) {
      const { outcome, text } = decode(chunk({ content: 'part' }) + event + END)
      expect(outcome).toBe('inference_error: The model server reported an error.')
      expect(text).toBe('part')
    }
  })

  it('in a line of its own is one wherever its bytes are cut, however long it is', () => {
    const bytes = new TextEncoder().encode(
      `${chunk({ content: 'part' })}error: ${JSON.stringify({ error })}\r\n${END}`,
    )
    const whole = decode(bytes)
    expect(whole).toMatchObject({ text: 'part', outcome: failed })
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(decode(bytes, [cut])).toEqual(whole)
    expect(decode(bytes, [...bytes.keys()])).toEqual(whole)
    const long = `${chunk({ content: 'part' })}error: ${'x'.repeat(100_000)}\n${END}`
    for (const cuts of [[], [90_000], [50_000, 80_000, 99_000]]) {
      expect(decode(long, cuts).outcome).toBe(
        'inference_error: The model server reported an error.',
      )
    }
  })

  it('is no event that only mentions one, or tells of something else', () => {
    const harmless = [
      ': error: no\n\n',
      'errors: no\n\n',
      line({ type: 'ping' }),
      line({ object: 'ping', message: 'still here' }),
      line({ code: 0 }),
      line({ error: null, choices: [] }),
      line({ choices: [], message: 'x', code: 1 }),
      line({ usage: { total_tokens: 1 }, message: 'x', code: 1 }),
      line([1, 'error']),
      chunk({ content: '\nerror: x' }),
    ].join('')
    expect(decode(harmless + END)).toMatchObject({ text: '\nerror: x', outcome: 'complete' })
  })
})

describe('a whole message', () => {
  const message = { role: 'assistant', content: 'Hi' }
  const whole = (fields: object) => line({ choices: [{ index: 0, ...fields }] })

  it('inside a stream is the answer, unless it has come in pieces before', () => {
    expect(decode(whole({ message, finish_reason: 'stop' }) + DONE)).toMatchObject({
      text: 'Hi',
      outcome: 'complete',
    })
    expect(decode(chunk({ content: 'Hi' }) + whole({ message }) + END).text).toBe('Hi')
  })

  it('may have one part as its content', () => {
    expect(said({ content: { type: 'text', text: 'Hi' } }).text).toBe('Hi')
  })
})

describe('a whole JSON body instead of a stream', () => {
  it('may be one event of a stream', () => {
    const body = JSON.stringify({ choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] })
    expect(decode(body)).toMatchObject({ text: 'Hi', outcome: 'complete' })
  })

  it('is a whole answer when it is a completion', () => {
    const message = { role: 'assistant', reasoning_content: 'hm', content: 'Hi' }
    const body = JSON.stringify({
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { total_tokens: 9 },
    })
    const whole = decode(`\uFEFF\n${body}`)
    expect(whole).toMatchObject({
      text: '<think>hm</think>Hi',
      outcome: 'complete',
      finish: { reason: 'stop', usage: { total_tokens: 9 } },
    })
    const bytes = new TextEncoder().encode(`\uFEFF\n${body}`)
    for (let cut = 0; cut <= bytes.length; cut += 1) expect(decode(bytes, [cut])).toEqual(whole)
  })

  it('is an error when it says so or says something else', () => {
    const outcome = (body: unknown) => decode(JSON.stringify(body)).outcome
    expect(outcome({ error: { message: 'No credit left' } })).toBe(
      'inference_error: No credit left',
    )
    expect(outcome([{ error: { message: 'No credit left' } }])).toBe(
      'inference_error: No credit left',
    )
    expect(outcome({ hello: 1 })).toMatch(/^inference_error/)
    expect(outcome({ choices: [] })).toMatch(/^inference_error/)
  })
})
