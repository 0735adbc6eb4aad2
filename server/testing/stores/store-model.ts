/** Random sequences of calls, checked against a store so simple that it can be seen to be right. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type {
  Conversation,
  ConversationStore,
  Message,
  MessageAddition,
  TurnKey,
} from '../../core/ports/index.ts'
import { EXAMPLE_TIME, exampleConversation, exampleMessage } from './store-examples.ts'
import type { CreateStoreUnderTest } from './store-suite-fixture.ts'

interface ModelConversation {
  conversation: Conversation
  messages: Message[]
  turnKeys: Map<string, TurnKey>
}

/** Few owners and few ids, so that calls meet. */
const OWNERS = ['asha', 'Asha', '../asha']
const IDS = [0, 1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`)
const PAGE = { limit: 3, offset: 1 }

const owner = fc.constantFrom(...OWNERS)
const id = fc.constantFrom(...IDS)
const text = fc.string({ unit: 'binary', maxLength: 8 })
const changes = fc.record({ title: text, isFavorited: fc.boolean() }, { requiredKeys: [] })
const feedback = fc.option(
  fc.record({ rating: fc.constantFrom('up', 'down'), comment: fc.option(text) }),
)
/** Messages are named by their place, since their ids are random. */
const place = fc.nat(5)
const addition = fc.record({
  content: fc.option(text),
  drop: fc.array(place, { maxLength: 2 }),
  changes: fc.option(changes),
  key: fc.option(fc.constantFrom('k1', 'k2')),
})

const call = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('create'), owner, id, title: text }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('add'), owner, id, addition }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('update'), owner, id, changes }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('rate'), owner, id, feedback, place }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('owners') }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove'), owner, id }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('removeOwner'), owner }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('list'), owner }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clock'), by: fc.integer() }) },
)

type Call = typeof call extends fc.Arbitrary<infer T> ? T : never
type Model = Map<string, Map<string, ModelConversation>>

/** The owner's conversations, newest first; the order among equals is the store's own business. */
function newestFirst(model: Model, ownerId: string): Conversation[] {
  return [...(model.get(ownerId)?.values() ?? [])]
    .map(({ conversation }) => conversation)
    .toSorted((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt))
}

function toAddition(
  known: ModelConversation | undefined,
  {
    content,
    drop,
    changes: changed,
    key,
  }: typeof addition extends fc.Arbitrary<infer T> ? T : never,
): MessageAddition {
  const dropMessageIds = drop.flatMap((at) => known?.messages[at]?.id ?? [])
  const parts = {
    message: content === null ? null : exampleMessage({ content }),
    dropMessageIds,
    ...(changed && { changes: changed }),
  }
  if (key === null) return parts
  const { id: turnId } = exampleMessage()
  const createdAt = new Date(EXAMPLE_TIME).toISOString()
  return { ...parts, turnKey: { key, turnId, userMessageId: turnId, messageId: turnId, createdAt } }
}

/** What the call did must be what the model says; `updatedAt` is taken over when it has risen. */
function checkChanged(known: ModelConversation | undefined, found: Conversation | undefined) {
  if (!known || !found) {
    expect(found).toEqual(known)
    return
  }
  expect(found.updatedAt > known.conversation.updatedAt).toBe(true)
  known.conversation = { ...known.conversation, updatedAt: found.updatedAt }
  expect(found).toEqual(known.conversation)
}

async function runCall(store: ConversationStore, model: Model, made: Call): Promise<void> {
  if (!('owner' in made)) return
  const conversations = model.get(made.owner) ?? new Map<string, ModelConversation>()
  model.set(made.owner, conversations)
  if (made.type === 'removeOwner') {
    await store.removeOwner(made.owner)
    conversations.clear()
  }
  if (!('id' in made)) return
  const known = conversations.get(made.id)
  if ('title' in made) {
    const conversation = exampleConversation({
      id: made.id,
      ownerId: made.owner,
      title: made.title,
    })
    if (known) return expect(store.create(conversation)).rejects.toThrow()
    await store.create(conversation)
    conversations.set(made.id, { conversation, messages: [], turnKeys: new Map() })
  } else if ('addition' in made) {
    const add = toAddition(known, made.addition)
    if (known) {
      known.messages = known.messages.filter((m) => !add.dropMessageIds?.includes(m.id))
      if (add.message) known.messages.push(add.message)
      known.conversation = { ...known.conversation, ...add.changes }
      if (add.turnKey) known.turnKeys.set(add.turnKey.key, add.turnKey)
    }
    checkChanged(known, await store.addMessage(made.owner, made.id, add))
  } else if ('changes' in made) {
    if (known) known.conversation = { ...known.conversation, ...made.changes }
    checkChanged(known, await store.update(made.owner, made.id, made.changes))
  } else if ('feedback' in made) {
    const message = known?.messages[made.place]
    const rated = message && { ...message, feedback: made.feedback }
    if (rated) known?.messages.splice(made.place, 1, rated)
    const { id: messageId } = message ?? exampleMessage()
    const { owner: ownerId, feedback: rating } = made
    expect(await store.setFeedback(ownerId, made.id, messageId, rating)).toEqual(rated)
  } else {
    expect(await store.remove(made.owner, made.id)).toBe(conversations.delete(made.id))
  }
}

function totalsOf(model: Model) {
  return [...model]
    .map(([ownerId, conversations]) => ({
      ownerId,
      conversations: conversations.size,
      messages: [...conversations.values()].reduce((sum, { messages }) => sum + messages.length, 0),
    }))
    .filter(({ conversations }) => conversations > 0)
}

async function checkAll(store: ConversationStore, model: Model): Promise<void> {
  expect(new Set(await store.owners())).toEqual(new Set(totalsOf(model)))
  for (const ownerId of OWNERS) {
    const expected = newestFirst(model, ownerId)
    const { items, total } = await store.list(ownerId, { limit: 100, offset: 0 })
    expect(total).toBe(expected.length)
    expect(items.map((c) => c.updatedAt)).toEqual(expected.map((c) => c.updatedAt))
    expect(new Set(items)).toEqual(new Set(expected))
    expect((await store.list(ownerId, PAGE)).items).toEqual(items.slice(1, 4))
    expect(new Set(await store.conversationIds(ownerId))).toEqual(new Set(items.map((c) => c.id)))
    for (const conversationId of IDS) {
      const known = model.get(ownerId)?.get(conversationId)
      expect(await store.find(ownerId, conversationId)).toEqual(known?.conversation)
      expect(await store.messages(ownerId, conversationId)).toEqual(known?.messages)
      for (const key of ['k1', 'k2']) {
        const turnKey = known?.turnKeys.get(key)
        expect(await store.findTurnKey(ownerId, conversationId, key)).toEqual(turnKey)
      }
    }
  }
}

/** One test: whatever is called in whatever order, store and model agree. */
export function itBehavesAsTheModel(create: CreateStoreUnderTest): void {
  it('agrees with a simple model after any sequence of calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        let now = EXAMPLE_TIME
        const tested = await create(() => now)
        let { store } = tested
        try {
          const model: Model = new Map()
          for (const made of calls) {
            // A day at most, either way: the turn keys live that long.
            if ('by' in made) now = EXAMPLE_TIME + (made.by % 43_200_000)
            if (made.type === 'reopen') store = await tested.reopen()
            if (made.type === 'owners') await store.owners()
            if (made.type === 'list') await store.list(made.owner, PAGE)
            await runCall(store, model, made)
          }
          await checkAll(store, model)
          store = await tested.reopen()
          await checkAll(store, model)
        } finally {
          await tested.end()
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)
}
