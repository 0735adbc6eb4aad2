/** An environment as values of our variables, each under its name or an alias, and a sentence for each that is wrong. */
import { StartError } from '../core/errors.ts'
import { languageOf, VARIABLES, Variables, type Variable } from './variables.ts'

/** A configuration that cannot be used; `message` has one line for each variable that is wrong. */
export class ConfigError extends StartError {
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
  }
}

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

export interface Reading {
  /** What is set and right; a wrong value counts as none, so that what else is wrong is told too. */
  readonly values: Variables
  /** A sentence for each that is wrong. Whoever finds more adds it. */
  readonly problems: string[]
  /** What a variable is for single languages, by their tags (BCP 47): `WIDGET_GREETING_PT_BR` is that of `pt-BR`. */
  byLanguage<Name extends keyof Variables>(
    name: Name,
  ): ReadonlyMap<string, NonNullable<Variables[Name]>>
}

export function readVariables(environment: EnvironmentVariables): Reading {
  const problems: string[] = []
  // An empty value is how compose files and shells write "not set".
  const isSet = (name: string) => (environment[name] ?? '').trim() !== ''
  /** The text under a name, where the variable takes it. */
  const textUnder = (used: string, variable: Variable): string | undefined => {
    const value = environment[used] ?? ''
    const text = variable.exact ? value : value.trim()
    if (variable.schema.safeParse(text).success) return text
    problems.push(refusal(used, text, variable))
    return undefined
  }

  const texts: Record<string, string> = {}
  for (const variable of VARIABLES) {
    const { name, aliases = [], partOf } = variable
    const used = [name, ...aliases].find(isSet)
    const isNeeded = partOf === undefined || texts[partOf] === undefined
    const text = used === undefined || !isNeeded ? undefined : textUnder(used, variable)
    if (text !== undefined) texts[name] = text
  }

  return {
    values: Variables.parse(texts),
    problems,
    byLanguage<Name extends keyof Variables>(name: Name) {
      const variable = VARIABLES.find((one) => one.name === name)
      const found = new Map<string, NonNullable<Variables[Name]>>()
      const begin = `${name}_`
      for (const used of Object.keys(environment)) {
        if (!variable || !used.startsWith(begin) || !isSet(used)) continue
        const language = languageOf(used.slice(begin.length))
        if (language === undefined) {
          problems.push(
            `${used} is ${name} for a language that is not known; its code comes last, as in ${name}_DE or ${name}_PT_BR.`,
          )
          continue
        }
        const value = Variables.parse({ [name]: textUnder(used, variable) })[name]
        if (value !== undefined && value !== null) found.set(language, value)
      }
      return found
    },
  }
}

function refusal(used: string, text: string, { takes, secret }: Variable): string {
  const shown = secret ? schemeOf(text) : shownOf(text)
  const got = shown === undefined ? '' : `; it got ${JSON.stringify(shown)}`
  return `${used} takes ${takes}${got}.`
}

/** Code points of a wrong value that are shown: enough to know it again. */
const MOST_SHOWN = 80

/** What follows the name of a secret in a longer text; the lengths keep a long value from taking long. */
const NAMED_SECRET =
  /((?:api[-_ ]?key|[\w-]{0,30}token|[\w-]{0,30}secret|passw(?:or)?d|authorization|bearer|basic)["']?(?:\s{0,9}[:=]|\s)\s{0,9}["']?(?:bearer\s|basic\s)?)[^\s"',;|}]+/gi
/** Known services' keys, by how they begin; identifiers, and texts that are too mixed to be words. */
const KEYS =
  /\b(?:sk|pk|rk|whsec|tvly|gh[a-z]|github_pat|glpat|hf|xox[a-z])[-_][\w.-]{8,}|\b(?:AKIA|AIza|eyJ)[\w.-]{12,}|\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|(?<![a-z\d+])(?=[a-z+]*\d)(?=[\d+]*[a-z])[a-z\d+]{24,}|(?<![\w-])(?=[\w-]*?\d)(?=[\w-]*?[a-z])[\w-]{40,}/gi

/** A wrong value, as far as it may be told: cut, without a URL's password and query and without what may be a key. */
export function shownOf(value: string): string {
  const open = value
    .replaceAll(/\/\/[^/@\s]*@/g, '//…@')
    .replace(/^(https?:[^?#]*\?).+/is, '$1…')
    .replaceAll(NAMED_SECRET, '$1…')
    .replaceAll(KEYS, '…')
  const letters = [...open]
  return letters.length <= MOST_SHOWN ? open : `${letters.slice(0, MOST_SHOWN).join('')}…`
}

/** What of a secret URL may be shown. */
const schemeOf = (value: string) => {
  const scheme = /^[a-z][a-z\d+.-]{0,20}:\/\//i.exec(value)?.[0]
  return scheme && `${scheme}…`
}
