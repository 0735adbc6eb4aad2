/** What every directory of users promises. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { UserDirectory } from '../../core/ports/index.ts'

export interface UserDirectoryUnderTest {
  readonly users: UserDirectory
  /** Closes what is open; another one on what it has kept. */
  reopen(): Promise<UserDirectory>
  end(): Promise<void>
}

export function describeUserDirectory(
  name: string,
  create: (clock: () => number) => Promise<UserDirectoryUnderTest>,
): void {
  describe(name, () => {
    let now: number
    let tested: UserDirectoryUnderTest
    let users: UserDirectory
    beforeEach(async () => {
      now = Date.UTC(2026, 0, 1)
      tested = await create(() => now)
      ;({ users } = tested)
    })
    afterEach(() => tested.end())

    const ann = { userId: '7', roles: ['admin'], email: 'ann@example.com', name: 'Ann' }
    const idsIn = async (directory: UserDirectory) => (await directory.list()).map(({ id }) => id)

    it('knows who was there first and last, over restarts', async () => {
      users.note(ann)
      expect((await users.list()).map(({ isAdmin }) => isAdmin)).toEqual([true])
      now += 60_000
      users.note({ ...ann, roles: [], name: undefined })
      expect(await (await tested.reopen()).list()).toEqual([
        {
          id: '7',
          email: 'ann@example.com',
          name: null,
          isAdmin: false,
          firstSeenAt: '2026-01-01T00:00:00.000Z',
          lastSeenAt: '2026-01-01T00:01:00.000Z',
        },
      ])
    })

    it('keeps ids of any kind apart', async () => {
      const ids = [
        'a',
        'A',
        ' a',
        '../a',
        '__proto__',
        'constructor',
        '\u0000',
        '😀',
        '\ud800',
        '"',
      ]
      for (const userId of ids) users.note({ userId, roles: [] })
      expect((await idsIn(await tested.reopen())).toSorted()).toEqual(ids.toSorted())
    })

    it('forgets whoever was last seen before a time', async () => {
      users.note(ann)
      users.note({ userId: 'bob', roles: [] })
      await users.list()
      now += 60_000
      users.note(ann)
      await users.list()
      const time = new Date(now).toISOString()
      expect(await users.removeSeenBefore(time)).toBe(1)
      expect(await users.removeSeenBefore(time)).toBe(0)
      expect(await idsIn(users)).toEqual(['7'])
      expect(await idsIn(await tested.reopen())).toEqual(['7'])
    })

    it('forgets somebody for good, and nobody else', async () => {
      users.note(ann)
      users.note({ userId: 'bob', roles: [] })
      await users.remove('7')
      await users.remove('nobody')
      expect(await idsIn(users)).toEqual(['bob'])
      expect(await idsIn(await tested.reopen())).toEqual(['bob'])
    })
  })
}
