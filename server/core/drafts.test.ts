import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJsonDraftStore } from '../stores/json-drafts.ts'
import { exampleConversation } from '../stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../stores/testing.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'
import { recoverDrafts } from './drafts.ts'
import type { DraftStore, Inference, InferenceEvent } from './ports.ts'
import { systemEnvironment } from './settings.ts'
import { createTurns } from './turn.ts'

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
function slowInference() {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const inference: Inference = {
    kind: 'builtin',
    async *generate(): AsyncIterable<readonly InferenceEvent[]> {
      yield [{ type: 'token', text: 'The first ' }]
      yield [{ type: 'token', text: 'seconds' }]
      await released
      yield [{ type: 'finish', reason: 'stop' }]
    },
    models: async () => ({}),
    isReady: async () => true,
    close: async () => {},
  }
  return { inference, release }
}

/** Starts a turn and resolves when its draft is on the disk. */
async function startUntilDraft(inference: Inference) {
  let saved = () => {}
  const firstDraft = new Promise<void>((resolve) => {
    saved = resolve
  })
  const turns = createTurns({
    store: temporary.store,
    drafts: {
      ...drafts,
      async save(draft) {
        await drafts.save(draft)
        if (draft.message.content === 'The first seconds') saved()
      },
    },
    draftInterval: 1,
    log: createInProcessTurnLog(),
    inference,
    settings: {
      history: { messages: 50, characters: 6_000 },
      prompts: { direct: '', think: '' },
      defaults: { temperature: 1, maxTokens: 1, topK: 1 },
    },
    environment: systemEnvironment,
    logger: temporary.logger,
  })
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
    await startUntilDraft(slowInference().inference)
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
    const { inference, release } = slowInference()
    const turns = await startUntilDraft(inference)
    release()
    await turns.close(10_000)
    expect(await drafts.all()).toEqual([])
    expect(await recover()).toMatchObject([{ role: 'user' }, { finishReason: 'stop' }])
  })

  it('is not brought back into a conversation that has been deleted', async () => {
    await startUntilDraft(slowInference().inference)
    await temporary.store.remove('owner', conversation.id)
    expect(await recover()).toEqual([])
    expect(await drafts.all()).toEqual([])
  })
})
