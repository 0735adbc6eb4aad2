/** The demo is a shop that knows its shop, on a server that also knows its manual: neither is in the way of the other. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKnowledgeDirectory, demoShopDirectory, packageDirectory } from './package.ts'
import { createManual } from './http/manual.ts'
import { readDirectory } from './knowledge/library.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { DEMO, startTestServer, type TestServer } from './testing/start-test-server.ts'
import type { TestClient } from './testing/test-client.ts'

let server: TestServer
let visitor: TestClient

beforeAll(async () => {
  server = await startTestServer(DEMO)
  visitor = await server.visitor()
})
afterAll(() => server.close())

/** Asks one question after the other in a conversation; tells of the last answer. */
async function ask(questions: readonly string[], creator?: string) {
  const id = await visitor.conversation()
  const path = `/api/conversations/${id}/messages`
  let events
  for (const content of questions) {
    events = await (await visitor.stream('POST', path, { content, creator })).rest()
  }
  const sources = events?.find(({ data }) => data.sources)?.data.sources ?? []
  return {
    text: events?.map(({ data }) => data.token ?? '').join(''),
    sources,
    chips: events?.find(({ data }) => data.suggestions)?.data.suggestions ?? [],
    outcome: events?.at(-1)?.data.outcome,
  }
}

/** The questions that a page of the demo begins with. */
async function startersOf(page: string) {
  const html = await readFile(join(packageDirectory(), 'demo', page), 'utf8')
  return /starters="([^"]+)"/.exec(html)?.[1]?.split('\n') ?? []
}

const SHOP: readonly (readonly [question: string, words: string])[] = [
  ['How often do I water a monstera?', 'once a week'],
  ['How long does delivery take?', 'two working days'],
  ['What does delivery cost?', '€4.90'],
  ['Do you deliver to Austria?', 'Austria'],
  ['Do you deliver to Scotland?', 'do not deliver to other countries'],
  ['Will you deliver to Canada?', 'do not deliver to other countries'],
  ['Can I return a plant?', 'within thirty days'],
  ['My plant arrived broken', 'photo of the damage'],
  ['My plant died', 'is replaced'],
  ['When is the shop open?', 'from Tuesday to Saturday'],
  ['Where is the shop?', 'Lindenstrasse 12'],
  ['What is your phone number?', '+49 331 555 0142'],
  ['How can I contact you?', 'hello@mossgrove.example'],
  ['Which plant is safe for cats?', 'Boston fern is safe for cats'],
  ['Is the rubber plant poisonous?', 'poisonous'],
  ['How much is the snake plant?', '€24'],
  ['How do I care for a cactus?', 'full sun'],
  ['How do I water string of pearls?', 'every two weeks'],
  ['Why are the tips of my fern brown?', 'air is too dry'],
  ['My monstera has yellow leaves', 'soil is too wet'],
  ['little flies in the soil', 'fungus gnats'],
  ['Can I pay cash?', 'cash'],
]
const MANUAL: readonly (readonly [question: string, words: string])[] = [
  ['How do I add the chat to my site?', 'embed.js'],
  ['What does it store about my visitors?', 'random visitor number'],
  ['How do I change the colours?', '--samosa-accent'],
  ['What is the default port?', '8787'],
  ['How do I delete a visitor’s data?', 'DELETE'],
]

describe('on a page of the shop', () => {
  it.each(SHOP)('"%s" is answered by the shop', async (question, words) => {
    const { text, sources } = await ask([question], 'shop')
    expect(text).toContain(words)
    expect(new Set(sources.map(({ creator }) => creator))).toEqual(new Set(['shop']))
  })

  it.each(MANUAL.slice(0, 4))('"%s" is answered by the manual', async (question, words) => {
    const { text, sources } = await ask([question], 'shop')
    expect(text).toContain(words)
    expect(sources.map(({ creator }) => creator)).not.toContain('shop')
  })

  it.each(['Do you sell orchids?', 'Do you ship to Canada?', 'Do you repair bicycles?'])(
    '"%s" is declined, and every chip is answered',
    async (question) => {
      const { outcome, chips } = await ask([question], 'shop')
      expect(outcome).toBe('unanswered')
      expect(chips.length).toBeGreaterThan(0)
      for (const chip of chips) {
        const { sources } = await ask([question, chip], 'shop')
        expect(new Set(sources.map(({ creator }) => creator)), chip).toEqual(new Set(['shop']))
      }
    },
  )

  it('greets with what the shop has', async () => {
    const { text } = await ask(['Hello!'], 'shop')
    expect(text).toContain('- Plant care')
    expect(text).not.toContain('Configuration')
  })

  it('who asks for a person is offered what the shop says of it', async () => {
    const { outcome, chips } = await ask(['Can I talk to someone?'], 'shop')
    expect(outcome).toBe('wants_person')
    expect(chips).toEqual(['How to contact us'])
  })
})

describe('elsewhere', () => {
  it.each(MANUAL)('"%s" is answered by the manual', async (question, words) => {
    const { text, sources } = await ask([question])
    expect(text).toContain(words)
    expect(sources.map(({ creator }) => creator)).not.toContain('shop')
  })

  it.each(SHOP)('"%s" is nothing that the shop answers', async (question) => {
    const { text, sources } = await ask([question])
    expect(sources.map(({ creator }) => creator)).not.toContain('shop')
    expect(text).not.toMatch(/monstera|mossgrove/i)
  })
})

describe('the pages of the demo', () => {
  it.each(['index.html', 'inline.html', 'page.html'])(
    '%s begins with questions that the shop answers',
    async (page) => {
      const starters = await startersOf(page)
      expect(starters).toHaveLength(4)
      for (const question of starters) {
        const { sources } = await ask([question], 'shop')
        expect(sources[0]?.creator, question).toBe('shop')
      }
    },
  )

  it('docs.html begins with questions that the manual answers, and names all its pages', async () => {
    const starters = await startersOf('docs.html')
    expect(starters).toHaveLength(4)
    for (const question of starters) {
      expect((await ask([question])).outcome, question).toBeUndefined()
    }
    const html = await readFile(join(packageDirectory(), 'demo', 'docs.html'), 'utf8')
    const logger = createRecordingLogger()
    const { documents } = await readDirectory(demoKnowledgeDirectory(), { logger })
    expect(
      documents.filter(({ passages }) => !html.includes(`"${passages[0]?.url?.slice(1)}"`)),
    ).toEqual([])
  })

  it('open a document of the shop as a page of the shop', async () => {
    const page = await (
      await createManual(demoKnowledgeDirectory(), demoShopDirectory()).find(
        '/knowledge/shop/delivery.html',
      )
    )?.text()
    expect(page).toContain('<title>Delivery · Mossgrove</title>')
    expect(page).toContain('data-creator="shop"')
    expect(page).toContain('<h2 id="delivery-in-winter">')
  })
})
