import { readdir } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createJsonAttachmentStore } from '../stores/json-attachments.ts'
import { createJsonDraftStore } from '../stores/json-drafts.ts'
import { exampleConversation } from '../testing/stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'
import { createTestTurns } from '../testing/create-test-turns.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'
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
