/** What goes when it is old, on JSON files; that the text is nowhere then is shown in `server/erasure.test.ts`. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createJsonAttachmentStore } from '../stores/json-attachments.ts'
import { createJsonDraftStore } from '../stores/json-drafts.ts'
import { createTestTurns } from '../testing/create-test-turns.ts'
import { eventually } from '../testing/eventually.ts'
import {
  EXAMPLE_TIME,
  exampleConversation,
  exampleMessage,
} from '../testing/stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'
import { createConversations } from './conversations.ts'
import { ChatError } from './errors.ts'
import { keepForDays, type RetentionDependencies } from './retention.ts'
import { systemEnvironment } from './settings.ts'

const DAY = 24 * 60 * 60_000
const OWNER = 'visitor-1'

let now: number
let temporary: TemporaryStore
beforeEach(async () => {
  now = EXAMPLE_TIME
  temporary = await createTemporaryStore({ clock: () => now })
})
afterEach(() => temporary.end())

/** Everything that erasing needs, with nobody else at it. */
function createParts(given: Partial<RetentionDependencies> = {}) {
  const { directory, store, logger } = temporary
  const attachments = createJsonAttachmentStore({ directory, logger, limit: 100_000 })
  const log = createInProcessTurnLog()
  const forgotten: string[] = []
  const conversations = createConversations({
    store,
    attachments,
    drafts: createJsonDraftStore(temporary),
    contacts: { forgetConversation: async (id) => void forgotten.push(id) },
    log,
    turns: createTestTurns(store, async function* () {}, { log, logger }),
    observer: { answerRated: () => undefined },
    environment: systemEnvironment,
  })
  const asked: string[] = []
  const note = (what: string) => async (time: string) => {
    asked.push(`${what} ${time}`)
    return 1
  }
  const dependencies: RetentionDependencies = {
    days: 30,
    store,
    conversations,
    attachments,
    contacts: { removeBefore: note('contacts') },
    users: { removeSeenBefore: note('users') },
    runAlone: (work) => work({ signal: new AbortController().signal }),
    environment: { now: () => now },
    logger,
    ...given,
  }
  return { dependencies, attachments, log, conversations, forgotten, asked }
}

/** Does it once. */
async function sweepOnce(dependencies: RetentionDependencies) {
  const isDone = Promise.withResolvers<void>()
  const retention = keepForDays({
    ...dependencies,
    async runAlone(work) {
      await dependencies.runAlone(work).finally(() => isDone.resolve())
    },
  })
  await isDone.promise
  await retention.close()
}

async function created(parts: Parameters<typeof exampleConversation>[0] = {}) {
  const conversation = exampleConversation(parts)
  await temporary.store.create(conversation)
  return conversation
}

const isThere = async (ownerId: string, id: string) =>
  (await temporary.store.find(ownerId, id)) !== undefined

it('erases what nobody has changed for so many days, with all that stands beside it, and nothing else', async () => {
  const { dependencies, attachments, forgotten, asked } = createParts()
  const [old, hidden, written] = [await created(), await created(), await created()]
  const others = await created({ ownerId: 'visitor-2' })
  await temporary.store.update(OWNER, hidden.id, { deletedAt: new Date(now).toISOString() })
  const file = {
    ...{ id: randomUUID(), filename: 'a.txt', contentType: 'text/plain', sizeBytes: 1 },
    bytes: new Uint8Array(1),
  }
  const place = { ownerId: OWNER, conversationId: old.id }
  await attachments.save(place, [file])
  now += DAY
  await temporary.store.addMessage(OWNER, written.id, { message: exampleMessage() })
  now = EXAMPLE_TIME + 30 * DAY + 2
  await sweepOnce(dependencies)
  expect(await isThere(OWNER, old.id)).toBe(false)
  expect(await isThere('visitor-2', others.id)).toBe(false)
  expect(await isThere(OWNER, written.id)).toBe(true)
  expect(await temporary.store.conversationIds(OWNER)).toEqual([written.id])
  expect(await attachments.read(place, file.id)).toBeUndefined()
  expect(new Set(forgotten)).toEqual(new Set([old.id, hidden.id, others.id]))
  const time = new Date(EXAMPLE_TIME + 2).toISOString()
  expect(asked).toEqual([`contacts ${time}`, `users ${time}`])
  expect(temporary.logger.lines).toContainEqual({
    level: 'info',
    fields: { days: 30, conversations: 3, failed: 0, contacts: 1, users: 1 },
    message: 'what was older than RETENTION_DAYS is erased',
  })
})

it('keeps what is not a moment too old', async () => {
  const { dependencies } = createParts()
  const { id } = await created()
  now = EXAMPLE_TIME + 30 * DAY
  await sweepOnce(dependencies)
  expect(await isThere(OWNER, id)).toBe(true)
})

it('leaves a conversation alone in which an answer is being written, and takes it when that is over', async () => {
  const { dependencies, log } = createParts()
  const { id } = await created()
  await log.begin('turn', id)
  now += 31 * DAY
  await sweepOnce(dependencies)
  expect(await isThere(OWNER, id)).toBe(true)
  await log.end('turn')
  await sweepOnce(dependencies)
  expect(await isThere(OWNER, id)).toBe(false)
})

it('leaves what somebody writes in at the last moment', async () => {
  const { dependencies, conversations } = createParts({
    conversations: {
      async removeUnchanged(place, since) {
        await temporary.store.addMessage(place.ownerId, place.conversationId, {
          message: exampleMessage(),
        })
        return await conversations.removeUnchanged(place, since)
      },
    },
  })
  const { id } = await created()
  now += 31 * DAY
  await sweepOnce(dependencies)
  expect(await temporary.store.messages(OWNER, id)).toHaveLength(1)
})

it('does nothing while another server is at it', async () => {
  const { dependencies, asked } = createParts({ runAlone: async () => {} })
  const { id } = await created()
  now += 31 * DAY
  await sweepOnce(dependencies)
  expect(await isThere(OWNER, id)).toBe(true)
  expect(asked).toEqual([])
})

it('does it again and again', async () => {
  const { dependencies } = createParts({ lookEvery: 1 })
  const { id } = await created()
  const retention = keepForDays(dependencies)
  now += 31 * DAY
  await eventually(async () => expect(await isThere(OWNER, id)).toBe(false))
  await retention.close()
})

it('does not believe a clock that has just jumped ahead, and believes it when it stays', async () => {
  const { id } = await created()
  const looks: number[] = []
  const { dependencies } = createParts({
    lookEvery: 1,
    environment: {
      now() {
        looks.push(now)
        return now
      },
    },
  })
  const retention = keepForDays(dependencies)
  const warnings = () => temporary.logger.lines.filter(({ level }) => level === 'warn')
  await eventually(() => expect(looks.length).toBeGreaterThan(2))
  now += 400 * DAY
  await eventually(() => expect(warnings()).toHaveLength(1))
  expect(warnings()[0]?.fields).toEqual({ days: 400 })
  await eventually(async () => expect(await isThere(OWNER, id)).toBe(false))
  expect(warnings()).toHaveLength(1)
  await retention.close()
})

it('ends early when the server does, or when another one may begin', async () => {
  for (const how of ['close', 'lost'] as const) {
    const ids = [await created(), await created(), await created()].map(({ id }) => id)
    const lost = new AbortController()
    const first = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const { dependencies, conversations, asked } = createParts({
      runAlone: (work) => work({ signal: lost.signal }),
      conversations: {
        async removeUnchanged(place, since) {
          first.resolve()
          await goOn.promise
          return await conversations.removeUnchanged(place, since)
        },
      },
    })
    now += 31 * DAY
    const retention = keepForDays(dependencies)
    await first.promise
    if (how === 'lost') lost.abort()
    const closed = retention.close()
    goOn.resolve()
    await closed
    const left = await Promise.all(ids.map((id) => isThere(OWNER, id)))
    expect(left.filter(Boolean)).toHaveLength(2)
    expect(asked).toEqual([])
    await temporary.store.removeOwner(OWNER)
    now = EXAMPLE_TIME
  }
})

it('erases the others when one cannot be erased, and says so', async () => {
  const [failing, old] = [await created(), await created({ ownerId: 'visitor-2' })]
  const { dependencies, conversations } = createParts({
    conversations: {
      async removeUnchanged(place, since) {
        if (place.conversationId === failing.id) throw new Error('the disk')
        return await conversations.removeUnchanged(place, since)
      },
    },
  })
  now += 31 * DAY
  await sweepOnce(dependencies)
  expect(await isThere(OWNER, failing.id)).toBe(true)
  expect(await isThere('visitor-2', old.id)).toBe(false)
  const warnings = temporary.logger.lines.filter(({ level }) => level === 'warn')
  expect(warnings).toHaveLength(1)
  expect(warnings[0]?.fields).toMatchObject({ conversationId: failing.id })
})

it('does not try the rest while nothing can be reached, and does it all later', async () => {
  await created()
  await created({ ownerId: 'visitor-2' })
  let tries = 0
  let isReachable = false
  const { dependencies, conversations } = createParts({
    lookEvery: 1,
    conversations: {
      async removeUnchanged(place, since) {
        tries += 1
        if (!isReachable) {
          isReachable = true
          throw new ChatError('storage_unreachable', 'Not now.')
        }
        return await conversations.removeUnchanged(place, since)
      },
    },
  })
  now += 31 * DAY
  const retention = keepForDays(dependencies)
  await eventually(async () => expect(await temporary.store.owners()).toEqual([]))
  await retention.close()
  expect(tries).toBe(3)
})
