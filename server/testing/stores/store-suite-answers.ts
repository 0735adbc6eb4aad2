/** Answers of all owners that were rated or whose question needs a way on. */
import { describe, expect, it } from 'vitest'
import type { Message, NotedAnswersQuery } from '../../core/ports/index.ts'
import { EXAMPLE_TIME, exampleMessage } from './store-examples.ts'
import { OWNER, type StoreSuite } from './store-suite-fixture.ts'

const UP = { rating: 'up', comment: null } as const
const DOWN = { rating: 'down', comment: 'Too long' } as const

export function describeNotedAnswers(suite: StoreSuite): void {
  const noted = async (query: Partial<NotedAnswersQuery> = {}) =>
    suite.store.notedAnswers({ limit: 100, offset: 0, ...query })
  const contents = async (query?: Partial<NotedAnswersQuery>) =>
    (await noted(query)).items.map(({ answer }) => answer.content)

  let minutes = 0
  /** A question and its answer, a minute after the one before. */
  const talked = async (
    answer: Partial<Message>,
    place: { id?: string; ownerId?: string } = {},
  ) => {
    const { ownerId = OWNER } = place
    const id = place.id ?? (await suite.created({ ownerId })).id
    minutes += 1
    const createdAt = new Date(EXAMPLE_TIME + minutes * 60_000).toISOString()
    const question = exampleMessage({
      conversationId: id,
      content: `Q of ${answer.content}`,
      createdAt,
    })
    const message = exampleMessage({ conversationId: id, role: 'assistant', createdAt, ...answer })
    await suite.store.addMessage(ownerId, id, { message: question })
    await suite.store.addMessage(ownerId, id, { message })
    return { id, question, message }
  }

  describe('noted answers', () => {
    it('are those of everybody that were rated or have an outcome, newest first, with their words', async () => {
      await talked({ content: 'plain' })
      const first = await talked({ content: 'rated', feedback: DOWN }, { ownerId: 'visitor-2' })
      const second = await talked({ content: 'refused', outcome: 'unanswered' })
      await talked({ content: 'plain again' }, { id: second.id })
      for (const again of [false, true]) {
        if (again) await suite.reopen()
        expect(await noted()).toEqual({
          items: [
            {
              conversation: await suite.store.find(OWNER, second.id),
              question: second.question,
              answer: second.message,
            },
            {
              conversation: await suite.store.find('visitor-2', first.id),
              question: first.question,
              answer: first.message,
            },
          ],
          total: 2,
        })
      }
    })

    it('are chosen by rating, by outcome and by time', async () => {
      await talked({ content: 'up', feedback: UP })
      const { message } = await talked({ content: 'down', feedback: DOWN })
      await talked({ content: 'refused', outcome: 'unanswered' })
      await talked({ content: 'wanted', outcome: 'wants_person', feedback: UP })
      expect(await contents({ rating: 'up' })).toEqual(['wanted', 'up'])
      expect(await contents({ rating: 'down' })).toEqual(['down'])
      expect(await contents({ outcomes: ['unanswered'] })).toEqual(['refused'])
      expect(await contents({ outcomes: ['unanswered', 'wants_person'] })).toEqual([
        'wanted',
        'refused',
      ])
      expect(await contents({ outcomes: ['wants_person'], rating: 'up' })).toEqual(['wanted'])
      expect(await contents({ outcomes: ['unanswered'], rating: 'up' })).toEqual([])
      const { createdAt } = message
      expect(await contents({ since: createdAt })).toEqual(['wanted', 'refused', 'down'])
      expect(await contents({ until: createdAt })).toEqual(['up'])
    })

    it('come in pages that fit together, with the total', async () => {
      const { id } = await talked({ content: '0', feedback: UP })
      for (let count = 1; count < 12; count += 1) {
        await talked({ content: String(count), feedback: UP }, count % 2 === 0 ? { id } : {})
      }
      const pages: string[] = []
      for (let offset = 0; offset < 15; offset += 5) {
        const page = await noted({ limit: 5, offset })
        expect(page.total).toBe(12)
        pages.push(...page.items.map(({ answer }) => answer.content))
      }
      expect(pages).toEqual(Array.from({ length: 12 }, (_, count) => String(11 - count)))
      expect(await contents({ offset: 100 })).toEqual([])
    })

    it('follow what becomes of them: rated, rated anew, taken back, replaced', async () => {
      const { id, message } = await talked({ content: 'first' })
      expect(await contents()).toEqual([])
      await suite.store.setFeedback(OWNER, id, message.id, UP)
      expect(await contents({ rating: 'up' })).toEqual(['first'])
      await suite.store.setFeedback(OWNER, id, message.id, DOWN)
      expect(await contents({ rating: 'up' })).toEqual([])
      const [rated] = (await noted({ rating: 'down' })).items
      expect(rated?.answer.feedback).toEqual(DOWN)
      await suite.reopen()
      expect(await contents({ rating: 'down' })).toEqual(['first'])
      await suite.store.setFeedback(OWNER, id, message.id, null)
      expect(await contents()).toEqual([])
      await suite.store.setFeedback(OWNER, id, message.id, UP)
      await suite.store.addMessage(OWNER, id, {
        message: exampleMessage({ role: 'assistant', content: 'second', outcome: 'unanswered' }),
        dropMessageIds: [message.id],
      })
      expect(await contents()).toEqual(['second'])
      await suite.reopen()
      expect(await contents()).toEqual(['second'])
    })

    it('are gone with their conversation, however it goes', async () => {
      const removed = await talked({ content: 'removed', feedback: UP })
      const hidden = await talked({ content: 'hidden', feedback: UP })
      await talked({ content: 'erased', feedback: UP }, { ownerId: 'visitor-2' })
      await talked({ content: 'kept', feedback: UP })
      await suite.reopen()
      expect((await noted()).total).toBe(4)
      await suite.store.remove(OWNER, removed.id)
      const deletedAt = new Date(EXAMPLE_TIME).toISOString()
      await suite.store.update(OWNER, hidden.id, { deletedAt })
      await suite.store.removeOwner('visitor-2')
      expect(await contents()).toEqual(['kept'])
      await suite.reopen()
      expect(await contents()).toEqual(['kept'])
    })
  })
}
