import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJsonDraftStore } from '../stores/json-drafts.ts'
import { exampleConversation } from '../stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../stores/testing.ts'
import { createTestTurns, type Generate } from '../testing/create-test-turns.ts'
import { recoverDrafts } from './drafts.ts'
import type { DraftStore } from './ports.ts'

const conversation = exampleConversation({ ownerId: 'owner' })

let temporary: TemporaryStore
let drafts: DraftStore
beforeEach(async () => {
  temporary = await createTemporaryStore()
  drafts = createJsonDraftStore(temporary)
  await temporary.store.create(conversation)
})
afterEach(() => temporary.end())

/** An answer that says a little and then waits for `release`. */
function slowAnswer() {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const generate: Generate = async function* () {
    yield [{ type: 'token', text: 'The first ' }]
    yield [{ type: 'token', text: 'seconds' }]
    await released
    yield [{ type: 'finish', reason: 'stop' }]
  }
  return { generate, release }
}

/** Starts a turn and resolves when its draft is on the disk. */
async function startUntilDraft(generate: Generate) {
  let saved = () => {}
  const firstDraft = new Promise<void>((resolve) => {
    saved = resolve
  })
  const noticing: DraftStore = {
    ...drafts,
    async save(draft) {
      await drafts.save(draft)
      if (draft.message.content === 'The first seconds') saved()
    },
  }
  const turns = createTestTurns(temporary.store, generate, { drafts: noticing })
  await turns.send({
    ownerId: 'owner',
    conversationId: conversation.id,
    content: 'hi',
    options: {},
    trace: { traceId: 't', userId: 'owner' },
  })
  await firstDraft
  return turns
}

const recover = async () => {
  const store = await temporary.reopen()
  await recoverDrafts({ store, drafts, logger: temporary.logger })
  return (await store.messages('owner', conversation.id)) ?? []
}

describe('an answer whose server is killed', () => {
  it('is there at the next start as far as it had come, marked as interrupted', async () => {
    await startUntilDraft(slowAnswer().generate)
    const messages = await recover()
    expect(messages).toMatchObject([
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: 'The first seconds',
        finishReason: 'interrupted',
        tokenCount: 2,
      },
    ])
    expect(await drafts.all()).toEqual([])
    expect(await recover()).toHaveLength(2)
  })

  it('leaves no draft when it ends as it should', async () => {
    const { generate, release } = slowAnswer()
    const turns = await startUntilDraft(generate)
    release()
    await turns.close(10_000)
    expect(await drafts.all()).toEqual([])
    expect(await recover()).toMatchObject([{ role: 'user' }, { finishReason: 'stop' }])
  })

  it('is not brought back into a conversation that has been deleted', async () => {
    await startUntilDraft(slowAnswer().generate)
    await temporary.store.remove('owner', conversation.id)
    expect(await recover()).toEqual([])
    expect(await drafts.all()).toEqual([])
  })
})
