/** Messages and the turn keys that come with them. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { EXAMPLE_TIME, exampleMessage, exampleTurnKey } from './store-examples.ts'
import { OWNER, type StoreSuite } from './store-suite-fixture.ts'

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

const DAY_MS = 24 * 60 * 60 * 1000

export function describeMessages(suite: StoreSuite): void {
  describe('a message', () => {
    it('is kept whole and in order, also after a restart', async () => {
      const { id } = await suite.created()
      const file = { id: 'f', filename: 'a.csv', contentType: 'text/csv', sizeBytes: 3 }
      const source = {
        number: 1,
        title: 'Keeping',
        url: null,
        creator: 'asha',
        section: 'Cold › Freezer',
        snippet: 'Two months.',
        score: 0.25,
      }
      const { message: question } = await suite.added(id, { attachments: [file] })
      const { message: answer } = await suite.added(id, {
        role: 'assistant',
        content: '<think>hm</think>Two months [1].',
        tokenCount: 7,
        modelTag: 'small',
        inferenceTimeMs: 12.5,
        finishReason: 'stop',
        feedback: { rating: 'up', comment: 'thanks' },
        sources: [source],
      })
      expect(await suite.store.messages(OWNER, id)).toEqual([question, answer])
      await suite.reopen()
      expect(await suite.store.messages(OWNER, id)).toEqual([question, answer])
    })

    it.each(DIFFICULT_TEXTS)('keeps every character of %j', async (text) => {
      const { id } = await suite.created({ title: text, modelTag: text })
      const { message } = await suite.added(id, { content: text })
      await suite.reopen()
      expect(await suite.store.messages(OWNER, id)).toEqual([message])
      expect((await suite.store.find(OWNER, id))?.title).toBe(text)
    })

    it('may be long', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id, { content: 'समोसा '.repeat(50_000) })
      await suite.reopen()
      expect(await suite.store.messages(OWNER, id)).toEqual([message])
    })

    it('comes with what it replaces, what it changes and its turn key in one go', async () => {
      const { id } = await suite.created()
      const { message: question } = await suite.added(id)
      const { message: answer } = await suite.added(id, { role: 'assistant' })
      const better = exampleMessage({ role: 'assistant', content: 'better' })
      const turnKey = exampleTurnKey()
      const conversation = await suite.store.addMessage(OWNER, id, {
        message: better,
        dropMessageIds: [answer.id, randomUUID()],
        changes: { title: 'Keeping samosas' },
        turnKey,
      })
      expect(conversation?.title).toBe('Keeping samosas')
      await suite.reopen()
      expect(await suite.store.find(OWNER, id)).toEqual(conversation)
      expect(await suite.store.messages(OWNER, id)).toEqual([question, better])
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
    })

    it('may be none, to record only the rest', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id)
      const turnKey = exampleTurnKey()
      expect(await suite.store.addMessage(OWNER, id, { message: null, turnKey })).toBeDefined()
      expect(await suite.store.messages(OWNER, id)).toEqual([message])
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
    })

    it('is there once when it is stored twice', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id)
      const { message: second } = await suite.added(id)
      const rated = { ...message, feedback: { rating: 'down', comment: null } } as const
      await suite.store.addMessage(OWNER, id, { message: rated })
      expect(await suite.store.messages(OWNER, id)).toEqual([rated, second])
    })

    it('keeps the order of the calls when a hundred come together', async () => {
      const { id } = await suite.created()
      const messages = Array.from({ length: 100 }, (_, n) => exampleMessage({ content: `${n}` }))
      const results = await Promise.all(
        messages.map((message) => suite.store.addMessage(OWNER, id, { message })),
      )
      expect(await suite.store.messages(OWNER, id)).toEqual(messages)
      const times = results.map((conversation) => conversation!.updatedAt)
      expect(times).toEqual([...new Set(times)].toSorted())
      expect(await suite.store.find(OWNER, id)).toEqual(results.at(-1))
    })

    it('does not bring a removed conversation back, even when both come together', async () => {
      for (const removeFirst of [true, false]) {
        const { id } = await suite.created()
        await suite.added(id)
        const add = () => suite.store.addMessage(OWNER, id, { message: exampleMessage() })
        const remove = () => suite.store.remove(OWNER, id)
        const results = await Promise.all(
          removeFirst ? [remove(), add(), add()] : [add(), remove(), add()],
        )
        expect(results.at(-1)).toBeUndefined()
        expect(await suite.store.find(OWNER, id)).toBeUndefined()
        await suite.reopen()
        expect(await suite.store.find(OWNER, id)).toBeUndefined()
        expect(await suite.listedIds()).toEqual([])
      }
    })
  })

  describe('the newest messages', () => {
    const ids = (read: { readonly messages: readonly { readonly id: string }[] } | undefined) =>
      read?.messages.map(({ id }) => id)

    it('come in pages that end before a message, oldest first, until there are no more', async () => {
      const { id } = await suite.created()
      const all: string[] = []
      for (const content of ['1', '2', '3', '4', '5', '6', '7']) {
        all.push((await suite.added(id, { content })).message.id)
      }
      const newest = await suite.store.newestMessages(OWNER, id, { limit: 3 })
      expect(ids(newest)).toEqual(all.slice(4))
      expect(newest?.messages).toEqual((await suite.store.messages(OWNER, id))?.slice(4))
      expect(newest?.hasMore).toBe(true)
      const next = await suite.store.newestMessages(OWNER, id, { limit: 3, before: all[4]! })
      expect([ids(next), next?.hasMore]).toEqual([all.slice(1, 4), true])
      const last = await suite.store.newestMessages(OWNER, id, { limit: 3, before: all[1]! })
      expect([ids(last), last?.hasMore]).toEqual([all.slice(0, 1), false])
      const none = await suite.store.newestMessages(OWNER, id, { limit: 3, before: all[0]! })
      expect([ids(none), none?.hasMore]).toEqual([[], false])
    })

    it('are all of them when there are exactly as many, or fewer', async () => {
      const { id } = await suite.created()
      const empty = await suite.store.newestMessages(OWNER, id, { limit: 2 })
      expect([ids(empty), empty?.hasMore]).toEqual([[], false])
      await suite.added(id)
      await suite.added(id)
      const read = await suite.store.newestMessages(OWNER, id, { limit: 2 })
      expect([read?.messages.length, read?.hasMore]).toEqual([2, false])
    })

    it('are none where there is no such conversation, or no such message to be before', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id)
      const other = await suite.created()
      const { store } = suite
      const before = message.id
      expect(await store.newestMessages(OWNER, other.id, { limit: 2, before })).toBeUndefined()
      expect(await store.newestMessages('visitor-2', id, { limit: 2 })).toBeUndefined()
      expect(await store.newestMessages(OWNER, randomUUID(), { limit: 2 })).toBeUndefined()
      expect(await store.newestMessages(OWNER, '../index', { limit: 2 })).toBeUndefined()
      await store.remove(OWNER, id)
      expect(await store.newestMessages(OWNER, id, { limit: 2 })).toBeUndefined()
    })

    it('of a long conversation are read, added, rated and dropped as those of a short one', async () => {
      const { id } = await suite.created()
      const all = Array.from({ length: 450 }, (_, at) =>
        exampleMessage({ content: `said ${at}`, role: at % 2 === 0 ? 'user' : 'assistant' }),
      )
      await Promise.all(all.map((message) => suite.store.addMessage(OWNER, id, { message })))
      const check = async () => {
        expect(await suite.store.messages(OWNER, id)).toEqual(all)
        for (const end of [all.length, 300, 101, 100, 30, 0].filter((at) => at <= all.length)) {
          const before = all[end]?.id
          const read = await suite.store.newestMessages(OWNER, id, { limit: 30, before })
          const start = Math.max(0, end - 30)
          expect(read).toEqual({ messages: all.slice(start, end), hasMore: start > 0 })
        }
      }
      const rate = async (at: number) => {
        const feedback = { rating: 'up', comment: `of ${at}` } as const
        const rated = { ...all[at]!, feedback }
        expect(await suite.store.setFeedback(OWNER, id, rated.id, feedback)).toEqual(rated)
        all[at] = rated
      }
      await suite.reopen()
      await check()
      await rate(449)
      await rate(1)
      await suite.reopen()
      await check()
      const changes = { content: 'changed' }
      await suite.store.updateMessage(OWNER, id, all[3]!.id, changes)
      all[3] = { ...all[3]!, ...changes }
      const next = exampleMessage({ content: 'next' })
      await suite.store.addMessage(OWNER, id, { message: next, dropMessageIds: [all[449]!.id] })
      all.splice(449, 1, next)
      await suite.reopen()
      await check()
      // An edit far up takes everything below with it.
      const edited = exampleMessage({ content: 'edited' })
      const dropMessageIds = all.slice(120).map((message) => message.id)
      await suite.store.addMessage(OWNER, id, { message: edited, dropMessageIds })
      all.splice(120, all.length, edited)
      await check()
      await suite.reopen()
      await check()
    })
  })

  describe('feedback', () => {
    it('is set, replaced and taken back, also after a restart', async () => {
      const { id } = await suite.created()
      const { message: question } = await suite.added(id)
      const { message: answer } = await suite.added(id, { role: 'assistant' })
      const up = { rating: 'up', comment: 'समोसा 🥟' } as const
      const down = { rating: 'down', comment: null } as const
      for (const feedback of [up, down, null, up]) {
        const rated = { ...answer, feedback }
        expect(await suite.store.setFeedback(OWNER, id, answer.id, feedback)).toEqual(rated)
        expect(await suite.store.messages(OWNER, id)).toEqual([question, rated])
        await suite.reopen()
        expect(await suite.store.messages(OWNER, id)).toEqual([question, rated])
      }
    })

    it('stays when the answer is written anew', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id, { role: 'assistant', content: 'Half' })
      const feedback = { rating: 'up', comment: 'go on' } as const
      await suite.store.setFeedback(OWNER, id, message.id, feedback)
      const whole = { ...message, content: 'Half and half' }
      await suite.store.addMessage(OWNER, id, { message: whole })
      expect(await suite.store.messages(OWNER, id)).toEqual([{ ...whole, feedback }])
      await suite.reopen()
      expect(await suite.store.messages(OWNER, id)).toEqual([{ ...whole, feedback }])
    })

    it('leaves the conversation as old as it was, and in its place', async () => {
      const { id } = await suite.created()
      const { message, conversation } = await suite.added(id, { role: 'assistant' })
      suite.now += 1000
      const other = await suite.created({ updatedAt: new Date(suite.now).toISOString() })
      suite.now += 1000
      await suite.store.setFeedback(OWNER, id, message.id, { rating: 'up', comment: null })
      expect(await suite.store.find(OWNER, id)).toEqual(conversation)
      expect(await suite.listedIds()).toEqual([other.id, id])
    })

    it('finds nothing to rate in what is unknown, gone or somebody else’s', async () => {
      const { id } = await suite.created()
      const other = await suite.created()
      const { message } = await suite.added(id)
      const rating = { rating: 'up', comment: null } as const
      const { store } = suite
      expect(await store.setFeedback(OWNER, id, randomUUID(), rating)).toBeUndefined()
      expect(await store.setFeedback(OWNER, other.id, message.id, rating)).toBeUndefined()
      expect(await store.setFeedback('visitor-2', id, message.id, rating)).toBeUndefined()
      expect(await store.setFeedback(OWNER, randomUUID(), message.id, rating)).toBeUndefined()
      expect(await store.setFeedback(OWNER, '../index', message.id, rating)).toBeUndefined()
      expect(await store.messages(OWNER, id)).toEqual([message])
      await store.remove(OWNER, id)
      expect(await store.setFeedback(OWNER, id, message.id, rating)).toBeUndefined()
      expect(await suite.listedIds()).toEqual([other.id])
    })

    it('and messages that come together are both kept', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id)
      const rating = { rating: 'down', comment: 'cold' } as const
      const next = exampleMessage()
      await Promise.all([
        suite.store.setFeedback(OWNER, id, message.id, rating),
        suite.store.addMessage(OWNER, id, { message: next }),
      ])
      expect(await suite.store.messages(OWNER, id)).toEqual([
        { ...message, feedback: rating },
        next,
      ])
    })
  })

  describe('a turn key', () => {
    it('is taken once: what another turn brings with it, too late, is not stored at all', async () => {
      const { id } = await suite.created()
      const turnKey = exampleTurnKey()
      const message = exampleMessage({ content: 'Once' })
      await suite.store.addMessage(OWNER, id, { message, turnKey })
      const late = {
        message: exampleMessage({ content: 'Once' }),
        turnKey: { ...exampleTurnKey(), key: turnKey.key },
      }
      await expect(suite.store.addMessage(OWNER, id, late)).rejects.toMatchObject({
        code: 'conflict',
      })
      expect(await suite.store.messages(OWNER, id)).toEqual([message])
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
      // Its own turn may bring it again, after a failure that was unclear.
      expect(await suite.store.addMessage(OWNER, id, { message, turnKey })).toBeDefined()
      suite.now = EXAMPLE_TIME + DAY_MS
      const next = { ...late.turnKey, createdAt: new Date(suite.now).toISOString() }
      expect(await suite.store.addMessage(OWNER, id, { ...late, turnKey: next })).toBeDefined()
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toEqual(next)
    })

    it('is forgotten after 24 hours, also without a write', async () => {
      const { id } = await suite.created()
      const turnKey = exampleTurnKey()
      await suite.store.addMessage(OWNER, id, { message: null, turnKey })
      suite.now = EXAMPLE_TIME + DAY_MS - 1
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
      suite.now += 1
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toBeUndefined()
      await suite.added(id)
      suite.now = EXAMPLE_TIME
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toBeUndefined()
    })

    it('is its conversation’s own', async () => {
      const { id } = await suite.created()
      const other = await suite.created()
      const turnKey = exampleTurnKey()
      await suite.store.addMessage(OWNER, id, { message: null, turnKey })
      expect(await suite.store.findTurnKey(OWNER, id, turnKey.key)).toEqual(turnKey)
      expect(await suite.store.findTurnKey(OWNER, other.id, turnKey.key)).toBeUndefined()
      expect(await suite.store.findTurnKey(OWNER, id, 'unknown')).toBeUndefined()
    })
  })
}
