/** Chats that are found by what they mean, with an encoder that knows a few things by several names. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createChatSearch, withMeaning } from './core/chat-search.ts'
import type { ConversationStore, Embedder } from './core/ports/index.ts'
import { type ChatMeaningOptions, createChatMeaning } from './knowledge/chat-meaning.ts'
import { createPatterns } from './patterns/index.ts'
import { exampleConversation, exampleMessage } from './testing/stores/store-examples.ts'
import { createTemporaryStore } from './testing/stores/testing.ts'
import { eventually } from './testing/eventually.ts'
import { createFakeEmbedder } from './testing/fake-embedder.ts'

const OWNER = 'visitor-1'

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

/** A store with chats and a search of them; `again` is the same after a restart of all. */
async function opened(
  embedder: Embedder = createFakeEmbedder(),
  options: Partial<ChatMeaningOptions> = {},
) {
  const temporary = await createTemporaryStore()
  endings.push(() => temporary.end())
  const folder = join(temporary.directory, 'meaning')
  const openOn = (conversations: ConversationStore, encoder: Embedder, patience = 60_000) => {
    const meaning = createChatMeaning({
      store: conversations,
      createEmbedder: async () => encoder,
      isEager: true,
      mostTexts: 1_000,
      shortestText: 1,
      leastCosine: 0,
      folder,
      patience,
      logger: temporary.logger,
      ...options,
    })
    endings.push(() => meaning.close())
    const store = withMeaning(conversations, meaning)
    const settings = { enabled: true, minSimilarity: 0.5 }
    const search = createChatSearch({ store, meaning, patterns: createPatterns(), settings })
    return {
      store,
      meaning,
      async found(phrase: string, modelTag?: string) {
        const { found } = await search.threads(OWNER, { phrase, modelTag, limit: 10 })
        return found.map(({ conversation, similarity }) => ({ id: conversation.id, similarity }))
      },
    }
  }
  const chats = openOn(temporary.store, embedder)
  return {
    ...chats,
    /** Names of files of vectors. */
    async files() {
      const names = await readdir(folder, { recursive: true }).catch(() => [])
      return names.filter((name) => name.endsWith('.bin'))
    },
    async again(encoder: Embedder = embedder, patience?: number) {
      await chats.meaning.close()
      return openOn(await temporary.reopen(), encoder, patience)
    },
  }
}

async function said(store: ConversationStore, content: string, parts: object = {}) {
  const conversation = exampleConversation({ ownerId: OWNER, ...parts })
  await store.create(conversation)
  const message = exampleMessage({ conversationId: conversation.id, content })
  await store.addMessage(OWNER, conversation.id, { message })
  return conversation.id
}

describe('a search by meaning', () => {
  it('finds what was said in other words, with its cosine, once that is prepared', async () => {
    const { store, found } = await opened()
    const refund = await said(store, 'reimburse the shipment')
    await said(store, 'the linen is white')
    const [first] = await eventually(async () => {
      const all = await found('refund my parcel')
      expect(all.map(({ id }) => id)).toEqual([refund])
      return all
    })
    expect(first!.similarity).toBeGreaterThanOrEqual(0.5)
    expect(first!.similarity).toBeLessThanOrEqual(1)
  })

  it('finds titles and summaries too, and can be kept to a model', async () => {
    const { store, found } = await opened()
    const titled = await said(store, 'hello', { title: 'reimburse shipment', modelTag: 'aurora' })
    const summed = await said(store, 'hello', { title: null, summary: 'reimburse shipment' })
    await eventually(async () => {
      const ids = (await found('refund my parcel')).map(({ id }) => id)
      expect(ids.toSorted()).toEqual([titled, summed].toSorted())
    })
    const kept = await found('refund my parcel', 'aurora')
    expect(kept.map(({ id }) => id)).toEqual([titled])
  })

  it('compares no pattern', async () => {
    const embedder = createFakeEmbedder()
    const { store, found } = await opened(embedder)
    await said(store, 'reimburse the shipment')
    expect(await found('refun.?d parcels?x')).toEqual([])
    expect(embedder.asked.filter(({ urgent }) => urgent)).toEqual([])
  })

  it('leaves out what is too short, or too far, to tell anything', async () => {
    const embedder = createFakeEmbedder()
    const { store, found } = await opened(embedder, { shortestText: 10, leastCosine: 0.9 })
    await said(store, 'reimburse')
    await said(store, 'reimburse some other things of mine')
    const near = await said(store, 'reimburse shipment')
    await eventually(async () => {
      expect((await found('refund parcel')).map(({ id }) => id)).toEqual([near])
    })
    expect(embedder.asked.flatMap(({ texts }) => texts)).not.toContain('reimburse')
  })

  it('finds nothing of anybody else', async () => {
    const { store, found } = await opened()
    const other = exampleConversation({ ownerId: 'visitor-2', title: 'reimburse shipment' })
    await store.create(other)
    const mine = await said(store, 'reimburse the shipment')
    await eventually(async () => {
      expect((await found('refund my parcel')).map(({ id }) => id)).toEqual([mine])
    })
  })
})

describe('vectors of what was said', () => {
  it('outlive a restart, and are not made twice', async () => {
    const { store, files, again } = await opened()
    const id = await said(store, 'reimburse the shipment')
    await eventually(async () => expect(await files()).toHaveLength(1))
    const later = createFakeEmbedder()
    const { found } = await again(later)
    expect((await found('refund my parcel')).map((each) => each.id)).toEqual([id])
    expect(later.asked.every(({ urgent }) => urgent)).toBe(true)
  })

  it('are made of nobody who has not asked yet, where the encoder takes our own time', async () => {
    const embedder = createFakeEmbedder()
    const { store, found } = await opened(embedder, { isEager: false, mostTexts: 2 })
    await said(store, 'the oldest reimburse shipment')
    const [second, newest] = [
      await said(store, 'reimburse the shipment'),
      await said(store, 'shipment reimburse'),
    ]
    expect(embedder.asked).toEqual([])
    await eventually(async () => {
      const ids = (await found('refund my parcel')).map(({ id }) => id)
      expect(ids.toSorted()).toEqual([second, newest].toSorted())
    })
  })

  it('go with the conversation, deleted or erased, and with the owner', async () => {
    const { store, files, found } = await opened()
    const erased = await said(store, 'reimburse the shipment')
    const deleted = await said(store, 'money for a package')
    await said(store, 'reimburse a parcel')
    await eventually(async () => expect(await files()).toHaveLength(3))
    await found('refund my parcel')
    await store.remove(OWNER, erased)
    expect(await files()).toHaveLength(2)
    await store.update(OWNER, deleted, { deletedAt: '2026-01-01T00:00:00.000Z' })
    expect(await files()).toHaveLength(1)
    expect(await found('refund my parcel')).toHaveLength(1)
    await store.removeOwner(OWNER)
    expect(await files()).toEqual([])
    expect(await found('refund my parcel')).toEqual([])
  })

  it('go with a conversation that is removed while they are being made', async () => {
    const embedder = createFakeEmbedder()
    const reached = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    embedder.answer = async (texts) => {
      if (!texts.includes('reimburse the shipment')) return
      reached.resolve()
      await go.promise
    }
    const { store, files } = await opened(embedder)
    const id = await said(store, 'reimburse the shipment')
    await reached.promise
    await store.remove(OWNER, id)
    go.resolve()
    await said(store, 'money for a package')
    await eventually(async () => expect(await files()).toHaveLength(1))
  })

  it('follow a message that is changed', async () => {
    const { store, found } = await opened()
    const id = await said(store, 'the linen is white')
    const [message] = (await store.messages(OWNER, id))!
    await store.updateMessage(OWNER, id, message!.id, { content: 'reimburse the shipment' })
    await eventually(async () => {
      expect((await found('refund my parcel')).map((each) => each.id)).toEqual([id])
    })
    await eventually(async () => expect(await found('fabric')).toEqual([]))
  })

  it('are made anew when the encoder has become another one', async () => {
    const { store, files, again } = await opened()
    const id = await said(store, 'reimburse the shipment')
    await eventually(async () => expect(await files()).toHaveLength(1))
    const { found } = await again(createFakeEmbedder('fake', 64))
    await eventually(async () => {
      expect((await found('refund my parcel')).map((each) => each.id)).toEqual([id])
    })
  })
})

it('goes on with words alone while the encoder fails, and comes back', async () => {
  const embedder = createFakeEmbedder()
  embedder.answer = async () => {
    throw new Error('down')
  }
  const { store, found } = await opened(embedder)
  const id = await said(store, 'reimburse the shipment')
  expect((await found('shipment')).map((each) => each.id)).toEqual([id])
  expect(await found('refund my parcel')).toEqual([])
  embedder.answer = async () => undefined
  await eventually(async () => {
    expect((await found('refund my parcel')).map((each) => each.id)).toEqual([id])
  })
})

it('does not wait longer for a question’s vector than it is told', async () => {
  const { store, files, again } = await opened()
  const id = await said(store, 'reimburse the shipment')
  await eventually(async () => expect(await files()).toHaveLength(1))
  const silent = createFakeEmbedder()
  silent.answer = () => new Promise(() => undefined)
  const { found } = await again(silent, 20)
  expect((await found('shipment')).map((each) => each.id)).toEqual([id])
})

it('waits for nothing where there is nothing to compare with yet', async () => {
  const embedder = createFakeEmbedder()
  const { store, found } = await opened(embedder, { isEager: false })
  const id = await said(store, 'reimburse the shipment')
  expect((await found('shipment')).map((each) => each.id)).toEqual([id])
  expect(embedder.asked.filter(({ urgent }) => urgent)).toEqual([])
})
