/** The variables that the server reads: those of its process, and those of a file `.env` where it starts. */
import { lstatSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StartError } from '../core/errors.ts'
import { decodeText, parseEnvText, type Assignment, type LineNote } from './env-file.ts'
import { ConfigError, type EnvironmentVariables } from './read-variables.ts'
import { languageOf, SETTING_NAMES, settingOfLanguage } from './variables.ts'

export interface Environment {
  readonly variables: EnvironmentVariables
  /** Sentences for the log: what is probably not as it was meant. */
  readonly warnings: readonly string[]
  /** What the file sets for somebody else: names, or lines where a name may be part of something secret. */
  readonly unread: readonly string[]
}

/**
 * The process's variables win over the file's, but an empty one is not set.
 * @throws StartError when there is a file that cannot be read
 * @throws ConfigError that names each line which is not understood, or sets a name that is nearly one of ours
 */
export function readEnvironment(directory: string, ofProcess: EnvironmentVariables): Environment {
  const path = join(directory, '.env')
  const file = readEnvFile(path)
  const { variables, problems, warnings } = combine(file, ofProcess)
  if (problems.length > 0) {
    const inOrder = problems.toSorted((a, b) => a.line - b.line)
    throw new ConfigError(inOrder.map((note) => sentence(path, note)))
  }
  return { variables, warnings, unread: unreadOf(file.assignments) }
}

interface FileSettings {
  readonly path: string
  readonly assignments: readonly Assignment[]
  readonly problems: readonly LineNote[]
  readonly warnings: readonly LineNote[]
  /** Paths of files that are none, and may have been meant for it. */
  readonly beside: readonly string[]
}

const sentence = (path: string, { line, text }: LineNote) => `${path}: line ${line} ${text}.`

/** @throws StartError or ConfigError for anything there that is no readable text */
function readEnvFile(path: string): FileSettings {
  const bytes = readIfThere(path)
  if (bytes === undefined) {
    return { path, assignments: [], problems: [], warnings: [], beside: otherNames(path) }
  }
  const decoded = decodeText(bytes)
  if (decoded.kind === 'problem') {
    throw new ConfigError([sentence(path, { line: decoded.line, text: decoded.problem })])
  }
  return { path, ...parseEnvText(decoded.text), beside: [] }
}

/** @throws StartError for anything there that is no readable file */
function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path)
  } catch (cause) {
    // A link that leads nowhere is there, and was made for something.
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (isMissing && isNothing(path)) return undefined
    throw new StartError(`${path} cannot be read. Make it a readable file, or remove it.`, {
      cause,
    })
  }
}

const isNothing = (path: string) => lstatSync(path, { throwIfNoEntry: false }) === undefined

/** Files that some editors make where `.env` was meant. */
const otherNames = (path: string) =>
  ['.env.txt', 'env.txt', '.ENV']
    .map((name) => join(dirname(path), name))
    .filter((other) => !isNothing(other))

interface Combined {
  readonly variables: EnvironmentVariables
  readonly problems: readonly LineNote[]
  readonly warnings: readonly string[]
}

const isSet = (value: string | undefined) => (value ?? '').trim() !== ''

function combine(file: FileSettings, ofProcess: EnvironmentVariables): Combined {
  const ofFile = Object.fromEntries(file.assignments.map(({ name, value }) => [name, value]))
  const variables: Record<string, string | undefined> = { ...ofFile, ...ofProcess }
  const warnings = file.beside.map(
    (path) => `${path} is not read: settings are in a file named .env.`,
  )
  const ofLanguages = Object.keys(variables).filter((name) => settingOfLanguage(name) !== undefined)
  for (const names of [...SETTING_NAMES, ...ofLanguages.map((name) => [name])]) {
    const isInProcess = names.some((name) => isSet(ofProcess[name]))
    for (const name of names) {
      if (!isSet(ofFile[name])) continue
      // Whatever name the process uses for it.
      if (isInProcess) variables[name] = ofProcess[name]
      else if (ofProcess[name] !== undefined) {
        variables[name] = ofFile[name]
        warnings.push(`${name} is empty in the environment, so its value in ${file.path} counts.`)
      }
    }
    const used = names.filter((name) => isSet(variables[name]))
    for (const other of used.slice(1)) {
      if (variables[other] === variables[used[0] ?? '']) continue
      warnings.push(`${other} does not count beside ${used[0]}, which is another name of it.`)
    }
  }
  if (variables['AUTH_MODE'] !== undefined && !isSet(variables['AUTH_MODE'])) {
    warnings.push('AUTH_MODE is empty, which is as good as not set: its default holds.')
  }
  const names = checkNames(file, variables)
  const repeats = checkRepeats(file.assignments)
  const inFile = [...file.warnings, ...names.warnings, ...repeats.warnings]
  return {
    variables,
    problems: [...file.problems, ...names.problems, ...repeats.problems],
    warnings: [
      ...inFile.map((note) => sentence(file.path, note)),
      ...warnings,
      ...checkProcess(ofProcess, variables),
    ],
  }
}

interface Notes {
  readonly problems: readonly LineNote[]
  readonly warnings: readonly LineNote[]
}

/** Names in the file that were meant for us, and what a quote that was not closed has swallowed. */
function checkNames({ assignments }: FileSettings, variables: EnvironmentVariables): Notes {
  const problems: LineNote[] = []
  const warnings: LineNote[] = []
  for (const { line, name, within } of assignments) {
    for (const inner of within) {
      if (!isKnown(inner.name)) continue
      const text = `sets ${name} to a quoted text that reaches over line ${inner.line}, which sets ${inner.name}`
      problems.push({ line, text: `${text}; close the quote before it` })
    }
    const meant = meantBy(name)
    if (meant === undefined) {
      const isOurs = name.startsWith('WIDGET_') && !isKnown(name)
      if (isOurs) warnings.push({ line, text: `sets ${name}, which this version does not read` })
      continue
    }
    const isSetToo = meant.names.some((other) => isSet(variables[other]))
    const text = `sets ${name}, which is not read and nearly ${meant.name}`
    if (meant.by === 'part' || isSetToo || !canBeSet(meant.name)) {
      if (!isSetToo) warnings.push({ line, text })
      continue
    }
    const wayOn = `write that, or, if ${name} is another program's, set ${meant.name} as well`
    problems.push({ line, text: `${text}; ${wayOn}` })
  }
  return { problems, warnings }
}

/** Other programs use a Redis too: a name that is nearly this one may well be theirs. */
const canBeSet = (name: string) => name !== 'REDIS_URL'

function checkRepeats(assignments: readonly Assignment[]): Notes {
  const problems: LineNote[] = []
  const warnings: LineNote[] = []
  const seen = new Map<string, Assignment>()
  for (const assignment of assignments) {
    const { line, name, value } = assignment
    const earlier = seen.get(name)
    seen.set(name, assignment)
    if (earlier === undefined) continue
    const text = `sets ${name}, which line ${earlier.line} has set`
    if (isKnown(name) && earlier.value !== value) {
      problems.push({ line, text: `${text} to something else; keep one of them` })
    } else warnings.push({ line, text: `${text} already` })
  }
  return { problems, warnings }
}

/** The process's environment holds everything, so only what is plainly ours is worth a word. */
function checkProcess(
  ofProcess: EnvironmentVariables,
  variables: EnvironmentVariables,
): readonly string[] {
  return Object.keys(ofProcess).flatMap((name) => {
    const meant = meantBy(name)
    if (meant === undefined || meant.by === 'part' || meant.name.length < 5) return []
    if (meant.names.some((other) => isSet(variables[other]))) return []
    return [`${name} in the environment is not read and nearly ${meant.name}.`]
  })
}

/** What looks like a variable's name is told; what looks like part of a key is not. */
function unreadOf(assignments: readonly Assignment[]): readonly string[] {
  const unread = assignments
    .filter(({ name }) => !isKnown(name))
    .map(({ name, line }) => (/^[A-Z][A-Z\d_]{0,63}$/.test(name) ? name : `line ${line}`))
  return [...new Set(unread)]
}

// Finds the setting that a name was meant for.

interface Meant {
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

const KNOWN: ReadonlySet<string> = new Set(SETTING_NAMES.flat())

const isKnown = (name: string): boolean => KNOWN.has(name) || settingOfLanguage(name) !== undefined

/** Undefined for a name that is known, and for one that is like none of ours. */
export function meantBy(name: string): Meant | undefined {
  if (isKnown(name)) return undefined
  // Proxies for protocols that are not spoken here stand beside those that are.
  if (/^(?:ftp|all)_proxy$/i.test(name)) return undefined
  for (const by of ['same', 'slip', 'part'] as const) {
    for (const names of SETTING_NAMES) {
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
