/** What the parts of the store's suite share: an empty store for each test, and short words for common steps. */
import { afterEach, beforeEach } from 'vitest'
import type { Conversation, ConversationStore, Message } from '../../core/ports/index.ts'
import { EXAMPLE_TIME, exampleConversation, exampleMessage } from './store-examples.ts'

export interface StoreUnderTest {
  readonly store: ConversationStore
  /** Closes the store and opens another one on the same data. */
  reopen(): Promise<ConversationStore>
  /** Closes the store that is open and removes the data. */
  end(): Promise<void>
}

/** Makes an empty store that reads the time, in milliseconds since 1970, from `clock`. */
export type CreateStoreUnderTest = (clock: () => number) => Promise<StoreUnderTest>

export const OWNER = 'visitor-1'
export const ALL = { limit: 1000, offset: 0 }

export interface StoreSuite {
  /** The store of the running test. */
  readonly store: ConversationStore
  /** Milliseconds since 1970; tests set it. */
  now: number
  reopen(): Promise<void>
  created(parts?: Partial<Conversation>): Promise<Conversation>
  added(
    id: string,
    parts?: Partial<Message>,
  ): Promise<{ readonly message: Message; readonly conversation: Conversation }>
  listedIds(page?: typeof ALL): Promise<readonly string[]>
}

/** To be called inside `describe`. */
export function createStoreSuite(create: CreateStoreUnderTest): StoreSuite {
  let tested: StoreUnderTest
  let store: ConversationStore

  const suite: StoreSuite = {
    get store() {
      return store
    },
    now: EXAMPLE_TIME,
    async reopen() {
      store = await tested.reopen()
    },
    async created(parts = {}) {
      const conversation = exampleConversation(parts)
      await store.create(conversation)
      return conversation
    },
    async added(id, parts = {}) {
      const message = exampleMessage({ conversationId: id, ...parts })
      const conversation = await store.addMessage(OWNER, id, { message })
      return { message, conversation: conversation! }
    },
    async listedIds(page = ALL) {
      return (await store.list(OWNER, page)).items.map((conversation) => conversation.id)
    },
  }
  beforeEach(async () => {
    suite.now = EXAMPLE_TIME
    tested = await create(() => suite.now)
    store = tested.store
  })
  afterEach(() => tested.end())
  return suite
}
