import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())

/** The front end of a page that stops an answer by aborting its request, and asks again in the same breath. */
async function askAgainAndAgain({ token, count }: { token: string; count: number }) {
  const send = async (path: string, body: object, signal: AbortSignal | null = null) =>
    await fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    })
  const { id } = (await (await send('/api/conversations', {})).json()) as { id: string }
  const statuses: number[] = []
  for (let asked = 0; asked < count; asked += 1) {
    const abort = new AbortController()
    const path = `/api/conversations/${id}/messages`
    const response = await send(path, { content: `Question ${asked}` }, abort.signal)
    statuses.push(response.status)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (response.ok && !text.includes('token')) text += (await reader?.read())?.value ?? ''
    abort.abort()
  }
  return { id, statuses }
}

describe('a page that aborts its request and sends the next one at once', () => {
  it('is answered every time, also when the server hears of the abort later', async () => {
    const visitor = await harness.visitor()
    await visitor.page.goto(`${harness.server.url}/page.html`)
    const client = await harness.server.visitor()
    harness.script = ['So', ' far', { manual: true }]
    const ask = { token: client.token, count: 40 }
    const { id, statuses } = await visitor.page.evaluate(askAgainAndAgain, ask)
    expect(statuses).toEqual(statuses.map(() => 200))
    harness.script = ['The end.']
    await client.send(id, 'And now?')
    const { messages } = (await client.request('GET', `/api/conversations/${id}`)).body
    const answered = messages.filter(({ role }) => role === 'assistant')
    expect(answered.at(-1)?.content).toBe('The end.')
    // Of one that is stopped in its first moment there may be nothing to keep.
    for (const { content } of answered.slice(0, -1)) expect('So far').toContain(content)
    expect(messages.filter(({ role }) => role === 'user')).toHaveLength(ask.count + 1)
    await harness.model.idle()
    await visitor.context.close()
  })
})
