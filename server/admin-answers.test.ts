/** What admins see of answers that were rated or not given, through the real server. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startListeningServer, type ListeningServer } from './testing/auth.ts'
import type { AdminAnswersBody } from './dialects/site/admin-routes.ts'
import { readExposition } from './testing/read-exposition.ts'
import { startTestServer, type TestServer } from './testing/start-test-server.ts'
import { createTestClient, type TestClient } from './testing/test-client.ts'

const USERS: Readonly<Record<string, object>> = {
  boss: { id: 'boss', email: 'boss@example.com', name: 'Boss', is_admin: true },
  ann: { id: 'ann', email: 'ann@example.com', name: 'Ann', is_admin: false },
  bo: { id: 'bo', email: null, name: null, is_admin: false },
}

let auth: ListeningServer
let server: TestServer
let boss: TestClient
let ann: TestClient
let bo: TestClient
beforeAll(async () => {
  auth = await startListeningServer(({ body }) => {
    const user = USERS[(body as { token: string }).token]
    return { body: user ? { valid: true, user } : { valid: false, reason: 'unknown' } }
  })
  server = await startTestServer({ AUTH_SERVICE_URL: auth.url })
  ;[boss, ann, bo] = (['boss', 'ann', 'bo'] as const).map((token) =>
    createTestClient(() => server.url, token),
  ) as [TestClient, TestClient, TestClient]
})
afterAll(async () => {
  await server.close()
  await auth.close()
})

const list = async (query = '') => {
  const { status, body } = await boss.request('GET', `/api/admin/conversations${query}`)
  expect(status, query).toBe(200)
  return body as unknown as AdminAnswersBody
}
const questions = async (query?: string) => (await list(query)).items.map((item) => item.question)

/** Asks, and resolves to the answer's id. */
const ask = async (client: TestClient, id: string, question: string) => {
  const events = await client.send(id, question)
  return events.find(({ data }) => data.message_id !== undefined)?.data.message_id ?? ''
}
const rate = (client: TestClient, id: string, answer: string, rating: string | null) =>
  client.request('PUT', `/api/conversations/${id}/messages/${answer}/feedback`, {
    rating,
    ...(rating === 'down' && { comment: 'Not that' }),
  })

it('lists what was rated, not answered, or asked for a person, with the words, whoever asked', async () => {
  const ofAnn = await ann.conversation()
  const sum = await ask(ann, ofAnn, 'What is 2 + 2?')
  await rate(ann, ofAnn, sum, 'down')
  const ofBo = await bo.conversation()
  await ask(bo, ofBo, 'zzqqxx wwvvyy?')
  await ask(bo, ofBo, 'I want to talk to a human')
  const [person, unknown, rated] = (await list()).items
  expect(rated).toEqual({
    conversation_id: ofAnn,
    title: 'What is 2 + 2?',
    user: { id: 'ann', email: 'ann@example.com', name: 'Ann' },
    question: 'What is 2 + 2?',
    message_id: sum,
    answer: expect.stringContaining('4'),
    rating: 'down',
    comment: 'Not that',
    outcome: null,
    created_at: expect.stringMatching(/Z$/),
  })
  expect(unknown).toMatchObject({ question: 'zzqqxx wwvvyy?', outcome: 'unanswered', rating: null })
  expect(person).toMatchObject({
    outcome: 'wants_person',
    user: { id: 'bo', email: null, name: null },
  })

  expect(await questions('?rated=down')).toEqual(['What is 2 + 2?'])
  expect(await questions('?rated=up')).toEqual([])
  expect(await questions('?unanswered=true')).toEqual(['zzqqxx wwvvyy?'])
  expect(await questions('?wants_person=true')).toEqual(['I want to talk to a human'])
  expect((await list('?unanswered=true&wants_person=true')).total).toBe(2)
  expect((await list('?unanswered=true&rated=down')).total).toBe(0)
  expect(await list('?limit=1&offset=1')).toMatchObject({ total: 3, limit: 1, offset: 1 })
  expect(await questions('?limit=1&offset=1')).toEqual(['zzqqxx wwvvyy?'])
  const today = new Date().toISOString().slice(0, 10)
  expect((await list(`?since=${today}`)).total).toBe(3)
  expect((await list(`?until=${today}`)).total).toBe(0)
  expect((await list(`?since=${unknown?.created_at}&until=${person?.created_at}`)).total).toBe(1)
})

it('follows ratings, edits, new answers and what is erased', async () => {
  const id = await ann.conversation()
  const answer = await ask(ann, id, 'What is 3 + 3?')
  await rate(ann, id, answer, 'up')
  await rate(ann, id, answer, 'up')
  expect(await questions('?rated=up')).toEqual(['What is 3 + 3?'])
  await (await ann.stream('POST', `/api/conversations/${id}/regenerate`, {})).rest()
  expect(await questions('?rated=up')).toEqual([])

  const { body } = await ann.request('GET', `/api/conversations/${id}`)
  await rate(ann, id, body.messages.at(-1)?.id ?? '', 'up')
  expect((await list('?rated=up')).total).toBe(1)
  const replaces = body.messages[0]?.id
  const path = `/api/conversations/${id}/messages`
  await (await ann.stream('POST', path, { content: 'ppqqrr ssttuu?', replaces })).rest()
  expect(await questions('?rated=up')).toEqual([])
  expect(await questions('?unanswered=true')).toContain('ppqqrr ssttuu?')

  await server.restart()
  expect(await questions('?unanswered=true')).toEqual(['ppqqrr ssttuu?', 'zzqqxx wwvvyy?'])
  await ann.request('DELETE', `/api/conversations/${id}`)
  expect(await questions('?unanswered=true')).toEqual(['zzqqxx wwvvyy?'])
  await bo.request('DELETE', '/api/session')
  expect(await questions()).toEqual(['What is 2 + 2?'])
})

it('is for admins only, and says what is wrong with a query', async () => {
  expect((await ann.request('GET', '/api/admin/conversations')).status).toBe(403)
  for (const [query, path] of [
    ['rated=sideways', 'rated'],
    ['unanswered=maybe', 'unanswered'],
    ['wants_person=false', 'wants_person'],
    ['since=yesterday', 'since'],
    ['until=2026-13-01', 'until'],
    ['limit=201', 'limit'],
    ['offset=-1', 'offset'],
  ]) {
    const { status, body } = await boss.request('GET', `/api/admin/conversations?${query}`)
    expect(status, query).toBe(422)
    expect(body.errors.map((error) => error.path)).toEqual([path])
  }
})

it('is counted for Prometheus: a rating once, however often it is sent', async () => {
  const before = readExposition(await (await fetch(`${server.url}/metrics`)).text())
  const id = await ann.conversation()
  const answer = await ask(ann, id, 'What is 4 + 4?')
  for (const rating of ['up', 'up', null, 'down']) await rate(ann, id, answer, rating)
  await ask(ann, id, 'zzqqxx wwvvyy?')
  await ask(ann, id, 'Can I speak to a person?')
  const after = readExposition(await (await fetch(`${server.url}/metrics`)).text())
  const risen = (name: string) => Number(after.value(name)) - Number(before.value(name))
  expect(risen('samosa_ratings_total{rating="up"}')).toBe(1)
  expect(risen('samosa_ratings_total{rating="down"}')).toBe(1)
  expect(risen('samosa_answer_outcomes_total{outcome="unanswered"}')).toBe(1)
  expect(risen('samosa_answer_outcomes_total{outcome="wants_person"}')).toBe(1)
})
