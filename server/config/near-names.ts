/** Finds the setting that a name was meant for. */
import { languageOf } from './variable.ts'
import { NOT_IN_THIS_VERSION, SETTING_NAMES, settingOfLanguage } from './variables.ts'

export interface Meant {
  /** The name that is understood. */
  readonly name: string
  /** Other names of the same setting. */
  readonly names: readonly string[]
  /**
   * `same`: but for case, separators, order or a prefix of ours. `slip`: a letter or two off. `part`: a word
   * or more is missing, as in `JWT_SECRET`, which may well be somebody else's.
   */
  readonly by: 'same' | 'slip' | 'part'
}

const SETTINGS = [...SETTING_NAMES, ...[...NOT_IN_THIS_VERSION].map((name) => [name])]
const KNOWN: ReadonlySet<string> = new Set(SETTINGS.flat())

export const isKnown = (name: string): boolean =>
  KNOWN.has(name) || settingOfLanguage(name) !== undefined

/** Undefined for a name that is known, and for one that is like none of ours. */
export function meantBy(name: string): Meant | undefined {
  if (isKnown(name)) return undefined
  // Proxies for protocols that are not spoken here stand beside those that are.
  if (/^(?:ftp|all)_proxy$/i.test(name)) return undefined
  for (const by of ['same', 'slip', 'part'] as const) {
    for (const names of SETTINGS) {
      const found = names.find((known) => LIKENESS[by](name, known))
      if (found !== undefined) return { name: found, names, by }
    }
  }
  return meantForLanguage(name)
}

/** A setting for one language, whose first part is what nearly fits: `WIDGET_GREETNG_DE`. */
function meantForLanguage(name: string): Meant | undefined {
  const [, begin = '', ending = ''] =
    /^(WIDGET_[A-Z_]*?)_([A-Z]{2,3}(?:_[A-Z]{2,4})*)$/.exec(name) ?? []
  if (languageOf(ending) === undefined) return undefined
  const meant = meantBy(begin)
  const whole = `${meant?.name}_${ending}`
  return meant && settingOfLanguage(whole)
    ? { name: whole, names: [whole], by: meant.by }
    : undefined
}

const LIKENESS = { same: isSame, slip: isSlip, part: isPart } as const satisfies Readonly<
  Record<Meant['by'], (name: string, known: string) => boolean>
>

const letters = (name: string) => name.toUpperCase().replaceAll(/[^A-Z\d]/g, '')
/** In the singular. */
const words = (name: string) =>
  name
    .toUpperCase()
    .split(/[^A-Z\d]+/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/IES$/, 'Y').replace(/S$/, ''))

function isSame(name: string, known: string): boolean {
  const given = letters(name)
  const wanted = letters(known)
  const bare = given.replace(/^(?:SAMOSA)?(?:CHAT)?/, '')
  const inOrder = (list: readonly string[]) => list.toSorted().join(' ')
  return given === wanted || bare === wanted || inOrder(words(name)) === inOrder(words(known))
}

/** Two slips in a long name, one in a shorter one; of a short one only letters that have changed places. */
function isSlip(name: string, known: string): boolean {
  const given = letters(name)
  const wanted = letters(known)
  const isShort = wanted.length < 5
  if (isShort && given.length !== wanted.length) return false
  if (isShort && [...given].toSorted().join('') !== [...wanted].toSorted().join('')) return false
  return slips(given, wanted) <= (wanted.length < 8 ? 1 : 2)
}

function isPart(name: string, known: string): boolean {
  const given = words(name)
  const wanted = words(known)
  if (given.length < 2 || given.length >= wanted.length || given[0] !== wanted[0]) return false
  const isBeginning = given.every((word, index) => word === wanted[index])
  const missing = wanted.findIndex((word, index) => word !== given[index])
  return isBeginning || wanted.toSpliced(missing, 1).join() === given.join()
}

/** How many letters were left out, added, changed or swapped with the next; 3 stands for more than two. */
function slips(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return 3
  let before: readonly number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const isEqual = from[row - 1] === to[column - 1]
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isEqual ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      )
    }
    before = last
    last = next
  }
  return last[to.length] ?? 3
}
