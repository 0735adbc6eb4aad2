import { afterEach, describe, expect, it } from 'vitest'
import { startFakeModelServer } from '../../testing/fake-model-server.ts'
import { DEMO, startTestServer } from '../../testing/start-test-server.ts'
import type { WireEvent } from '../../testing/test-client.ts'
import { callTools } from '../../testing/tool-call-script.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function start(environment: Readonly<Record<string, string>> = {}) {
  const server = await startTestServer({ ...DEMO, ...environment })
  closing.push(() => server.close())
  const visitor = await server.visitor()
  return { server, visitor, id: await visitor.conversation() }
}

/** What kinds of events there are, those of the same kind in a row as one. */
function kindsOf(events: readonly WireEvent[]): readonly (string | undefined)[] {
  const kinds = events.map(({ data }) => Object.keys(data)[0])
  return kinds.filter((kind, index) => kind !== kinds[index - 1])
}

const dataOf = (events: readonly WireEvent[], key: string) =>
  events.flatMap(({ data }) => (key in data ? [(data as Record<string, unknown>)[key]] : []))

describe('what the server does before the model speaks', () => {
  it('is told of by the built-in engine, and what may be asked next comes just before the end', async () => {
    const { visitor, id } = await start()
    const events = await visitor.send(id, 'How do I change the colours?')
    expect(kindsOf(events)).toEqual([
      'turn_id',
      'title',
      'progress',
      'sources',
      'token',
      'suggestions',
      'done',
    ])
    expect(dataOf(events, 'progress')).toEqual([{ step: 'searching' }])
    expect(dataOf(events, 'suggestions')).toEqual([
      ['Corners and font', expect.any(String), expect.any(String)],
    ])
  })

  it('is stored with the answer, as far as it may be asked next', async () => {
    const { visitor, id, server } = await start()
    const idempotency = { 'idempotency-key': 'colours' }
    const ask = async () =>
      (
        await visitor.stream(
          'POST',
          `/api/conversations/${id}/messages`,
          { content: 'How do I change the colours?' },
          idempotency,
        )
      ).rest()
    const [told] = dataOf(await ask(), 'suggestions')
    const stored = async () =>
      (await visitor.request('GET', `/api/conversations/${id}`)).body.messages
    const [question, answer] = await stored()
    expect(answer).toMatchObject({ suggestions: told })
    expect(question).not.toHaveProperty('suggestions')
    await server.restart()
    expect((await stored())[1]).toMatchObject({ suggestions: told })
    // The same send is answered from the store after a restart.
    expect(dataOf(await ask(), 'suggestions')).toEqual([told])
  })

  it('is told of when a model searches', async () => {
    const model = await startFakeModelServer({
      protocol: 'openai',
      respond: ({ messages }) =>
        messages.at(-1)?.role === 'tool'
          ? ['Found.', { raw: 'data: {"choices":[],"suggestions":["And then?"]}\n\n' }]
          : callTools([{ name: 'knowledge_search', arguments: { query: 'colours' } }]),
    })
    closing.push(() => model.close())
    const { visitor, id } = await start({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
    })
    const events = await visitor.send(id, 'Colours?')
    expect(kindsOf(events).slice(2)).toEqual([
      'token',
      'progress',
      'sources',
      'token',
      'suggestions',
      'done',
    ])
    expect(dataOf(events, 'progress')).toEqual([{ step: 'searching', name: 'knowledge_search' }])
    expect(dataOf(events, 'suggestions')).toEqual([['And then?']])
  })

  it('suggests nothing for an answer that failed', async () => {
    const model = await startFakeModelServer({
      protocol: 'nanochat',
      respond: () => ['Hel', { raw: 'data: {"suggestions":["More?"]}\n\n' }, { error: 'no' }],
    })
    closing.push(() => model.close())
    const { visitor, id } = await start({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'nanochat',
    })
    const events = await visitor.send(id, 'Hi')
    expect(kindsOf(events).slice(2)).toEqual(['token', 'error', 'done'])
    const { body } = await visitor.request('GET', `/api/conversations/${id}`)
    expect(JSON.stringify(body)).not.toContain('More?')
  })
})
