import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exampleConversation } from '../stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../stores/testing.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'
import { createTestTurns, type Generate } from '../testing/create-test-turns.ts'
import type { DraftStore, InferenceEvent, TurnLog } from './ports.ts'

const conversation = exampleConversation({ ownerId: 'owner' })
const input = {
  ownerId: 'owner',
  conversationId: conversation.id,
  content: 'hi',
  options: {},
  trace: { traceId: 't', userId: 'owner' },
}
const noDrafts: DraftStore = { save: async () => {}, remove: async () => {}, all: async () => [] }

let temporary: TemporaryStore
let log: TurnLog
beforeEach(async () => {
  temporary = await createTemporaryStore()
  log = createInProcessTurnLog()
  await temporary.store.create(conversation)
})
afterEach(async () => {
  await log.close()
  await temporary.end()
})

const turnsWith = (generate: Generate, drafts = noDrafts) =>
  createTestTurns(temporary.store, generate, { log, drafts })

const stored = async () =>
  (await temporary.store.messages('owner', conversation.id))?.map(
    ({ content, finishReason }) => [content, finishReason] as const,
  )

/** Says one word, then nothing until it is stopped. */
async function* untilStopped(signal: AbortSignal): AsyncIterable<readonly InferenceEvent[]> {
  yield [{ type: 'token', text: 'word' }]
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', resolve, { once: true })
  })
}

describe('a turn', () => {
  it('is stopped even when it has only just been asked for', async () => {
    const turns = turnsWith(untilStopped)
    const sent = turns.send(input)
    await turns.stop(conversation.id)
    expect(await log.latest(conversation.id)).toMatchObject({ running: false })
    expect((await sent).kind).toBe('logged')
  })

  it('ends as too long when a model never stops', async () => {
    const turns = turnsWith(async function* () {
      for (;;) yield Array.from({ length: 1_000 }, () => ({ type: 'token', text: 'x' }) as const)
    })
    await turns.send(input)
    await turns.close(60_000)
    expect((await stored())?.[1]?.[1]).toBe('length')
  })

  it('ends as it should when its draft cannot be removed', async () => {
    let release = () => {}
    const saved = new Promise<void>((resolve) => {
      release = resolve
    })
    const drafts: DraftStore = {
      ...noDrafts,
      save: async () => release(),
      remove: () => Promise.reject(new Error('read-only')),
    }
    const turns = turnsWith(async function* () {
      yield [{ type: 'token', text: 'word' }]
      await saved
      yield [{ type: 'finish', reason: 'stop' }]
    }, drafts)
    await turns.send(input)
    await turns.close(60_000)
    expect(await log.latest(conversation.id)).toMatchObject({ running: false })
    expect(await stored()).toEqual([
      ['hi', null],
      ['word', 'stop'],
    ])
  })

  it('leaves a name alone that was chosen while it began', async () => {
    const turns = turnsWith(async function* () {
      yield [{ type: 'token', text: 'word' }]
      yield [{ type: 'finish', reason: 'stop' }]
    })
    const changes = { title: 'Mine', renamed: true }
    const sent = turns.send(input)
    await temporary.store.update('owner', conversation.id, changes)
    await sent
    await turns.close(60_000)
    expect((await temporary.store.find('owner', conversation.id))?.title).toBe('Mine')
  })
})
