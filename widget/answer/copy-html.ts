/** An answer as HTML for other programs: what it means, without how it looks here. */
import { make } from '../ui/make.ts'
import { copyText } from '../ui/text-field.ts'

const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set(
  'align alt colspan dir href lang open rowspan src start title'.split(' '),
)
/** Elements that are there for how it looks. */
const WRAPPERS = 'span, div:not(.math)'

function undress(root: DocumentFragment): void {
  for (const header of root.querySelectorAll('.code-header')) header.remove()
  for (const mark of root.querySelectorAll('.citation')) mark.replaceWith(`[${mark.textContent}]`)
  for (const number of root.querySelectorAll('.note')) number.replaceWith(number.textContent ?? '')
  for (const box of root.querySelectorAll('input')) {
    box.replaceWith(box.hasAttribute('checked') ? '☑ ' : '☐ ')
  }
  for (const math of root.querySelectorAll('math')) math.closest('.math')?.replaceWith(math)
  for (const code of root.querySelectorAll('pre code')) code.textContent = code.textContent ?? ''
  for (const wrapper of root.querySelectorAll(WRAPPERS)) wrapper.replaceWith(...wrapper.childNodes)
}

function strip(element: Element): void {
  if (element instanceof HTMLAnchorElement && element.hasAttribute('href')) {
    element.setAttribute('href', element.href)
  }
  if (element instanceof HTMLImageElement) element.setAttribute('src', element.src)
  const isMath = element.closest('math') !== null
  for (const { name } of [...element.attributes]) {
    const isKept = isMath ? !/^(?:class|style|id|part)$/.test(name) : KEPT_ATTRIBUTES.has(name)
    if (!isKept) element.removeAttribute(name)
  }
}

/** Rendered Markdown without what is ours: links that lead from anywhere, code and tables as such. */
export function portableNodes(texts: Iterable<Element>): DocumentFragment {
  const root = document.createDocumentFragment()
  for (const text of texts) {
    root.append(...[...text.childNodes].map((node) => document.importNode(node, true)))
  }
  undress(root)
  for (const element of root.querySelectorAll('*')) strip(element)
  return root
}

/** The same as HTML. */
export function portableHtml(texts: Iterable<Element>): string {
  const box = make('div', portableNodes(texts))
  // Read, never written.
  // oxlint-disable-next-line no-restricted-properties
  return box.innerHTML
}

const blobOf = (text: string, type: string) => new Blob([text], { type })

/** Copies a text with its HTML beside it, where the browser can; false where it may not. */
export async function copyWithHtml(text: string, html: string): Promise<boolean> {
  if (html === '' || !('ClipboardItem' in globalThis) || !('write' in navigator.clipboard)) {
    return copyText(text)
  }
  try {
    const [plain, rich] = ['text/plain', 'text/html'] as const
    await navigator.clipboard.write([
      new ClipboardItem({ [plain]: blobOf(text, plain), [rich]: blobOf(html, rich) }),
    ])
    return true
  } catch {
    // Denied, or a browser that takes text alone.
    return copyText(text)
  }
}
