/** Finding conversations by what was said in them. */
import { describe, expect, it } from 'vitest'
import type { ConversationWithMessages, FoundPlace } from '../../core/ports/index.ts'
import { OWNER, type StoreSuite } from './store-suite-fixture.ts'

export function describeSearch(suite: StoreSuite): void {
  const search = (query: string, more: { limit?: number; after?: FoundPlace | undefined } = {}) =>
    suite.store.search(OWNER, { query, limit: 50, offset: 0, ...more })
  const idsOf = async (query: string) =>
    (await search(query)).found.map(({ conversation }) => conversation.id)

  describe('a search', () => {
    it('finds titles and messages, also right after they were written and after a restart', async () => {
      const titled = await suite.created({ title: 'Watering a Fern' })
      const said = await suite.created({ title: 'Plants' })
      await suite.added(said.id, { content: 'How do I keep a fern alive?' })
      await suite.created({ title: 'Something else' })
      expect(await idsOf('fern')).toEqual([titled.id, said.id])
      expect((await search('fern')).found.map(({ snippet }) => snippet)).toEqual([
        null,
        'How do I keep a fern alive?',
      ])
      await suite.added(said.id, { role: 'assistant', content: 'Mist the *cactus*.' })
      await suite.store.update(OWNER, titled.id, { title: 'Cacti' })
      expect(await idsOf('fern')).toEqual([said.id])
      expect(await idsOf('CACTUS')).toEqual([said.id])
      expect(await idsOf('cact')).toEqual([titled.id, said.id])
      await suite.reopen()
      expect(await idsOf('fern alive')).toEqual([said.id])
    })

    it('finds nothing of what is gone, replaced or somebody else’s', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id, { content: 'pumpkin' })
      const other = await suite.created({ ownerId: 'visitor-2', title: 'pumpkin' })
      expect(await idsOf('pumpkin')).toEqual([id])
      await suite.store.addMessage(OWNER, id, { message: null, dropMessageIds: [message.id] })
      expect(await idsOf('pumpkin')).toEqual([])
      await suite.added(id, { content: 'pumpkin' })
      expect(await idsOf('pumpkin')).toEqual([id])
      await suite.store.remove(OWNER, id)
      expect(await idsOf('pumpkin')).toEqual([])
      await suite.store.removeOwner('visitor-2')
      const erased = await suite.store.search('visitor-2', {
        query: 'pumpkin',
        limit: 5,
        offset: 0,
      })
      expect(erased).toEqual({ found: [], hasMore: false, total: 0 })
      expect(await suite.store.find('visitor-2', other.id)).toBeUndefined()
    })

    it('comes in pages that neither repeat nor leave out one while others change', async () => {
      for (let count = 0; count < 10; count += 1) {
        suite.now += 1000
        const updatedAt = new Date(suite.now).toISOString()
        await suite.created({ title: count % 2 ? 'Fern' : 'Ferns of old', updatedAt })
      }
      const whole = await idsOf('fern')
      const walked: string[] = []
      let after: FoundPlace | undefined
      for (let page = 0; page < 4; page += 1) {
        const { found, hasMore } = await search('fern', { limit: 3, after })
        walked.push(...found.map(({ conversation }) => conversation.id))
        expect(hasMore).toBe(page < 3)
        const last = found.at(-1)!
        const { id, updatedAt } = last.conversation
        after = { id, updatedAt, score: last.score }
        await suite.added(walked[0]!, { content: 'fern '.repeat(20) })
        await suite.created({ title: 'A fern that is new' })
      }
      expect(walked.filter((id) => whole.includes(id))).toEqual(whole)
      expect(new Set(walked).size).toBe(walked.length)
    })

    it('finds summaries and what clients keep, as they are now, and nothing of what is deleted', async () => {
      const { id } = await suite.created({
        summary: 'About mangoes',
        metadata: { tags: [{ topic: 'papaya' }], model: 'aurora-1' },
      })
      await suite.added(id, { content: 'Hello', modelTag: 'borealis-2' })
      expect((await search('mango')).found[0]?.snippet).toBe('About mangoes')
      expect(await idsOf('papaya hello')).toEqual([id])
      expect(await idsOf('topic')).toEqual([])
      await suite.store.update(OWNER, id, { summary: 'About plums' })
      expect(await idsOf('mango')).toEqual([])
      expect(await idsOf('plums papaya')).toEqual([id])
      const deletedAt = new Date(suite.now).toISOString()
      await suite.store.update(OWNER, id, { deletedAt })
      expect(await idsOf('papaya')).toEqual([])
      await suite.reopen()
      expect(await idsOf('papaya')).toEqual([])
    })

    it('can be kept to a model, which answers or has answered', async () => {
      const one = await suite.created({ title: 'Fern', metadata: { model: 'aurora-1' } })
      const two = await suite.created({ title: 'Fern', modelTag: 'aurora-1' })
      const three = await suite.created({ title: 'Fern' })
      await suite.added(three.id, { role: 'assistant', modelTag: 'aurora-1' })
      await suite.added((await suite.created({ title: 'Fern' })).id, { modelTag: 'borealis-2' })
      const query = { query: 'fern', limit: 2, offset: 0, modelTag: 'aurora-1' }
      const { found, hasMore, total } = await suite.store.search(OWNER, query)
      expect({ count: found.length, hasMore, total }).toEqual({ count: 2, hasMore: true, total: 3 })
      const { found: all } = await suite.store.search(OWNER, { ...query, limit: 9 })
      const ids = all.map(({ conversation }) => conversation.id)
      expect(ids.toSorted()).toEqual([one.id, two.id, three.id].toSorted())
    })

    it('follows a message that is changed', async () => {
      const { id } = await suite.created()
      const { message } = await suite.added(id, { content: 'pumpkin' })
      expect(await idsOf('pumpkin')).toEqual([id])
      await suite.store.updateMessage(OWNER, id, message.id, { content: 'cabbage' })
      expect(await idsOf('pumpkin')).toEqual([])
      expect(await idsOf('cabbage')).toEqual([id])
    })

    it('gives the same when several come at once', async () => {
      for (let count = 0; count < 30; count += 1) await suite.created({ title: `Fern ${count}` })
      const results = await Promise.all(['f', 'fe', 'fern', 'fern 7'].map(idsOf))
      expect(results.map(({ length }) => length)).toEqual([30, 30, 30, 3])
    })

    it('finds the same once everything it uses was made anew', async () => {
      const { id } = await suite.created({ title: 'Fern' })
      await suite.added(id, { content: 'pumpkin' })
      await suite.created({ ownerId: 'visitor-2', title: 'Fern' })
      const seen: unknown[] = []
      const { signal } = new AbortController()
      await suite.store.reindex({ signal, onProgress: (progress) => seen.push(progress) })
      expect(seen).toEqual([
        { done: 1, of: 2 },
        { done: 2, of: 2 },
      ])
      expect(await idsOf('fern pumpkin')).toEqual([id])
      const interrupted = suite.store.reindex({
        signal: AbortSignal.abort(new Error('enough')),
        onProgress: () => undefined,
      })
      await expect(interrupted).rejects.toThrow('enough')
      expect(await idsOf('fern pumpkin')).toEqual([id])
    })

    it('is not needed to read everything: newest first, each when it is asked for', async () => {
      const { id } = await suite.created({ title: 'Fern' })
      const { id: other } = await suite.created({ title: 'Oak' })
      await suite.added(id, { content: 'pumpkin' })
      const read: ConversationWithMessages[] = []
      for await (const each of suite.store.readAll(OWNER)) read.push(each)
      expect(read.map(({ conversation }) => conversation.id)).toEqual([id, other])
      expect(read[0]?.messages.map(({ content }) => content)).toEqual(['pumpkin'])
    })

    it('finds nothing when nothing is looked for', async () => {
      await suite.created({ title: 'Fern' })
      expect(await search(' \n ')).toEqual({ found: [], hasMore: false, total: 0 })
    })
  })
}
