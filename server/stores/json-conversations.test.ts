import { describeConversationStore } from '../testing/stores/store-suite.ts'
import { createKilledStore, createTemporaryStore } from '../testing/stores/testing.ts'

describeConversationStore('JSON file store', (clock) => createTemporaryStore({ clock }))

// With room for one conversation and one owner, everything is forgotten and read again all the time.
describeConversationStore('JSON file store with hardly any memory', (clock) =>
  createTemporaryStore({ clock, conversationLimit: 1, ownerLimit: 1, indexFlushDelay: () => 0 }),
)

// All but the shortest conversations are lines, of which hardly any is in memory.
const LONG = { above: 2, newest: 1, loaded: 2, chunk: 64 }
describeConversationStore('JSON file store of long conversations', (clock) =>
  createTemporaryStore({ clock, long: LONG, saveDelay: 0, conversationLimit: 1 }),
)
describeConversationStore('JSON file store of long conversations that is killed', (clock) =>
  createKilledStore({ clock, long: LONG, saveDelay: 60_000 }),
)

// Nothing but the journal has what changed.
describeConversationStore('JSON file store that is killed', (clock) =>
  createKilledStore({ clock, saveDelay: 60_000 }),
)
