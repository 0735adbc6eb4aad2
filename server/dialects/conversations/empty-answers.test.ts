import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { tokensOf, type TestClient } from '../../testing/test-client.ts'

const event = (body: object) => ({ raw: `data: ${JSON.stringify(body)}\n\n` })
const chunk = (delta: object, finish: string | null = null) =>
  event({ choices: [{ index: 0, delta, finish_reason: finish }] })
const USAGE = { prompt_tokens: 40, completion_tokens: 1_024, total_tokens: 1_064 }
const COUNTED = event({ choices: [], usage: USAGE })
const DONE: Script = [{ raw: 'data: [DONE]\n\n' }, { end: true }]

const ASK_FOR_LESS = /length limit was used up before an answer came.*ask for less/i
const OTHER_WORDS = /content filter withheld.*other words/i

interface Expected {
  readonly reason: string
  readonly code: string
  readonly message: RegExp
  readonly retryable: boolean
}

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let script: Script
let logger: ReturnType<typeof createRecordingLogger>

beforeAll(async () => {
  logger = createRecordingLogger()
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  server = await startTestServer(
    {
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
      INFERENCE_MODEL: 'test-model',
      INFERENCE_DEFAULT_MAX_TOKENS: '1024',
    },
    logger,
  )
})
beforeEach(async () => {
  visitor = await server.visitor()
})
afterEach(() => model.idle())
afterAll(async () => {
  await server.close()
  await model.close()
})

async function ask(answer: Script) {
  script = answer
  const id = await visitor.conversation()
  const events = await visitor.send(id, 'How hot is the oil?')
  const { body } = await visitor.request('GET', `/api/conversations/${id}`)
  return {
    id,
    events,
    error: events.find(({ data }) => 'error' in data)?.data,
    done: events.at(-1)?.data,
    stored: body.messages.slice(1),
  }
}

describe('an answer with nothing in it', () => {
  it.each<[string, Script, Expected]>([
    [
      'the limit of its length',
      [chunk({ content: '' }), chunk({}, 'length'), COUNTED, ...DONE],
      { reason: 'length', code: 'inference_length', message: ASK_FOR_LESS, retryable: false },
    ],
    [
      'the limit, in another server’s word',
      [chunk({ content: ' \n' }), chunk({}, 'MAX_TOKENS'), COUNTED, ...DONE],
      { reason: 'length', code: 'inference_length', message: ASK_FOR_LESS, retryable: false },
    ],
    [
      'a filter',
      [chunk({}, 'content_filter'), COUNTED, ...DONE],
      {
        reason: 'content_filter',
        code: 'inference_filtered',
        message: OTHER_WORDS,
        retryable: false,
      },
    ],
    [
      'a refusal without words',
      [chunk({ refusal: null }, 'refusal'), COUNTED, ...DONE],
      {
        reason: 'content_filter',
        code: 'inference_filtered',
        message: OTHER_WORDS,
        retryable: false,
      },
    ],
    [
      'nothing at all',
      [chunk({ content: '' }, 'stop'), COUNTED, ...DONE],
      {
        reason: 'error',
        code: 'inference_error',
        message: /empty answer.*try again/i,
        retryable: true,
      },
    ],
    [
      'calls that were never made',
      [chunk({}, 'tool_calls'), COUNTED, ...DONE],
      {
        reason: 'error',
        code: 'inference_error',
        message: /empty answer.*try again/i,
        retryable: true,
      },
    ],
  ])('says why, keeps what was counted and stores nothing: %s', async (_, answer, expected) => {
    const { error, done, stored } = await ask(answer)
    expect({ error, done, stored }).toEqual({
      error: {
        error: expect.stringMatching(expected.message),
        code: expected.code,
        retryable: expected.retryable,
      },
      done: expect.objectContaining({
        done: true,
        finish_reason: expected.reason,
        usage: USAGE,
      }),
      stored: [],
    })
  })

  it('tells the operator what to raise, and says nothing of that elsewhere', async () => {
    const linesOf = async (answer: Script) => {
      const before = logger.lines.length
      await ask(answer)
      return logger.lines.slice(before).filter(({ level }) => level === 'warn')
    }
    const filtered = await linesOf([chunk({}, 'content_filter'), ...DONE])
    expect(JSON.stringify(filtered)).not.toContain('MAX_TOKENS')
    expect(await linesOf([chunk({}, 'length'), ...DONE])).toMatchObject([
      {
        fields: {
          code: 'inference_length',
          maxTokens: 1_024,
          advice: expect.stringMatching(/raise INFERENCE_DEFAULT_MAX_TOKENS.*max_tokens/),
        },
      },
    ])
  })

  it('leaves the answer that was to be replaced', async () => {
    const { id } = await ask(['At 175 degrees.'])
    script = [chunk({ reasoning: 'hm' }), chunk({}, 'length'), ...DONE]
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
    expect((await stream.rest()).at(-1)?.data).toMatchObject({ finish_reason: 'length' })
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(body.messages.map(({ content }) => content)).toEqual([
      'How hot is the oil?',
      'At 175 degrees.',
    ])
  })

  it('is none where the refusal has words', async () => {
    const refused = await ask([chunk({ refusal: 'I cannot say.' }), chunk({}, 'stop'), ...DONE])
    expect(refused).toMatchObject({
      error: undefined,
      stored: [{ content: 'I cannot say.', finish_reason: 'stop' }],
    })
    expect(tokensOf(refused.events)).toEqual(['I cannot say.'])
  })
})

describe('an answer of nothing but thinking', () => {
  const think = chunk({ reasoning_content: 'Oil boils late' })

  it.each([
    ['length', 'inference_length', 'length', false],
    ['content_filter', 'inference_filtered', 'content_filter', false],
    ['stop', 'inference_error', 'error', true],
  ])('is no answer, and is kept: %s', async (finish, code, reason, retryable) => {
    const { error, done, stored } = await ask([think, chunk({}, finish), COUNTED, ...DONE])
    expect(error).toMatchObject({ code, retryable, error: expect.stringMatching(/answer/) })
    expect(done).toMatchObject({ finish_reason: reason, usage: USAGE })
    expect(stored).toMatchObject([
      { content: '<think>Oil boils late</think>', finish_reason: reason },
    ])
  })

  it('is none of these once there is a word behind it', async () => {
    const { error, done } = await ask([think, 'At', chunk({}, 'length'), ...DONE])
    expect({ error, done }).toMatchObject({ error: undefined, done: { finish_reason: 'length' } })
  })
})
