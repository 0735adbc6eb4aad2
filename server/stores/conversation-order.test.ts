import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ListPage } from '../core/ports/index.ts'
import { createConversationOrder, type IndexEntry } from './owner-index.ts'
import { exampleConversation } from '../testing/stores/store-examples.ts'

const ALL = { limit: 100, offset: 0 }
const stamp = { inode: 1, size: 1, modifiedMs: 1 }

function entry(id: string, at: number): IndexEntry {
  const updatedAt = new Date(at).toISOString()
  return { conversation: exampleConversation({ id, updatedAt }), messages: at, stamp }
}

it('is what sorting everything would give, after any changes', async () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const change = fc.record({ id, at: fc.option(fc.nat(4)) })
  await fc.assert(
    fc.asyncProperty(fc.array(change), fc.array(change), async (initial, changes) => {
      const expected = new Map<string, number>()
      const entries: IndexEntry[] = []
      for (const item of initial) {
        expected.set(item.id, item.at ?? 0)
        entries.push(entry(item.id, item.at ?? 0))
      }
      const order = await createConversationOrder(entries)
      for (const item of changes) {
        if (item.at === null) {
          expect(order.delete(item.id)).toBe(expected.delete(item.id))
        } else {
          order.set(entry(item.id, item.at))
          expected.set(item.id, item.at)
        }
      }
      const ids = [...expected.keys()]
        .toSorted()
        .toReversed()
        .toSorted((a, b) => expected.get(b)! - expected.get(a)!)
      const idsOf = (page: ListPage) => order.page(page).items.map((c) => c.id)
      expect(idsOf({ limit: 100, offset: 0 })).toEqual(ids)
      expect(idsOf({ limit: 2, offset: 1 })).toEqual(ids.slice(1, 3))
      expect(idsOf({ limit: 0, offset: 0 })).toEqual([])
      for (const [index, { updatedAt, id: last }] of order.page(ALL).items.entries()) {
        const after = { updatedAt, id: last }
        expect(idsOf({ limit: 2, offset: 0, after })).toEqual(ids.slice(index + 1, index + 3))
        const { hasMore } = order.page({ limit: 2, offset: 0, after })
        expect(hasMore).toBe(index + 3 < ids.length)
      }
      expect(order.size).toBe(ids.length)
      expect(order.messages).toBe([...expected.values()].reduce((sum, at) => sum + at, 0))
    }),
  )
})
