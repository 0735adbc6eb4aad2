/** What every store of drafts promises. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Draft, DraftStore } from '../../core/ports/index.ts'
import { exampleMessage } from './store-examples.ts'

export interface DraftStoreUnderTest {
  /** The store of a process that starts once all before it were killed. */
  start(): Promise<DraftStore>
  end(): Promise<void>
}

export function describeDraftStore(name: string, create: () => Promise<DraftStoreUnderTest>): void {
  describe(name, () => {
    let tested: DraftStoreUnderTest
    let drafts: DraftStore
    beforeEach(async () => {
      tested = await create()
      drafts = await tested.start()
    })
    afterEach(() => tested.end())

    const message = exampleMessage({ role: 'assistant' })
    const other = exampleMessage({ role: 'assistant' })
    const draftOf = (content: string, of = message, ownerId = 'asha \u0000 \ud800'): Draft => ({
      ownerId,
      message: { ...of, content },
    })
    /** What the next process finds, in no order. */
    const left = async () => {
      drafts = await tested.start()
      return (await drafts.all()).map(({ message: { content } }) => content).toSorted()
    }

    it('gives back the newest state of an answer, emoji cut in two and nulls included', async () => {
      await drafts.save(draftOf('The first \ud83e'))
      await drafts.save(draftOf('The first \ud83e\udd5f and'))
      const newest = { ...draftOf('The first \ud83e\udd5f and \u0000 \ud83e'), userMessageId: 'u' }
      await drafts.save(newest)
      drafts = await tested.start()
      expect(await drafts.all()).toEqual([newest])
    })

    it('has found drafts until all of them are removed', async () => {
      await drafts.save(draftOf('one'))
      await drafts.save(draftOf('two', other))
      expect(await left()).toEqual(['one', 'two'])
      expect(await left()).toEqual(['one', 'two'])
      await drafts.remove('nobody')
      expect(await left()).toEqual(['one', 'two'])
      await drafts.remove(message.id)
      await drafts.remove(other.id)
      expect(await left()).toEqual([])
    })

    it('gives nothing back of answers that are done', async () => {
      await drafts.save(draftOf('one'))
      await drafts.save(draftOf('two', other))
      await drafts.remove(message.id)
      expect(await left()).toEqual(['two'])
    })

    it('erases what one owner had, and leaves the others theirs', async () => {
      await drafts.save(draftOf('private'))
      await drafts.save(draftOf('still', other, 'bela'))
      await drafts.erase(draftOf('').ownerId)
      expect(await left()).toEqual(['still'])
      await drafts.save(draftOf('still growing', other, 'bela'))
      expect(await left()).toEqual(['still growing'])
    })

    it('erases what one conversation had, and leaves its owner the rest', async () => {
      const elsewhere = exampleMessage({ role: 'assistant', conversationId: crypto.randomUUID() })
      await drafts.save(draftOf('private'))
      await drafts.save(draftOf('kept', elsewhere))
      await drafts.erase(draftOf('').ownerId, message.conversationId)
      expect(await left()).toEqual(['kept'])
    })

    it('keeps what is saved, and what is over, while it erases something', async () => {
      const third = exampleMessage({ role: 'assistant' })
      await drafts.save(draftOf('private'))
      await drafts.save(draftOf('one', other, 'bela'))
      await drafts.save(draftOf('two', third, 'bela'))
      await Promise.all([
        drafts.erase(draftOf('').ownerId),
        drafts.erase(draftOf('').ownerId, 'any'),
        drafts.save(draftOf('one more', other, 'bela')),
        drafts.remove(third.id),
      ])
      expect(await left()).toEqual(['one more'])
    })
  })
}
