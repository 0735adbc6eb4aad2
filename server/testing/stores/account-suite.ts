/** What every store of accounts promises. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AccountStore } from '../../core/ports/index.ts'
import { exampleAccount } from './store-examples.ts'

export interface AccountStoreUnderTest {
  readonly store: AccountStore
  /** Another one on what the first has kept, which is closed. */
  reopen(): Promise<AccountStore>
  end(): Promise<void>
}

const anyTime = { onlyFirst: false }

export function describeAccountStore(
  name: string,
  create: () => Promise<AccountStoreUnderTest>,
): void {
  describe(name, () => {
    let tested: AccountStoreUnderTest
    let store: AccountStore
    beforeEach(async () => {
      tested = await create()
      ;({ store } = tested)
    })
    afterEach(() => tested.end())

    it('has accounts again after a restart, in the order in which they were made', async () => {
      const ann = exampleAccount({ username: 'ann', createdAt: '2026-01-02T00:00:00.000Z' })
      const bob = exampleAccount({ username: 'bob', createdAt: '2026-01-01T00:00:00.000Z' })
      expect(await store.add(ann, anyTime)).toBe('added')
      expect(await store.add(bob, anyTime)).toBe('added')
      await store.change(ann.id, ({ tokenVersion }) => ({ tokenVersion: tokenVersion + 1 }))
      const again = await tested.reopen()
      expect(await again.list()).toEqual([bob, { ...ann, tokenVersion: 1 }])
      expect(await again.find(ann.id)).toEqual({ ...ann, tokenVersion: 1 })
      expect(await again.count()).toBe(2)
      expect(await again.findByUsername('BOB ')).toEqual(bob)
      expect(await again.findByUsername('__proto__')).toBeUndefined()
      expect(await again.find('nobody')).toBeUndefined()
      expect(await again.change('nobody', () => ({ isActive: false }))).toBeUndefined()
    })

    it('keeps names and addresses apart, also when all come at once', async () => {
      const at = (username: string, email: string | null) =>
        store.add(exampleAccount({ username, email }), anyTime)
      const additions = await Promise.all([
        at('Ann', 'ann@example.com'),
        at('ＡＮＮ', null),
        at('cy', null),
        at('dan', null),
      ])
      expect(additions.toSorted()).toEqual(['added', 'added', 'added', 'username taken'])
      expect(await at('bob', 'bob@example.com')).toBe('added')
      expect(await at('BOB ', null)).toBe('username taken')
      expect(await at('eve', 'Bob@Example.com')).toBe('email taken')
      expect(await store.count()).toBe(4)
    })

    it('has one first', async () => {
      const first = ['ann', 'bob', 'cy'].map((username) =>
        store.add(exampleAccount({ username }), { onlyFirst: true }),
      )
      const additions = await Promise.all(first)
      expect(additions.toSorted()).toEqual(['added', 'not first', 'not first'])
      expect(await store.count()).toBe(1)
    })

    it('loses an account for good, and its names are free', async () => {
      const [ann, bob] = [
        exampleAccount({ username: 'Ann', email: 'ann@example.com' }),
        exampleAccount({ username: 'bob' }),
      ]
      await store.add(ann, anyTime)
      await store.add(bob, anyTime)
      expect(await store.remove(ann.id)).toBe(true)
      expect(await store.remove(ann.id)).toBe(false)
      expect(await store.remove('nobody')).toBe(false)
      expect(await store.find(ann.id)).toBeUndefined()
      expect(await store.findByUsername('ann')).toBeUndefined()
      expect(await store.change(ann.id, () => ({ isActive: false }))).toBeUndefined()
      const next = exampleAccount({ username: 'ann', email: 'ann@example.com' })
      expect(await store.add(next, anyTime)).toBe('added')
      const again = await tested.reopen()
      expect((await again.list()).map(({ id }) => id).toSorted()).toEqual(
        [bob.id, next.id].toSorted(),
      )
    })

    it('keeps every change of one account that are made at once', async () => {
      const account = exampleAccount()
      await store.add(account, anyTime)
      await Promise.all(
        Array.from({ length: 20 }, () =>
          store.change(account.id, ({ tokenVersion }) => ({ tokenVersion: tokenVersion + 1 })),
        ),
      )
      expect((await (await tested.reopen()).find(account.id))?.tokenVersion).toBe(20)
    })
  })
}
