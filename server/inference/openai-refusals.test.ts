import { afterEach, describe, expect, it } from 'vitest'
import type { GenerateRequest, Inference } from '../core/ports.ts'
import { startFakeModelServer, type FakeRequest } from '../testing/fake-model-server.ts'
import { gather, generateRequest } from '../testing/inference-requests.ts'
import type { Part } from './openai-body.ts'
import { createOpenai } from './openai.ts'
import { refusedPart } from './openai-refusals.ts'

const tools = [{ name: 'web_search', description: 'Searches.', parameters: { type: 'object' } }]
const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

/** A server that answers with an error body for as long as `refuses` gives one. */
async function start(refuses: (body: FakeRequest['body']) => object | undefined, status = 400) {
  const server = await startFakeModelServer({
    protocol: 'openai',
    respond({ body }) {
      const refusal = refuses(body)
      return refusal ? [{ status, body: JSON.stringify(refusal) }] : ['Hi']
    },
  })
  const thinkBody = {
    on: { all: { reasoning_effort: 'high' }, models: [] },
    off: { all: { reasoning_effort: 'none' }, models: [] },
  }
  const inference: Inference = createOpenai({
    url: server.url,
    apiKey: undefined,
    model: 'm',
    timeoutSeconds: 5,
    thinkBody,
  })
  closers.push(inference.close, server.close)
  const ask = async (changes: Partial<GenerateRequest> = {}) =>
    await gather(inference, generateRequest({ thinkingMode: true, ...changes }))
  return { server, ask, bodies: () => server.requests.map(({ body }) => body) }
}

describe('a server that does not take everything', () => {
  it('is asked with the other name, and from then on at once', async () => {
    const { ask, bodies } = await start((body) =>
      'max_tokens' in body
        ? error(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            { param: 'max_tokens', code: 'unsupported_parameter' },
          )
        : undefined,
    )
    expect(await ask()).toMatchObject({ text: 'Hi', error: undefined })
    expect(await ask()).toMatchObject({ text: 'Hi' })
    expect(bodies()).toHaveLength(3)
    expect(bodies()[2]).toMatchObject({ max_completion_tokens: 1024 })
    expect(bodies()[2]).not.toHaveProperty('max_tokens')
    // Another model may be different.
    await ask({ model: 'other' })
    expect(bodies()[3]).toHaveProperty('max_tokens')
  })

  it.each<[string, string, number, object, Partial<GenerateRequest>]>([
    [
      'temperature',
      'fixed by OpenAI',
      400,
      error(
        "Unsupported value: 'temperature' does not support 0.8 with this model. Only the default (1) value is supported.",
      ),
      {},
    ],
    [
      'temperature',
      'fixed by another',
      400,
      error('invalid temperature: only 1 is allowed for this model'),
      {},
    ],
    [
      'stream_options',
      'unknown to a validator',
      422,
      {
        detail: [
          {
            type: 'extra_forbidden',
            loc: ['body', 'stream_options'],
            msg: 'Extra inputs are not permitted',
            input: { include_usage: true },
          },
        ],
      },
      {},
    ],
    [
      'stream_options',
      'unknown in a sentence',
      400,
      {
        detail:
          "Extra parameters ['stream_options'] are not allowed when extra-parameters is not set",
      },
      {},
    ],
    [
      'max_tokens',
      'unknown to an old server',
      400,
      {
        object: 'error',
        message:
          "[{'type': 'extra_forbidden', 'loc': ('body', 'max_tokens'), 'msg': 'Extra inputs are not permitted'}]",
      },
      {},
    ],
    ['tools', 'beyond a model', 400, error('gemma3:4b does not support tools'), { tools }],
    [
      'tools',
      'beyond a model, said plainly',
      400,
      { error: 'gemma3:4b does not support tools' },
      { tools },
    ],
    [
      'tools',
      'switched off',
      400,
      {
        object: 'error',
        message:
          '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      },
      { tools },
    ],
    [
      'tools',
      'known to no endpoint',
      404,
      error('No endpoints found that support tool use. To learn more, see the documentation.'),
      { tools },
    ],
    [
      'tool_choice',
      'impossible while thinking',
      400,
      error(
        'The tool_choice parameter does not support being set to required or object in thinking mode',
      ),
      { tools, forceWebSearch: true },
    ],
    [
      'tool_choice',
      'unknown',
      400,
      error('Unknown parameter: tool_choice'),
      { tools, mayCallTools: false },
    ],
    ['reasoning_effort', 'beyond a model', 400, error('"m" does not support thinking'), {}],
    [
      'reasoning_effort',
      'of another value',
      400,
      error('`reasoning_effort` must be one of `none` or `default`'),
      {},
    ],
    [
      'reasoning_effort',
      'not together with tools',
      400,
      error(
        'Function tools with reasoning_effort are not supported. Use another endpoint instead.',
      ),
      { tools },
    ],
  ])('is asked without %s, %s', async (name, _, status, refusal, changes) => {
    const { ask, bodies } = await start((body) => (name in body ? refusal : undefined), status)
    expect(await ask(changes)).toMatchObject({ text: 'Hi', error: undefined })
    expect(await ask(changes)).toMatchObject({ text: 'Hi' })
    const [first, ...later] = bodies()
    expect(first).toHaveProperty(name)
    expect(later).toHaveLength(2)
    // Only what was refused is missing, and what means nothing without it.
    const kept = Object.keys(first ?? {}).filter((key) => key !== name && key !== 'tool_choice')
    for (const body of later) {
      expect(body).not.toHaveProperty(name)
      expect(Object.keys(body)).toEqual(expect.arrayContaining(kept))
    }
  })

  it('may refuse several things one after the other', async () => {
    const { ask, bodies } = await start((body) => {
      const name = ['temperature', 'stream_options', 'reasoning_effort'].find((key) => key in body)
      return name === undefined ? undefined : error(`Unknown parameter: ${name}`)
    })
    expect(await ask()).toMatchObject({ text: 'Hi' })
    expect(bodies()).toHaveLength(4)
  })

  it('keeps thinking switched off where only switching it on was refused', async () => {
    const { ask, bodies } = await start((body) =>
      body.reasoning_effort === 'high' ? error('"m" does not support thinking') : undefined,
    )
    await ask()
    await ask({ thinkingMode: false })
    expect(bodies().map((body) => body.reasoning_effort)).toEqual(['high', undefined, 'none'])
  })

  it('is not given the reasoning of a round again when it does not take it', async () => {
    const { ask, bodies } = await start((body) =>
      JSON.stringify(body.messages).includes('"reasoning_content"')
        ? error("'messages.2' : property 'reasoning_content' is unsupported")
        : undefined,
    )
    const round = {
      text: '',
      calls: [{ id: 'a', name: 'web_search', arguments: '{}' }],
      results: [{ success: true, output: 1 } as const],
      carry: { reasoning_content: 'hm' },
    }
    expect(await ask({ tools, rounds: [round] })).toMatchObject({ text: 'Hi' })
    expect(bodies()[1]).toHaveProperty('reasoning_effort')
  })

  it.each([
    'The `reasoning_content` in the thinking mode must be passed back to the API.',
    'thinking is enabled but reasoning_content is missing in assistant tool call message at index 2',
  ])('gets an empty field where it demands reasoning that is gone: %s', async (message) => {
    const history = [
      { role: 'user', content: 'Rain?' },
      { role: 'assistant', content: '<think>secret</think>No.' },
      { role: 'user', content: 'Sure?' },
    ] as const
    const { ask, bodies } = await start((body) =>
      JSON.stringify(body.messages).includes('"reasoning_content":""') ? undefined : error(message),
    )
    expect(await ask({ messages: history })).toMatchObject({ text: 'Hi' })
    expect(await ask({ messages: history })).toMatchObject({ text: 'Hi' })
    expect(bodies()).toHaveLength(3)
    expect(bodies()[2]?.messages).toMatchObject([
      { role: 'system' },
      { role: 'user' },
      { role: 'assistant', content: 'No.', reasoning_content: '' },
      { role: 'user' },
    ])
    expect(JSON.stringify(bodies())).not.toContain('secret')
    expect(bodies()[2]).toHaveProperty('reasoning_effort')
  })

  it('is asked a few times at most, and what it said last is the error', async () => {
    const names = ['max_tokens', 'max_completion_tokens', 'temperature', 'stream_options']
    const { ask, bodies } = await start((body) => {
      const name = [...names, 'reasoning_effort'].find((key) => key in body)
      return error(`Unknown parameter: ${name}`)
    })
    expect(await ask()).toMatchObject({
      text: '',
      error: { code: 'inference_error', message: 'Unknown parameter: reasoning_effort' },
    })
    expect(bodies()).toHaveLength(5)
    // Nothing of it worked, so nothing of it is remembered.
    await ask()
    expect(bodies()[5]).toEqual(bodies()[0])
  })
})

describe('any other refusal', () => {
  it.each<[string, number, object]>([
    [
      'a value out of its range',
      400,
      error('max_tokens is too large: 4096. This model supports at most 2048 completion tokens.', {
        param: 'max_tokens',
        type: 'invalid_request_error',
      }),
    ],
    ['a range for temperature', 400, error('temperature must be between 0 and 1')],
    [
      'a context that is full',
      400,
      error(
        'This model’s maximum context length is 4096 tokens. Please reduce the length of the messages.',
      ),
    ],
    ['a wrong key', 401, error('Unsupported parameter: max_tokens')],
    ['a failure of its own', 500, error('Unsupported parameter: max_tokens')],
    ['a model that is not there', 404, error('The model `max_tokens` does not exist, unsupported')],
    [
      'one wrong tool of a page',
      400,
      error("Invalid schema for function 'unsupported': not valid", {
        param: 'tools[0].function.parameters',
      }),
    ],
    [
      'a copy of the request',
      422,
      {
        detail: [
          { loc: ['body', 'prompt'], msg: 'Field required', input: { temperature: 'unsupported' } },
        ],
      },
    ],
    ['nothing said at all', 400, {}],
  ])('is passed on at once: %s', async (_, status, refusal) => {
    const { ask, bodies } = await start(() => refusal, status)
    expect(await ask({ tools })).toMatchObject({ text: '', error: { code: 'inference_error' } })
    expect(bodies()).toHaveLength(1)
  })

  it('is never answered by asking again once a token has come', async () => {
    const server = await startFakeModelServer({
      protocol: 'openai',
      respond: () => ['Hel', { error: 'Unsupported parameter: max_tokens' }],
    })
    const inference = createOpenai({
      url: server.url,
      apiKey: undefined,
      model: 'm',
      timeoutSeconds: 5,
    })
    closers.push(inference.close, server.close)
    expect(await gather(inference)).toMatchObject({
      text: 'Hel',
      error: { code: 'inference_error' },
    })
    expect(server.requests).toHaveLength(1)
  })

  it('names only what was sent', () => {
    const refusal = { status: 400, body: error('Unsupported parameter: temperature') }
    expect(refusedPart(refusal, new Set<Part>(['temperature']))).toBe('temperature')
    expect(refusedPart(refusal, new Set<Part>(['max_tokens', 'tools']))).toBeUndefined()
  })

  it('may be of any form and size without doing harm', () => {
    let deep: unknown = 'unsupported tools'
    for (let level = 0; level < 5_000; level += 1) deep = [deep]
    for (const body of [undefined, null, 'x', 5, deep, { a: deep }, Array(10_000).fill('x')]) {
      expect(refusedPart({ status: 400, body }, new Set<Part>(['tools']))).toBeUndefined()
    }
  })
})
