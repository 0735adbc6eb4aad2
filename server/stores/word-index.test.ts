import { describe, expect, it } from 'vitest'
import { readQuery } from '../core/conversation-text.ts'
import { foldText } from '../protocol/fold-text.ts'
import { decodeWords, encodeWords } from './word-file.ts'
import {
  createWordIndex,
  HIGHEST_SCORE,
  type WordCounts,
  type WordIndex,
  withPart,
} from './word-index.ts'

async function add(index: WordIndex, id: string, title: string, ...said: readonly string[]) {
  const parts = [await index.count([]), await index.count(said)]
  index.set({ id, title: foldText(title), models: [], parts })
}

async function ranked(index: WordIndex, query: string, mostWords = false) {
  const search = { query: readQuery(query)!, mostWords, isWanted: () => true }
  const found = await index.search(search)
  return found.toSorted((a, b) => b.score - a.score)
}

const idsOf = async (...given: Parameters<typeof ranked>) =>
  (await ranked(...given)).map(({ id }) => id)

async function score(...[query, title, said = '']: readonly [string, string, string?]) {
  const index = createWordIndex()
  await add(index, 'one', title, said)
  return (await ranked(index, query))[0]?.score ?? 0
}

describe('a conversation is found', () => {
  it.each([
    ['samosa', 'Samosas for ten'],
    ['SAMOSA ten', 'Samosas for ten'],
    ['cafe', 'Le Café'],
    ['größe', 'GRÖSSE? Nein, Größe'],
    ['समोसा', 'मेरा समोसा'],
    ['京都', '東京都'],
    ['都', '東京都'],
    ['東京都', '今日は東京都です。'],
    ['入力する', '日本語を入力する方法'],
    ['用', 'iPhone用ケース'],
    ['iphone用', 'iPhone用ケース'],
    ['ต้มยำ', 'ขอสูตรต้มยำกุ้งหน่อย'],
    ['القهوة', 'أَحَبُّ القَهْوَةِ'],
    ['gasse fuss', 'Am Fuß der Gaße'],
    ["l'oeuvre", 'À l’œuvre!'],
    ['wroclaw', 'Wrocław'],
    ['מפאי', 'מַפָּאִי'],
    ['c++', 'Learning C++.'],
    ['18%', 'What is 18% of 250'],
    ['vite', 'invitees'],
    ['tea', '(tea)'],
    ['"tea"?', 'tea'],
    ['🎉', 'done 🎉🎉'],
    ['example.org/a', `https://example.org/a/${'b'.repeat(200)}`],
    ['b'.repeat(90), `https://example.org/a/${'b'.repeat(200)}`],
  ])('by %j in %j', async (query, text) => {
    expect(await score(query, text)).toBeGreaterThan(0)
    expect(await score(query, '', text)).toBeGreaterThan(0)
  })

  it.each([
    ['京東', '東京都'],
    ['入方法', '日本語を入力する方法'],
    ['fern', 'f ern'],
    [`${'b'.repeat(90)}x`, 'b'.repeat(200)],
  ])('not by %j in %j', async (query, said) => {
    expect(await score(query, '', said)).toBe(0)
  })

  it('only when it has every word, wherever each stands', async () => {
    expect(await score('fern water', 'My fern', 'How much water?')).toBeGreaterThan(0)
    expect(await score('fern water cactus', 'My fern', 'How much water?')).toBe(0)
  })

  it('by most words, those that tell most first, when that is asked for', async () => {
    const index = createWordIndex()
    await add(index, 'fern', '', 'how much water for a fern in the shade')
    await add(index, 'cactus', '', 'how much water for a cactus')
    for (const id of ['a', 'b', 'c']) await add(index, id, '', 'how are you in the morning')
    expect(await idsOf(index, 'how do I water a fern in winter')).toEqual([])
    expect((await idsOf(index, 'how do I water a fern in winter', true))[0]).toBe('fern')
    expect(await idsOf(index, 'how do I water a fern in winter', true)).not.toContain('a')
  })
})

describe('a better match ranks higher:', () => {
  it.each<[string, [string, string, string?], [string, string, string?]]>([
    ['a title before a message', ['fern', 'Fern'], ['fern', '', 'fern']],
    ['a word before a beginning', ['fern', '', 'a fern'], ['fern', '', 'ferns']],
    ['a beginning before an inside', ['fern', '', 'ferns'], ['fern', '', 'referns']],
    ['the words as typed', ['red fern', '', 'red fern'], ['red fern', '', 'fern, red']],
    ['often before once', ['fern', '', 'fern fern fern oak'], ['fern', '', 'fern oak ash elm']],
    ['short before long', ['fern', '', 'fern'], ['fern', '', `fern ${'word '.repeat(2000)}`]],
  ])('%s', async (_, better, worse) => {
    expect(await score(...better)).toBeGreaterThan(await score(...worse))
    expect(await score(...worse)).toBeGreaterThan(0)
    expect(await score(...better)).toBeLessThanOrEqual(HIGHEST_SCORE)
  })

  it('and how good one is depends on no other', async () => {
    const alone = await score('fern water', 'My fern', 'How much water?')
    const index = createWordIndex()
    for (let count = 0; count < 20; count += 1) await add(index, `${count}`, 'water', 'water')
    await add(index, 'mine', 'My fern', 'How much water?')
    expect(await ranked(index, 'fern water')).toEqual([{ id: 'mine', score: alone }])
  })
})

describe('with many conversations', () => {
  const words = (seed: number) =>
    Array.from({ length: 60 }, (_, at) => `w${(seed * 31 + at * at * 7) % 4_000}`).join(' ')

  it('finds the same as in few, also of those that came or changed later', async () => {
    const index = createWordIndex()
    const texts = new Map<string, string>()
    const write = async (id: string, text: string) => {
      texts.set(id, text)
      await add(index, id, '', text)
    }
    for (let count = 0; count < 1_500; count += 1) await write(`c${count}`, words(count))
    const check = async (query: string) => {
      const expected = [...texts].filter(([, text]) => text.includes(query)).map(([id]) => id)
      expect((await idsOf(index, query)).toSorted()).toEqual(expected.toSorted())
      return expected.length
    }
    expect(await check('w1')).toBeGreaterThan(100)
    await write('late', 'w12345 something')
    await write('c7', 'w12345 instead')
    index.delete('c8')
    texts.delete('c8')
    expect(await check('w12345')).toBe(2)
    expect(await check('w1')).toBeGreaterThan(100)
  })

  it('lets other work have its turn while it counts and searches', async () => {
    const index = createWordIndex()
    let turns = 0
    let isOver = false
    const tick = () => {
      turns += 1
      if (!isOver) setImmediate(tick)
    }
    tick()
    await add(index, 'one', '', Array.from({ length: 40 }, (_, at) => words(at)).join('\n'))
    expect(turns).toBeGreaterThan(0)
    isOver = true
  })
})

describe('a part that is added', () => {
  it('counts as if it had been there from the first, however often that is', async () => {
    const index = createWordIndex()
    let parts: readonly WordCounts[] = [await index.count([]), await index.count(['fern'])]
    for (let count = 0; count < 30; count += 1) {
      parts = withPart(parts, await index.count([`fern number ${count}`]))
    }
    index.set({ id: 'grown', title: '', models: [], parts })
    const said = ['fern', ...Array.from({ length: 30 }, (_, count) => `fern number ${count}`)]
    await add(index, 'whole', '', ...said)
    const [first, second] = await ranked(index, 'fern number')
    expect(first?.score).toBe(second?.score)
    expect(parts.length).toBeLessThan(12)
  })
})

describe('words on the disk', () => {
  const kept = async (index: WordIndex) => {
    await add(index, 'one', 'Title', 'A café in 東京都', 'half a \ud800 character')
    await add(index, 'two', '', 'nothing of that')
    return [...index.conversations.values()].map(({ id, models, parts }) => ({
      id,
      models,
      parts,
      updatedAt: '2026-01-01T00:00:00.000Z',
      head: '',
      messages: 2,
      signature: -5,
    }))
  }

  it('say the same when they are read again, among other words too', async () => {
    const index = createWordIndex()
    const all = await kept(index)
    const bytes = await encodeWords(all, index.words)
    const other = createWordIndex()
    await add(other, 'three', '', 'words that are there already, nothing else')
    for (const each of (await decodeWords(bytes, other.numberOf))!) {
      expect(each).toMatchObject({ updatedAt: all[0]!.updatedAt, messages: 2, signature: -5 })
      other.set({ ...each, title: '' })
    }
    for (const query of ['cafe', '京都', 'half', 'of that']) {
      expect(await idsOf(other, query)).toEqual(await idsOf(index, query))
    }
    expect(await idsOf(other, 'nothing')).toEqual(expect.arrayContaining(['two', 'three']))
  })

  it('count for nothing when they are damaged, cut or something else', async () => {
    const index = createWordIndex()
    const bytes = await encodeWords(await kept(index), index.words)
    const damaged = Uint8Array.from(bytes)
    damaged[bytes.length >> 1]! ^= 1
    for (const bad of [damaged, bytes.subarray(0, -9), bytes.subarray(0, 3), new Uint8Array()]) {
      expect(await decodeWords(bad, index.numberOf)).toBeUndefined()
    }
  })

  it('are none without conversations', async () => {
    const index = createWordIndex()
    expect(await decodeWords(await encodeWords([], []), index.numberOf)).toEqual([])
    expect(index.words).toEqual([])
  })
})
