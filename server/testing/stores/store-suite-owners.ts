/** What an owner has: the list, and erasing it. */
import { describe, expect, it } from 'vitest'
import type { Conversation, ListPlace } from '../../core/ports/index.ts'
import { exampleMessage } from './store-examples.ts'
import { ALL, OWNER, type StoreSuite } from './store-suite-fixture.ts'

export function describeOwners(suite: StoreSuite): void {
  describe('the list', () => {
    it('has the newest first and moves what is written to the top', async () => {
      const ids: string[] = []
      for (let count = 0; count < 4; count += 1) {
        suite.now += 1000
        ids.push((await suite.created({ updatedAt: new Date(suite.now).toISOString() })).id)
      }
      const [a, b, c, d] = ids
      expect(await suite.listedIds()).toEqual([d, c, b, a])
      suite.now += 1000
      await suite.added(b!)
      expect(await suite.listedIds()).toEqual([b, d, c, a])
      suite.now += 1000
      await suite.store.update(OWNER, a!, { title: 'again' })
      expect(await suite.listedIds()).toEqual([a, b, d, c])
      await suite.reopen()
      expect(await suite.listedIds()).toEqual([a, b, d, c])
    })

    it('shows each conversation as find does', async () => {
      const { id } = await suite.created()
      await suite.listedIds()
      await suite.store.addMessage(OWNER, id, {
        message: exampleMessage(),
        changes: { title: 'New' },
      })
      expect((await suite.store.list(OWNER, ALL)).items).toEqual([
        await suite.store.find(OWNER, id),
      ])
    })

    it('comes in pages that fit together, in a stable order, with the total', async () => {
      // All of one age: nothing but the store's own habit can order them.
      for (let count = 0; count < 25; count += 1) await suite.created()
      const whole = await suite.listedIds()
      const pages: string[] = []
      for (let offset = 0; offset < 30; offset += 10) {
        const page = await suite.store.list(OWNER, { limit: 10, offset })
        expect(page.total).toBe(25)
        pages.push(...page.items.map(({ id }) => id))
      }
      expect(pages).toEqual(whole)
      expect(new Set(pages).size).toBe(25)
      expect(await suite.listedIds({ limit: 10, offset: 25 })).toEqual([])
      expect(await suite.listedIds({ limit: 10, offset: 1000 })).toEqual([])
      expect((await suite.store.conversationIds(OWNER)).toSorted()).toEqual(whole.toSorted())
      await suite.reopen()
      expect(await suite.listedIds()).toEqual(whole)
    })
  })

  describe('a walk over the list', () => {
    it('neither repeats nor leaves out an entry while others change', async () => {
      for (let count = 0; count < 12; count += 1) {
        suite.now += count % 3
        await suite.created({ updatedAt: new Date(suite.now).toISOString() })
      }
      const whole = await suite.listedIds()
      const changed = new Set<string>()
      const walked: string[] = []
      let after: ListPlace | undefined
      for (let page = 0; page < 4; page += 1) {
        const { items, hasMore } = await suite.store.list(OWNER, { limit: 3, offset: 0, after })
        walked.push(...items.map(({ id }) => id))
        expect(hasMore).toBe(page < 3)
        after = items.at(-1)
        // One that was walked over moves up, one goes, and a new one comes.
        await suite.added(walked[0]!)
        if (page === 1) await suite.store.remove(OWNER, walked.at(-1)!)
        changed.add((await suite.created({ updatedAt: new Date(suite.now).toISOString() })).id)
        if (page === 2) await suite.reopen()
      }
      expect(walked.filter((id) => !changed.has(id))).toEqual(whole)
      expect(new Set(walked).size).toBe(walked.length)
    })
  })

  describe('what has not changed for long', () => {
    const DAY = 24 * 60 * 60_000
    const isoOf = (time: number) => new Date(time).toISOString()
    const unchangedSince = async (time: number) => {
      const found: string[] = []
      for await (const { ownerId, conversationId } of suite.store.unchangedSince(isoOf(time))) {
        found.push(`${ownerId} ${conversationId}`)
      }
      return found.toSorted()
    }
    const createdAt = (time: number, parts: Partial<Conversation> = {}) => {
      suite.now = time
      return suite.created({ createdAt: isoOf(time), updatedAt: isoOf(time), ...parts })
    }

    it('is found of everybody, deleted ones too, until it changes', async () => {
      const start = suite.now
      const [one, deleted, written] = [
        await createdAt(start),
        await createdAt(start),
        await createdAt(start),
      ]
      const others = await createdAt(start, { ownerId: '../\ud800' })
      await suite.store.update(OWNER, deleted.id, { deletedAt: isoOf(start) })
      const cut = start + 30 * DAY
      await createdAt(cut)
      suite.now = cut + 1
      await suite.added(written.id)
      const old = [`${OWNER} ${one.id}`, `${OWNER} ${deleted.id}`, `../\ud800 ${others.id}`]
      expect(await unchangedSince(start)).toEqual([])
      expect(await unchangedSince(cut)).toEqual(old.toSorted())
      await suite.reopen()
      expect(await unchangedSince(cut)).toEqual(old.toSorted())
      await suite.added(one.id)
      expect(await unchangedSince(cut)).toEqual(old.slice(1).toSorted())
    })

    it('is found again and again, also where there was nothing before', async () => {
      const start = suite.now
      await createdAt(start + 2 * DAY)
      expect(await unchangedSince(start + DAY)).toEqual([])
      const older = await createdAt(start)
      expect(await unchangedSince(start + DAY)).toEqual([`${OWNER} ${older.id}`])
      expect(await unchangedSince(start + 3 * DAY)).toHaveLength(2)
      expect(await unchangedSince(start + 3 * DAY)).toHaveLength(2)
    })

    it('is found in pages, while it is removed', async () => {
      const start = suite.now
      for (let count = 0; count < 250; count += 1) {
        // Some of one age: nothing but the store's own habit can order them.
        const ownerId = `owner-${count % 7}`
        await createdAt(start + (count % 90), { ownerId })
      }
      const found = new Set<string>()
      const since = isoOf(start + DAY)
      for await (const { ownerId, conversationId } of suite.store.unchangedSince(since)) {
        found.add(conversationId)
        expect(await suite.store.remove(ownerId, conversationId, since)).toBe(true)
      }
      expect(found.size).toBe(250)
      expect(await suite.store.owners()).toEqual([])
      await suite.reopen()
      expect(await unchangedSince(start + DAY)).toEqual([])
      const { id } = await suite.created({ ownerId: 'owner-1' })
      expect((await suite.store.list('owner-1', ALL)).items.map((item) => item.id)).toEqual([id])
    })

    it('is removed only if it has not changed meanwhile', async () => {
      const start = suite.now
      const kept = await createdAt(start)
      const deleted = await createdAt(start)
      await suite.store.update(OWNER, deleted.id, { deletedAt: isoOf(start) })
      suite.now = start + DAY
      const { conversation } = await suite.added(kept.id)
      expect(await suite.store.remove(OWNER, kept.id, isoOf(start + DAY))).toBe(false)
      expect(await suite.store.find(OWNER, kept.id)).toEqual(conversation)
      expect(await suite.store.messages(OWNER, kept.id)).toHaveLength(1)
      expect(await suite.store.remove(OWNER, deleted.id, isoOf(start + DAY))).toBe(true)
      expect(await suite.store.remove(OWNER, deleted.id, isoOf(start + DAY))).toBe(false)
      expect(await suite.store.findDeleted(OWNER, deleted.id)).toBeUndefined()
      expect(await suite.store.remove(OWNER, kept.id, isoOf(start + 2 * DAY))).toBe(true)
    })

    it('leaves whoever comes back in the very moment what they begin', async () => {
      const start = suite.now
      const old = await createdAt(start)
      const since = isoOf(start + DAY)
      const begun: Promise<Conversation>[] = []
      for await (const { ownerId, conversationId } of suite.store.unchangedSince(since)) {
        await suite.store.remove(ownerId, conversationId, since)
        suite.now = start + 2 * DAY
        begun.push(createdAt(suite.now))
      }
      begun.push(createdAt(suite.now))
      const ids = (await Promise.all(begun)).map(({ id }) => id)
      expect((await suite.listedIds()).toSorted()).toEqual(ids.toSorted())
      await suite.reopen()
      expect((await suite.listedIds()).toSorted()).toEqual(ids.toSorted())
      expect(await suite.store.find(OWNER, old.id)).toBeUndefined()
    })
  })

  describe('an owner', () => {
    it.each(['../../..', '', '/', 'a/b\\c', '\u0000', '\ud800', 'A'.repeat(300), 'CON', '.'])(
      'may be called %j',
      async (ownerId) => {
        const conversation = await suite.created({ ownerId })
        await suite.reopen()
        expect((await suite.store.list(ownerId, ALL)).items).toEqual([conversation])
        await suite.store.removeOwner(ownerId)
        expect((await suite.store.list(ownerId, ALL)).items).toEqual([])
      },
    )

    it('is not mixed up with one whose name looks alike', async () => {
      const names = ['asha', 'Asha', 'asha ', '\ud800', '\ud801', '\ufffd', 'é', 'e\u0301']
      for (const ownerId of names) await suite.created({ ownerId })
      for (const ownerId of names) expect((await suite.store.list(ownerId, ALL)).total).toBe(1)
    })

    it('is counted with what there is, while it changes and after a restart', async () => {
      const totals = async () =>
        new Map((await suite.store.owners()).map(({ ownerId, ...rest }) => [ownerId, rest]))
      expect(await totals()).toEqual(new Map())
      const first = await suite.created()
      const second = await suite.created()
      const others = await suite.created({ ownerId: '../\ud800' })
      const { message } = await suite.added(first.id)
      await suite.added(first.id)
      await suite.added(second.id)
      const expected = new Map([
        [OWNER, { conversations: 2, messages: 3 }],
        ['../\ud800', { conversations: 1, messages: 0 }],
      ])
      expect(await totals()).toEqual(expected)
      await suite.store.addMessage(OWNER, first.id, {
        message: exampleMessage(),
        dropMessageIds: [message.id],
      })
      await suite.added(second.id)
      await suite.store.remove('../\ud800', others.id)
      const later = new Map([[OWNER, { conversations: 2, messages: 4 }]])
      expect(await totals()).toEqual(later)
      await suite.reopen()
      expect(await totals()).toEqual(later)
      await suite.store.removeOwner(OWNER)
      expect(await totals()).toEqual(new Map())
      await suite.reopen()
      expect(await totals()).toEqual(new Map())
    })

    it('is erased with everything, and may start again', async () => {
      const first = await suite.created()
      const kept = await suite.created({ ownerId: 'visitor-2' })
      await suite.added(first.id)
      await suite.listedIds()
      await suite.store.removeOwner(OWNER)
      await suite.store.removeOwner(OWNER)
      expect(await suite.store.find(OWNER, first.id)).toBeUndefined()
      expect(await suite.listedIds()).toEqual([])
      const second = await suite.created()
      expect(await suite.listedIds()).toEqual([second.id])
      await suite.reopen()
      expect(await suite.listedIds()).toEqual([second.id])
      expect(await suite.store.find(OWNER, first.id)).toBeUndefined()
      expect(await suite.store.find('visitor-2', kept.id)).toEqual(kept)
    })

    it('is erased whole while messages are arriving', async () => {
      const { id } = await suite.created()
      const add = () => suite.store.addMessage(OWNER, id, { message: exampleMessage() })
      const before = add()
      const erased = suite.store.removeOwner(OWNER)
      const after = add()
      await Promise.all([before, erased])
      expect(await after).toBeUndefined()
      expect(await suite.listedIds()).toEqual([])
      await suite.reopen()
      expect(await suite.store.find(OWNER, id)).toBeUndefined()
    })
  })
}
