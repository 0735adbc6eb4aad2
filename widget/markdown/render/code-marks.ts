/** Where in a piece of code there are keywords, strings and so on. */
import type { Emitter, LanguageFn } from 'highlight.js'
import hljs from 'highlight.js/lib/core'
import { KINDS, type Kind, type Mark, kinds } from './paint-code.ts'

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

type Language = keyof typeof LANGUAGES

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
const loadGrammar = async (language: Language): Promise<LanguageFn> =>
  (await LANGUAGES[language]()).default

const KIND_OF: ReadonlyMap<string, Kind> = new Map(
  kinds.flatMap((kind) => KINDS[kind].map((name) => [name, kind] as const)),
)

/** Notes the kind of each piece of text that the grammar finds, the innermost counts. */
class MarkEmitter implements Emitter {
  readonly marks: Mark[] = []
  #length = 0
  readonly #scopes: (Kind | undefined)[] = []

  get length(): number {
    return this.#length
  }

  addText(text: string): void {
    const start = this.#length
    this.#length += text.length
    const kind = this.#scopes.at(-1)
    if (kind && text !== '') this.marks.push({ kind, start, end: this.#length })
  }

  startScope(name: string): void {
    this.#scopes.push(KIND_OF.get(name.split('.', 1)[0] ?? ''))
  }

  endScope(): void {
    this.#scopes.pop()
  }

  /** The names that the engine calls the two by. */
  openNode(name: string): void {
    this.startScope(name)
  }

  closeNode(): void {
    this.endScope()
  }

  __addSublanguage(inner: Emitter): void {
    if (!(inner instanceof MarkEmitter)) return
    const from = this.#length
    for (const { kind, start, end } of inner.marks) {
      this.marks.push({ kind, start: from + start, end: from + end })
    }
    this.#length += inner.length
  }

  finalize(): void {
    this.#scopes.length = 0
  }

  /** Asked for by the engine, and never shown. */
  toHTML(): string {
    return ''
  }
}

hljs.configure({ __emitter: MarkEmitter })

/** The coloured places of code in the language that its fence names; none in an unknown language. */
export async function findMarks(code: string, label: string): Promise<readonly Mark[]> {
  const language = languageNamed(label)
  if (!language) return []
  if (!hljs.getLanguage(language)) hljs.registerLanguage(language, await loadGrammar(language))
  const { _emitter } = hljs.highlight(code, { language, ignoreIllegals: true })
  return _emitter instanceof MarkEmitter ? _emitter.marks : []
}
