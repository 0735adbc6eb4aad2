import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Inference } from '../../core/ports/index.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { gather, generateRequest } from '../../testing/inference-requests.ts'
import { createOpenai, type OpenaiOptions } from './index.ts'

describe('the OpenAI adapter', () => {
  let server: FakeModelServer
  let script: Script
  let lookup: { status?: number; body: unknown }
  const adapters: Inference[] = []
  const { signal } = new AbortController()

  const adapter = (changes: Partial<OpenaiOptions> = {}) => {
    const made = createOpenai({
      url: server.url,
      apiKey: 'sk-test',
      model: undefined,
      timeoutSeconds: 5,
      ...changes,
    })
    adapters.push(made)
    return made
  }

  beforeEach(async () => {
    script = ['Hello', ' world']
    lookup = { body: { object: 'list', data: [{ id: 'first', name: 'First' }, { id: 'second' }] } }
    server = await startFakeModelServer({
      protocol: 'openai',
      respond: () => script,
      lookup: () => lookup,
    })
  })
  afterEach(async () => {
    await Promise.all(adapters.splice(0).map(async (made) => await made.close()))
    await server.close()
  })

  it('streams an answer to its end, with the usage that the server counted', async () => {
    expect(await gather(adapter())).toMatchObject({
      text: 'Hello world',
      finish: {
        reason: 'stop',
        usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
      },
      error: undefined,
    })
  })

  it('sends only parameters that OpenAI itself knows', async () => {
    await gather(adapter({ model: 'configured' }))
    const [request] = server.requests
    expect(request?.path).toBe('/v1/chat/completions')
    expect(request?.headers.authorization).toBe('Bearer sk-test')
    expect(request?.headers).not.toHaveProperty('x-user-id')
    expect(request?.body).toEqual({
      model: 'configured',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      temperature: 0.8,
      max_tokens: 1024,
      stream: true,
      stream_options: { include_usage: true },
    })
  })

  it('asks for the model of the request if it may, else the configured, else the first listed', async () => {
    // Nothing about thinking has to be found out.
    const nothing = { all: {}, models: [] }
    const thinkBody = { on: nothing, off: nothing }
    const allowing = { model: 'configured', allowedModels: ['asked'], thinkBody }
    await gather(adapter(allowing), generateRequest({ model: 'asked' }))
    await gather(adapter({ model: 'configured', thinkBody }))
    expect(server.lookups).toHaveLength(0)
    const listed = adapter({ thinkBody })
    await gather(listed)
    await gather(listed)
    expect(server.requests.map(({ body }) => body.model)).toEqual([
      'asked',
      'configured',
      'first',
      'first',
    ])
    expect(server.lookups).toHaveLength(1)
  })

  it('looks for the first model again when an answer failed', async () => {
    const listed = adapter()
    await gather(listed)
    script = [{ status: 404, body: '{"error":{"message":"No model `first`"}}' }]
    lookup = { body: { data: [{ id: 'other' }] } }
    expect(await gather(listed)).toMatchObject({ error: { code: 'inference_misconfigured' } })
    script = ['Hi']
    expect(await gather(listed)).toMatchObject({ text: 'Hi' })
    expect(server.requests.at(-1)?.body.model).toBe('other')
  })

  it('lists models as ids and cards', async () => {
    expect(await adapter().models({ signal })).toEqual({
      models: ['first', 'second'],
      cards: [
        { id: 'first', name: 'First' },
        { id: 'second', name: 'second' },
      ],
    })
  })

  it('says so when the server has no models, or no list of them', async () => {
    lookup = { body: { data: [] } }
    expect(await gather(adapter())).toMatchObject({ error: { code: 'inference_error' } })
    lookup = { body: { hello: 1 } }
    await expect(adapter().models({ signal })).rejects.toMatchObject({ code: 'inference_error' })
  })
})
