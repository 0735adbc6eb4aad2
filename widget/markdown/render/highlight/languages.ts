/** The languages that code can be coloured in: a chunk each, loaded with the first code in it. */
import type { LanguageFn } from 'highlight.js'

type Load = () => Promise<{ readonly default: LanguageFn }>

const LANGUAGES = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  go: () => import('highlight.js/lib/languages/go'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
} satisfies Readonly<Record<string, Load>>

export type Language = keyof typeof LANGUAGES

/** Other names that models write behind a fence. */
const OTHER_NAMES: ReadonlyMap<string, Language> = new Map([
  ['c++', 'cpp'],
  ['c#', 'csharp'],
  ['cs', 'csharp'],
  ['golang', 'go'],
  ['html', 'xml'],
  ['svg', 'xml'],
  ['js', 'javascript'],
  ['jsx', 'javascript'],
  ['mjs', 'javascript'],
  ['jsonc', 'json'],
  ['py', 'python'],
  ['python3', 'python'],
  ['rb', 'ruby'],
  ['rs', 'rust'],
  ['sh', 'bash'],
  ['shell', 'bash'],
  ['zsh', 'bash'],
  ['console', 'bash'],
  ['patch', 'diff'],
  ['postgresql', 'sql'],
  ['ts', 'typescript'],
  ['tsx', 'typescript'],
  ['yml', 'yaml'],
])

const isLanguage = (name: string): name is Language => Object.hasOwn(LANGUAGES, name)

/** The language that a fence names, if it is one of ours. */
export function languageNamed(label: string): Language | undefined {
  const name = label.toLowerCase()
  return isLanguage(name) ? name : OTHER_NAMES.get(name)
}

/** The grammar of a language. */
export const loadGrammar = async (language: Language): Promise<LanguageFn> =>
  (await LANGUAGES[language]()).default
