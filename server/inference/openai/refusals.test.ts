import { afterEach, describe, expect, it } from 'vitest'
import type { GenerateRequest, Inference } from '../../core/ports/index.ts'
import { startFakeModelServer, type FakeRequest } from '../../testing/fake-model-server.ts'
import { gather, generateRequest } from '../../testing/inference-requests.ts'
import type { Part } from './body.ts'
import { createOpenai } from './index.ts'
import { remedyFor } from './refusals.ts'

const tools = [{ name: 'web_search', description: 'Searches.', parameters: { type: 'object' } }]
const error = (message: string, more: object = {}) => ({ error: { message, ...more } })

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

/** A server that answers with an error body for as long as `refuses` gives one. */
async function start(
  refuses: (body: FakeRequest['body']) => object | string | undefined,
  status = 400,
) {
  const server = await startFakeModelServer({
    protocol: 'openai',
    respond({ body }) {
      const refusal = refuses(body)
      if (typeof refusal === 'string') return [{ status, body: refusal, contentType: 'text/plain' }]
      if (refusal) return [{ status, body: JSON.stringify(refusal) }]
      if (body.stream === true) return ['Hi']
      const message = { role: 'assistant', content: 'Hi' }
      const whole = { choices: [{ index: 0, message, finish_reason: 'stop' }] }
      return [{ status: 200, body: JSON.stringify(whole) }]
    },
  })
  const logged: object[] = []
  const logger = {
    debug() {},
    info: (fields: object) => void logged.push(fields),
    warn() {},
    error() {},
  }
  const thinkBody = {
    on: { all: { reasoning_effort: 'high' }, models: [] },
    off: { all: { reasoning_effort: 'none' }, models: [] },
  }
  const inference: Inference = createOpenai(
    {
      url: server.url,
      apiKey: undefined,
      model: 'm',
      allowedModels: ['other'],
      timeoutSeconds: 5,
      thinkBody,
    },
    logger,
  )
  closers.push(inference.close, server.close)
  const ask = async (changes: Partial<GenerateRequest> = {}) =>
    await gather(inference, generateRequest({ thinkingMode: true, ...changes }))
  return { server, ask, logged, bodies: () => server.requests.map(({ body }) => body) }
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

  it('may refuse all that can be left out, one after the other', async () => {
    const names = ['max_tokens', 'temperature', 'stream_options', 'tools', 'max_completion_tokens']
    const all = [...names, 'reasoning_effort', 'stream']
    const { ask, bodies } = await start((body) => {
      const name = all.find((key) => key in body)
      return name === undefined ? undefined : error(`Unknown parameter: ${name}`)
    })
    expect(await ask({ tools })).toMatchObject({ text: 'Hi', error: undefined })
    expect(bodies()).toHaveLength(all.length + 1)
    await ask({ tools })
    expect(bodies()).toHaveLength(all.length + 2)
    expect(Object.keys(bodies().at(-1) ?? {}).toSorted()).toEqual(['messages', 'model'])
  })

  it('is asked no more when nothing is left to leave out, and what it said last is the error', async () => {
    const names = ['max_tokens', 'temperature', 'stream_options', 'stream', 'reasoning_effort']
    const { ask, bodies } = await start((body) => {
      const name = [...names, 'max_completion_tokens', 'tools'].find((key) => key in body)
      return error(`Unknown parameter: ${name ?? 'everything'}`)
    })
    expect(await ask({ tools })).toMatchObject({
      text: '',
      error: { code: 'inference_error', message: 'Unknown parameter: everything' },
    })
    expect(bodies()).toHaveLength(8)
    // Nothing of it worked, so nothing of it is remembered.
    await ask({ tools })
    expect(bodies()[8]).toEqual(bodies()[0])
  })

  it('tells the operator what it refused, once, without what the visitor wrote', async () => {
    const { ask, logged } = await start((body) =>
      'temperature' in body
        ? error("temperature is not supported here (asked: 'my secret is in the teapot')")
        : undefined,
    )
    const messages = [{ role: 'user', content: 'My secret is in the teapot' } as const]
    await ask({ messages })
    await ask({ messages })
    expect(logged).toEqual([
      {
        model: 'm',
        kind: 'without',
        part: 'temperature',
        said: expect.stringMatching(/^temperature is not supported here/),
      },
    ])
    expect(JSON.stringify(logged)).not.toContain('teapot')
  })
})

const schema = { type: 'object', properties: { q: { type: 'string' } } }
const strictTools = [
  {
    name: 'web_search',
    description: 'Searches.',
    parameters: { ...schema, required: ['q'], additionalProperties: false },
  },
]
const CALLED = {
  role: 'assistant',
  content:
    '<|python_start|>{"tool":"web_search","arguments":{"q":"tea"}}<|python_end|>' +
    '<|output_start|>{"tool":"web_search","success":true,"output":1,"error":null}<|output_end|>Tea.',
} as const
const AFTER_A_CALL = [
  { role: 'user', content: 'What is in the pot?' },
  CALLED,
  { role: 'user', content: 'And in the cup?' },
] as const

type Body = FakeRequest['body']
const text = (body: Body) => JSON.stringify(body.messages)
const hasSystem = (body: Body) => text(body).includes('"role":"system"')
const hasTools = (body: Body) => 'tools' in body
const streams = (body: Body) => body.stream === true

describe('a refusal', () => {
  it.each<
    [
      string,
      (body: Body) => boolean,
      { status?: number; says: object | string },
      Partial<GenerateRequest>,
    ]
  >([
    [
      'of streams, for now',
      (body) => body.stream === true,
      { status: 422, says: { detail: 'Streaming is not yet supported here' } },
      {},
    ],
    [
      'of tools, for now',
      hasTools,
      { says: error('Tool calling is not yet enabled for this model') },
      {},
    ],
    [
      'of tools, as a failure of its own',
      hasTools,
      {
        status: 500,
        says: error('the tools of a request need a server with requires --jinja', { code: 500 }),
      },
      {},
    ],
    [
      'of tools, as not implemented',
      hasTools,
      { status: 501, says: error('This model does not support tool calls') },
      {},
    ],
    ['of tools, as a wrong method', hasTools, { status: 405, says: 'tools: not supported' }, {}],
    ['of tools, in plain text', hasTools, { says: 'Bad request: tools are not supported.\n' }, {}],
    [
      'of tools, in a list of errors',
      hasTools,
      { says: { success: false, errors: [{ code: 5006, message: 'unexpected field tools' }] } },
      {},
    ],
    [
      'of tools, by a validator',
      hasTools,
      {
        status: 422,
        says: {
          detail: [
            { type: 'extra_forbidden', loc: ['body', 'tools'], msg: 'Extra inputs', input: [1] },
          ],
        },
      },
      {},
    ],
    [
      'of tools, by the name of the field',
      hasTools,
      { says: { errors: { tools: ['is not allowed'] } } },
      {},
    ],
    [
      'of a stream together with tools',
      (body) => hasTools(body) && streams(body),
      { status: 500, says: error('Cannot use tools with a stream', { code: 500 }) },
      {},
    ],
    [
      'of a stream',
      streams,
      {
        says: error('To stream this model your organization must be verified.', {
          param: 'stream',
          code: 'unsupported_value',
        }),
      },
      {},
    ],
    [
      'of a stream, in plain words',
      streams,
      { status: 501, says: 'Streaming is not implemented' },
      {},
    ],
    [
      'of the options of a stream',
      (body) => 'stream_options' in body,
      { status: 422, says: { detail: 'stream_options: extra fields not permitted' } },
      {},
    ],
    [
      'of a keyword of schemas',
      (body) => JSON.stringify(body.tools ?? '').includes('additionalProperties'),
      {
        says: [
          error(
            'Unknown name "additionalProperties" at \'tools[0].function_declarations[0].parameters\': Cannot find field.',
          ),
        ],
      },
      { tools: strictTools },
    ],
    [
      'of the system role',
      hasSystem,
      { says: { object: 'error', message: 'The system role is not supported', code: 400 } },
      {},
    ],
    [
      'of the system role, from a template',
      hasSystem,
      { status: 500, says: error('jinja: System role not supported') },
      {},
    ],
    [
      'of a developer instruction',
      hasSystem,
      { says: error('Developer instruction is not enabled for this model') },
      {},
    ],
    [
      'of all roles but two',
      hasSystem,
      { says: error('Only user and assistant roles are supported!') },
      {},
    ],
    [
      'of the first role, by a validator',
      hasSystem,
      {
        status: 422,
        says: {
          detail: [
            {
              type: 'literal_error',
              loc: ['body', 'messages', 0, 'role'],
              msg: "Input should be 'user' or 'assistant'",
              input: 'system',
            },
          ],
        },
      },
      {},
    ],
    [
      'of turns that do not alternate',
      hasSystem,
      { says: error('Conversation roles must alternate user/assistant/user/assistant/...') },
      {},
    ],
    [
      'of an empty text beside calls',
      (body) => text(body).includes('"content":""'),
      { says: error('messages: text content blocks must be non-empty') },
      {
        messages: [
          AFTER_A_CALL[0],
          { ...CALLED, content: CALLED.content.slice(0, -4) },
          AFTER_A_CALL[2],
        ],
      },
    ],
    [
      'of messages of tools',
      (body) => text(body).includes('tool_calls'),
      { says: error("messages[3]: role 'tool' is not one of 'system', 'user', 'assistant'") },
      { messages: AFTER_A_CALL },
    ],
    [
      'of messages of tools, by a validator',
      (body) => text(body).includes('tool_calls'),
      {
        status: 422,
        says: {
          detail: [
            {
              loc: ['body', 'messages', 3, 'role'],
              msg: "Input should be 'system', 'user' or 'assistant'",
            },
          ],
        },
      },
      { messages: AFTER_A_CALL },
    ],
    [
      'of a value that is a role',
      hasSystem,
      {
        says: error(
          "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
          { param: 'messages[0].role', code: 'unsupported_value' },
        ),
      },
      {},
    ],
    [
      'of a temperature, which is fixed',
      (body) => 'temperature' in body,
      { says: error('`temperature` may only be set to 1 when thinking is enabled') },
      {},
    ],
  ])('%s is heeded, and remembered', async (_, isRefused, { status, says }, changes) => {
    const { ask, bodies } = await start((body) => (isRefused(body) ? says : undefined), status)
    const request = { tools, ...changes }
    expect(await ask(request)).toMatchObject({ text: 'Hi', error: undefined })
    expect(await ask(request)).toMatchObject({ text: 'Hi' })
    const [first, ...later] = bodies()
    expect(isRefused(first ?? {})).toBe(true)
    expect(later).toHaveLength(2)
    for (const body of later) {
      expect(isRefused(body)).toBe(false)
      // Nothing of what was said is lost.
      for (const part of ['Be brief.', ...(changes.messages ? ['cup'] : ['Hello'])]) {
        expect(text(body)).toContain(part)
      }
    }
  })

  it('of the system role moves the prompt in front of the first question', async () => {
    const { ask, bodies } = await start((body) =>
      hasSystem(body) ? error('system role not supported') : undefined,
    )
    await ask({ messages: AFTER_A_CALL })
    expect(bodies()[1]?.messages).toMatchObject([
      { role: 'user', content: 'Be brief.\n\nWhat is in the pot?' },
      { role: 'assistant' },
      { role: 'tool' },
      { role: 'assistant', content: 'Tea.' },
      { role: 'user', content: 'And in the cup?' },
    ])
  })

  it('of tool messages leaves what the tools have found in words', async () => {
    const { ask, bodies } = await start((body) =>
      text(body).includes('tool_calls') ? error("Unexpected role 'tool'") : undefined,
    )
    const round = {
      text: '',
      calls: [{ id: 'a', name: 'web_search', arguments: '{}' }],
      results: [{ success: true, output: 'Darjeeling' } as const],
    }
    expect(await ask({ rounds: [round] })).toMatchObject({ text: 'Hi' })
    expect(bodies()[1]?.messages).toMatchObject([
      { role: 'system' },
      { role: 'user', content: expect.stringMatching(/^Hello\n\n.*Darjeeling$/s) },
    ])
  })

  it('of a keyword leaves the rest of the schema', async () => {
    const parameters = {
      $schema: 'x',
      type: ['object', 'null'],
      properties: { default: { type: 'string', default: 'a', description: 'A name.' } },
      required: ['default'],
      additionalProperties: false,
    }
    const { ask, bodies } = await start((body) =>
      JSON.stringify(body.tools).includes('additional')
        ? error('parameters: additionalProperties is not supported')
        : undefined,
    )
    await ask({ tools: [{ name: 'f', description: 'F.', parameters }] })
    expect(bodies()[1]?.tools).toMatchObject([
      {
        function: {
          parameters: {
            type: 'object',
            nullable: true,
            properties: { default: { type: 'string', description: 'A name.' } },
            required: ['default'],
          },
        },
      },
    ])
    expect(JSON.stringify(bodies()[1]?.tools)).not.toMatch(/\$schema|additional|"default":"a"/)
  })

  it('of null beside calls is never met: an empty text is sent from the start', async () => {
    const { ask, bodies } = await start(() => undefined)
    const calledOnly = { ...CALLED, content: CALLED.content.slice(0, -4) }
    await ask({ messages: [AFTER_A_CALL[0], calledOnly, AFTER_A_CALL[2]] })
    expect(bodies()[0]?.messages).toMatchObject([{}, {}, { content: '', tool_calls: [{}] }, {}, {}])
  })
})

describe('too many tokens', () => {
  const fits = (most: number) => (body: Body) =>
    typeof body.max_tokens === 'number' && body.max_tokens > most

  it.each<[string, number, string]>([
    [
      'vLLM',
      96,
      "This model's maximum context length is 4096 tokens. However, you requested 5024 tokens (4000 in the messages, 1024 in the completion). Please reduce the length of the messages or completion.",
    ],
    [
      'vLLM, later',
      96,
      "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context length is 4096 tokens and your request has 4000 input tokens (1024 > 4096 - 4000).",
    ],
    [
      'OpenAI, with functions',
      76,
      "This model's maximum context length is 4,096 tokens. However, you requested 5,044 tokens (4,000 in the messages, 20 in the functions, and 1,024 in the completion).",
    ],
    [
      'SGLang',
      96,
      "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5024 tokens: 4000 tokens from the input messages and 1024 tokens for the completion.",
    ],
    [
      'OpenRouter',
      192,
      "This endpoint's maximum context length is 8192 tokens. However, you requested about 9024 tokens (8000 of text input, 1024 in the output).",
    ],
    [
      'text-generation-inference',
      96,
      '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 1024 `max_new_tokens`',
    ],
    [
      'Anthropic',
      500,
      'input length and `max_tokens` exceed context limit: 199500 + 1024 > 200000, decrease input length or `max_tokens` and try again',
    ],
    [
      'Workers AI',
      96,
      'The estimated number of input and maximum output tokens (5024) exceeded this model context window limit (4096).',
    ],
  ])(
    'for the context, as %s says it, are asked for again as many as fit',
    async (_, room, says) => {
      const { ask, bodies, logged } = await start((body) =>
        fits(room)(body) ? error(says) : undefined,
      )
      expect(await ask()).toMatchObject({ text: 'Hi', error: undefined })
      expect(bodies().map((body) => body.max_tokens)).toEqual([1024, room])
      // Another question leaves other room.
      await ask()
      expect(bodies()[2]?.max_tokens).toBe(1024)
      expect(logged[0]).toMatchObject({ kind: 'fewer_tokens', most: room })
    },
  )

  it.each<[string, number, string]>([
    [
      'OpenAI',
      512,
      'max_tokens is too large: 1024. This model supports at most 512 completion tokens, whereas you provided 1024.',
    ],
    [
      'Groq',
      512,
      '`max_tokens` must be less than or equal to `512`, the maximum value for `max_tokens` is less than the `context_window` for this model',
    ],
    ['DeepSeek', 512, 'Invalid max_tokens value, the valid range of max_tokens is [1, 512]'],
    [
      'Anthropic',
      512,
      'max_tokens: 1024 > 512, which is the maximum allowed number of output tokens for claude-3-haiku-20240307',
    ],
    [
      'Bedrock',
      511,
      'The maximum tokens you requested exceeds the model limit of 512. Try again with a maximum tokens value that is lower than 512.',
    ],
    ['vLLM', 512, 'max_tokens=1024 cannot be greater than max_model_len=512.'],
    ['a gateway', 512, 'Error code: 400 - max_tokens must be at most 512'],
    ['Model Studio', 512, '<400> InvalidParameter: Range of max_tokens should be [1, 512]'],
  ])('for a model, as %s says it, are asked for no more', async (_, most, says) => {
    const { ask, bodies } = await start((body) => (fits(most)(body) ? error(says) : undefined))
    expect(await ask()).toMatchObject({ text: 'Hi', error: undefined })
    await ask()
    await ask({ maxTokens: 100 })
    expect(bodies().map((body) => body.max_tokens)).toEqual([1024, most, most, 100])
  })

  it.each([
    "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens. Please reduce the length of the messages.",
    'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
    'the request exceeds the available context size. try increasing the context size',
    'prompt is too long: 210000 tokens > 200000 maximum',
  ])('in the conversation: its beginning is left out: %s', async (says) => {
    const history = Array.from({ length: 9 }, (_, at) => ({
      role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: `Line ${at}`,
    }))
    const { ask, bodies } = await start((body) =>
      text(body).includes('Line 5') ? error(says) : undefined,
    )
    expect(await ask({ messages: history })).toMatchObject({ text: 'Hi', error: undefined })
    const sent = bodies().map((body) => (Array.isArray(body.messages) ? body.messages.length : 0))
    expect(sent).toEqual([10, 4, 2].slice(0, sent.length))
    expect(text(bodies().at(-1) ?? {})).toContain('Be brief.')
    expect(text(bodies().at(-1) ?? {})).toContain('Line 8')
  })

  it('in a single question are told as the server tells it', async () => {
    const { ask, bodies } = await start(() =>
      error('prompt is too long: 9000 tokens > 8192 maximum'),
    )
    expect(await ask()).toMatchObject({ error: { message: expect.stringContaining('too long') } })
    expect(bodies()).toHaveLength(1)
  })

  it('end for sure, also with a server that is never content', async () => {
    let most = 900
    const { ask, bodies } = await start(() => {
      most -= 100
      return error(`max_tokens is too large. At most ${most} completion tokens are supported.`)
    })
    expect(await ask()).toMatchObject({ error: { code: 'inference_error' } })
    expect(bodies().length).toBeLessThan(8)
  })
})

describe('a refusal by chance', () => {
  it.each<[number, object]>([
    [
      400,
      error('Failed to call a function. Please adjust your prompt.', {
        code: 'tool_use_failed',
        failed_generation: 'tools unsupported',
      }),
    ],
    [500, error("error parsing tool call: raw='{', err=unexpected end of JSON input")],
    [400, error('Malformed function call')],
    [400, error('What the model wrote could not be read.', { code: 'output_parse_failed' })],
  ])('is asked once more as it was: %s %o', async (status, says) => {
    let refusals = 1
    const { ask, bodies } = await start(() => (refusals-- > 0 ? says : undefined), status)
    expect(await ask({ tools })).toMatchObject({ text: 'Hi', error: undefined })
    expect(bodies()[1]).toEqual(bodies()[0])
    refusals = Infinity
    // The visitor may be luckier later.
    expect(await ask({ tools })).toMatchObject({ error: { retryable: true } })
    expect(bodies()).toHaveLength(4)
  })
})

describe('any other refusal', () => {
  it.each<[string, number, object | string]>([
    [
      'the words of the visitor, in quotes',
      400,
      error("Input rejected: 'Why are tools not supported?' breaks our rules"),
    ],
    ['the words of the visitor, cut off', 400, error('Could not read: "why are tools not supp…')],
    [
      'a judgement of what was asked',
      400,
      error('The prompt triggered our content management policy; tools are not allowed to see it'),
    ],
    ['a page', 400, '<html><title>tools are not supported</title></html>'],
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
    const messages = [{ role: 'user', content: 'Why are tools not supported?' } as const]
    const code = status === 401 || status === 404 ? 'inference_misconfigured' : 'inference_error'
    expect(await ask({ tools, messages })).toMatchObject({ text: '', error: { code } })
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
    const remedy = (...parts: readonly Part[]) =>
      remedyFor(refusal, { body: {}, parts: new Set(parts) })
    expect(remedy('temperature')).toMatchObject({ kind: 'without', part: 'temperature' })
    expect(remedy('max_tokens', 'tools')).toBeUndefined()
  })

  it('may be of any form and size without doing harm', () => {
    let deep: unknown = 'unsupported tools'
    for (let level = 0; level < 5_000; level += 1) deep = [deep]
    for (const body of [undefined, null, 'x', 5, deep, { a: deep }, Array(10_000).fill('x')]) {
      const sent = { body: {}, parts: new Set<Part>(['tools']) }
      expect(remedyFor({ status: 400, body }, sent)).toBeUndefined()
    }
  })
})
