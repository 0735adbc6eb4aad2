import { describe, expect, it } from 'vitest'
import { failureOf, nameOf } from '../embed/words.ts'
import { replaceStrings } from '../owner/replace-strings.ts'
import { allTexts, english, listTexts } from '../testing/all-texts.ts'
import { lateWords } from './late-words.ts'
import { ar } from './ar.ts'
import { de } from './de.ts'
import { en } from './en/index.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { hi } from './hi.ts'
import { ja } from './ja.ts'

/** Arguments that every function of the catalogues can take, by the words' path. */
const argumentsOf = (path: string): readonly unknown[] => {
  if (path === 'drawer.month') return [new Date(2024, 4, 5), false]
  if (path === 'extras.files.hint') return [{ images: true, text: true }, 5, '10 MB']
  if (path === 'extras.refused.kind') return ['NAME', { images: true, text: true }]
  return [7, 9, 11, true]
}

/** Every word by its path, functions with something filled in. */
function pathsOf(value: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function')
    return [[`${path}()`, String(Reflect.apply(value, undefined, argumentsOf(path)))]]
  return Object.entries(value ?? {}).flatMap(([key, inner]) =>
    pathsOf(inner, path === '' ? key : `${path}.${key}`),
  )
}

/** What two languages may well say in the same way. */
const SHARED =
  /^(heading|direction|messages|starters|answer\.cited\.sources|conversations|composer\.label|answer\.elapsed|answer\.markdown\.codeRegion|extras\.size|extras\.settings\.top_k)/

/** The letters of the languages that have their own. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ar: /\p{Script=Arabic}/u,
  hi: /\p{Script=Devanagari}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
}

describe.each([ar, de, es, fr, hi, ja].map((strings) => [strings.language, strings] as const))(
  '%s',
  (language, strings) => {
    const own = new Map(pathsOf(strings))
    const theirs = new Map(pathsOf(english))

    it('has every word that English has, and no other', () => {
      expect([...own.keys()].toSorted()).toEqual([...theirs.keys()].toSorted())
      expect([...own].filter(([, words]) => words.trim() === '')).toEqual([])
    })

    it('leaves nothing in English, and no place for a number open', () => {
      const same = [...own].filter(
        ([path, words]) => words === theirs.get(path) && !SHARED.test(path),
      )
      expect(same).toEqual([])
      expect([...own].filter(([, words]) => /#|undefined|NaN|\[object/.test(words))).toEqual([])
    })

    it('is written in its own letters', () => {
      const script = SCRIPTS[language]
      const strange = [...own].filter(
        ([path, words]) =>
          script !== undefined &&
          !script.test(words) &&
          !/^(language|direction)$|readSoFar|elapsed|size|top_k/.test(path),
      )
      expect(strange).toEqual([])
    })

    it('says what it is told: names, limits and sentences', () => {
      const { drawer, feedback, extras, composer } = strings
      expect(drawer.rename('A title')).toContain('A title')
      expect(drawer.notRemoved('A title', 'A reason.')).toMatch(/A title.*A reason\./s)
      expect(feedback.failed('A reason.')).toContain('A reason.')
      expect(composer.tooLong(3, 250)).toMatch(/250/)
      expect(extras.commands.range('topk', 1, 200, true)).toMatch(/\/topk.*1.*200|1.*200.*\/topk/)
      const kinds = { images: true, text: false, pdf: true }
      expect(extras.files.hint(kinds, 5, '10 MB')).toMatch(/5.*10 MB.*PNG.*PDF/)
      expect(strings.answer.cited.showSource(3, 'A page')).toMatch(/3.*A page/)
    })

    it('has a form for every number that its grammar tells apart', () => {
      const plurals = new Intl.PluralRules(language)
      const categories = new Map<string, number>()
      for (let amount = 200; amount > 0; amount -= 1) {
        categories.set(plurals.select(amount), amount)
      }
      const formsOf = (say: (amount: number) => string) =>
        new Set([...categories.values()].map((amount) => say(amount).replace(String(amount), '')))
      expect(formsOf(strings.unread).size).toBeGreaterThanOrEqual(Math.min(categories.size, 4))
      expect(formsOf(strings.answer.tools.resultCount).size).toBe(
        language === 'ar' ? 4 : categories.size,
      )
    })

    it('is said by the launcher before it is there', () => {
      expect([nameOf(language), failureOf(language)]).toEqual([
        strings.launcher.open,
        strings.actions.tryAgain,
      ])
    })

    it('names a month, with the year when it is not this one', () => {
      const november = new Date(2024, 10, 5)
      expect(strings.drawer.month(november, false)).toContain('2024')
      expect(strings.drawer.month(november, true)).not.toContain('2024')
    })
  },
)

it('counts in Arabic by one, two, few and many', () => {
  expect([1, 2, 3, 11, 100].map(ar.unread)).toEqual([
    'رسالة جديدة واحدة',
    'رسالتان جديدتان',
    '3 رسائل جديدة',
    '11 رسالة جديدة',
    '100 رسالة جديدة',
  ])
})

it('waits in Arabic with the noun in its right number', () => {
  const wait = (seconds: number) => ar.retryIn(seconds).split('بعد ')[1]
  expect([1, 2, 5, 30, 91, 300, 5400, 11_000].map(wait)).toEqual([
    'ثانية واحدة',
    'ثانيتين',
    '5 ثوانٍ',
    '30 ثانية',
    'دقيقتين',
    '5 دقائق',
    'ساعتين',
    '4 ساعات',
  ])
})

it('counts zero as one in French and in Hindi', () => {
  expect(fr.answer.tools.resultCount(0)).toBe('0 résultat')
  expect(hi.answer.tools.resultCount(0)).toBe('0 नतीजा')
})

describe('a page', () => {
  /** `a.b` as `{a: {b}}`. */
  const nested = (place: string, word: unknown) =>
    place.split('.').reduceRight((inner, key) => ({ [key]: inner }), word)

  it.each([en, ar, de].map((strings) => [strings.language, strings] as const))(
    'can replace every text in %s, also those that come late',
    (_, strings) => {
      for (const place of Object.keys(listTexts(english))) {
        const given = nested(place, 'Own {1}.')
        const replaced = replaceStrings(strings, given, lateWords)
        const word: unknown = place
          .split('.')
          .reduce((from: unknown, key) => Reflect.get(Object(from), key), replaced)
        const said = typeof word === 'function' ? Reflect.apply(word, undefined, [7, 8]) : word
        expect([place, said]).toEqual([place, typeof word === 'function' ? 'Own 7.' : 'Own {1}.'])
      }
    },
  )

  it('finds them in a list, with what they are told as numbers', () => {
    const texts = allTexts()
    expect(Object.keys(texts).toSorted()).toEqual(['ar', 'de', 'en', 'es', 'fr', 'hi', 'ja'])
    for (const each of Object.values(texts)) {
      const places = Object.keys(each).toSorted()
      expect(places).toEqual(Object.keys(texts['en'] ?? {}).toSorted())
    }
    expect(texts['en']).toMatchObject({
      close: 'Close',
      unread: '{1} new messages',
      'composer.tooLong': expect.stringContaining('{2}'),
      'drawer.notRemoved': '“{1}” was not deleted. {2}',
    })
  })
})
