import { describe, expect, it } from 'vitest'
import type { Knowledge } from '../core/ports/index.ts'
import { createTools } from './index.ts'
import { createKnowledgeSearch } from './knowledge-search.ts'

const searches: unknown[] = []
const knowledge: Knowledge = {
  async search(query, options) {
    searches.push([query, options])
    const passage = {
      id: 'a.md#1',
      documentTitle: 'Care',
      url: '/care',
      creator: null,
      domain: null,
      anchor: null,
      page: null,
      section: 'Linen',
      text: 'Wash at forty degrees.',
    }
    return query === 'nothing' ? [] : [{ passage, score: 0.123_456, matchedTerms: ['wash'] }]
  },
  headingsNear: () => [],
  compare: async () => undefined,
  meaning: () => ({ kind: 'off' }),
  settled: async () => {},
  domainsOf: () => [],
  titlesOf: () => [],
  personalityOf: () => undefined,
  documentTitles: ['Care'],
  size: { documents: 1, passages: 1 },
}
const run = (args: unknown) =>
  createKnowledgeSearch(knowledge).run(args, {
    signal: new AbortController().signal,
    cite: (hits) => hits.map((_, index) => index + 7),
  })

describe('the knowledge_search tool', () => {
  it('returns passages with title, section, link and text', async () => {
    expect(await run({ query: ' wash ' })).toEqual({
      success: true,
      output: {
        query: 'wash',
        results: [
          {
            number: 7,
            title: 'Care',
            section: 'Linen',
            url: '/care',
            text: 'Wash at forty degrees.',
            score: 0.123,
          },
        ],
      },
    })
    expect(searches.at(-1)).toEqual(['wash', { limit: 5 }])
  })

  it('says with an empty list that there is nothing', async () => {
    expect(await run({ query: 'nothing', limit: 3 })).toEqual({
      success: true,
      output: { query: 'nothing', results: [] },
    })
  })

  it.each([
    undefined,
    {},
    { query: '' },
    { query: 5 },
    { query: 'x', limit: 0 },
    { query: 'x', limit: 1.5 },
    { query: 'x'.repeat(1_001) },
  ])('refuses arguments %# without throwing', async (args) => {
    expect(await run(args)).toMatchObject({ success: false })
  })

  it('is registered beside the calculator', () => {
    expect(createTools({ knowledge }).map(({ name }) => name)).toEqual([
      'calculator',
      'knowledge_search',
    ])
  })
})
