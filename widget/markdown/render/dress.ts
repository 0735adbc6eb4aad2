/** What every block gets beyond Markdown: headers on code, safe links, tables that scroll, directions. */
import type { MarkdownStrings } from '../../words/strings.ts'
import { direct } from './direction.ts'
import type { AllowsImage } from '../../ui/image-origins.ts'
import { make } from '../../ui/make.ts'
import { lazy } from '../../ui/lazy.ts'

export interface DressOptions {
  /** Read anew each time: their language may change. */
  readonly strings: MarkdownStrings
  /** Images that are shown; by default none. The others are links. */
  readonly allowsImage?: AllowsImage
  /** Adds to the finished DOM: citations. */
  readonly enrich?: (root: DocumentFragment) => void
}

// Not a region: those are landmarks, of which a page has few, each with a name of its own.
const scrollable = (element: HTMLElement, label: string) => {
  element.tabIndex = 0
  element.setAttribute('role', 'group')
  element.setAttribute('aria-label', label)
}

const unwrap = (element: Element) => element.replaceWith(...element.childNodes)

/** A code block with its header; `pre` is moved into it. */
export function dressCode(pre: HTMLPreElement, strings: MarkdownStrings): HTMLElement {
  const language = /\blanguage-(\S+)/.exec(pre.firstElementChild?.className ?? '')?.[1] ?? ''
  const copy = make('button')
  copy.type = 'button'
  copy.className = 'code-copy'
  const label = make('span', language)
  label.className = 'code-language'
  // Pages that are not served safely have no clipboard.
  const header = make('div', label, ...('clipboard' in navigator ? [copy] : []))
  header.className = 'code-header'
  const block = make('div', header)
  block.className = 'code-block'
  block.setAttribute('part', 'code')
  pre.dir = 'ltr'
  pre.replaceWith(block)
  block.append(pre)
  labelCode(block, pre, strings)
  return block
}

/** Names a code block and its button. */
export function labelCode(block: HTMLElement, pre: HTMLElement, strings: MarkdownStrings): void {
  const [label, copy] = block.querySelectorAll('.code-language, .code-copy')
  if (copy) copy.textContent = strings.copyCode
  scrollable(pre, strings.codeRegion(label?.textContent ?? ''))
}

function dressLink(anchor: HTMLAnchorElement) {
  const nested = anchor.parentElement?.closest('a')
  if (nested || anchor.hasAttribute('data-unsafe')) return unwrap(anchor)
  if (!anchor.hasAttribute('href')) return
  anchor.target = '_blank'
  anchor.rel = 'noopener noreferrer nofollow'
}

/** An image comes as a link; it is one only if it may be loaded. */
function dressImage(anchor: HTMLAnchorElement, { allowsImage, strings }: DressOptions) {
  anchor.removeAttribute('data-image')
  const address = anchor.getAttribute('href')
  if (address === null) return
  if (!allowsImage?.(address)) {
    const kind = make('span', `${strings.image} `)
    kind.className = 'kind'
    return anchor.before(kind)
  }
  const image = make('img')
  image.alt = anchor.textContent ?? ''
  image.title = anchor.title
  image.loading = 'lazy'
  image.decoding = 'async'
  image.referrerPolicy = 'no-referrer'
  image.src = address
  anchor.replaceWith(image)
}

function dressTable(table: HTMLTableElement, strings: MarkdownStrings) {
  const wrapper = make('div')
  wrapper.className = 'table-scroll'
  wrapper.setAttribute('part', 'table')
  scrollable(wrapper, strings.tableRegion)
  table.replaceWith(wrapper)
  wrapper.append(table)
}

/** Changes the fragment in place, before it joins the page. */
export function dress(root: DocumentFragment, options: DressOptions): DocumentFragment {
  const { strings, enrich } = options
  for (const anchor of root.querySelectorAll<HTMLAnchorElement>('a[data-image]')) {
    dressImage(anchor, options)
  }
  for (const anchor of root.querySelectorAll('a')) dressLink(anchor)
  for (const pre of root.querySelectorAll('pre')) dressCode(pre, strings)
  for (const table of root.querySelectorAll('table')) dressTable(table, strings)
  for (const box of root.querySelectorAll('input')) {
    box.disabled = true
    box.setAttribute('aria-label', box.checked ? strings.taskDone : strings.taskOpen)
  }
  direct(root)
  enrich?.(root)
  return root
}

/* Code that will not change any more gets its colours, where the browser can paint them. */

const highlighter = lazy(() => import('./highlight.ts'))

/** Has the code in these nodes coloured later. */
export async function colourCode(nodes: Iterable<Node>): Promise<void> {
  if (!('highlights' in CSS)) return
  for (const node of nodes) {
    if (!(node instanceof Element)) continue
    for (const code of node.querySelectorAll<HTMLElement>('pre > [class]')) {
      if (await highlighter.load()) highlighter.use()?.painter.watch(code)
    }
  }
}
