import { readdir } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createJsonAttachmentStore } from '../stores/json-attachments.ts'
import { createJsonDraftStore } from '../stores/json-drafts.ts'
import { exampleConversation } from '../testing/stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'
import { createTestTurns } from '../testing/create-test-turns.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'
import { sweepAttachments } from './attachments.ts'
import { createConversations } from './conversations.ts'
import type { AttachmentStore, ConversationStore } from './ports/index.ts'
import { systemEnvironment as environment } from './settings.ts'

const OWNER = 'ann'

let temporary: TemporaryStore
beforeEach(async () => {
  temporary = await createTemporaryStore()
})
afterEach(() => temporary.end())

it('leaves nothing of a message with files that is sent while everything is erased', async () => {
  const { directory, logger } = temporary
  const conversation = exampleConversation({ ownerId: OWNER })
  await temporary.store.create(conversation)
  const real = createJsonAttachmentStore({ directory, logger, limit: 10_000 })
  const saving = Promise.withResolvers<void>()
  const erased = Promise.withResolvers<void>()
  const attachments: AttachmentStore = {
    ...real,
    async save(...args) {
      saving.resolve()
      await erased.promise
      await setImmediate()
      await real.save(...args)
    },
  }
  let sending: Promise<unknown> = Promise.resolve()
  const store: ConversationStore = {
    ...temporary.store,
    async removeOwner(ownerId) {
      const bytes = Buffer.from('hello')
      const type = { filename: 'a.txt', contentType: 'text/plain', sizeBytes: bytes.length }
      const sent = turns.send({
        ownerId,
        conversationId: conversation.id,
        content: 'Look.',
        options: {},
        files: [{ id: crypto.randomUUID(), ...type, bytes }],
        trace: { traceId: 't', userId: ownerId },
      })
      sending = sent.catch((error: unknown) => error)
      await saving.promise
      await temporary.store.removeOwner(ownerId)
      erased.resolve()
    },
  }
  const log = createInProcessTurnLog()
  const generate = async function* () {
    yield [{ type: 'finish', reason: 'stop' } as const]
  }
  const turns = createTestTurns(store, generate, { attachments, log, logger })
  const drafts = createJsonDraftStore(temporary)
  const conversations = createConversations({
    contacts: { forgetConversation: async () => {} },
    store,
    attachments,
    drafts,
    log,
    turns,
    observer: { answerRated: () => undefined },
    environment,
  })
  await conversations.removeAll(OWNER)
  expect(await sending).toMatchObject({ code: 'not_found' })
  const left = await readdir(directory, { recursive: true })
  expect(left.filter((name) => /^attachments./.test(name))).toEqual([])
})

it('erases nothing more of what no message has once the server closes', async () => {
  const { directory, logger, store } = temporary
  const attachments = createJsonAttachmentStore({ directory, logger, limit: 10_000 })
  const places = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
  for (const [index, conversationId] of places.entries()) {
    const file = { filename: 'a.txt', contentType: 'text/plain', sizeBytes: 1 }
    const bytes = new TextEncoder().encode('a')
    await attachments.save({ ownerId: OWNER, conversationId }, [
      { ...file, id: `${index}3333333-3333-4333-8333-333333333333`, bytes },
    ])
  }
  const closing = new AbortController()
  let asked = 0
  const messages: ConversationStore['messages'] = async (...place) => {
    asked += 1
    closing.abort()
    return await store.messages(...place)
  }
  const { signal } = closing
  // What was saved by this store since its sweep began is left alone: another one finds it as after a start.
  const later = createJsonAttachmentStore({ directory, logger, limit: 10_000 })
  await sweepAttachments({ store: { ...store, messages }, attachments: later, logger }, { signal })
  expect(asked).toBe(1)
  for (const [index, conversationId] of places.entries()) {
    const id = `${index}3333333-3333-4333-8333-333333333333`
    expect(await later.read({ ownerId: OWNER, conversationId }, id)).toBeDefined()
  }
})
