/**
 * Everyday English words that say the same: what visitors call a thing, and what sites write. They help to tell
 * which sentence answers a question; what is found for it does not depend on them.
 *
 * In synonyms.json, `verbs` are forms of one word that share too few letters to be met as such, of which the others
 * become the first; `meanings` has one meaning a line, and a word may stand in several.
 */
import synonyms from './synonyms.json' with { type: 'json' }
import { stemOf, wordsOf } from './words.ts'

const bases = new Map<string, string>()
for (const forms of synonyms.verbs.flatMap((line) => line.split(', '))) {
  const [first = '', ...others] = forms.split(' ')
  for (const form of others) bases.set(form, stemOf(first))
}

/** The stems of a text in order, of an irregular form that of its first form. */
export const baseStemsOf = (text: string): string[] => wordsOf(text).map(baseStemOf)

/** As `baseStemsOf`, for one folded word; "founded" is not "found". */
export const baseStemOf = (word: string): string => bases.get(word) ?? stemOf(word)

interface Phrase {
  readonly stems: readonly string[]
  readonly group: number
}

/** Phrases by the stem that they begin with; a word alone is a phrase of one. */
const phrases = new Map<string, Phrase[]>()
/** Single words of each group. */
const lines: (readonly string[])[] = []
for (const [group, line] of synonyms.meanings.entries()) {
  const members = line.split(', ')
  lines.push(members.filter((member) => wordsOf(member).length === 1))
  for (const phrase of members) {
    const stems = baseStemsOf(phrase)
    const [first] = stems
    if (first === undefined) continue
    phrases.set(first, [...(phrases.get(first) ?? []), { stems, group }])
  }
}

/** A word or phrase of a text and what it may mean. */
interface Meant {
  /** Stems that the phrase is made of. */
  readonly stems: readonly string[]
  readonly groups: ReadonlySet<number>
}

const MOST_RELATED = 40

/** Words that say what the words of a question may mean, without them: those of its rarer meanings first. */
export function relatedWords(question: string): readonly string[] {
  const stems = baseStemsOf(question)
  const groups = new Set(
    meaningsOf(stems)
      .flatMap((meant) => [...meant.groups])
      .toSorted((left, right) => (lines[left]?.length ?? 0) - (lines[right]?.length ?? 0)),
  )
  const words = [...groups].flatMap((group) => lines[group] ?? [])
  return [...new Set(words)]
    .filter((word) => !stems.includes(baseStemOf(word)))
    .slice(0, MOST_RELATED)
}

/** What the words and phrases of a text may mean, by their stems in order; those without synonyms are left out. */
export function meaningsOf(stems: readonly string[]): readonly Meant[] {
  const meant: Meant[] = []
  for (const [at, stem] of stems.entries()) {
    const found = (phrases.get(stem) ?? []).filter((phrase) =>
      phrase.stems.every((part, index) => stems[at + index] === part),
    )
    const longestFirst = found.toSorted((left, right) => right.stems.length - left.stems.length)
    for (const same of Map.groupBy(longestFirst, (phrase) => phrase.stems.length).values()) {
      const [{ stems: parts } = { stems: [] }] = same
      meant.push({ stems: parts, groups: new Set(same.map(({ group }) => group)) })
    }
  }
  return meant
}
