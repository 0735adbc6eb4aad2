import { readdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createJsonAttachmentStore } from '../stores/json-attachments.ts'
import { exampleConversation } from '../testing/stores/store-examples.ts'
import { createTemporaryStore, type TemporaryStore } from '../testing/stores/testing.ts'
import { createTestTurns } from '../testing/create-test-turns.ts'
import { filesOf } from './attachments.ts'
import type { AttachmentStore, ConversationStore, NewAttachment } from './ports/index.ts'

const OWNER = 'ann'
const conversation = exampleConversation({ ownerId: OWNER })

let temporary: TemporaryStore
let attachments: AttachmentStore
beforeEach(async () => {
  temporary = await createTemporaryStore()
  const { directory, logger } = temporary
  attachments = createJsonAttachmentStore({ directory, logger, limit: 10_000 })
  await temporary.store.create(conversation)
})
afterEach(() => temporary.end())

function fileOf(text: string): NewAttachment {
  const bytes = Buffer.from(text)
  const { length: sizeBytes } = bytes
  return { id: crypto.randomUUID(), filename: 'a.txt', contentType: 'text/plain', sizeBytes, bytes }
}

const turnsOn = (store: ConversationStore) =>
  createTestTurns(
    store,
    async function* () {
      yield [{ type: 'token', text: 'Hi' }]
      yield [{ type: 'finish', reason: 'stop' }]
    },
    { attachments },
  )

const send = (store: ConversationStore, files: readonly NewAttachment[], parts: object = {}) =>
  turnsOn(store).send({
    ownerId: OWNER,
    conversationId: conversation.id,
    content: 'Look.',
    options: {},
    files,
    trace: { traceId: 't', userId: OWNER },
    ...parts,
  })

const onDisk = async () =>
  (await readdir(temporary.directory, { recursive: true })).filter((name) =>
    /^attachments.*\.\d+$/.test(name),
  )

describe('the files of a message', () => {
  it('are stored before the message is', async () => {
    const file = fileOf('hello')
    const there: boolean[] = []
    const watched: ConversationStore = {
      ...temporary.store,
      async addMessage(...args) {
        const place = { ownerId: OWNER, conversationId: conversation.id }
        if (args[2].message?.role === 'user') {
          there.push((await attachments.read(place, file.id)) !== undefined)
        }
        return await temporary.store.addMessage(...args)
      },
    }
    await send(watched, [file])
    expect(there).toEqual([true])
    const messages = (await temporary.store.messages(OWNER, conversation.id)) ?? []
    expect(filesOf(messages)).toEqual([
      { id: file.id, filename: 'a.txt', contentType: 'text/plain', sizeBytes: 5 },
    ])
  })

  it.each<[string, string, ConversationStore['addMessage']]>([
    ['cannot be stored', 'full', async () => await Promise.reject(new Error('full'))],
    ['finds its conversation gone', 'no such conversation', async () => undefined],
  ])('go when the message %s', async (_name, said, addMessage) => {
    await expect(send({ ...temporary.store, addMessage }, [fileOf('hello')])).rejects.toThrow(said)
    expect(await onDisk()).toEqual([])
  })

  it('are not stored where the caller has used up what it may send', async () => {
    const admit = async () => await Promise.reject(new Error('too many'))
    await expect(send(temporary.store, [fileOf('hello')], { admit })).rejects.toThrow('too many')
    expect(await onDisk()).toEqual([])
  })

  it('that find no room keep the message from being sent', async () => {
    const files = [fileOf('a'), fileOf('b'), fileOf('c')]
    await expect(send(temporary.store, files)).rejects.toMatchObject({ code: 'too_large' })
    expect(await temporary.store.messages(OWNER, conversation.id)).toEqual([])
    await send(temporary.store, files.slice(0, 2))
    expect(await onDisk()).toHaveLength(2)
  })
})
