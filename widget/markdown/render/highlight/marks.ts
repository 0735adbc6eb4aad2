/** Where in a piece of code there are keywords, strings and so on. */
import type { Emitter } from 'highlight.js'
import hljs from 'highlight.js/lib/core'
import { KINDS, kinds, type Kind, type Mark } from './kinds.ts'
import { languageNamed, loadGrammar } from './languages.ts'

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
export async function marksOf(code: string, label: string): Promise<readonly Mark[]> {
  const language = languageNamed(label)
  if (!language) return []
  if (!hljs.getLanguage(language)) hljs.registerLanguage(language, await loadGrammar(language))
  const { _emitter } = hljs.highlight(code, { language, ignoreIllegals: true })
  return _emitter instanceof MarkEmitter ? _emitter.marks : []
}
