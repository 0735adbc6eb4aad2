import { describeConversationStore } from '../testing/stores/store-suite.ts'
import { createKilledStore, createTemporaryStore } from '../testing/stores/testing.ts'

describeConversationStore('JSON file store', (clock) => createTemporaryStore({ clock }))

// With room for one conversation and one owner, everything is forgotten and read again all the time.
describeConversationStore('JSON file store with hardly any memory', (clock) =>
  createTemporaryStore({ clock, conversationLimit: 1, ownerLimit: 1, indexFlushDelay: () => 0 }),
)

// Nothing but the journal has what changed.
describeConversationStore('JSON file store that is killed', (clock) =>
  createKilledStore({ clock, saveDelay: 60_000 }),
)
