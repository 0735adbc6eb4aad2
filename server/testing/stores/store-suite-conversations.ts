/** Conversations as such, and their order in time. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { exampleMessage } from './store-examples.ts'
import { ALL, OWNER, type StoreSuite } from './store-suite-fixture.ts'

export function describeConversations(suite: StoreSuite): void {
  describe('a conversation', () => {
    it('is found as it was created, also after a restart', async () => {
      const conversation = await suite.created({
        title: 'Samosas',
        isFavorited: true,
        renamed: true,
      })
      expect(await suite.store.find(OWNER, conversation.id)).toEqual(conversation)
      await suite.reopen()
      expect(await suite.store.find(OWNER, conversation.id)).toEqual(conversation)
      expect(await suite.store.messages(OWNER, conversation.id)).toEqual([])
    })

    it('is never created over another one', async () => {
      const conversation = await suite.created({ title: 'first' })
      await expect(suite.store.create({ ...conversation, title: 'second' })).rejects.toMatchObject({
        code: 'conflict',
      })
      expect(await suite.store.find(OWNER, conversation.id)).toEqual(conversation)
    })

    it('is not there for another owner, whatever is tried', async () => {
      const { id } = await suite.created()
      const stranger = 'visitor-2'
      const message = exampleMessage()
      expect(await suite.store.find(stranger, id)).toBeUndefined()
      expect(await suite.store.messages(stranger, id)).toBeUndefined()
      expect(await suite.store.update(stranger, id, { title: 'mine' })).toBeUndefined()
      expect(await suite.store.addMessage(stranger, id, { message })).toBeUndefined()
      expect(await suite.store.findTurnKey(stranger, id, 'key-1')).toBeUndefined()
      expect(await suite.store.remove(stranger, id)).toBe(false)
      await suite.store.removeOwner(stranger)
      expect(await suite.store.find(OWNER, id)).toBeDefined()
      expect((await suite.store.list(stranger, ALL)).total).toBe(0)
      expect(await suite.store.conversationIds(stranger)).toEqual([])
    })

    it('is known to exist, whoever owns it, until it is removed', async () => {
      const [one, other] = [await suite.created(), await suite.created({ ownerId: 'visitor-2' })]
      const existing = () =>
        Promise.all([one.id, other.id.toUpperCase(), randomUUID(), 'x'].map(suite.store.exists))
      expect(await existing()).toEqual([true, true, false, false])
      await suite.reopen()
      expect(await existing()).toEqual([true, true, false, false])
      await suite.store.remove(OWNER, one.id)
      expect(await existing()).toEqual([false, true, false, false])
      await suite.reopen()
      expect(await existing()).toEqual([false, true, false, false])
      await suite.store.removeOwner('visitor-2')
      expect(await existing()).toEqual([false, false, false, false])
    })

    it.each(['', 'x', '..', '../../etc/passwd', 'index', `${randomUUID()}x`, '\u0000', '\ud800'])(
      'is not found by %j, which is no id',
      async (id) => {
        await suite.created()
        const message = exampleMessage()
        expect(await suite.store.find(OWNER, id)).toBeUndefined()
        expect(await suite.store.messages(OWNER, id)).toBeUndefined()
        expect(await suite.store.update(OWNER, id, { title: 'x' })).toBeUndefined()
        expect(await suite.store.addMessage(OWNER, id, { message })).toBeUndefined()
        expect(await suite.store.findTurnKey(OWNER, id, 'key-1')).toBeUndefined()
        expect(await suite.store.remove(OWNER, id)).toBe(false)
      },
    )

    it('is found by its id in capitals', async () => {
      const { id } = await suite.created()
      const upper = id.toUpperCase()
      expect((await suite.store.find(OWNER, upper))?.id).toBe(id)
      await suite.store.addMessage(OWNER, upper, { message: exampleMessage() })
      expect(await suite.store.messages(OWNER, id)).toHaveLength(1)
    })

    it('takes the changes it is given and keeps the rest', async () => {
      const conversation = await suite.created({ title: 'before', isFavorited: true })
      const changed = await suite.store.update(OWNER, conversation.id, { title: 'after' })
      expect(changed).toEqual({
        ...conversation,
        title: 'after',
        updatedAt: changed?.updatedAt,
      })
      expect(await suite.store.find(OWNER, conversation.id)).toEqual(changed)
      await suite.reopen()
      expect(await suite.store.find(OWNER, conversation.id)).toEqual(changed)
    })

    it('is gone once removed, and stays gone', async () => {
      const { id } = await suite.created()
      const other = await suite.created()
      expect(await suite.store.remove(OWNER, id)).toBe(true)
      for (const restarted of [false, true]) {
        if (restarted) await suite.reopen()
        expect(await suite.store.find(OWNER, id)).toBeUndefined()
        expect(await suite.store.messages(OWNER, id)).toBeUndefined()
        expect(await suite.store.remove(OWNER, id)).toBe(false)
        expect(await suite.store.update(OWNER, id, { title: 'x' })).toBeUndefined()
        expect(await suite.listedIds()).toEqual([other.id])
      }
    })
  })

  describe('updatedAt', () => {
    it('is the time of the last write', async () => {
      const { id } = await suite.created()
      suite.now += 5000
      expect((await suite.added(id)).conversation.updatedAt).toBe(new Date(suite.now).toISOString())
      suite.now += 5000
      expect((await suite.store.update(OWNER, id, {}))?.updatedAt).toBe(
        new Date(suite.now).toISOString(),
      )
    })

    it('rises with every write, even when the clock stands still or goes back', async () => {
      const conversation = await suite.created()
      let { updatedAt } = conversation
      for (const step of [0, 0, -60_000, 0, 1, 120_000, -1]) {
        suite.now += step
        const { conversation: written } = await suite.added(conversation.id)
        expect(written.updatedAt > updatedAt).toBe(true)
        const changed = await suite.store.update(OWNER, conversation.id, { isFavorited: true })
        expect(changed!.updatedAt > written.updatedAt).toBe(true)
        updatedAt = changed!.updatedAt
      }
    })
  })
}
