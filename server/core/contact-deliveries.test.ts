import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createDeliveries } from './contacts.ts'
import type {
  Contact,
  ContactStore,
  VisitorObserver,
  WebhookAnswer,
  WebhookEvent,
} from './ports/index.ts'
import { systemEnvironment } from './settings.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const refused = (problem = 'it answered HTTP 500', retryAfterMs?: number): WebhookAnswer => ({
  kind: 'refused',
  problem,
  retryAfterMs,
})

let contacts: Map<string, Contact>
let tries: { readonly id: string; readonly at: number }[]
let answer: (event: WebhookEvent) => WebhookAnswer | Promise<WebhookAnswer>
let logger: ReturnType<typeof createRecordingLogger>
let deliveries: ReturnType<typeof createDeliveries>

const observer: VisitorObserver = {
  answerRated: () => undefined,
  contactReceived: () => undefined,
  deliveryTried: () => undefined,
  deliveryGivenUp: () => undefined,
  deliveriesWaiting: () => undefined,
}

const add = (id: string): Contact => {
  const contact: Contact = {
    id,
    ownerId: `owner of ${id}`,
    message: 'Hello',
    email: 'ann@example.com',
    about: null,
    delivery: { state: 'pending', attempts: 0, lastAttemptAt: null, problem: null },
    createdAt: new Date().toISOString(),
  }
  contacts.set(id, contact)
  return contact
}

const open = () => {
  const store: Pick<ContactStore, 'find' | 'pending' | 'claimDelivery' | 'setDelivery'> = {
    find: async (id) => contacts.get(id),
    pending: async () =>
      [...contacts.values()].filter(({ delivery }) => delivery?.state === 'pending'),
    claimDelivery: async () => true,
    async setDelivery(id, delivery) {
      const known = contacts.get(id)
      if (known) contacts.set(id, { ...known, delivery })
    },
  }
  deliveries = createDeliveries({
    store,
    webhook: {
      async send(event) {
        tries.push({ id: event.id, at: Date.now() })
        return await answer(event)
      },
    },
    observer,
    environment: systemEnvironment,
    logger,
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  contacts = new Map()
  tries = []
  logger = createRecordingLogger()
  answer = () => refused()
  open()
})
afterEach(async () => {
  await deliveries.close()
  vi.useRealTimers()
})

it('reaches a receiver that answers 500 for an hour, with the same event, soon after it is back', async () => {
  const began = Date.now()
  deliveries.expect(add('a'))
  await vi.advanceTimersByTimeAsync(HOUR)
  answer = () => ({ kind: 'taken' })
  await vi.advanceTimersByTimeAsync(HOUR + 15 * MINUTE)
  expect(contacts.get('a')?.delivery).toMatchObject({ state: 'delivered', problem: null })
  // A receiver in trouble is not trampled on.
  expect(tries.length).toBeLessThan(15)
  expect(new Set(tries.map(({ id }) => id))).toEqual(new Set(['a']))
  const pauses = tries.slice(1).map(({ at }, index) => at - (tries[index]?.at ?? began))
  expect(pauses.every((pause, index) => index === 0 || pause > (pauses[index - 1] ?? 0))).toBe(true)
  await vi.advanceTimersByTimeAsync(48 * HOUR)
  expect(tries.at(-1)?.at).toBeLessThan(began + 3 * HOUR)
})

it('sends what has waited as soon as the receiver takes something again', async () => {
  for (const id of ['a', 'b', 'c']) deliveries.expect(add(id))
  await vi.advanceTimersByTimeAsync(24 * HOUR)
  answer = () => ({ kind: 'taken' })
  deliveries.expect(add('d'))
  await vi.advanceTimersByTimeAsync(0)
  expect([...contacts.values()].map(({ delivery }) => delivery?.state)).toEqual(
    Array.from({ length: 4 }, () => 'delivered'),
  )
})

it('leaves the receiver alone for as long as it asks', async () => {
  answer = () => refused('it answered HTTP 429', 3 * HOUR)
  deliveries.expect(add('a'))
  await vi.advanceTimersByTimeAsync(3 * HOUR - MINUTE)
  answer = ({ id }) => (id === 'b' ? { kind: 'taken' } : refused())
  deliveries.expect(add('b'))
  await vi.advanceTimersByTimeAsync(0)
  expect(tries.filter(({ id }) => id === 'a')).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(2 * MINUTE)
  expect(tries.filter(({ id }) => id === 'a').length).toBeGreaterThan(1)
})

it('gives up after three days, and says of what', async () => {
  deliveries.expect(add('a'))
  await vi.advanceTimersByTimeAsync(71 * HOUR)
  expect(contacts.get('a')?.delivery?.state).toBe('pending')
  await vi.advanceTimersByTimeAsync(10 * HOUR)
  const { state, attempts } = contacts.get('a')?.delivery ?? {}
  expect(state).toBe('failed')
  expect(attempts).toBe(tries.length)
  await vi.advanceTimersByTimeAsync(100 * HOUR)
  expect(tries).toHaveLength(attempts ?? 0)
  expect(logger.lines).toMatchObject([
    { level: 'warn' },
    { level: 'error', fields: { contact: 'a', problem: 'it answered HTTP 500' } },
  ])
})

it('takes up what is pending when it begins, also after days, and tries that at least once', async () => {
  add('a')
  await vi.advanceTimersByTimeAsync(100 * HOUR)
  answer = () => ({ kind: 'taken' })
  open()
  await vi.advanceTimersByTimeAsync(0)
  expect(contacts.get('a')?.delivery?.state).toBe('delivered')
})

it('tells once that a receiver fails, and once that all is well again', async () => {
  answer = ({ id }) => (id === 'odd' ? refused('it answered HTTP 400') : { kind: 'taken' })
  deliveries.expect(add('odd'))
  for (const id of ['a', 'b', 'c']) {
    deliveries.expect(add(id))
    await vi.advanceTimersByTimeAsync(10 * MINUTE)
  }
  expect(logger.lines.map(({ level }) => level)).toEqual(['warn'])
  answer = () => ({ kind: 'taken' })
  await vi.advanceTimersByTimeAsync(24 * HOUR)
  expect(logger.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
})

it('sends nothing more of somebody who was erased', async () => {
  deliveries.expect(add('a'))
  await vi.advanceTimersByTimeAsync(MINUTE)
  const before = tries.length
  contacts.delete('a')
  deliveries.forget('owner of a')
  await vi.advanceTimersByTimeAsync(HOUR)
  expect(tries).toHaveLength(before)
})
