/** What every store of contact entries promises. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Contact, ContactStore, Delivery } from '../../core/ports/index.ts'

export interface ContactStoreUnderTest {
  readonly store: ContactStore
  /** Closes what is open; another one on what it has kept. */
  reopen(): Promise<ContactStore>
  end(): Promise<void>
}

const PENDING: Delivery = { state: 'pending', attempts: 0, lastAttemptAt: null, problem: null }
const DELIVERED: Delivery = { ...PENDING, state: 'delivered', attempts: 1 }
const example = (given: Partial<Contact> = {}): Contact => ({
  id: randomUUID(),
  ownerId: 'ann',
  message: 'Grüße 😀\nund Küsse \u0000 \ud800',
  email: 'ann@example.com',
  about: { conversationId: 'c', title: null, question: 'Wo?', messageId: null },
  delivery: PENDING,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...given,
})

export function describeContactStore(
  name: string,
  create: () => Promise<ContactStoreUnderTest>,
): void {
  describe(name, () => {
    let tested: ContactStoreUnderTest
    let store: ContactStore
    beforeEach(async () => {
      tested = await create()
      ;({ store } = tested)
    })
    afterEach(() => tested.end())

    /** The store as it is, and as it is when it is opened again. */
    const twice = async (check: () => Promise<void>) => {
      await check()
      store = await tested.reopen()
      await check()
    }
    const everything = async () => (await store.list({ limit: 100, offset: 0 })).items

    it('gives back what was kept, newest first, before and after it is opened again', async () => {
      const [one, two] = [example({ key: 'k' }), example({ ownerId: 'bo', delivery: null })]
      await store.add(one)
      await store.add(two)
      await store.setDelivery(one.id, DELIVERED)
      await twice(async () => {
        expect(await store.list({ limit: 9, offset: 0 })).toEqual({
          items: [two, { ...one, delivery: DELIVERED }],
          total: 2,
        })
        expect(await store.find(two.id)).toEqual(two)
        expect(await store.find('nobody')).toBeUndefined()
        expect(await store.findByKey('ann', 'k')).toMatchObject({ id: one.id })
        expect(await store.findByKey('bo', 'k')).toBeUndefined()
        expect(await store.pending()).toEqual([])
      })
    })

    it('gives pages of them', async () => {
      const entries = [example(), example(), example()]
      for (const entry of entries) await store.add(entry)
      const idsOf = async (limit: number, offset: number) => {
        const { items, total } = await store.list({ limit, offset })
        expect(total).toBe(3)
        return items.map(({ id }) => entries.findIndex((entry) => entry.id === id))
      }
      expect(await idsOf(2, 0)).toEqual([2, 1])
      expect(await idsOf(2, 2)).toEqual([0])
      expect(await idsOf(2, 4)).toEqual([])
    })

    it('knows which are still to be delivered, oldest first', async () => {
      const [one, done, other] = [example(), example(), example({ ownerId: 'bo' })]
      for (const entry of [one, done, other, example({ delivery: null })]) await store.add(entry)
      await store.setDelivery(done.id, DELIVERED)
      await store.setDelivery(one.id, { ...PENDING, attempts: 3 })
      await store.setDelivery('nobody', PENDING)
      await twice(async () => {
        expect((await store.pending()).map(({ id }) => id)).toEqual([one.id, other.id])
      })
      expect((await store.find(one.id))?.delivery).toEqual({ ...PENDING, attempts: 3 })
    })

    it('lets one alone deliver an entry, until it has said what came of it', async () => {
      const entry = example()
      await store.add(entry)
      expect(await store.claimDelivery(entry.id)).toBe(true)
      await store.setDelivery(entry.id, { ...PENDING, attempts: 1 })
      expect(await store.claimDelivery(entry.id)).toBe(true)
    })

    it('erases what somebody has, and leaves the rest', async () => {
      const [gone, stays] = [example({ key: 'k' }), example({ ownerId: 'bo', key: 'k' })]
      await store.add(gone)
      await store.add(stays)
      await store.removeOwner('ann')
      await store.removeOwner('nobody')
      await store.setDelivery(gone.id, DELIVERED)
      const later = example()
      await store.add(later)
      await twice(async () => {
        expect(await everything()).toEqual([later, stays])
        expect(await store.findByKey('bo', 'k')).toEqual(stays)
        expect(await store.findByKey('ann', 'k')).toBeUndefined()
      })
    })

    it('erases what was written before a time, delivered or not, and leaves the rest', async () => {
      const at = (day: string, given: Partial<Contact> = {}) =>
        example({ createdAt: `2026-01-${day}T00:00:00.000Z`, ...given })
      const old = Array.from({ length: 120 }, () => at('01'))
      const [pending, stays] = [at('02', { key: 'k' }), at('03', { ownerId: 'bo' })]
      for (const entry of [...old, pending, stays]) await store.add(entry)
      await store.setDelivery(old[0]!.id, DELIVERED)
      expect(await store.removeBefore('2026-01-03T00:00:00.000Z')).toBe(121)
      expect(await store.removeBefore('2026-01-03T00:00:00.000Z')).toBe(0)
      await twice(async () => {
        expect(await everything()).toEqual([stays])
        expect(await store.findByKey('ann', 'k')).toBeUndefined()
        expect((await store.pending()).map(({ id }) => id)).toEqual([stays.id])
      })
    })

    it('erases the words of a conversation, and nothing else', async () => {
      const about = { conversationId: 'gone', title: 'Zucchini', question: 'Why?', messageId: 'm' }
      const [before, other, after] = [example({ about, key: 'k' }), example(), example({ about })]
      for (const one of [before, other, after]) await store.add(one)
      await store.setDelivery(before.id, DELIVERED)
      for (const id of ['gone', 'gone', 'unknown']) await store.forgetConversation(id)
      const blank = { ...about, title: null, question: null }
      await twice(async () => {
        expect(await everything()).toEqual([
          { ...after, about: blank },
          other,
          { ...before, about: blank, delivery: DELIVERED },
        ])
        expect(await store.findByKey('ann', 'k')).toMatchObject({ id: before.id })
      })
    })
  })
}
