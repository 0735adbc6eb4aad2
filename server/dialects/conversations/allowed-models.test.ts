import { afterEach, describe, expect, it } from 'vitest'
import { startFakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer } from '../../testing/start-test-server.ts'
import { createThreadClient } from '../../testing/thread-client.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const LISTED = [
  { id: 'text-embedding-leaf' },
  { id: 'assam' },
  { id: 'silver-needle', name: 'Silver' },
]

async function start(environment: Readonly<Record<string, string>>) {
  const model = await startFakeModelServer({
    protocol: 'openai',
    lookup: () => ({ body: { data: LISTED } }),
  })
  const server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    ...environment,
  })
  closers.push(model.close, () => server.close())
  const visitor = await server.visitor()
  const threads = createThreadClient(() => server.url, visitor.token)
  const lastModel = () => model.requests.at(-1)?.body.model
  /** What is asked when a visitor names a model, wherever one can. */
  const askedFor = async (name: string) => {
    const asked: unknown[] = []
    const conversation = await visitor.conversation({ model_tag: name })
    await visitor.send(conversation, 'Hi')
    asked.push(lastModel())
    await (await visitor.stream('POST', `/api/conversations/${conversation}/regenerate`, {})).rest()
    asked.push(lastModel())
    await threads.send(await threads.thread(), { text: 'Hi', model: name })
    asked.push(lastModel())
    await threads.send(await threads.thread({ metadata: { model: name } }), { text: 'Hi' })
    asked.push(lastModel())
    const changed = await threads.thread()
    await visitor.request('PATCH', `/api/threads/${changed}`, { metadata: { model: name } })
    await threads.post(changed, { text: 'Hi' })
    asked.push(lastModel())
    return new Set(asked)
  }
  const listed = async () => (await visitor.request('GET', '/api/models')).body
  return { server, visitor, askedFor, listed, lastModel }
}

describe('the model that a visitor names', () => {
  it('is asked only when the operator allows it; else the configured one answers', async () => {
    const { askedFor, listed } = await start({ INFERENCE_MODEL: 'assam' })
    expect(await askedFor('silver-needle')).toEqual(new Set(['assam']))
    expect(await askedFor('default')).toEqual(new Set(['assam']))
    expect(await listed()).toEqual({ models: ['assam'], cards: [{ id: 'assam', name: 'assam' }] })
  })

  it('may be one of a list', async () => {
    const { askedFor, listed } = await start({
      INFERENCE_MODEL: 'assam',
      ALLOWED_MODELS: ' silver-needle , Own-Tune/v2 ',
    })
    expect(await askedFor('silver-needle')).toEqual(new Set(['silver-needle']))
    expect(await askedFor('Own-Tune/v2')).toEqual(new Set(['Own-Tune/v2']))
    expect(await askedFor('own-tune/v2')).toEqual(new Set(['assam']))
    expect(await askedFor('assam')).toEqual(new Set(['assam']))
    expect(await listed()).toEqual({
      models: ['assam', 'silver-needle', 'Own-Tune/v2'],
      cards: [
        { id: 'assam', name: 'assam' },
        { id: 'silver-needle', name: 'Silver' },
        { id: 'Own-Tune/v2', name: 'Own-Tune/v2' },
      ],
    })
  })

  it('may be any that the server lists and that chats, where the operator says so', async () => {
    for (const environment of [{ INFERENCE_MODEL: 'assam', ALLOWED_MODELS: '*' }, {}]) {
      const { askedFor, listed } = await start(environment)
      expect(await askedFor('silver-needle')).toEqual(new Set(['silver-needle']))
      expect(await askedFor('gold-needle')).toEqual(new Set(['assam']))
      expect(await askedFor('text-embedding-leaf')).toEqual(new Set(['assam']))
      expect(await listed()).toMatchObject({ models: ['assam', 'silver-needle'] })
    }
  })

  it('is never one that is dearer than what is allowed, when none is configured', async () => {
    const { askedFor } = await start({ ALLOWED_MODELS: 'silver-needle' })
    expect(await askedFor('assam')).toEqual(new Set(['silver-needle']))
  })

  it('stays with its conversation, which goes on with the default when it is allowed no more', async () => {
    const { visitor, lastModel } = await start({ INFERENCE_MODEL: 'assam' })
    const id = await visitor.conversation({ model_tag: 'silver-needle' })
    await visitor.send(id, 'Hi')
    expect(lastModel()).toBe('assam')
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(body).toMatchObject({ model_tag: 'silver-needle' })
  })
})
