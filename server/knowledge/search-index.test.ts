import { describe, expect, it } from 'vitest'
import { parseDocument } from './parse-document.ts'
import { createKnowledge } from './search-index.ts'
import { cpuTimeOf } from '../testing/growth.ts'

const knowledgeOf = (documents: Readonly<Record<string, string>>) =>
  createKnowledge(Object.entries(documents).map(([path, text]) => parseDocument(path, text)))

const shop = await knowledgeOf({
  'shipping.md': '# Shipping\n\nParcels leave every morning. Shipping to Norway takes four days.',
  'returns.md':
    '# Returns\n\n## Refunds\n\nWe refund the price within ten days after the parcel is back.',
  'care.md': '# Care\n\nWash linen at forty degrees. Never bleach linen.',
  'about.md':
    '# About us\n\nWe are a small shop that sells linen and wool. Parcels are packed by hand.',
})

const titles = async (query: string) =>
  (await shop.search(query, { limit: 10 })).map(({ passage }) => passage.documentTitle)

describe('search', () => {
  it.each([
    ['How long does shipping to Norway take?', 'Shipping'],
    ['refund', 'Returns'],
    ['Do you give refunds?', 'Returns'],
    ['washing linen', 'Care'],
    ['who packs the parcels', 'About us'],
  ])('%s finds %s first', async (query, title) => {
    expect((await titles(query))[0]).toBe(title)
  })

  it('scores a passage by how much of the question it covers, from 0 to 1', async () => {
    const [full] = await shop.search('bleach linen', { limit: 1 })
    expect(full?.score).toBe(1)
    const [half] = await shop.search('bleach velvet', { limit: 1 })
    expect(half?.score).toBeGreaterThan(0)
    expect(half?.score).toBeLessThan(0.5)
  })

  it('finds a document by its tags as by its title', async () => {
    const tagged = await knowledgeOf({
      'a.md': '---\ntitle: Care\ntags: [laundry, textiles]\n---\nWash linen at forty degrees.',
      'b.md': '# Days\n\nWe once mentioned the laundry downstairs.',
    })
    const hits = await tagged.search('laundry', { limit: 5 })
    expect(hits.map(({ passage }) => passage.documentTitle)).toEqual(['Care', 'Days'])
  })

  // Written down before there was anything but words; whoever switches meaning off gets these.
  it.each<[string, [string, number][]]>([
    ['How long does shipping to Norway take?', [['Shipping', 0.5846052603693807]]],
    [
      'Do you give refunds for linen?',
      [
        ['Returns', 0.9047690717274034],
        ['Care', 0.21628533055175395],
        ['About us', 0.20113090484824847],
      ],
    ],
    ['bleach velvet', [['Care', 0.2743608723711494]]],
    ['shiping to norwey', [['Shipping', 0.95]]],
    [
      'who packs the parcels by hand in wool',
      [
        ['About us', 1],
        ['Shipping', 0.02861817909972082],
        ['Returns', 0.028604654683999],
      ],
    ],
    ['returns', [['Returns', 1]]],
  ])('scores %s by words alone to the last digit', async (query, expected) => {
    const hits = await shop.search(query, { limit: 10 })
    expect(hits.map(({ passage, score }) => [passage.documentTitle, score])).toEqual(expected)
    expect(hits.every((hit) => !('meaning' in hit))).toBe(true)
    expect(shop.meaning()).toEqual({ kind: 'off' })
    expect(await shop.compare(query, ['Parcels'])).toBeUndefined()
    await shop.settled()
  })

  it('forgives typing errors in words it does not have', async () => {
    expect((await titles('shiping to norwey'))[0]).toBe('Shipping')
  })

  it('completes the last word only', async () => {
    expect((await titles('linen blea'))[0]).toBe('Care')
    expect((await shop.search('blea linen', { limit: 1 }))[0]?.matchedTerms).toEqual(['linen'])
  })

  it('tells which words of the question a passage has', async () => {
    const [hit] = await shop.search('Do you ship parcels to Norway by drone?', { limit: 1 })
    expect(hit?.matchedTerms).toEqual(['ship', 'parcels', 'norway'])
  })

  it('prefers headings to mentions', async () => {
    expect((await titles('care'))[0]).toBe('Care')
  })

  it.each(['', '   ', 'what is it?', '!!!', '\u0000', 'xylophone'])(
    'finds nothing for %j',
    async (query) => {
      expect(await shop.search(query, { limit: 5 })).toEqual([])
    },
  )

  it.each([
    'constructor',
    '__proto__',
    'toString hasOwnProperty',
    '"linen" OR *',
    '\uD800',
    '('.repeat(999),
  ])('takes %j as words like any other', async (query) => {
    expect(await shop.search(query, { limit: 5 })).toBeInstanceOf(Array)
  })

  it('returns as many hits as asked for, best first', async () => {
    const hits = await shop.search('linen parcels', { limit: 2 })
    expect(hits).toHaveLength(2)
    expect(hits[0]!.score).toBeGreaterThanOrEqual(hits[1]!.score)
  })

  it('knows what it holds', () => {
    expect(shop.size).toEqual({ documents: 4, passages: 4 })
    expect(shop.documentTitles).toEqual(['Shipping', 'Returns', 'Care', 'About us'])
  })
})

describe('a scope', () => {
  const by = (creator: string, domain: string, text: string) =>
    `---\ncreator: ${creator}\ndomain: ${domain}\n---\n\n${text}`
  const scoped = knowledgeOf({
    'a.md': by('Asha Rao', 'Pastry', '# Dough\n\nRest the dough for an hour.'),
    'b.md': by('asha-rao', 'Breads', '# Bread\n\nKnead the dough well.'),
    'c.md': by('Ben', 'pastry', '# Tarts\n\nChill the dough.'),
    'd.md': '# About\n\nWe sell dough.',
  })
  const found = async (scope: Parameters<typeof shop.search>[1]) =>
    (await (await scoped).search('dough', scope))
      .map(({ passage }) => passage.id.charAt(0))
      .toSorted()
      .join('')

  it.each([
    ['a creator, however the name is written', { creator: 'ASHA  RAO' }, 'ab'],
    ['a domain', { domains: ['pastry'] }, 'ac'],
    ['several domains', { domains: ['pastry', 'breads'] }, 'abc'],
    ['both', { creator: 'Asha Rao', domains: ['Breads'] }, 'b'],
    ['a creator whom nobody knows', { creator: 'constructor' }, ''],
    ['no domain', { domains: [] }, ''],
    ['nothing', {}, 'abcd'],
  ])('restricts a search to %s', async (_name, scope, ids) => {
    expect(await found({ limit: 10, ...scope })).toBe(ids)
  })

  it('scores what it holds as though there were nothing else', async () => {
    const [hit] = await (await scoped).search('chill dough', { limit: 1, creator: 'Ben' })
    expect(hit?.score).toBe(1)
  })

  it('has the domains of a creator', async () => {
    expect((await scoped).domainsOf('asha rao')).toEqual(['Pastry', 'Breads'])
    expect((await scoped).domainsOf('nobody')).toEqual([])
  })
})

describe('search in other languages', () => {
  const sources = {
    'de.md': '# Versand\n\nDie Lieferung nach Österreich dauert drei Tage.',
    'fr.md': '# Livraison\n\nLa livraison en Côte d’Ivoire prend deux semaines.',
    'ja.md': '# 返品について\n\n商品到着後、三十日以内であれば返品できます。送料は無料です。',
    'zh.md': '# 营业时间\n\n我们每天早上九点开门，晚上八点关门。',
    'hi.md': '# वापसी\n\nआप तीस दिनों के भीतर सामान वापस कर सकते हैं।',
    'ar.md': '# الشحن\n\nيستغرق التوصيل إلى مصر خمسة أيام.',
    'th.md': '# การจัดส่ง\n\nจัดส่งฟรีทั่วประเทศภายในสามวัน',
    'ru.md': '# Доставка\n\nДоставка в Москву занимает два дня.',
  }

  it.each([
    ['Lieferung Osterreich', 'Versand'],
    ['livraison cote d ivoire', 'Livraison'],
    ['返品できますか', '返品について'],
    ['送料', '返品について'],
    ['几点开门', '营业时间'],
    ['सामान वापस', 'वापसी'],
    ['التوصيل إلى مصر', 'الشحن'],
    ['จัดส่งฟรี', 'การจัดส่ง'],
    ['доставка в Москву', 'Доставка'],
  ])('%s finds %s', async (query, title) => {
    const knowledge = await knowledgeOf(sources)
    expect((await knowledge.search(query, { limit: 1 }))[0]?.passage.documentTitle).toBe(title)
  })
})

describe('words that people type otherwise than documents write them', () => {
  it.each([
    ['die Strasse zum Fluss', 'Die Straße zum Fluß ist gesperrt.'],
    ['smorrebrod', 'Smørrebrød gibt es ab elf Uhr.'],
    ["l'oeuvre", 'L’œuvre est au premier étage.'],
    ['zolw', 'Żółw mieszka w ogrodzie.'],
    ['مكتبه', 'المكتبة: مكتبة المدينة مفتوحة.'],
  ])('are found: %s', async (query, text) => {
    const knowledge = await knowledgeOf({ 'page.md': `# Page\n\n${text}` })
    expect((await knowledge.search(query, { limit: 1 }))[0]?.score).toBeGreaterThan(0.5)
  })
})

describe('a large knowledge folder', () => {
  it('is indexed in slices, so that searching is next to nothing', async () => {
    const word = (seed: number) => `w${(seed * 7919) % 5_003}x`
    const text = (page: number) =>
      Array.from({ length: 10 }, (_, section) => {
        const words = Array.from({ length: 80 }, (_unused, at) =>
          word(page * 811 + section * 83 + at),
        )
        return `## Part ${section}\n\n${words.join(' ')}.`
      }).join('\n\n')
    const documents = Array.from({ length: 100 }, (_, page) =>
      parseDocument(`p${page}.md`, text(page)),
    )
    let slices = 0
    const counter = setInterval(() => (slices += 1), 0)
    const before = process.threadCpuUsage()
    const knowledge = await createKnowledge(documents)
    const { user, system } = process.threadCpuUsage(before)
    clearInterval(counter)
    expect(knowledge.size.passages).toBe(1_000)
    expect(slices).toBeGreaterThan(3)
    const search = () => knowledge.search(`${word(5)} ${word(811)}`, { limit: 5 })
    expect(await search()).toHaveLength(5)
    expect(cpuTimeOf(search)).toBeLessThan((user + system) / 1_000)
  })
})
