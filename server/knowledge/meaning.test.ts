import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createFakeEmbedder, type FakeEmbedder } from '../testing/fake-embedder.ts'
import { mayBeEnglish } from './embedder.ts'
import { createMeaning, type Meaning, type MeaningOptions } from './meaning.ts'
import { parseDocument } from './parse-document.ts'
import { createKnowledge } from './search-index.ts'

const DOCUMENTS = {
  'shipping.md': '# Shipping\n\nParcels leave every morning. Norway takes four days.',
  'returns.md': '# Returns\n\nWe pay a refund within ten days. Send the receipt along.',
  'care.md': '---\ncreator: Ada\n---\n# Care\n\nWash linen at forty degrees. Never bleach it.',
  'about.md': '---\ncreator: Ben\n---\n# About\n\nWe sell linen. Lunch is at noon.',
}

let folder: string
const opened: Meaning[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meaning-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((meaning) => meaning.close()))
  await rm(folder, { recursive: true })
})

function open(
  embedder: FakeEmbedder,
  options: Partial<Pick<MeaningOptions, 'patience' | 'understands' | 'folder' | 'isLazy'>> = {},
) {
  const logger = createRecordingLogger()
  const meaning = createMeaning({
    createEmbedder: async () => embedder,
    whenDown: 'the encoder is away',
    patience: 60_000,
    folder,
    logger,
    ...options,
  })
  opened.push(meaning)
  const know = (documents: Readonly<Record<string, string>> = DOCUMENTS) =>
    createKnowledge(
      Object.entries(documents).map(([path, text]) => parseDocument(path, text)),
      [],
      meaning,
    )
  return { meaning, know, logger }
}

const gate = () => Promise.withResolvers<void>()
const textsOf = ({ asked }: FakeEmbedder) => asked.flatMap(({ texts }) => texts)
const many = (count: number) => ({
  'many.md': Array.from(
    { length: count },
    (_, index) => `# Number ${index}\n\nThis is text ${index}.`,
  ).join('\n\n'),
})

describe('meaning', () => {
  it('finds what shares no word with the question, and says how near it is', async () => {
    const knowledge = await open(createFakeEmbedder()).know()
    expect(await knowledge.search('reimburse', { limit: 1 })).toEqual([])
    await knowledge.settled()
    const [hit] = await knowledge.search('reimburse', { limit: 1 })
    expect(hit?.passage.documentTitle).toBe('Returns')
    expect(hit?.matchedTerms).toEqual([])
    expect(hit?.meaning).toBeGreaterThan(0.5)
    const scores = (await knowledge.search('refund within ten days', { limit: 9 })).map(
      ({ score }) => score,
    )
    expect(scores).toEqual(scores.toSorted((left, right) => right - left))
    for (const score of scores) expect(score > 0 && score < 1).toBe(true)
  })

  it('is left to words for a language that the encoder does not know', async () => {
    const embedder = createFakeEmbedder()
    const german = '# Versand\n\nEin Paket nach Oslo braucht vier Tage.'
    const documents = (texts: Readonly<Record<string, string>>) =>
      Object.entries(texts).map(([path, text]) => parseDocument(path, text))
    const { know, meaning } = open(embedder, { understands: mayBeEnglish })
    const both = await know({ ...DOCUMENTS, 'versand.md': german })
    await both.settled()
    expect(textsOf(embedder).join()).not.toContain('Oslo')
    const plain = await createKnowledge(documents({ ...DOCUMENTS, 'versand.md': german }))
    const question = 'Wie lange braucht ein Paket in Norway?'
    expect(await both.search(question, { limit: 9 })).toEqual(
      await plain.search(question, { limit: 9 }),
    )
    expect(await both.compare(question, ['Ein Paket'])).toBeUndefined()
    // In English, what has no vectors is ranked among what has.
    const hits = await both.search('paket oslo', { limit: 9 })
    expect(hits[0]).toMatchObject({ passage: { documentTitle: 'Versand' } })
    expect(hits[0]?.score).toBeGreaterThan(0.42)

    const asked = embedder.asked.length
    const alone = await createKnowledge(documents({ 'versand.md': german }), [], meaning)
    await alone.settled()
    expect(alone.meaning()).toEqual({
      kind: 'unavailable',
      because: 'the documents are in no language that the encoder knows',
    })
    expect(embedder.asked.length).toBe(asked)
  })

  it('prepares nothing before the first question where it is told so', async () => {
    const embedder = createFakeEmbedder()
    const knowledge = await open(embedder, { isLazy: true }).know()
    expect(knowledge.meaning()).toEqual({ kind: 'waiting' })
    expect(embedder.asked).toEqual([])
    await knowledge.search('refund', { limit: 9 })
    await knowledge.settled()
    expect(knowledge.meaning()).toEqual({ kind: 'on' })
    expect((await knowledge.search('refund', { limit: 1 }))[0]?.meaning).toBeTypeOf('number')
  })

  it('still finds nothing for a question that asks for nothing', async () => {
    const knowledge = await open(createFakeEmbedder()).know()
    await knowledge.settled()
    expect(await knowledge.search('what is it?', { limit: 9 })).toEqual([])
    expect(await knowledge.search(' ', { limit: 9 })).toEqual([])
  })

  it('answers by words, as without an encoder, until all vectors are there', async () => {
    const embedder = createFakeEmbedder()
    const { promise, resolve } = gate()
    embedder.answer = () => promise
    const knowledge = await open(embedder).know()
    const plain = await createKnowledge(
      Object.entries(DOCUMENTS).map(([path, text]) => parseDocument(path, text)),
    )
    const asked = 'refund for parcels to Norway'
    expect(await knowledge.search(asked, { limit: 9 })).toEqual(
      await plain.search(asked, { limit: 9 }),
    )
    await expect.poll(() => knowledge.meaning()).toEqual({ kind: 'preparing', done: 0, of: 12 })
    expect(await knowledge.compare('refund', ['money'])).toBeUndefined()
    resolve()
    await knowledge.settled()
    expect(knowledge.meaning()).toEqual({ kind: 'on' })
    expect(await knowledge.search(asked, { limit: 9 })).not.toEqual(
      await plain.search(asked, { limit: 9 }),
    )
  })

  it('stays within a scope', async () => {
    const knowledge = await open(createFakeEmbedder()).know()
    await knowledge.settled()
    const hits = await knowledge.search('fabric', { limit: 9, creator: 'ben' })
    expect(hits.map(({ passage }) => passage.documentTitle)).toEqual(['About'])
    expect(await knowledge.search('fabric', { limit: 9, creator: 'nobody' })).toEqual([])
  })

  it('compares texts with a question, pieces of the documents without asking the encoder', async () => {
    const embedder = createFakeEmbedder()
    const knowledge = await open(embedder).know()
    await knowledge.settled()
    const before = embedder.asked.length
    const [linen = 0, lunch = 0] =
      (await knowledge.compare('fabric', ['We sell linen.', 'Lunch is at noon.'])) ?? []
    expect(linen).toBeGreaterThan(lunch + 0.3)
    expect(embedder.asked.slice(before)).toEqual([{ texts: ['fabric'], urgent: true }])
    const [piece = 0, other = 0] =
      (await knowledge.compare('fabric', ['We sell linen.', 'We sell cloth.'])) ?? []
    expect(other).toBeCloseTo(piece, 2)
    expect(embedder.asked.at(-1)).toEqual({ texts: ['We sell cloth.'], urgent: true })
    expect(await knowledge.compare('fabric', [])).toEqual([])
  })

  it('asks for the vector of a question once', async () => {
    const embedder = createFakeEmbedder()
    const knowledge = await open(embedder).know()
    await knowledge.settled()
    const before = embedder.asked.length
    await Promise.all(
      ['ada', 'ben', undefined].map((creator) => knowledge.search('fabric', { limit: 3, creator })),
    )
    await knowledge.compare('fabric', ['We sell linen.'])
    expect(embedder.asked.length).toBe(before + 1)
  })
})

describe('vectors on the disk', () => {
  it('are made once: a restart embeds nothing again, and ranks the same', async () => {
    const first = open(createFakeEmbedder())
    const before = await first.know()
    await before.settled()
    const hits = await before.search('reimburse fabric', { limit: 9 })
    await first.meaning.close()
    const embedder = createFakeEmbedder()
    const after = await open(embedder).know()
    await after.settled()
    expect(embedder.asked).toEqual([])
    expect(await after.search('reimburse fabric', { limit: 9 })).toEqual(hits)
  })

  it('are made anew for what has changed, and for nothing else', async () => {
    const embedder = createFakeEmbedder()
    const { know } = open(embedder)
    await (await know()).settled()
    const before = embedder.asked.length
    const changed = DOCUMENTS['care.md'].replace('forty', 'sixty')
    const knowledge = await know({ ...DOCUMENTS, 'care.md': changed })
    await knowledge.settled()
    expect(embedder.asked.slice(before)).toEqual([
      { texts: ['Wash linen at sixty degrees.'], urgent: false },
    ])
    const [hit] = await knowledge.search('whiten', { limit: 1 })
    expect(hit?.passage.documentTitle).toBe('Care')
  })

  it('compare what is known while a change is under way', async () => {
    const embedder = createFakeEmbedder()
    const { know } = open(embedder)
    await (await know(many(30))).settled()
    const { promise, resolve } = gate()
    embedder.answer = (texts) => (texts.includes('Parcels to Oslo.') ? promise : Promise.resolve())
    const knowledge = await know({ ...many(30), 'new.md': '# New\n\nParcels to Oslo.' })
    await expect.poll(() => knowledge.meaning().kind).toBe('on')
    const hits = await knowledge.search('parcels', { limit: 1 })
    expect(hits[0]?.passage.documentTitle).toBe('New')
    resolve()
    await knowledge.settled()
  })

  it('survive a process that is killed, but for the last batch', async () => {
    const embedder = createFakeEmbedder()
    const { promise: hangs } = gate()
    embedder.answer = () => (embedder.asked.length > 3 ? hangs : Promise.resolve())
    // The process that is killed never closes anything.
    await open(embedder).know(many(100))
    await expect.poll(() => embedder.asked.length).toBe(4)
    const all = new Set(textsOf(embedder))
    const done = new Set(embedder.asked.slice(0, 3).flatMap(({ texts }) => texts))
    const next = createFakeEmbedder()
    const knowledge = await open(next).know(many(100))
    await knowledge.settled()
    expect(textsOf(next).filter((text) => done.has(text))).toEqual([])
    expect(all.size - done.size).toBe(32)
    expect(knowledge.meaning()).toEqual({ kind: 'on' })
  })

  it('are made again where the file is damaged', async () => {
    const first = open(createFakeEmbedder())
    await (await first.know()).settled()
    await first.meaning.close()
    const path = join(folder, (await readdir(folder))[0] ?? '')
    const bytes = await readFile(path)
    bytes.set([(bytes.at(-10) ?? 0) ^ 1], bytes.length - 10)
    await writeFile(path, bytes.subarray(0, -3))
    const embedder = createFakeEmbedder()
    const second = open(embedder)
    await (await second.know()).settled()
    expect(textsOf(embedder)).toHaveLength(1)
    expect(second.logger.lines.map(({ message }) => message)).toEqual([
      'A file of vectors is damaged: what is lost is made again',
    ])
    await second.meaning.close()
    const third = createFakeEmbedder()
    await (await open(third).know()).settled()
    expect(third.asked).toEqual([])
  })

  it('are all kept when their file is removed while they are at hand', async () => {
    const { know, meaning } = open(createFakeEmbedder())
    await (await know(many(100))).settled()
    await rm(join(folder, (await readdir(folder))[0] ?? ''))
    await (await know({ ...many(100), 'new.md': '# New\n\nParcels to Oslo.' })).settled()
    await meaning.close()
    const next = createFakeEmbedder()
    await (await open(next).know(many(100))).settled()
    expect(next.asked).toEqual([])
  })

  it('are all kept when the disk did not take some of them at first', async () => {
    const home = join(folder, 'home')
    await writeFile(home, 'no folder')
    const embedder = createFakeEmbedder()
    embedder.answer = async () => {
      if (embedder.asked.length === 3) await rm(home)
    }
    const first = open(embedder, { folder: home })
    await (await first.know(many(100))).settled()
    await first.meaning.close()
    const next = createFakeEmbedder()
    await (await open(next, { folder: home }).know(many(100))).settled()
    expect(next.asked).toEqual([])
  })

  it('of texts that are gone are dropped when they have become many', async () => {
    const { know, meaning } = open(createFakeEmbedder())
    await (await know(many(1_200))).settled()
    const [name = ''] = await readdir(folder)
    const large = (await readFile(join(folder, name))).length
    await (await know(DOCUMENTS)).settled()
    await meaning.close()
    expect((await readFile(join(folder, name))).length).toBeLessThan(large / 10)
  })

  it('of another encoder are not taken for one’s own', async () => {
    await (await open(createFakeEmbedder('one')).know()).settled()
    const other = createFakeEmbedder('other')
    await (await open(other).know()).settled()
    expect(textsOf(other)).toHaveLength(12)
  })

  it('are made again when the same name has vectors of another length', async () => {
    const first = open(createFakeEmbedder('service', 40))
    await (await first.know()).settled()
    await first.meaning.close()
    const changed = createFakeEmbedder('service', 50)
    const second = open(changed)
    const knowledge = await second.know()
    await knowledge.settled()
    expect(await knowledge.search('reimburse', { limit: 1 })).toEqual([])
    await knowledge.settled()
    const [hit] = await knowledge.search('reimburse', { limit: 1 })
    expect(hit?.passage.documentTitle).toBe('Returns')
    await second.meaning.close()
    const third = createFakeEmbedder('service', 50)
    await (await open(third).know()).settled()
    expect(third.asked).toEqual([])
  })

  it('cost nothing but time when the disk takes none', async () => {
    await writeFile(join(folder, 'file'), '')
    const logger = createRecordingLogger()
    const meaning = createMeaning({
      createEmbedder: async () => createFakeEmbedder(),
      whenDown: 'the encoder is away',
      patience: 60_000,
      folder: join(folder, 'file', 'below'),
      logger,
    })
    opened.push(meaning)
    const documents = [parseDocument('returns.md', DOCUMENTS['returns.md'])]
    const knowledge = await createKnowledge(documents, [], meaning)
    await knowledge.settled()
    expect(await knowledge.search('reimburse', { limit: 1 })).toHaveLength(1)
    expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'Vectors cannot be kept on the disk: they are made again after a restart'],
    ])
  })
})

describe('an encoder that fails', () => {
  it('leaves the answers to words, says so once, and is back by itself', async () => {
    const embedder = createFakeEmbedder()
    embedder.answer = () => Promise.reject(new Error('away'))
    const { know, logger } = open(embedder)
    const knowledge = await know()
    await expect
      .poll(() => knowledge.meaning())
      .toEqual({ kind: 'unavailable', because: 'the encoder is away' })
    await knowledge.settled()
    expect((await knowledge.search('linen', { limit: 1 }))[0]?.meaning).toBeUndefined()
    embedder.answer = async () => {}
    await expect.poll(() => knowledge.meaning().kind, { timeout: 20_000 }).toBe('on')
    expect((await knowledge.search('fabric', { limit: 1 }))[0]?.meaning).toBeGreaterThan(0.5)
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'Meaning is not compared for now: words alone decide',
      'Meaning is compared again',
    ])
  })

  it('is not waited for by a question', async () => {
    const embedder = createFakeEmbedder()
    const { know } = open(embedder, { patience: 20 })
    const knowledge = await know()
    await knowledge.settled()
    const { promise: hangs } = gate()
    embedder.answer = () => hangs
    const [hit] = await knowledge.search('linen', { limit: 1 })
    expect(hit).toMatchObject({ matchedTerms: ['linen'] })
    expect(hit?.meaning).toBeUndefined()
    expect(knowledge.meaning().kind).toBe('unavailable')
    const asked = embedder.asked.length
    await knowledge.search('bleach', { limit: 1 })
    expect(textsOf(embedder).slice(asked)).not.toContain('bleach')
  })

  it('of one text goes without that text', async () => {
    const embedder = createFakeEmbedder()
    embedder.answer = async (texts) => {
      if (texts.some((text) => text.includes('Lunch'))) throw new Error('refused')
    }
    const { know, logger } = open(embedder)
    const knowledge = await know()
    await knowledge.settled()
    expect(knowledge.meaning()).toEqual({ kind: 'on' })
    expect((await knowledge.search('fabric', { limit: 9 })).length).toBeGreaterThan(1)
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'A piece of a document is found by its words alone',
    ])
  })

  it('may be one that cannot even be made', async () => {
    let attempts = 0
    const meaning = createMeaning({
      createEmbedder: async () => {
        attempts += 1
        if (attempts < 2) throw new Error('no such module')
        return createFakeEmbedder()
      },
      whenDown: 'the encoder is away',
      patience: 60_000,
      folder: undefined,
      logger: createRecordingLogger(),
    })
    opened.push(meaning)
    const documents = [parseDocument('returns.md', DOCUMENTS['returns.md'])]
    const knowledge = await createKnowledge(documents, [], meaning)
    await expect.poll(() => knowledge.meaning().kind, { timeout: 20_000 }).toBe('on')
  })
})
