/**
 * Whether a visitor asks for a human, in the languages of the chat. What is asked about humans (who is the contact for
 * returns, what does an agent do, how is that said in Japanese) stays a question: a clause of the message has to be
 * the wish and nothing but the wish.
 *
 * The wishes of each language are in person-wanted.json, as people write them. They are folded as the messages are, so
 * that accents and the like count in neither, and a space stands for an apostrophe or a hyphen (`i d like`,
 * `quelqu un`). A list is one of its lines, or of what stands between the bars in them, none of which may be empty;
 * `{name}` is a part. A word of `around` must not begin another that goes on with a third: that would be two ways to
 * match, and time that doubles with each word that is said over and over.
 */
import { foldText } from '../protocol/fold-text.ts'
import wishesOf from './person-wanted.json' with { type: 'json' }
import { isMistyped, LANGUAGES, type Language } from './words.ts'

type Pattern = string | readonly string[]

/** How a language asks for a human; Hindi does in two scripts. */
interface Wishes {
  /** What a clause of the language has; the rest of its wishes need not be tried. */
  readonly scripts: readonly string[]
  /** The whole of a clause with its `{wish}`, and what changes nothing before and behind it. */
  readonly clause: string
  readonly parts: Readonly<Record<string, Pattern>>
  /** What is said, and what may follow it at last. */
  readonly wishes: readonly { readonly said: readonly string[]; readonly tail?: Pattern }[]
  /** Words of a wish that are told when they are mistyped. */
  readonly mistyped: string
}

const WISHES: Readonly<Record<Language, readonly Wishes[]>> = wishesOf

/** A group without groups in it. */
const INNERMOST = /\(\?:([^()]*)\)/gu

/**
 * Spellings that fold to one are one way to match: as two, of which either may stand for a word, each word that is
 * said over and over would double the time.
 */
const folded = (source: string): string =>
  foldText(source).replaceAll(
    INNERMOST,
    (_, alternatives: string) => `(?:${[...new Set(alternatives.split('|'))].join('|')})`,
  )

/** Wishes as patterns, each of a whole clause. */
function readWishes({ scripts, clause, parts, wishes, mistyped }: Wishes) {
  const sourceOf = (pattern: Pattern): string => {
    if (typeof pattern !== 'string')
      return `(?:${sourceOf(pattern.join('\n').replaceAll(/\s*[|\n]\s*/g, '|'))})`
    return pattern.replaceAll(/\{([a-z]+)\}/gi, (_, name: string) => sourceOf(parts[name] ?? ''))
  }
  return {
    script: new RegExp(scripts.map((script) => `\\p{Script=${script}}`).join('|'), 'u'),
    wishes: wishes.flatMap(({ said, tail }) => {
      const end = tail === undefined ? '' : `(?: ${sourceOf(tail)})?`
      return said.map((wish) => {
        const whole = sourceOf(clause.replace('{wish}', () => wish))
        return new RegExp(folded(`^${whole}${end}$`), 'u')
      })
    }),
    words: foldText(mistyped).split(' '),
  }
}

const WORDINGS = LANGUAGES.flatMap((language) =>
  WISHES[language].map((wishes) => ({ language, ...readWishes(wishes) })),
)

/** UTF-16 units of a message; who writes more tells a story, and asks for it in its last lines. */
const LONGEST = 1_000
/** Of a clause that is nothing but a wish. */
const LONGEST_CLAUSE = 140

/** No quotes: what is quoted is asked about. */
const CLAUSE_END = /[.!?…;,\n¿¡،؛؟。！？、।|]+|\s[-–—]+\s/u
/** Where a wish begins that no sign is put in front of; not in "if I want to talk to a human". */
const RUN_ON =
  / (?<!\b(?:if|when|whether|where|how|what|why|who|say|says|mean|means|write|type|that|like|do|before|after|once|for|says|saying|phrase|word|words) )(?=(?:(?:can|could|may) i (?:please )?(?:talk|speak|chat)|i (?:just )?(?:want|need|wanna|would like|d like) (?:to )?(?:talk|speak|chat)|(?:let me|please let me) (?:talk|speak)) )/u
/** Signs that stand between words, or in them. */
const BETWEEN = /[^\p{L}\p{M}\p{N}]+/gu
/** "pleaseeee". */
const STRETCHED = /(\p{Script=Latin})\1{2,}/gu

const wordsOfClause = (clause: string) =>
  foldText(clause).replaceAll(BETWEEN, ' ').replaceAll(STRETCHED, '$1').trim()

/** Each word that is one letter away from a word of a wish, as that word. */
function corrected(clause: string, words: readonly string[]): string {
  return clause
    .split(' ')
    .map((word) => {
      if (word.length < 3 || words.includes(word)) return word
      return words.find((known) => isMistyped(word, known)) ?? word
    })
    .join(' ')
}

/** As it is written in any language, before it is taken for a slip in one. */
function languageOfClause(clause: string): Language | undefined {
  const wordings = WORDINGS.filter(({ script }) => script.test(clause))
  const written =
    wordings.find(({ wishes }) => wishes.some((wish) => wish.test(clause))) ??
    wordings.find(({ wishes, words }) => {
      const right = corrected(clause, words)
      return right !== clause && wishes.some((wish) => wish.test(right))
    })
  return written?.language
}

/** The language in which a message asks to be let through to a human; `undefined` where it does not ask. */
export function languageOfWish(message: string): Language | undefined {
  for (const part of message.slice(-LONGEST).split(CLAUSE_END)) {
    for (const clause of wordsOfClause(part).split(RUN_ON)) {
      if (clause === '' || clause.length > LONGEST_CLAUSE) continue
      const language = languageOfClause(clause)
      if (language) return language
    }
  }
  return undefined
}

export const wantsPerson = (message: string): boolean => languageOfWish(message) !== undefined
