/** What threads need of a store: what a client keeps with them, and deleting that leaves them in one list. */
import { describe, expect, it } from 'vitest'
import type { ProviderThreadChanges, ThreadsPage } from '../../core/ports/index.ts'
import { EXAMPLE_TIME, exampleMessage, exampleTurnKey } from './store-examples.ts'
import { ALL, OWNER, type StoreSuite } from './store-suite-fixture.ts'

const EVERYTHING: ThreadsPage = { limit: 1000, offset: 0, includeDeleted: true }
const BEGUN: ThreadsPage = { ...EVERYTHING, includeDeleted: false }

const at = (seconds: number) => new Date(EXAMPLE_TIME + seconds * 1000).toISOString()

const ID = '00000000-0000-4000-8000-00000000000a'
const provider = 'openai-compatible'

const changesOf = (parts: Partial<ProviderThreadChanges> = {}): ProviderThreadChanges => ({
  newId: ID,
  provider,
  updatedAt: at(0),
  ...parts,
})

export function describeThreads(suite: StoreSuite): void {
  const idsOf = async (page: ThreadsPage) =>
    (await suite.store.listThreads(OWNER, page)).items.map(({ id }) => id)

  describe('what is kept with a thread', () => {
    it('comes back as it was given', async () => {
      const metadata = { model: 'm', deep: { list: [1, null, { ok: true }] }, ключ: '値' }
      const { id } = await suite.created({ summary: 'In short', metadata })
      await suite.reopen()
      expect(await suite.store.find(OWNER, id)).toMatchObject({ summary: 'In short', metadata })
      await suite.store.update(OWNER, id, { summary: null, metadata: { other: 1 } })
      await suite.reopen()
      expect(await suite.store.find(OWNER, id)).toMatchObject({
        summary: null,
        metadata: { other: 1 },
      })
    })

    it('is, for each provider, what was kept last', async () => {
      const { id } = await suite.created()
      const { store } = suite
      expect(await store.providerThread(OWNER, id, provider)).toBeUndefined()
      const payload = { nested: { list: [1, 'two', null] } }
      const begun = { id: ID, conversationId: null, payload: null }
      const dates = { createdAt: at(0), updatedAt: at(0) }
      const other = { ...begun, ...dates, provider: 'other' }
      const named = changesOf({ provider: 'other' })
      expect(await store.updateProviderThread(OWNER, id, named)).toEqual(other)
      await store.updateProviderThread(OWNER, id, changesOf({ payload }))
      await store.addMessage(OWNER, id, {
        message: exampleMessage(),
        providerThread: changesOf({ newId: 'new', conversationId: 'conv-2', updatedAt: at(1) }),
      })
      await suite.reopen()
      expect(await suite.store.providerThread(OWNER, id, provider)).toEqual({
        ...{ id: ID, provider, conversationId: 'conv-2', payload },
        ...{ createdAt: at(0), updatedAt: at(1) },
      })
      expect(await suite.store.providerThread(OWNER, id, 'other')).toEqual(other)
      expect(await suite.store.updateProviderThread('somebody', id, named)).toBeUndefined()
    })

    it('is all that is said at once, under one id', async () => {
      const { id } = await suite.created()
      const { store } = suite
      const payload = { a: 1 }
      await Promise.all([
        store.updateProviderThread(OWNER, id, changesOf({ conversationId: 'conv-1' })),
        store.updateProviderThread(OWNER, id, changesOf({ newId: 'second', payload })),
        store.addMessage(OWNER, id, {
          message: exampleMessage(),
          providerThread: changesOf({ newId: 'third', conversationId: 'conv-2' }),
        }),
      ])
      const kept = await store.providerThread(OWNER, id, provider)
      expect(kept).toMatchObject({ id: ID, conversationId: 'conv-2', payload })
    })
  })

  describe('a change of a message', () => {
    it('leaves everything else of it as it is', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id)
      const { message: later } = await suite.added(id, { role: 'system', metadata: { a: 1 } })
      const changes = { status: 'error', errorCode: 'out of reach', tokenCount: 7 } as const
      const changed = { ...message, ...changes }
      expect(await suite.store.updateMessage(OWNER, id, message.id, changes)).toEqual(changed)
      await suite.reopen()
      expect(await suite.store.messages(OWNER, id)).toEqual([changed, later])
      expect(
        await suite.store.updateMessage(OWNER, id, exampleMessage().id, changes),
      ).toBeUndefined()
      expect(await suite.store.updateMessage('somebody', id, message.id, changes)).toBeUndefined()
    })

    it('is written together with another message', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id)
      const answer = exampleMessage({ role: 'assistant', correlationId: 'chatcmpl-1' })
      await suite.store.addMessage(OWNER, id, {
        message: answer,
        updates: [{ messageId: message.id, changes: { tokenCount: 12 } }],
      })
      await suite.reopen()
      expect(await suite.store.messages(OWNER, id)).toEqual([
        { ...message, tokenCount: 12 },
        answer,
      ])
    })
  })

  describe('the list of threads', () => {
    it('has the newest by their beginning first, in pages, with the total', async () => {
      const ids: string[] = []
      for (let count = 0; count < 5; count += 1) {
        const { id } = await suite.created({ title: `${count}`, createdAt: at(count) })
        ids.unshift(id)
      }
      suite.now += 60_000
      for (const id of ids) await suite.added(id)
      const pageOf = async (offset: number) =>
        await suite.store.listThreads(OWNER, { limit: 2, offset, includeDeleted: false })
      const pages = [await pageOf(0), await pageOf(2), await pageOf(4), await pageOf(6)]
      expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids)
      expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5])
      expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false, false])
    })

    it('leaves out what has not begun, unless everything is asked for', async () => {
      const begun = await suite.created({ title: 'Begun', createdAt: at(1) })
      await suite.added(begun.id)
      const untitled = await suite.created({ createdAt: at(2) })
      await suite.added(untitled.id)
      const empty = await suite.created({ title: 'Empty', createdAt: at(3) })
      expect(await idsOf(BEGUN)).toEqual([begun.id])
      expect(await idsOf(EVERYTHING)).toEqual([empty.id, untitled.id, begun.id])
      await suite.reopen()
      expect(await idsOf(BEGUN)).toEqual([begun.id])
    })
  })

  describe('a deleted thread', () => {
    it('is nowhere but in the list of all threads', async () => {
      const { id } = await suite.created({ title: 'Unlikely' })
      const { message } = await suite.added(id, { content: 'pomegranate' })
      const turnKey = exampleTurnKey()
      await suite.store.addMessage(OWNER, id, { message: null, turnKey })
      const deletedAt = at(5)
      expect(await suite.store.update(OWNER, id, { deletedAt })).toMatchObject({ deletedAt })

      const check = async () => {
        const { store } = suite
        expect(await store.find(OWNER, id)).toBeUndefined()
        expect(await store.findDeleted(OWNER, id)).toMatchObject({ title: 'Unlikely', deletedAt })
        expect(await store.findDeleted('somebody', id)).toBeUndefined()
        expect(await store.messages(OWNER, id)).toBeUndefined()
        expect(await store.list(OWNER, ALL)).toEqual({ items: [], total: 0, hasMore: false })
        expect(await idsOf(BEGUN)).toEqual([])
        expect(await idsOf(EVERYTHING)).toEqual([id])
        expect(await store.exists(id)).toBe(true)
        expect(await store.conversationIds(OWNER)).toEqual([id])
        expect(await store.owners()).toEqual([])
        const search = { query: 'pomegranate', limit: 10, offset: 0 }
        expect((await store.search(OWNER, search)).found).toEqual([])
        expect(await store.findTurnKey(OWNER, id, turnKey.key)).toBeUndefined()
        expect(await store.update(OWNER, id, { title: 'back' })).toBeUndefined()
        expect(await store.addMessage(OWNER, id, { message: exampleMessage() })).toBeUndefined()
        expect(await store.setFeedback(OWNER, id, message.id, null)).toBeUndefined()
        expect(await store.updateMessage(OWNER, id, message.id, {})).toBeUndefined()
        expect(await store.updateProviderThread(OWNER, id, changesOf())).toBeUndefined()
      }
      await check()
      await suite.reopen()
      await check()
    })

    it('goes for good with all that its owner has', async () => {
      const { id } = await suite.created()
      await suite.store.update(OWNER, id, { deletedAt: at(1) })
      await suite.store.removeOwner(OWNER)
      expect(await suite.store.findDeleted(OWNER, id)).toBeUndefined()
      expect(await idsOf(EVERYTHING)).toEqual([])
    })
  })
}
