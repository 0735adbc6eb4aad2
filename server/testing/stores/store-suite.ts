/** What every store of conversations promises; run on each of them. */
import { describe, expect, it } from 'vitest'
import { createStoreSuite, type CreateStoreUnderTest } from './store-suite-fixture.ts'
import { itBehavesAsTheModel } from './store-model.ts'
import { describeNotedAnswers } from './store-suite-answers.ts'
import { describeConversations } from './store-suite-conversations.ts'
import { describeMessages } from './store-suite-messages.ts'
import { describeOwners } from './store-suite-owners.ts'
import { describeSearch } from './store-suite-search.ts'
import { describeThreads } from './store-suite-threads.ts'

export function describeConversationStore(name: string, create: CreateStoreUnderTest): void {
  describe(name, () => {
    const suite = createStoreSuite(create)
    describeConversations(suite)
    describeMessages(suite)
    describeOwners(suite)
    describeSearch(suite)
    describeThreads(suite)
    describeNotedAnswers(suite)

    it('is ready while it is open, and not once it is closed', async () => {
      expect(await suite.store.isReady()).toBe(true)
      await suite.store.close()
      expect(await suite.store.isReady()).toBe(false)
    })

    itBehavesAsTheModel(create)
  })
}
