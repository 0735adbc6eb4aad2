import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GenerateRequest, Inference } from '../../core/ports/index.ts'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { gather, generateRequest } from '../../testing/inference-requests.ts'
import type { ExtraBody } from './extra-fields.ts'
import { createOpenai, type OpenaiOptions } from './index.ts'

const extra = (all: ExtraBody['all'], ...models: readonly [string, ExtraBody['all']][]) => ({
  all,
  models: models.map(([name, body]) => ({ name, body })),
})

describe('what is added to a request', () => {
  let server: FakeModelServer
  let owner: string | undefined
  const adapters: Inference[] = []
  const { signal } = new AbortController()

  const create = (options: Partial<OpenaiOptions>) => {
    const made = createOpenai({
      url: server.url,
      apiKey: undefined,
      model: 'qwen3-8b',
      allowedModels: ['qwen3-80b', 'llama'],
      timeoutSeconds: 5,
      ...options,
    })
    adapters.push(made)
    return made
  }
  const bodyOf = async (inference: Inference, changes: Partial<GenerateRequest> = {}) => {
    await gather(inference, generateRequest(changes))
    return server.requests.at(-1)?.body
  }

  beforeEach(async () => {
    owner = undefined
    server = await startFakeModelServer({
      protocol: 'openai',
      lookup: () => ({ body: { data: [{ id: 'qwen3-8b', owned_by: owner }] } }),
    })
  })
  afterEach(async () => {
    await Promise.all(adapters.splice(0).map(async (made) => await made.close()))
    await server.close()
  })

  it('goes to every model, to some, and to one, the most specific last', async () => {
    const extraBody = extra(
      { top_p: 0.9, metadata: { a: 1 } },
      ['qwen*', { top_p: 0.8, metadata: { b: 2 } }],
      ['qwen3-8b', { top_p: 0.7 }],
    )
    const inference = create({ extraBody })
    expect(await bodyOf(inference)).toMatchObject({ top_p: 0.7, metadata: { a: 1, b: 2 } })
    expect(await bodyOf(inference, { model: 'qwen3-80b' })).toMatchObject({ top_p: 0.8 })
    expect(await bodyOf(inference, { model: 'llama' })).toMatchObject({
      top_p: 0.9,
      metadata: { a: 1 },
    })
  })

  it('may replace what a visitor sets, take it out, or name it otherwise', async () => {
    const extraBody = extra({ max_completion_tokens: 7 }, ['qwen*', { temperature: null }])
    const body = await bodyOf(create({ extraBody }))
    expect(body).toMatchObject({ max_completion_tokens: 7 })
    expect(body).not.toHaveProperty('max_tokens')
    expect(body).not.toHaveProperty('temperature')
    expect(await bodyOf(create({ extraBody: extra({ temperature: 0.1 }) }))).toMatchObject({
      temperature: 0.1,
    })
  })

  it('depends on thinking, and then nothing else is sent for it', async () => {
    owner = 'vllm'
    const extraBody = extra({ chat_template_kwargs: { language: 'en' } })
    const thinkBody = {
      on: extra({ chat_template_kwargs: { deep: true }, temperature: null }),
      off: extra({}, ['llama', { quick: true }]),
    }
    const inference = create({ extraBody, thinkBody })
    await inference.models({ signal })
    const on = await bodyOf(inference, { thinkingMode: true })
    expect(on?.chat_template_kwargs).toEqual({ language: 'en', deep: true })
    expect(on).not.toHaveProperty('temperature')
    const off = await bodyOf(inference)
    expect(off?.chat_template_kwargs).toEqual({ language: 'en' })
    expect(await bodyOf(inference, { model: 'llama' })).toMatchObject({ quick: true })
  })

  it('is what the kind of server understands, once its list of models has told the kind', async () => {
    owner = 'vllm'
    const inference = create({})
    await inference.models({ signal })
    for (const thinkingMode of [true, false]) {
      expect(await bodyOf(inference, { thinkingMode })).toMatchObject({
        chat_template_kwargs: { enable_thinking: thinkingMode },
      })
    }
    expect(server.lookups).toHaveLength(1)
  })

  it('does not keep an answer waiting for the list, which is read once', async () => {
    owner = 'vllm'
    const inference = create({})
    expect(await bodyOf(inference)).not.toHaveProperty('chat_template_kwargs')
    while (server.lookups.length === 0) await bodyOf(inference)
    await inference.models({ signal })
    expect(await bodyOf(inference)).toHaveProperty('chat_template_kwargs')
    expect(server.lookups).toHaveLength(2)
  })

  it('is nothing when the list cannot be read, which is soon given up', async () => {
    await server.close()
    server = await startFakeModelServer({
      protocol: 'openai',
      lookup: () => ({ status: 500, body: {} }),
    })
    const inference = create({})
    for (let turn = 0; turn < 6; turn += 1) {
      expect(await gather(inference)).toMatchObject({ text: 'Hello world!', error: undefined })
    }
    expect(server.lookups.length).toBeLessThan(4)
  })
})
