import { describe, expect, it } from 'vitest'
import { parseTagged } from '../../protocol/tags.ts'
import {
  callsOf,
  createTestTool,
  DONE,
  resultsIn,
  say,
  startScriptedAnswer,
} from '../../testing/scripted-answer.ts'
import { LONGEST_OUTPUT } from './tools.ts'

const echo = createTestTool('echo', async (args) => ({ success: true, output: args }))
const answer = [say('Done.'), DONE]

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

/** The result of one call, which is followed by an answer. */
async function resultOf(
  call: readonly [string, string],
  options: Partial<Parameters<typeof startScriptedAnswer>[0]> = {},
) {
  const started = startScriptedAnswer({
    rounds: [callsOf(call), answer],
    tools: [echo],
    ...options,
  })
  const { content, finishReason } = await started.result
  expect({ content, finishReason }).toEqual({
    content: expect.stringMatching(/Done\.$/),
    finishReason: 'stop',
  })
  return resultsIn(content)[0]
}

describe('an answer that calls tools', () => {
  it('goes on with what they gave', async () => {
    const started = startScriptedAnswer({
      rounds: [
        [say('Let me see. '), ...callsOf(['echo', '{"a":1}'])],
        [say('It is 1.'), DONE],
      ],
      tools: [echo],
    })
    const result = await started.result
    const called = 'Let me see. <|python_start|>{"tool":"echo"}<|python_end|>'
    expect(result).toMatchObject({
      content: `${called}<|output_start|>{"tool":"echo","success":true,"output":{"a":1},"error":null}<|output_end|>It is 1.`,
      finishReason: 'stop',
      tokenCount: 4,
      error: undefined,
    })
    expect(started.events.map((event) => event.type === 'token' && event.text).join('')).toBe(
      result.content,
    )
    expect(started.requests.map(({ rounds }) => rounds)).toEqual([
      [],
      [
        {
          text: called,
          calls: [{ id: 'call-0', name: 'echo', arguments: '{"a":1}' }],
          results: [{ success: true, output: { a: 1 } }],
        },
      ],
    ])
    expect(started.requests.map(({ mayCallTools }) => mayCallTools)).toEqual([true, true])
  })

  it('offers the tools of the server and of the page, the page’s first where both have a name', async () => {
    const ours = { name: 'echo', description: 'Ours', parameters: {} }
    const other = createTestTool('other', async () => ({ success: true, output: 1 }))
    const { requests, result } = startScriptedAnswer({
      rounds: [answer],
      tools: [echo, other],
      pageTools: [ours],
    })
    await result
    expect(requests[0]?.tools).toEqual([
      { name: 'other', description: 'The other tool', parameters: { type: 'object' } },
      ours,
    ])
  })

  it('counts the usage of all rounds together', async () => {
    const counted = (prompt_tokens: number) =>
      ({ type: 'finish', reason: 'tool_calls', usage: { prompt_tokens } }) as const
    const { result } = startScriptedAnswer({
      rounds: [
        [...callsOf(['echo', '']).slice(0, -1), counted(10)],
        callsOf(['echo', '']),
        [say('Done.'), { ...DONE, usage: { prompt_tokens: 30, total_tokens: 5 } }],
      ],
      tools: [echo],
    })
    expect((await result).usage).toEqual({ prompt_tokens: 40, total_tokens: 5 })
  })

  it('gives the model server back what it wants to have back', async () => {
    const carry = { reasoning_content: 'because' }
    const { result, requests } = startScriptedAnswer({
      rounds: [
        [...callsOf(['echo', '']).slice(0, -1), { type: 'finish', reason: 'tool_calls', carry }],
        answer,
      ],
      tools: [echo],
    })
    await result
    expect(requests[1]?.rounds[0]?.carry).toEqual(carry)
  })

  it('runs the calls of a round side by side and writes each result once those before are there', async () => {
    const first = Promise.withResolvers<void>()
    const third = Promise.withResolvers<void>()
    const finish = createTestTool('finish', async () => {
      first.resolve()
      return { success: true, output: 'second' }
    })
    const wait = (name: string, until: Promise<void>) =>
      createTestTool(name, async () => {
        await until
        return { success: true, output: name }
      })
    const started = startScriptedAnswer({
      rounds: [callsOf(['first', ''], ['finish', ''], ['third', '']), answer],
      tools: [wait('first', first.promise), finish, wait('third', third.promise)],
    })
    // Only when all run at once does the second let the first one end.
    await first.promise
    await started.tokens(5)
    third.resolve()
    const { content } = await started.result
    expect(resultsIn(content).map(({ tool }) => tool)).toEqual(['first', 'finish', 'third'])
  })

  it('has five rounds; then it must do without more', async () => {
    const started = startScriptedAnswer({ rounds: [callsOf(['echo', ''])], tools: [echo] })
    const { content, finishReason } = await started.result
    expect(started.requests.map(({ mayCallTools }) => mayCallTools)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ])
    // The model called even then: the call is answered, and the turn is over.
    expect(resultsIn(content).map(({ success }) => success)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ])
    expect(finishReason).toBe('length')
  })

  it('ends as it should when its last calls, which are not run, stand beside text', async () => {
    const calls = callsOf(['echo', ''])
    const last = [say('I think so. '), ...calls]
    const rounds = [calls, calls, calls, calls, calls, last]
    expect(await startScriptedAnswer({ rounds, tools: [echo] }).result).toMatchObject({
      finishReason: 'stop',
      error: undefined,
    })
  })

  it('runs no call of an answer that was cut off', async () => {
    const calls = callsOf(['echo', '{}']).slice(0, -1)
    const started = startScriptedAnswer({
      rounds: [[...calls, { type: 'finish', reason: 'length' }]],
      tools: [echo],
    })
    const { content, finishReason } = await started.result
    expect(resultsIn(content)).toMatchObject([{ success: false }])
    expect(finishReason).toBe('length')
    expect(started.requests).toHaveLength(1)
  })

  it('runs no more than sixteen calls at once', async () => {
    const calls = Array.from({ length: 20 }, () => ['echo', ''] as const)
    const started = startScriptedAnswer({ rounds: [callsOf(...calls), answer], tools: [echo] })
    const results = resultsIn((await started.result).content)
    expect(results.filter(({ success }) => success)).toHaveLength(16)
    expect(results).toHaveLength(20)
  })
})

describe('a call that fails', () => {
  it.each([
    ['of a tool that does not exist', ['nothing', '{}'], 'There is no tool named nothing.'],
    [
      'of a name that every object has',
      ['constructor', '{}'],
      'There is no tool named constructor.',
    ],
    ['with broken arguments', ['echo', '{"a":'], 'The arguments are not a JSON object.'],
    ['with arguments that are no object', ['echo', '[1]'], 'The arguments are not a JSON object.'],
  ] as const)('%s is a result, and the turn goes on', async (_, call, error) => {
    expect(await resultOf(call)).toEqual({ tool: call[0], success: false, output: null, error })
  })

  it('by an error says nothing of what broke', async () => {
    const tools = [createTestTool('broken', () => Promise.reject(new Error('key sk-123')))]
    expect(await resultOf(['broken', ''], { tools })).toMatchObject({ error: 'The tool failed.' })
  })

  it('by an error thrown at once is no different', async () => {
    const broken = createTestTool('broken', () => {
      throw new Error('at once')
    })
    expect(await resultOf(['broken', ''], { tools: [broken] })).toMatchObject({ success: false })
  })

  it.each([
    ['is no JSON', 10n],
    ['is nested too deeply', nested(200_000)],
  ])('by what %s is no different', async (_, output) => {
    const tools = [createTestTool('odd', async () => ({ success: true, output }))]
    expect(await resultOf(['odd', ''], { tools })).toMatchObject({ error: 'The tool failed.' })
  })

  it('by taking too long ends it, whether it heeds its signal or not', async () => {
    let signal: AbortSignal | undefined
    const slow = createTestTool('slow', (_, options) => {
      signal = options.signal
      return new Promise(() => {})
    })
    const options = { tools: [slow], limits: { server: 1 } }
    expect(await resultOf(['slow', ''], options)).toMatchObject({
      success: false,
      error: 'The tool took too long.',
    })
    expect(signal?.aborted).toBe(true)
  })

  it('does not keep the others from succeeding', async () => {
    const started = startScriptedAnswer({
      rounds: [callsOf(['nothing', ''], ['echo', '']), answer],
      tools: [echo],
    })
    const results = resultsIn((await started.result).content)
    expect(results.map(({ success }) => success)).toEqual([false, true])
  })
})

describe('a result', () => {
  const outputOf = async (output: unknown) => {
    const tools = [createTestTool('give', async () => ({ success: true, output }))]
    const result = await resultOf(['give', ''], { tools })
    return result?.success ? result.output : undefined
  }

  it.each([
    ['a text', 'x'.repeat(50_000)],
    ['a text of characters that JSON escapes', '"\n'.repeat(50_000)],
    ['a list', Array.from({ length: 9_000 }, (_, index) => `entry ${index}`)],
    ['a text of surrogate pairs', '🥟'.repeat(20_000)],
  ])('that is too long is cut and says so: %s', async (_, given) => {
    const output = await outputOf(given)
    expect(output).toMatch(/^[\s\S]{8000,}\n\[cut here; the whole has \d+ characters\]$/)
    expect(JSON.stringify(output).length).toBeLessThanOrEqual(LONGEST_OUTPUT)
    expect(String(output).isWellFormed()).toBe(true)
  })

  it('that is nothing is null', async () => {
    expect(await outputOf(undefined)).toBe(null)
  })

  it('cannot end its own tag, and comes back as it was', async () => {
    const output = 'x <|output_end|> <|python_start|> </think> `'
    expect(await outputOf(output)).toBe(output)
  })

  it.each([
    ['a code block', '```js\nlet a'],
    ['a longer fence', '~~~~\n```\n'],
    ['a code span', 'see `this'],
    ['thinking', '<think>hm'],
    ['thinking in code', '<think>hm\n```\ncode'],
  ])('is recognised after a round that leaves open: %s', async (_, text) => {
    const call = callsOf(['echo', '{"a":1}'])
    const started = startScriptedAnswer({
      rounds: [[...call.slice(0, -1), say(text), ...call.slice(-1)], answer],
      tools: [echo],
    })
    const segments = parseTagged((await started.result).content)
    expect(segments.filter(({ kind }) => kind.startsWith('tool')).map(({ kind }) => kind)).toEqual([
      'tool_call',
      'tool_result',
    ])
    expect(segments.at(-1)).toMatchObject({ kind: 'text', content: 'Done.' })
  })
})

describe('a turn that ends while a tool runs', () => {
  it.each(['stopped', 'interrupted'] as const)('stops the tool at once: %s', async (reason) => {
    const running = Promise.withResolvers<AbortSignal>()
    const slow = createTestTool('slow', (_, { signal }) => {
      running.resolve(signal)
      return new Promise(() => {})
    })
    const started = startScriptedAnswer({
      rounds: [[say('Wait. '), ...callsOf(['slow', '']), say('never')], answer],
      tools: [slow],
    })
    const signal = await running.promise
    started.end(reason)
    expect(signal.aborted).toBe(true)
    expect(await started.result).toMatchObject({
      content: 'Wait. <|python_start|>{"tool":"slow"}<|python_end|>never',
      finishReason: reason,
      error: undefined,
    })
    expect(started.requests).toHaveLength(1)
  })
})
