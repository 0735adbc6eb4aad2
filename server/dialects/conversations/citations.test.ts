import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { callTools } from '../../testing/tool-call-script.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

const DOCUMENTS = {
  'returns.md':
    '---\nurl: https://shop.example.com/returns\n---\n\n# Returns\n\nSend linen back within thirty days of its delivery.',
  'care.md': '# Care\n\nWash linen at forty degrees.',
}

let directory: string
let model: FakeModelServer
let script: Script
let server: TestServer
/** Its owner has written no documents. */
let plain: TestServer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'citations-'))
  for (const [name, text] of Object.entries(DOCUMENTS)) {
    await writeFile(join(directory, name), text)
  }
  model = await startFakeModelServer({ protocol: 'openai', respond: () => script })
  const environment = { INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' }
  ;[server, plain] = await Promise.all([
    startTestServer({ ...environment, KNOWLEDGE_DIR: directory }),
    startTestServer(environment),
  ])
})
afterAll(async () => {
  await Promise.all([server.close(), plain.close()])
  await model.close()
  await rm(directory, { recursive: true })
})

async function ask(question: string, of = server) {
  const visitor = await of.visitor()
  const id = await visitor.conversation()
  const events = await visitor.send(id, question)
  const { body } = await visitor.request('GET', `/api/conversations/${id}`)
  return { visitor, id, events, stored: body.messages.at(-1) }
}

const promptOf = () => String(model.requests.at(-1)?.messages[0]?.content)

describe('an answer of a model that rests on documents', () => {
  it('has numbered passages in its prompt and their sources before its first token', async () => {
    script = ['Within ', 'thirty days [1].']
    const { events } = await ask('How do I send linen back?')
    expect(promptOf()).toMatch(/^=+ passage 1: Returns =+\nSend linen back within thirty days/m)
    const keys = events.map(({ data }) => Object.keys(data)[0])
    expect(keys).toEqual(['turn_id', 'title', 'sources', 'token', 'token', 'citations', 'done'])
    expect(events.find(({ data }) => data.sources)?.data.sources?.[0]).toMatchObject({
      number: 1,
      title: 'Returns',
      url: 'https://shop.example.com/returns',
      open_url:
        'https://shop.example.com/returns#:~:text=Send%20linen%20back%20within%20thirty%20days%20of%20its',
    })
  })

  it('says what its sentences claim that their passages do not have, and keeps it', async () => {
    script = ['Linen goes back within ', 'sixty days, says Carl Berg [1]. Ask us [7].']
    const { events, stored, visitor, id } = await ask('How do I send linen back?')
    const citations = [{ number: 1, unproven: ['sixty', 'Carl Berg'] }]
    expect(events.find(({ data }) => data.citations)?.data.citations).toEqual(citations)
    expect(stored?.citations).toEqual(citations)
    const path = `/api/conversations/${id}/stream`
    const again = await (await visitor.stream('GET', path)).rest()
    expect(again.find(({ data }) => data.citations)?.data.citations).toEqual(citations)
  })

  it('is looked up together with the question before it', async () => {
    script = ['Yes [1].']
    const asked = model.requests.length
    const { visitor, id } = await ask('How do I send linen back?')
    await visitor.send(id, 'And after its delivery?')
    expect(promptOf()).toMatch(/passage 1: Returns/)
    await (await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})).rest()
    expect(model.requests).toHaveLength(asked + 3)
    expect(promptOf()).toMatch(/passage 1: Returns/)
  })
})

describe('passages that a model looks up', () => {
  it('can be cited beside those of the prompt, and keep their numbers', async () => {
    script = callTools([
      { name: 'knowledge_search', arguments: { query: 'wash linen' } },
      { name: 'knowledge_search', arguments: { query: 'linen back' } },
    ])
    const requested = model.requested(model.requests.length + 2)
    const visitor = await server.visitor()
    const id = await visitor.conversation()
    const sending = visitor.send(id, 'How do I send it back within thirty days?')
    await model.requested(model.requests.length + 1)
    script = ['At forty degrees [2], within forty days [1].']
    const events = await sending
    await requested
    const told = events.flatMap(({ data }) => (data.sources ? [data.sources] : []))
    expect(told.map((sources) => sources.map(({ title }) => title))).toEqual([
      ['Returns'],
      ['Returns', 'Care'],
    ])
    const results = model.requests
      .at(-1)
      ?.messages.flatMap(({ role, content }) =>
        role === 'tool'
          ? [...String(content).matchAll(/"number":(\d)/g)].map(([, digit]) => digit)
          : [],
      )
    expect(results?.toSorted()).toEqual(['1', '1', '2', '2'])
    expect(events.find(({ data }) => data.citations)?.data.citations).toEqual([
      { number: 2 },
      { number: 1, unproven: ['forty'] },
    ])
  })
})

describe('an answer of a model without documents', () => {
  it.each([
    ['where none says anything of it', 'Tell me about xylophones.', () => server],
    ['where the owner has none', 'How do I change the colour of the launcher?', () => plain],
  ])('is asked for as ever %s', async (_name, question, of) => {
    script = ['A number [1] in a text.']
    const { events } = await ask(question, of())
    expect(promptOf()).not.toContain('passage')
    expect(events.flatMap(({ data }) => data.sources ?? data.citations ?? [])).toEqual([])
  })
})
