import { afterEach, beforeEach, expect, it } from 'vitest'
import { createJsonAttachmentStore } from '../stores/json-attachments.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'
import { createTestTurns } from '../testing/create-test-turns.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'
import { createAttachments } from './attachments.ts'
import { createConversations } from './conversations.ts'
import type { Identity } from './ports/people.ts'
import type { AttachmentStore, ConversationStore } from './ports/index.ts'
import { systemEnvironment as environment } from './settings.ts'
import { createThreads } from './threads.ts'

const ANN: Identity = { userId: 'ann', roles: [], products: ['p1'], agents: ['a1'] }
const ALLOWED = { product_id: 'p1', agent: { id: 'a1' } }
const NOT_ALLOWED = [{ productId: 'p2' }, { agent_id: 'a2' }, { agent: { id: 'a2' } }]
const forbidden = expect.objectContaining({ code: 'forbidden', status: 403 })
const message = { role: 'system', text: 'Hi', files: [] } as const

let temporary: TemporaryStore
beforeEach(async () => {
  temporary = await createTemporaryStore()
})
afterEach(() => temporary.end())

function threadsOver(parts: { store?: ConversationStore; attachmentStore?: AttachmentStore } = {}) {
  const { directory, logger } = temporary
  const {
    store = temporary.store,
    attachmentStore = createJsonAttachmentStore({ directory, logger, limit: 100_000 }),
  } = parts
  const log = createInProcessTurnLog()
  const turns = createTestTurns(store, async function* () {}, { log, attachments: attachmentStore })
  const attachments = createAttachments({
    store,
    attachments: attachmentStore,
    takesFiles: true,
    inference: {},
    createId: environment.createId,
  })
  const drafts = { erase: async () => {} }
  const conversations = createConversations({
    contacts: { forgetConversation: async () => {} },
    store,
    attachments: attachmentStore,
    drafts,
    log,
    turns,
    observer: { answerRated: () => undefined },
    environment,
  })
  const threads = createThreads({
    store,
    conversations,
    attachments,
    attachmentStore,
    log,
    environment,
    logger,
  })
  return { threads, attachmentStore }
}

it('refuses what a caller may not ask at creation, at a change and with a message', async () => {
  const { threads } = threadsOver()
  const { id } = await threads.create(ANN, { metadata: ALLOWED })
  for (const metadata of NOT_ALLOWED) {
    await expect(threads.create(ANN, { metadata })).rejects.toEqual(forbidden)
    await expect(threads.update(ANN, id, { metadata })).rejects.toEqual(forbidden)
    await expect(threads.store(ANN, id, { ...message, metadata })).rejects.toEqual(forbidden)
  }
  const { conversation, messages } = await threads.read('ann', id)
  expect(conversation.metadata).toEqual(ALLOWED)
  expect(messages).toEqual([])
  await threads.store(ANN, id, { ...message, metadata: ALLOWED })
})

it('refuses messages in a thread that its owner may not ask any more, which may still be read', async () => {
  const { threads } = threadsOver()
  const { id } = await threads.create(ANN, { metadata: ALLOWED })
  const narrowed = { ...ANN, products: ['p9'] }
  await expect(threads.store(narrowed, id, message)).rejects.toEqual(forbidden)
  await expect(threads.open(narrowed, id)).rejects.toEqual(forbidden)
  expect((await threads.read('ann', id)).messages).toEqual([])
  expect(await threads.update(narrowed, id, { title: 'Mine' })).toMatchObject({ title: 'Mine' })
  await threads.remove('ann', id)
})

it('leaves no file of a message whose thread is deleted meanwhile', async () => {
  const { store } = temporary
  const deleting: ConversationStore = {
    ...store,
    async addMessage(ownerId, id, addition) {
      await threads.remove(ownerId, id)
      return await store.addMessage(ownerId, id, addition)
    },
  }
  const { threads, attachmentStore } = threadsOver({ store: deleting })
  const { id } = await threads.create(ANN, {})
  const files = [{ filename: 'a', contentType: 'a/b', bytes: Buffer.from('x') }]
  const stored = threads.store(ANN, id, { ...message, files })
  await expect(stored).rejects.toMatchObject({ code: 'not_found' })
  const left: string[] = []
  const signal = new AbortController().signal
  await attachmentStore.sweep(async ({ ids }) => new Set(left.splice(0, 0, ...ids)), { signal })
  expect(left).toEqual([])
})

it('makes the first of two messages that come at once the first one', async () => {
  const { threads } = threadsOver()
  const { id } = await threads.create(ANN, {})
  await Promise.all([
    threads.store(ANN, id, { ...message, text: 'one', model: 'm1' }),
    threads.store(ANN, id, { ...message, text: 'two', model: 'm2' }),
  ])
  const { conversation, messages } = await threads.read('ann', id)
  expect(messages.map(({ content }) => content)).toEqual(['one', 'two'])
  expect(conversation).toMatchObject({ title: 'm1: one', metadata: { model: 'm1' } })
})
