import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJsonAttachmentStore } from '../../stores/json-attachments.ts'
import { createJsonDraftStore } from '../../stores/json-drafts.ts'
import { exampleConversation, exampleMessage } from '../../testing/stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../../testing/stores/testing.ts'
import { createTestTurns, type Generate } from '../../testing/create-test-turns.ts'
import { createInProcessTurnLog } from '../../turn-logs/in-process.ts'
import { createConversations } from '../conversations.ts'
import { recoverDrafts } from './drafts.ts'
import type { DraftStore } from '../ports/index.ts'
import { systemEnvironment } from '../settings.ts'

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
  const log = createInProcessTurnLog()
  await recoverDrafts({ store, drafts, log, logger: temporary.logger })
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

  it('is there too when a message to the model was stored beside it', async () => {
    await startUntilDraft(slowAnswer().generate)
    const message = exampleMessage({ role: 'system', conversationId: conversation.id })
    await temporary.store.addMessage('owner', conversation.id, { message })
    expect(await recover()).toMatchObject([
      { role: 'user' },
      { role: 'system' },
      { role: 'assistant', content: 'The first seconds', finishReason: 'interrupted' },
    ])
  })

  it('leaves no draft when it ends as it should', async () => {
    const { generate, release } = slowAnswer()
    const turns = await startUntilDraft(generate)
    release()
    await turns.close(10_000)
    expect(await drafts.all()).toEqual([])
    expect(await recover()).toMatchObject([{ role: 'user' }, { finishReason: 'stop' }])
  })

  it.each([
    ['it is there whole, and the visitor has asked again', 'again'],
    ['its question was replaced', 'instead'],
    ['its question is not there yet', 'before'],
  ])('is not brought back from a copy of another moment in which %s', async (_, moment) => {
    const { generate, release } = slowAnswer()
    const turns = await startUntilDraft(generate)
    const [draft] = await drafts.all()
    release()
    await turns.close(60_000)
    const { store } = temporary
    const [question, answer] = (await store.messages('owner', conversation.id)) ?? []
    const dropMessageIds = { again: [], instead: [question, answer], before: [question, answer] }[
      moment
    ]
    await store.addMessage('owner', conversation.id, {
      message: exampleMessage({ content: moment }),
      dropMessageIds: dropMessageIds?.flatMap((message) => message?.id ?? []) ?? [],
    })
    const before = await store.messages('owner', conversation.id)
    await drafts.save(draft!)
    // Of an earlier version, which did not say what a draft answers.
    if (moment === 'again') await drafts.save({ ownerId: 'owner', message: draft!.message })
    expect(await recover()).toEqual(before)
    expect(await drafts.all()).toEqual([])
  })

  it('is not brought back into a conversation that has been deleted', async () => {
    await startUntilDraft(slowAnswer().generate)
    await temporary.store.remove('owner', conversation.id)
    expect(await recover()).toEqual([])
    expect(await drafts.all()).toEqual([])
  })
})

it.each(['one conversation', 'everything'])(
  'leaves nothing of an answer on the disk when %s is erased, though others are being written',
  async (what) => {
    const { directory, store } = temporary
    const other = exampleConversation({ ownerId: 'somebody else' })
    await store.create(other)
    const message = exampleMessage({
      role: 'assistant',
      conversationId: other.id,
      content: 'still',
    })
    await drafts.save({ ownerId: other.ownerId, message })
    const { generate, release } = slowAnswer()
    const turns = await startUntilDraft(generate)
    release()
    await turns.close(60_000)
    const textOnDisk = async () => {
      const folder = join(directory, 'drafts')
      const names = await readdir(folder)
      return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('')
    }
    expect(await textOnDisk()).toContain('The first seconds')
    const conversations = createConversations({
      contacts: { forgetConversation: async () => {} },
      store,
      attachments: createJsonAttachmentStore({ ...temporary, limit: 0 }),
      drafts,
      log: createInProcessTurnLog(),
      turns,
      observer: { answerRated: () => undefined },
      environment: systemEnvironment,
    })
    await (what === 'everything'
      ? conversations.removeAll('owner')
      : conversations.remove('owner', conversation.id))
    expect(await textOnDisk()).not.toContain('The first seconds')
    expect(await textOnDisk()).toContain('still')
  },
)
