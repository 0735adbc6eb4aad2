/**
 * What the engine says itself, in the languages of the chat; documents are quoted as they are. Whoever owns the site
 * may say any of it in other words: see `createOwnSentences` below.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import { isMistyped, type Language, languageOf, LANGUAGES } from '../text/words.ts'
import { quoteMarkdown } from '../text/quotables.ts'
import type { Logger } from '../core/ports/index.ts'
import ownWords from './sentences.json' with { type: 'json' }

/**
 * `nearest` stands before the sections that are near to the question, in the same paragraph; `topics` before the
 * titles of documents; `person` before the ways there are to one. `no_words` is said to a message without a word in
 * it, `identity` to "are you a robot?", `no_person` to who asks for a human where there is no way.
 */
export type SentenceKey = keyof typeof ownWords.en
export type Sentences = Readonly<Record<SentenceKey, string>>

/** As they come; English has them all, and says what the others stand for. */
export const SENTENCES: Readonly<Record<Language, Sentences>> = ownWords

/** What stands in a sentence for what is known only when it is said: `{count}`. */
const PLACEHOLDER = /\{([a-z]+)\}/g

export const placeholdersOf = (sentence: string): ReadonlySet<string> =>
  new Set(Array.from(sentence.matchAll(PLACEHOLDER), ([, name = '']) => name))

/** What a person sees of a sentence as Markdown; `values` stand in it as they are, and are Markdown already. */
export type Say = (key: SentenceKey, values?: Readonly<Record<string, string>>) => string

/** The language of the last of the visitor's questions that shows one. */
export function languageAsked(questions: readonly string[]): Language {
  for (const question of questions.toReversed()) {
    const language = languageOf(question)
    if (language !== undefined) return language
  }
  return 'en'
}

/** Says sentences of a language; the owner's own ones come first. Each is shown as it is written, and is no markup. */
export function speakerOf(language: Language, own: Partial<Sentences> = {}): Say {
  return (key, values = {}) =>
    (own[key] ?? SENTENCES[language][key])
      .split(/(\{[a-z]+\})/)
      .map((part) => {
        const name = /^\{([a-z]+)\}$/.exec(part)?.[1]
        return (name === undefined ? undefined : values[name]) ?? quoteMarkdown(part)
      })
      .join('')
}

// What the owner of a site has the built-in engine say instead of its own sentences: `_answers.yml`.

/** In the folder of the documents. */
const OWN_SENTENCES_FILE = '_answers.yml'
/** Bytes; every sentence in every language, each as long as it may be, takes less. */
const LARGEST_FILE = 256 * 1024
/** Characters. */
const LONGEST_SENTENCE = 1_000

export type OwnSentences = Partial<Record<Language, Partial<Sentences>>>

interface ReadSentences {
  readonly sentences: OwnSentences
  /** What is not understood, each in a sentence for the owner; the rest counts. */
  readonly problems: readonly string[]
}

const isLanguage = (name: string): name is Language => name in SENTENCES
const isKey = (name: string): name is SentenceKey => name in SENTENCES.en

/** Of names that may be meant, the one that is a letter away, or all of them. */
function orMeant(name: string, known: readonly string[]): string {
  const meant = known.find((other) => isMistyped(name.toLowerCase(), other))
  return meant === undefined ? `known are ${known.join(', ')}` : `is ${meant} meant?`
}

function problemOf(key: SentenceKey, sentence: unknown): string | undefined {
  if (typeof sentence !== 'string')
    return 'must be a text; a text with a colon needs quotes around it'
  if (sentence.trim() === '') return 'is empty; leave it out to have the usual sentence'
  if (sentence.length > LONGEST_SENTENCE) return `has more than ${LONGEST_SENTENCE} characters`
  const known = placeholdersOf(SENTENCES.en[key])
  const wrong = [...placeholdersOf(sentence)].find((name) => !known.has(name))
  if (wrong !== undefined) {
    const there =
      known.size === 0 ? 'there is none in this sentence' : `there is {${[...known].join('}, {')}}`
    return `has {${wrong}}, and ${there}`
  }
  const missing = [...known].find((name) => !placeholdersOf(sentence).has(name))
  return missing === undefined ? undefined : `needs {${missing}}, which is put in when it is said`
}

/** Reads sentences by language and key; what is not understood leaves the usual sentence. */
export function readSentences(text: string): ReadSentences {
  // All scalars are text: a greeting may be `no`.
  const yaml = parseDocument(text.replace(/^\uFEFF/, ''), {
    schema: 'failsafe',
    logLevel: 'silent',
    prettyErrors: false,
  })
  const [error] = yaml.errors
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    return { sentences: {}, problems: [`line ${line} is no YAML: ${error.message}`] }
  }
  if (yaml.contents === null) return { sentences: {}, problems: [] }
  if (!isMap(yaml.contents)) {
    return {
      sentences: {},
      problems: ['must have languages, such as `en:`, with sentences below them'],
    }
  }
  const problems: string[] = []
  const sentences: OwnSentences = {}
  for (const [language, own] of entriesOf(yaml.toJS({ mapAsMap: true, maxAliasCount: 0 }))) {
    if (!isLanguage(language)) {
      const hint = isKey(language)
        ? 'belongs below a language, such as `en:`'
        : orMeant(language, LANGUAGES)
      problems.push(`${language} is no language of the chat: ${hint}`)
      continue
    }
    if (!(own instanceof Map)) {
      problems.push(`${language} must have sentences below it, such as \`greeting: Hello!\``)
      continue
    }
    const taken: Partial<Record<SentenceKey, string>> = {}
    for (const [key, sentence] of entriesOf(own)) {
      const problem = isKey(key)
        ? problemOf(key, sentence)
        : `is no sentence of the chat: ${orMeant(key, Object.keys(SENTENCES.en))}`
      if (problem !== undefined) problems.push(`${language}.${key} ${problem}`)
      else if (isKey(key)) taken[key] = String(sentence).replaceAll(/\s+/g, ' ').trim()
    }
    sentences[language] = taken
  }
  return { sentences, problems }
}

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  value instanceof Map ? [...value].map(([key, entry]) => [String(key), entry] as const) : []

/**
 * The sentences of a folder as they are on the disk now; a file that has changed is read again, and what is
 * wrong in it is told once.
 */
export function createOwnSentences(folder: string, logger: Logger): () => Promise<OwnSentences> {
  const path = join(folder, OWN_SENTENCES_FILE)
  let stamp = ''
  let sentences: OwnSentences = {}
  const read = async (size: number): Promise<ReadSentences> => {
    if (size > LARGEST_FILE)
      return { sentences: {}, problems: ['is too large for what it may hold'] }
    return readSentences(await readFile(path, 'utf8'))
  }
  return async () => {
    const found = await stat(path).catch(() => undefined)
    const now = found?.isFile() ? `${found.size}:${found.mtimeMs}:${found.ino}` : ''
    if (now === stamp) return sentences
    stamp = now
    if (!found || now === '') {
      sentences = {}
      return sentences
    }
    const { sentences: own, problems } = await read(found.size).catch((error: unknown) => ({
      sentences: {},
      problems: [`cannot be read (${error instanceof Error ? error.message : String(error)})`],
    }))
    sentences = own
    const file = OWN_SENTENCES_FILE
    if (problems.length > 0) {
      logger.warn(
        { file, problems },
        'Some sentences of the chat are not understood; the usual ones are said',
      )
    } else logger.info({ file }, 'The chat says sentences of your own')
    return sentences
  }
}
