/** The page's own words in place of the chat's: any of the catalogue, also those that come late. */
import { isObject, parseJson, type JsonObject } from '../api/check.ts'
import { formatsIn, type Forms } from '../words/formats.ts'
import type { Catalogue, Strings } from '../words/strings.ts'

const warned = new Set<string>()

/** Tells whoever builds the page what it says that cannot be used, once. */
export function warnOnce(sentence: string): void {
  if (warned.has(sentence)) return
  warned.add(sentence)
  // oxlint-disable-next-line no-console -- it is where people look who build the page.
  console.warn(`samosa-chat: ${sentence}`)
}

/**
 * What may stand in place of a word. In place of one that is told something: a text with `{1}`, `{2}` where
 * that goes, a text for each form that a number takes in the language, or a function.
 */
type Replacement<Word> = Word extends string
  ? string
  : Word extends (...told: infer Told) => string
    ? string | Forms | ((...told: Told) => string)
    : { readonly [Key in keyof Word]?: Replacement<Word[Key]> }

type ReplacedCatalogue = Replacement<Omit<Catalogue, 'language' | 'direction'>>
type LanguageCode = 'ar' | 'de' | 'en' | 'es' | 'fr' | 'hi' | 'ja'

/** Words for the chat, in every language or, under its code, in one. */
export type ReplacedStrings = ReplacedCatalogue & {
  readonly [Code in LanguageCode]?: ReplacedCatalogue
}

type Optional<Words> = {
  [Key in keyof Words]-?: undefined extends Words[Key] ? Key : never
}[keyof Words]

/** What the English catalogue has not from the start, by its place. */
const LATE: ReadonlyMap<string, object> = new Map(
  Object.entries({
    '': {
      sound: true,
      size: true,
      earlier: true,
      transcript: true,
      editor: true,
      feedback: true,
      drawer: true,
      account: true,
      extras: true,
      disclosure: true,
      contact: true,
      turns: true,
      ratings: true,
      status: true,
    },
    answer: { tools: true, cited: true },
    hints: { busy: true, running: true, changed: true, replaced: true, files: true },
    errors: {
      inference_misconfigured: true,
      inference_length: true,
      inference_filtered: true,
      unreadable_file: true,
      not_found: true,
      invalid_request: true,
      malformed_json: true,
      forbidden: true,
      conflict: true,
      rate_limited: true,
      budget_exhausted: true,
      method_not_allowed: true,
      too_large: true,
      unsupported_media_type: true,
      inference_error: true,
      inference_unreachable: true,
      inference_timeout: true,
      inference_interrupted: true,
      auth_unreachable: true,
      storage_unreachable: true,
    },
  } satisfies { '': Record<Optional<Strings>, true> } & {
    [Group in 'answer' | 'hints' | 'errors']: Record<Optional<Strings[Group]>, true>
  }),
)

const placeOf = (group: string, key: string) => (group === '' ? key : `${group}.${key}`)
const isLanguage = (key: string) => /^[a-z]{2}$/.test(key)

/** Undefined for what is none, of which the page is told. */
function readReplaced(given: unknown): JsonObject | undefined {
  const read = typeof given === 'string' ? parseJson(given) : given
  if (isObject(read)) return read
  if (given) warnOnce('strings takes an object, or one as JSON.')
  return undefined
}

/** What is given for a language, before what is given for all. */
export function layersFor(language: string, given: unknown): readonly JsonObject[] {
  const all = readReplaced(given) ?? {}
  const ofLanguage = readReplaced(all[language])
  const general = Object.fromEntries(Object.entries(all).filter(([key]) => !isLanguage(key)))
  return ofLanguage ? [ofLanguage, general] : [general]
}

/** Groups of words by their places in the catalogue. */
export type LateGroups = Readonly<Record<string, object>>

interface Catalogues {
  readonly language: string
  readonly late: LateGroups
}

/** The catalogue with what is given in place of its own; `late` are groups of words by their places, which grow. */
export function replaceStrings(own: Strings, given: unknown, late: LateGroups): Strings {
  return overlay(own, '', layersFor(own.language, given), { language: own.language, late })
}

/** Words that look into the layers first, each time they are asked: what comes late is there then. */
function overlay<Words extends object>(
  own: Words,
  group: string,
  layers: readonly JsonObject[],
  catalogues: Catalogues,
): Words {
  const lateHere = LATE.get(group) ?? {}
  const isFixed = (key: string) => group === '' && /^(language|direction)$/.test(key)
  const made = new Map<string, { readonly from: unknown; readonly word: unknown }>()
  const words = new Proxy(own, {
    get(_, key): unknown {
      const word: unknown = Reflect.get(own, key)
      if (typeof key === 'symbol' || isFixed(key)) return word
      const place = placeOf(group, key)
      const isSentence = (group === 'hints' || group === 'errors') && Object.hasOwn(lateHere, key)
      const from = word ?? catalogues.late[place] ?? (isSentence ? '' : undefined)
      const given = layers.flatMap((layer) => layer[key] ?? [])
      if (from === undefined || given.length === 0) return word
      const before = made.get(key)
      if (before?.from === from) return before.word
      const now = isObject(from)
        ? overlay(from, place, groupsOf(given, place), catalogues)
        : (wordOf(from, given[0], place, catalogues.language) ?? word)
      made.set(key, { from, word: now })
      return now
    },
  })
  // Whoever builds the page hears of all that is wrong, not only of what a visitor meets.
  for (const key of new Set(layers.flatMap((layer) => Object.keys(layer)))) {
    if (!isFixed(key) && (Object.hasOwn(own, key) || Object.hasOwn(lateHere, key)))
      Reflect.get(words, key)
    else warnOnce(`strings has ${placeOf(group, key)}, which is none of the chat's texts.`)
  }
  return words
}

function groupsOf(given: readonly unknown[], place: string): readonly JsonObject[] {
  const groups = given.filter(isObject)
  if (groups.length < given.length) warnOnce(`strings.${place} takes an object of texts.`)
  return groups
}

type Callable = (...told: readonly unknown[]) => unknown
const isCallable = (value: unknown): value is Callable => typeof value === 'function'

/** The word that is given, if it can take the place of the chat's own. */
function wordOf(own: unknown, given: unknown, place: string, language: string): unknown {
  if (!isCallable(own)) {
    if (typeof given === 'string' && given.trim() !== '') return given
    warnOnce(`strings.${place} takes a text.`)
    return undefined
  }
  if (isCallable(given)) {
    return (...told: readonly unknown[]): unknown => {
      try {
        const said = given(...told)
        if (typeof said === 'string') return said
      } catch {
        // The page is told as of one that gives nothing.
      }
      warnOnce(`strings.${place} gave no text.`)
      return own(...told)
    }
  }
  // A text is the form for every number.
  const forms = typeof given === 'string' && given.trim() !== '' ? { other: given } : given
  if (!areForms(forms)) {
    warnOnce(`strings.${place} takes a text, a text for each form of a number, or a function.`)
    return undefined
  }
  // With the digits that code, links and commands have.
  const { number } = formatsIn(`${language}-u-nu-latn`)
  const plurals = new Intl.PluralRules(language)
  return (...told: readonly unknown[]) => {
    const amount = told.find((each) => typeof each === 'number')
    const text = amount === undefined ? forms.other : (forms[plurals.select(amount)] ?? forms.other)
    return text.replaceAll(/\{([1-9])\}/g, (mark, at: string) => {
      const value = told[Number(at) - 1]
      if (typeof value === 'number') return number(value)
      return typeof value === 'string' ? value : mark
    })
  }
}

const areForms = (value: unknown): value is Forms =>
  isObject(value) &&
  'other' in value &&
  Object.values(value).every((form) => typeof form === 'string')
