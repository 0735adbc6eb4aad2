/** What every store of conversations promises; run on each of them. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Conversation, ConversationStore, Message } from '../core/ports.ts'
import {
  EXAMPLE_TIME,
  exampleConversation,
  exampleMessage,
  exampleTurnKey,
} from './store-examples.ts'
import { itBehavesAsTheModel } from './store-model.ts'

export interface StoreUnderTest {
  readonly store: ConversationStore
  /** Closes the store and opens another one on the same data. */
  reopen(): Promise<ConversationStore>
  /** Closes the store that is open and removes the data. */
  end(): Promise<void>
}

/** Makes an empty store that reads the time, in milliseconds since 1970, from `clock`. */
export type CreateStoreUnderTest = (clock: () => number) => Promise<StoreUnderTest>

const OWNER = 'visitor-1'
const DAY_MS = 24 * 60 * 60 * 1000
const ALL = { limit: 1000, offset: 0 }

/** Texts that a careless encoding loses. */
const DIFFICULT_TEXTS = [
  '',
  'समोसा 🥟 مرحبا ﷽ e\u0301',
  '👩‍👩‍👧‍👦\u200d\ufe0f\u{10ffff}',
  'quotes " \\ and \u0000 \u0001 \u001f \u007f controls',
  'lines \u2028 and \u2029 \r\n \n',
  '\ufeffmark',
  '\ud83e',
  'cut \udd5f here',
  '\udd5f\ud83e',
  '__proto__',
  '<script>alert(1)</script>',
]

export function describeConversationStore(name: string, create: CreateStoreUnderTest): void {
  describe(name, () => {
    let now = EXAMPLE_TIME
    let tested: StoreUnderTest
    let store: ConversationStore

    beforeEach(async () => {
      now = EXAMPLE_TIME
      tested = await create(() => now)
      store = tested.store
    })
    afterEach(() => tested.end())

    const reopen = async () => {
      store = await tested.reopen()
    }

    const created = async (parts: Partial<Conversation> = {}) => {
      const conversation = exampleConversation(parts)
      await store.create(conversation)
      return conversation
    }

    const added = async (id: string, parts: Partial<Message> = {}) => {
      const message = exampleMessage({ conversationId: id, ...parts })
      const conversation = await store.addMessage(OWNER, id, { message })
      return { message, conversation: conversation! }
    }

    const listedIds = async (page = ALL) => (await store.list(OWNER, page)).items.map((c) => c.id)

    describe('a conversation', () => {
      it('is found as it was created, also after a restart', async () => {
        const conversation = await created({ title: 'Samosas', isFavorited: true, renamed: true })
        expect(await store.find(OWNER, conversation.id)).toEqual(conversation)
        await reopen()
        expect(await store.find(OWNER, conversation.id)).toEqual(conversation)
        expect(await store.messages(OWNER, conversation.id)).toEqual([])
      })

      it('is never created over another one', async () => {
        const conversation = await created({ title: 'first' })
        await expect(store.create({ ...conversation, title: 'second' })).rejects.toMatchObject({
          code: 'conflict',
        })
        expect(await store.find(OWNER, conversation.id)).toEqual(conversation)
      })

      it('is not there for another owner, whatever is tried', async () => {
        const { id } = await created()
        const stranger = 'visitor-2'
        const message = exampleMessage()
        expect(await store.find(stranger, id)).toBeUndefined()
        expect(await store.messages(stranger, id)).toBeUndefined()
        expect(await store.update(stranger, id, { title: 'mine' })).toBeUndefined()
        expect(await store.addMessage(stranger, id, { message })).toBeUndefined()
        expect(await store.findTurnKey(stranger, id, 'key-1')).toBeUndefined()
        expect(await store.remove(stranger, id)).toBe(false)
        await store.removeOwner(stranger)
        expect(await store.find(OWNER, id)).toBeDefined()
        expect((await store.list(stranger, ALL)).total).toBe(0)
        expect(await store.conversationIds(stranger)).toEqual([])
      })

      it.each(['', 'x', '..', '../../etc/passwd', 'index', `${randomUUID()}x`, '\u0000', '\ud800'])(
        'is not found by %j, which is no id',
        async (id) => {
          await created()
          const message = exampleMessage()
          expect(await store.find(OWNER, id)).toBeUndefined()
          expect(await store.messages(OWNER, id)).toBeUndefined()
          expect(await store.update(OWNER, id, { title: 'x' })).toBeUndefined()
          expect(await store.addMessage(OWNER, id, { message })).toBeUndefined()
          expect(await store.findTurnKey(OWNER, id, 'key-1')).toBeUndefined()
          expect(await store.remove(OWNER, id)).toBe(false)
        },
      )

      it('is found by its id in capitals', async () => {
        const { id } = await created()
        const upper = id.toUpperCase()
        expect((await store.find(OWNER, upper))?.id).toBe(id)
        await store.addMessage(OWNER, upper, { message: exampleMessage() })
        expect(await store.messages(OWNER, id)).toHaveLength(1)
      })

      it('takes the changes it is given and keeps the rest', async () => {
        const conversation = await created({ title: 'before', isFavorited: true })
        const changed = await store.update(OWNER, conversation.id, { title: 'after' })
        expect(changed).toEqual({
          ...conversation,
          title: 'after',
          updatedAt: changed?.updatedAt,
        })
        expect(await store.find(OWNER, conversation.id)).toEqual(changed)
        await reopen()
        expect(await store.find(OWNER, conversation.id)).toEqual(changed)
      })

      it('is gone once removed, and stays gone', async () => {
        const { id } = await created()
        const other = await created()
        expect(await store.remove(OWNER, id)).toBe(true)
        for (const restarted of [false, true]) {
          if (restarted) await reopen()
          expect(await store.find(OWNER, id)).toBeUndefined()
          expect(await store.messages(OWNER, id)).toBeUndefined()
          expect(await store.remove(OWNER, id)).toBe(false)
          expect(await store.update(OWNER, id, { title: 'x' })).toBeUndefined()
          expect(await listedIds()).toEqual([other.id])
        }
      })
    })

    describe('a message', () => {
      it('is kept whole and in order, also after a restart', async () => {
        const { id } = await created()
        const source = {
          number: 1,
          title: 'Keeping',
          url: null,
          creator: 'asha',
          section: 'Cold › Freezer',
          snippet: 'Two months.',
          score: 0.25,
        }
        const { message: question } = await added(id)
        const { message: answer } = await added(id, {
          role: 'assistant',
          content: '<think>hm</think>Two months [1].',
          tokenCount: 7,
          modelTag: 'small',
          inferenceTimeMs: 12.5,
          finishReason: 'stop',
          feedback: { rating: 'up', comment: 'thanks' },
          sources: [source],
        })
        expect(await store.messages(OWNER, id)).toEqual([question, answer])
        await reopen()
        expect(await store.messages(OWNER, id)).toEqual([question, answer])
      })

      it.each(DIFFICULT_TEXTS)('keeps every character of %j', async (text) => {
        const { id } = await created({ title: text, modelTag: text })
        const { message } = await added(id, { content: text })
        await reopen()
        expect(await store.messages(OWNER, id)).toEqual([message])
        expect((await store.find(OWNER, id))?.title).toBe(text)
      })

      it('may be long', async () => {
        const { id } = await created()
        const { message } = await added(id, { content: 'समोसा '.repeat(50_000) })
        await reopen()
        expect(await store.messages(OWNER, id)).toEqual([message])
      })

      it('comes with what it replaces, what it changes and its turn key in one go', async () => {
        const { id } = await created()
        const { message: question } = await added(id)
        const { message: answer } = await added(id, { role: 'assistant' })
        const better = exampleMessage({ role: 'assistant', content: 'better' })
        const turnKey = exampleTurnKey()
        const conversation = await store.addMessage(OWNER, id, {
          message: better,
          dropMessageIds: [answer.id, randomUUID()],
          changes: { title: 'Keeping samosas' },
          turnKey,
        })
        expect(conversation?.title).toBe('Keeping samosas')
        await reopen()
        expect(await store.find(OWNER, id)).toEqual(conversation)
        expect(await store.messages(OWNER, id)).toEqual([question, better])
        expect(await store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
      })

      it('may be none, to record only the rest', async () => {
        const { id } = await created()
        const { message } = await added(id)
        const turnKey = exampleTurnKey()
        expect(await store.addMessage(OWNER, id, { message: null, turnKey })).toBeDefined()
        expect(await store.messages(OWNER, id)).toEqual([message])
        expect(await store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
      })

      it('is there once when it is stored twice', async () => {
        const { id } = await created()
        const { message } = await added(id)
        const { message: second } = await added(id)
        const rated = { ...message, feedback: { rating: 'down', comment: null } } as const
        await store.addMessage(OWNER, id, { message: rated })
        expect(await store.messages(OWNER, id)).toEqual([rated, second])
      })

      it('keeps the order of the calls when a hundred come together', async () => {
        const { id } = await created()
        const messages = Array.from({ length: 100 }, (_, n) => exampleMessage({ content: `${n}` }))
        const results = await Promise.all(
          messages.map((message) => store.addMessage(OWNER, id, { message })),
        )
        expect(await store.messages(OWNER, id)).toEqual(messages)
        const times = results.map((conversation) => conversation!.updatedAt)
        expect(times).toEqual([...new Set(times)].toSorted())
        expect(await store.find(OWNER, id)).toEqual(results.at(-1))
      })

      it('does not bring a removed conversation back, even when both come together', async () => {
        for (const removeFirst of [true, false]) {
          const { id } = await created()
          await added(id)
          const add = () => store.addMessage(OWNER, id, { message: exampleMessage() })
          const remove = () => store.remove(OWNER, id)
          const results = await Promise.all(
            removeFirst ? [remove(), add(), add()] : [add(), remove(), add()],
          )
          expect(results.at(-1)).toBeUndefined()
          expect(await store.find(OWNER, id)).toBeUndefined()
          await reopen()
          expect(await store.find(OWNER, id)).toBeUndefined()
          expect(await listedIds()).toEqual([])
        }
      })
    })

    describe('updatedAt', () => {
      it('is the time of the last write', async () => {
        const { id } = await created()
        now += 5000
        expect((await added(id)).conversation.updatedAt).toBe(new Date(now).toISOString())
        now += 5000
        expect((await store.update(OWNER, id, {}))?.updatedAt).toBe(new Date(now).toISOString())
      })

      it('rises with every write, even when the clock stands still or goes back', async () => {
        const conversation = await created()
        let { updatedAt } = conversation
        for (const step of [0, 0, -60_000, 0, 1, 120_000, -1]) {
          now += step
          const { conversation: written } = await added(conversation.id)
          expect(written.updatedAt > updatedAt).toBe(true)
          const changed = await store.update(OWNER, conversation.id, { isFavorited: true })
          expect(changed!.updatedAt > written.updatedAt).toBe(true)
          updatedAt = changed!.updatedAt
        }
      })
    })

    describe('a turn key', () => {
      it('is forgotten after 24 hours, also without a write', async () => {
        const { id } = await created()
        const turnKey = exampleTurnKey()
        await store.addMessage(OWNER, id, { message: null, turnKey })
        now = EXAMPLE_TIME + DAY_MS - 1
        expect(await store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
        now += 1
        expect(await store.findTurnKey(OWNER, id, turnKey.key)).toBeUndefined()
        await added(id)
        now = EXAMPLE_TIME
        expect(await store.findTurnKey(OWNER, id, turnKey.key)).toBeUndefined()
      })

      it('is its conversation’s own, and the newest of its name counts', async () => {
        const { id } = await created()
        const other = await created()
        await store.addMessage(OWNER, id, { message: null, turnKey: exampleTurnKey() })
        const newer = exampleTurnKey()
        await store.addMessage(OWNER, id, { message: null, turnKey: newer })
        expect(await store.findTurnKey(OWNER, id, newer.key)).toEqual(newer)
        expect(await store.findTurnKey(OWNER, other.id, newer.key)).toBeUndefined()
        expect(await store.findTurnKey(OWNER, id, 'unknown')).toBeUndefined()
      })
    })

    describe('the list', () => {
      it('has the newest first and moves what is written to the top', async () => {
        const ids: string[] = []
        for (let count = 0; count < 4; count += 1) {
          now += 1000
          ids.push((await created({ updatedAt: new Date(now).toISOString() })).id)
        }
        const [a, b, c, d] = ids
        expect(await listedIds()).toEqual([d, c, b, a])
        now += 1000
        await added(b!)
        expect(await listedIds()).toEqual([b, d, c, a])
        now += 1000
        await store.update(OWNER, a!, { title: 'again' })
        expect(await listedIds()).toEqual([a, b, d, c])
        await reopen()
        expect(await listedIds()).toEqual([a, b, d, c])
      })

      it('shows each conversation as find does', async () => {
        const { id } = await created()
        await listedIds()
        await store.addMessage(OWNER, id, { message: exampleMessage(), changes: { title: 'New' } })
        expect((await store.list(OWNER, ALL)).items).toEqual([await store.find(OWNER, id)])
      })

      it('comes in pages that fit together, in a stable order, with the total', async () => {
        // All of one age: nothing but the store's own habit can order them.
        for (let count = 0; count < 25; count += 1) await created()
        const whole = await listedIds()
        const pages: string[] = []
        for (let offset = 0; offset < 30; offset += 10) {
          const page = await store.list(OWNER, { limit: 10, offset })
          expect(page.total).toBe(25)
          pages.push(...page.items.map(({ id }) => id))
        }
        expect(pages).toEqual(whole)
        expect(new Set(pages).size).toBe(25)
        expect(await listedIds({ limit: 10, offset: 25 })).toEqual([])
        expect(await listedIds({ limit: 10, offset: 1000 })).toEqual([])
        expect((await store.conversationIds(OWNER)).toSorted()).toEqual(whole.toSorted())
        await reopen()
        expect(await listedIds()).toEqual(whole)
      })
    })

    describe('an owner', () => {
      it.each(['../..', '', '/', 'a/b\\c', '\u0000', '\ud800', 'A'.repeat(300), 'CON', '.'])(
        'may be called %j',
        async (ownerId) => {
          const conversation = await created({ ownerId })
          await reopen()
          expect((await store.list(ownerId, ALL)).items).toEqual([conversation])
          await store.removeOwner(ownerId)
          expect((await store.list(ownerId, ALL)).items).toEqual([])
        },
      )

      it('is not mixed up with one whose name looks alike', async () => {
        const names = ['asha', 'Asha', 'asha ', '\ud800', '\ud801', '\ufffd', 'é', 'e\u0301']
        for (const ownerId of names) await created({ ownerId })
        for (const ownerId of names) expect((await store.list(ownerId, ALL)).total).toBe(1)
      })

      it('is erased with everything, and may start again', async () => {
        const first = await created()
        const kept = await created({ ownerId: 'visitor-2' })
        await added(first.id)
        await listedIds()
        await store.removeOwner(OWNER)
        await store.removeOwner(OWNER)
        expect(await store.find(OWNER, first.id)).toBeUndefined()
        expect(await listedIds()).toEqual([])
        const second = await created()
        expect(await listedIds()).toEqual([second.id])
        await reopen()
        expect(await listedIds()).toEqual([second.id])
        expect(await store.find(OWNER, first.id)).toBeUndefined()
        expect(await store.find('visitor-2', kept.id)).toEqual(kept)
      })

      it('is erased whole while messages are arriving', async () => {
        const { id } = await created()
        const add = () => store.addMessage(OWNER, id, { message: exampleMessage() })
        const before = add()
        const erased = store.removeOwner(OWNER)
        const after = add()
        await Promise.all([before, erased])
        expect(await after).toBeUndefined()
        expect(await listedIds()).toEqual([])
        await reopen()
        expect(await store.find(OWNER, id)).toBeUndefined()
      })
    })

    it('is ready while it is open, and not once it is closed', async () => {
      expect(await store.isReady()).toBe(true)
      await store.close()
      expect(await store.isReady()).toBe(false)
    })

    itBehavesAsTheModel(create)
  })
}
