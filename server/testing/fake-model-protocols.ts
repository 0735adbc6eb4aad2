/** What the fake model server says on the wire, in each of the two protocols. */
export type FakeProtocol = 'nanochat' | 'openai'

interface WireForm {
  isGeneration(method: string, path: string): boolean
  token(text: string): string
  error(message: string): string
  /** What ends a whole answer. */
  readonly ending: string
  /** Whether there is no such route: that of another server which speaks nearly the same. */
  lacks(path: string): boolean
  /** The default answer to `GET …/models`. */
  readonly lookup: unknown
}

const event = (body: object) => `data: ${JSON.stringify(body)}\n\n`

const openaiChunk = (delta: object, finishReason: string | null = null) =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'fake-model',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })

const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }

export const FAKE_PROTOCOLS = {
  nanochat: {
    isGeneration: (method, path) =>
      method === 'POST' && (path === '/' || path.endsWith('/generate')),
    lacks: (path) => path.endsWith('/chat/completions'),
    token: (text) => event({ token: text, gpu: 0 }),
    error: (message) => event({ error: message }),
    ending: event({ done: true }),
    lookup: { models: [{ tag: 'd20' }], current: 'd20' },
  },
  openai: {
    isGeneration: (method, path) => method === 'POST' && /\/chat\/completions(?:\?.*)?$/.test(path),
    lacks: () => false,
    token: (text) => openaiChunk({ content: text }),
    error: (message) => event({ error: { message, type: 'server_error' } }),
    ending: `${openaiChunk({}, 'stop')}${event({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [],
      usage: USAGE,
    })}data: [DONE]\n\n`,
    lookup: { object: 'list', data: [{ id: 'fake-model', object: 'model' }] },
  },
} satisfies Record<FakeProtocol, WireForm>
