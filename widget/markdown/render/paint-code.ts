/**
 * Colours code without touching it: the browser paints ranges of the text, so that nodes, and what a
 * reader has selected in them, stay as they are.
 */

/** The kinds of things in code that have a colour of their own, each with the names that grammars give them. */
export const KINDS = {
  keyword: ['keyword', 'doctag', 'name', 'selector-tag', 'section', 'meta keyword'],
  string: ['string', 'regexp', 'symbol', 'char', 'addition', 'link', 'code'],
  number: ['number', 'literal', 'bullet'],
  comment: ['comment', 'quote', 'meta'],
  title: ['title'],
  type: ['built_in', 'type', 'class'],
  attribute: ['attr', 'attribute', 'variable', 'property', 'template-variable', 'selector-class'],
  deletion: ['deletion'],
} as const

export type Kind = keyof typeof KINDS

export interface Mark {
  readonly kind: Kind
  /** Offsets in the code. */
  readonly start: number
  readonly end: number
}

const isKind = (name: string): name is Kind => Object.hasOwn(KINDS, name)
export const kinds: readonly Kind[] = Object.keys(KINDS).filter(isKind)

type MarksOf = (code: string, label: string) => Promise<readonly Mark[]>

/** Longer code stays plain: it would take too long in one go. */
const MOST_CHARACTERS = 30_000

const COLOURS: Readonly<Record<Kind, string>> = {
  keyword: '#86307b, #e6a8df',
  string: '#256237, #8fd09f',
  number: '#7d4600, #f1bf74',
  comment: '#6b6056, #b0a497',
  title: '#1d5a87, #93c9f2',
  type: '#8f3c10, #f2b58b',
  attribute: '#4e5a12, #cdd68a',
  deletion: '#a3261c, #f4a79d',
}

const RULES = kinds
  .map(
    (kind) =>
      `::highlight(samosa-${kind}){color:var(--samosa-code-${kind},light-dark(${COLOURS[kind]}))}`,
  )
  .join('')
const SHEET = `@media screen{${RULES}}`

export interface Painter {
  /** Colours code, which will not change any more, while it is in sight. */
  watch(code: HTMLElement): void
}

const languageOf = (code: Element) => /\blanguage-(\S+)/.exec(code.className)?.[1] ?? ''

const whenIdle = (work: () => void) => {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 1_000 })
  else setTimeout(work)
}

/** Ranges over the text nodes that hold the marks. */
function* rangesOf(code: Element, marks: readonly Mark[]): Generator<[Kind, StaticRange]> {
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT)
  let node = walker.nextNode()
  let from = 0
  for (const { kind, start, end } of marks) {
    for (let at = start; node instanceof Text && at < end;) {
      const to = from + node.length
      if (at < to) {
        const last = Math.min(end, to)
        yield [
          kind,
          new StaticRange({
            startContainer: node,
            startOffset: at - from,
            endContainer: node,
            endOffset: last - from,
          }),
        ]
        at = last
      }
      if (at < end || end === to) {
        from = to
        node = walker.nextNode()
      }
    }
  }
}

export function createPainter(marksOf: MarksOf): Painter {
  // A reader's own colours are not painted over; browsers would paint every mark like a selection.
  if (matchMedia('(forced-colors: active)').matches) return { watch() {} }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(SHEET)
  const highlights = new Map<Kind, Highlight>()
  for (const kind of kinds) {
    const highlight = new Highlight()
    highlights.set(kind, highlight)
    CSS.highlights.set(`samosa-${kind}`, highlight)
  }
  /** Kept while the code is: it may come into sight again. */
  const read = new WeakMap<Element, readonly Mark[]>()
  const painted = new Map<Element, readonly (readonly [Kind, StaticRange])[]>()
  /** Browsers look at every range again whenever a page changes: there are few, those in sight. */
  const inSight = new WeakSet<Element>()

  const forget = (code: Element) => {
    for (const [kind, range] of painted.get(code) ?? []) highlights.get(kind)?.delete(range)
    painted.delete(code)
  }

  const paint = async (code: HTMLElement) => {
    const text = code.textContent ?? ''
    if (!inSight.has(code) || text.length > MOST_CHARACTERS) return
    const marks = read.get(code) ?? (await marksOf(text, languageOf(code)))
    read.set(code, marks)
    const root = code.getRootNode()
    if (!inSight.has(code) || !(root instanceof ShadowRoot || root instanceof Document)) return
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
    forget(code)
    const ranges = [...rangesOf(code, marks)]
    for (const [kind, range] of ranges) highlights.get(kind)?.add(range)
    painted.set(code, ranges)
  }

  const sight = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) {
        inSight.delete(target)
        forget(target)
      } else if (target instanceof HTMLElement) {
        inSight.add(target)
        // A grammar that cannot be loaded leaves the code plain.
        whenIdle(() => void paint(target).catch(() => {}))
      }
    }
  })

  return {
    watch(code) {
      sight.observe(code)
    },
  }
}
