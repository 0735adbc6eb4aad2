import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../../testing/fake-model-server.ts'
import { namedEvents, postChat } from '../../testing/cited-client.ts'
import { callTools } from '../../testing/tool-call-script.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

const DECLINED = 'What is the airspeed of an unladen swallow?'
const ANSWERED = 'How do I send linen back?'
const WISH = 'Can I talk to a real person?'

let directory: string
let model: FakeModelServer
let respond: () => Script
/** Answers from the documents itself. */
let engine: TestServer
let server: TestServer

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'outcome-'))
  await writeFile(
    join(directory, 'returns.md'),
    '# Returns\n\nSend linen back within thirty days of its delivery.',
  )
  model = await startFakeModelServer({ protocol: 'openai', respond: () => respond() })
  ;[engine, server] = await Promise.all([
    startTestServer({ KNOWLEDGE_DIR: directory }),
    startTestServer({
      KNOWLEDGE_DIR: directory,
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
    }),
  ])
})
afterAll(async () => {
  await Promise.all([engine.close(), server.close()])
  await model.close()
  await rm(directory, { recursive: true })
})

/** What an answer ends with, and what is stored of it. */
async function ask(question: string, of: TestServer) {
  const visitor = await of.visitor()
  const id = await visitor.conversation()
  const events = await visitor.send(id, question)
  const { body } = await visitor.request('GET', `/api/conversations/${id}`)
  const done = events.at(-1)?.data
  return { visitor, id, done, stored: body.messages.slice(1), question: body.messages[0] }
}

/** Of the end, and of the stored message. */
async function outcomes(question: string, of: TestServer) {
  const { done, stored } = await ask(question, of)
  return [done?.outcome, stored.at(-1)?.outcome]
}

const chunk = (delta: object, finish: string | null = null) => ({
  raw: `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`,
})
const end: Script = [{ raw: 'data: [DONE]\n\n' }, { end: true }]

describe('the outcome of an answer', () => {
  it.each([
    [DECLINED, 'unanswered'],
    [WISH, 'wants_person'],
    ['Ich möchte mit einem Mitarbeiter sprechen', 'wants_person'],
    [ANSWERED, undefined],
    ['Hello!', undefined],
    ['What is 12 × 3?', undefined],
  ])(
    'of the built-in engine to "%s" is %s, told at its end and kept',
    async (question, outcome) => {
      expect(await outcomes(question, engine)).toEqual([outcome, outcome])
    },
  )

  it('is there for who reads the answer again', async () => {
    const { visitor, id } = await ask(DECLINED, engine)
    const again = await visitor.stream('GET', `/api/conversations/${id}/stream`)
    expect((await again.rest()).at(-1)?.data).toMatchObject({ done: true, outcome: 'unanswered' })
  })

  it('is there for who sends the message again, after a restart too', async () => {
    const visitor = await engine.visitor()
    const id = await visitor.conversation()
    const headers = { 'idempotency-key': 'once' }
    await visitor.send(id, DECLINED, headers)
    await engine.restart()
    const again = await visitor.send(id, DECLINED, headers)
    expect(again.at(-1)?.data).toMatchObject({ done: true, outcome: 'unanswered' })
  })

  it('is no part of an export, or of the other dialects', async () => {
    const { visitor, id } = await ask(DECLINED, engine)
    const path = `/api/threads/${id}/messages`
    const thread = await visitor.request('GET', path)
    expect(JSON.stringify(thread.body)).not.toMatch(/outcome|"unanswered"/)
    const exported = await visitor.request('GET', `/api/threads/${id}/export?format=json`)
    expect(JSON.stringify(exported.body)).not.toMatch(/outcome|"unanswered"/)
    let last
    for await (const event of namedEvents(await postChat(engine.url, { query: DECLINED }))) {
      last = event
    }
    const data = { cascade_tier: 'none', conversation_id: expect.any(String) }
    expect(last).toEqual({ event: 'done', data })
  })

  it.each<[string, string | undefined, () => Script]>([
    ['plain words', undefined, () => ['I would rather not say.']],
    [
      'a content filter',
      'unanswered',
      () => [chunk({ content: 'I' }), chunk({}, 'content_filter'), ...end],
    ],
    [
      'a refusal',
      'unanswered',
      () => [chunk({ refusal: 'I cannot help with that.' }), chunk({}, 'stop'), ...end],
    ],
    ['a length limit', undefined, () => [chunk({ content: 'I' }), chunk({}, 'length'), ...end]],
  ])('of a model that answers with %s is %s', async (_, outcome, script) => {
    respond = script
    expect(await outcomes('Tell me a secret', server)).toEqual([outcome, outcome])
  })

  it.each<[string, string | undefined, Script]>([
    ['withheld', 'unanswered', [chunk({}, 'content_filter'), ...end]],
    ['empty', 'unanswered', [chunk({ content: ' ' }), chunk({}, 'stop'), ...end]],
    ['used up by its limit', undefined, [chunk({ content: ' ' }), chunk({}, 'length'), ...end]],
    ['cut off', undefined, [chunk({ content: 'I' }), { cut: true }]],
  ])('of an answer that is %s is %s', async (_, outcome, script) => {
    respond = () => script
    expect((await ask('Tell me a secret', server)).done?.outcome).toBe(outcome)
  })

  const search = { name: 'knowledge_search', arguments: { query: 'xylophone' } }
  const sum = { name: 'calculator', arguments: { expression: '1+1' } }
  it.each([
    ['found nothing in the documents', 'unanswered', [search]],
    ['found something there', undefined, [{ ...search, arguments: { query: 'linen' } }]],
    ['also calculated', undefined, [search, sum]],
    ['failed', undefined, [{ ...sum, arguments: { expression: 'oops(' } }]],
  ])('of a model whose tools %s is %s', async (_, outcome, calls) => {
    let asked = 0
    respond = () => (asked++ === 0 ? callTools(calls) : ['That is all I know.'])
    expect(await outcomes('Do you sell a xylophone?', server)).toEqual([outcome, outcome])
  })

  it('of a wish for a person comes with the ways that the owner has set', async () => {
    const reachable = await startTestServer({
      KNOWLEDGE_DIR: directory,
      WIDGET_CONTACT_EMAIL: 'help@shop.example',
    })
    try {
      const { stored } = await ask(WISH, reachable)
      expect(stored[0]?.content).toContain('[help@shop.example](<mailto:help@shop.example>)')
      const { stored: alone } = await ask(WISH, engine)
      expect(alone[0]?.content).toMatch(/nobody can be reached through this chat/)
    } finally {
      await reachable.close()
    }
  })

  it('says that a person is wanted, whatever a model answers', async () => {
    respond = () => ['Of course.']
    expect(await outcomes('オペレーターにつないでください', server)).toEqual([
      'wants_person',
      'wants_person',
    ])
    respond = () => [chunk({}, 'content_filter'), ...end]
    expect((await ask(WISH, server)).done?.outcome).toBe('wants_person')
  })
})
