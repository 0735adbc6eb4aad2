/** An answer as HTML for other programs: what it means, without how it looks here. */
import { make } from '../ui/make.ts'
import { copyText } from '../ui/copy-text.ts'

const DAY_MS = 86_400_000

/** The browser's own variant of a language: a visitor in Dublin has other dates than one in Dallas. */
const localeOf = (language: string) =>
  navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language

/** Whole days between two times, by the calendar where the visitor is. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return (midnight(later) - midnight(earlier)) / DAY_MS
}

/** When something was said: the time alone today, with the day before. */
export function timeInWords(date: Date, language: string, now = new Date()): string {
  const locale = localeOf(language)
  const days = daysBetween(date, now)
  const time = { hour: 'numeric', minute: '2-digit' } as const
  if (days === 0) return date.toLocaleTimeString(locale, time)
  if (days === 1) {
    const yesterday = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-1, 'day')
    const day = yesterday.charAt(0).toLocaleUpperCase(locale) + yesterday.slice(1)
    return `${day}, ${date.toLocaleTimeString(locale, time)}`
  }
  const day = { day: 'numeric', month: 'short' } as const
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  return date.toLocaleString(locale, { year, ...day, ...time })
}

/** The same in full. */
export const fullTime = (date: Date, language: string): string =>
  date.toLocaleString(localeOf(language), { dateStyle: 'full', timeStyle: 'short' })

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
