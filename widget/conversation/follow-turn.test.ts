import { expect, it } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import type { StreamedEvent } from '../api/read-stream.ts'
import { followTurn } from './follow-turn.ts'
import type { WidgetEvent } from '../api/decode-event.ts'

async function* stream(...events: readonly StreamedEvent[]) {
  yield events
}

const token = (number: number, text: string): StreamedEvent => ({
  id: `t.${number}`,
  event: { type: 'token', text },
})

const done: StreamedEvent = {
  id: 't.3',
  event: { type: 'done', finish_reason: 'stop' },
}

const { signal } = new AbortController()

it('goes on with an answer however long the network is away', async () => {
  let failures = 0
  const attempts: number[] = []
  const batches = followTurn({
    signal,
    open: async () => stream(token(1, 'Half ')),
    resume: async () => {
      failures += 1
      if (failures < 40) throw new ApiError('unreachable')
      return stream(token(1, 'Half '), token(2, 'and half'), done)
    },
    wait: async (attempt) => void attempts.push(attempt),
  })
  const events: WidgetEvent[] = []
  for await (const step of batches) events.push(...step.events)
  expect(events.map((event) => (event.type === 'token' ? event.text : event.type))).toEqual([
    'Half ',
    'and half',
    'done',
  ])
  expect(attempts).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
})

it('leaves it to what is stored when events without a number break off', async () => {
  let asked = 0
  const batches = followTurn({
    signal,
    open: async () => stream({ id: undefined, event: { type: 'token', text: 'Half' } }),
    async resume() {
      asked += 1
      return undefined
    },
    wait: async () => {},
  })
  const half = { type: 'token', text: 'Half' }
  expect((await batches.next()).value).toEqual({ isConnected: true, events: [half] })
  expect((await batches.next()).value).toEqual({ isConnected: false, events: [] })
  expect((await batches.next()).done).toBe(true)
  expect(asked).toBe(0)
})

it('says at once when the server never had the request', async () => {
  const batches = followTurn({
    signal,
    open: async () => Promise.reject(new ApiError('unreachable')),
    resume: async () => undefined,
    wait: async () => {},
  })
  await expect(batches.next()).rejects.toMatchObject({ code: 'unreachable' })
})
