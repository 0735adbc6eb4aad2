/**
 * Raw HTML with what stands around it. HTML may open in one place and close in another, so all of it is
 * sanitised as one text, the nodes around it included.
 */
import { make } from '../../ui/make.ts'
import createPurifier, { type DOMPurify } from 'dompurify'
import { ELEMENTS } from '../grammar/markup.ts'
import { safeUrl } from '../grammar/index.ts'

/* Raw HTML in Markdown: what a strict list allows survives, parsed where nothing runs or loads. */

const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  a: ['href', 'title', 'data-image'],
  code: ['class'],
  details: ['open'],
  img: ['src', 'alt', 'title'],
  input: ['type', 'checked', 'disabled'],
  ol: ['start'],
  td: ['align', 'colspan', 'rowspan'],
  th: ['align', 'colspan', 'rowspan'],
}
const ALIGNMENTS: ReadonlySet<string> = new Set(['left', 'center', 'right'])
const LANGUAGE_CLASS = /^language-[^\s]{1,40}$/
const POLICY_NAME = 'samosa-chat'

interface TrustedTypesHost extends Window {
  readonly trustedTypes?: {
    createPolicy(
      name: string,
      rules: {
        createHTML: (html: string) => string
        createScriptURL: (url: string) => string
      },
    ): NonNullable<Parameters<DOMPurify['sanitize']>[1]>['TRUSTED_TYPES_POLICY']
  }
}

/**
 * DOMPurify parses through this policy. Nobody else gets hold of it, and it makes no script addresses.
 * A page that does not allow the policy makes sanitising fail, and HTML is then shown as text.
 */
function createPolicy() {
  const host: TrustedTypesHost = window
  const { trustedTypes } = host
  if (!trustedTypes) return undefined
  try {
    return trustedTypes.createPolicy(POLICY_NAME, {
      createHTML: (html) => html,
      createScriptURL: () => '',
    })
  } catch {
    return null
  }
}

function keepAttribute(tag: string, name: string, value: string): boolean {
  if (!ATTRIBUTES[tag]?.includes(name)) return false
  if (name === 'class') return LANGUAGE_CLASS.test(value)
  if (name === 'align') return ALIGNMENTS.has(value)
  if (name === 'href' || name === 'src') return safeUrl(value) !== undefined
  return true
}

/**
 * An image's address can carry the conversation away: it becomes a link that a person may follow,
 * marked for `dress`, which knows what may be loaded.
 * Must happen in the sanitiser's own document, as an image loads as soon as it is in the page's.
 */
function replaceImages(root: DocumentFragment): DocumentFragment {
  for (const image of root.querySelectorAll('img')) {
    const address = image.getAttribute('src')
    if (address === null || image.closest('a')) {
      image.replaceWith(image.alt)
    } else {
      const anchor = document.createElement('a')
      anchor.setAttribute('href', address)
      anchor.toggleAttribute('data-image', true)
      if (image.title !== '') anchor.title = image.title
      anchor.textContent = image.alt === '' ? address : image.alt
      image.replaceWith(anchor)
    }
  }
  return root
}

function createSanitizer(): (html: string) => DocumentFragment {
  const purifier = createPurifier(window)
  const policy = createPolicy()
  purifier.addHook('uponSanitizeAttribute', (element, data) => {
    data.keepAttr = keepAttribute(element.localName, data.attrName, data.attrValue)
  })
  purifier.addHook('afterSanitizeAttributes', (element) => {
    if (element.localName === 'input' && element.getAttribute('type') !== 'checkbox') {
      element.remove()
    }
  })
  // One object for every call: the list is then read once.
  const options = {
    ALLOWED_TAGS: [...ELEMENTS, '#text'],
    ALLOWED_ATTR: [...new Set(Object.values(ATTRIBUTES).flat())],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true as const,
    ...(policy === undefined ? {} : { TRUSTED_TYPES_POLICY: policy }),
  }
  return (html) => replaceImages(purifier.sanitize(html, options))
}

let sanitizer: ((html: string) => DocumentFragment) | undefined

/** A fragment of a document that loads nothing; `undefined` where the page's policy forbids parsing. */
function sanitizeHtml(html: string): DocumentFragment | undefined {
  sanitizer ??= createSanitizer()
  try {
    return sanitizer(html)
  } catch {
    return undefined
  }
}

export { sanitizeHtml }

/** A piece of HTML in rendered text, by its number. */
const PLACE = /\ue000(\d+)\ue001/g

/** A formula in rendered text, by its number: it goes around the sanitiser, which knows HTML alone. */
const FORMULA = /(\ue002\d+\ue003)/
/** Text in these stands as it was written. */
const VERBATIM = 'code, kbd, pre'

interface Formula {
  readonly raw: string
  readonly node: Node
}

/** HTML met while rendering inside `gatherHtml`. */
let pieces: string[] | undefined
/** Formulas that were met with it. */
let formulas: Formula[] = []
/** The page's policy does not let HTML be parsed. */
let isForbidden = false

/** Stands for a piece of HTML, where it is gathered; the piece itself, as text, where none is parsed. */
export const placeOf = (html: string) =>
  isForbidden ? html : pieces && `\ue000${pieces.push(html) - 1}\ue001`

/** Stands for a formula while HTML is gathered. */
export const placeOfFormula = (formula: Formula) =>
  pieces && `\ue002${formulas.push(formula) - 1}\ue003`

/** Puts formulas in their places. */
function putBack(root: DocumentFragment, met: readonly Formula[]): DocumentFragment {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode)
  for (const text of texts) {
    const parts = text.data.split(FORMULA)
    if (parts.length === 1) continue
    const isVerbatim = text.parentElement?.closest(VERBATIM)
    const nodes = parts.map((part) => {
      const formula = FORMULA.test(part) ? met[Number(part.slice(1, -1))] : undefined
      return formula ? (isVerbatim ? formula.raw : formula.node) : part
    })
    text.replaceWith(...nodes)
  }
  // Where a formula was left as text there are several in a row.
  root.normalize()
  return root
}

/** What `render` makes, with the HTML met on the way. */
export function gatherHtml(render: () => DocumentFragment): DocumentFragment {
  if (pieces || isForbidden) return render()
  const met: string[] = []
  const metFormulas: Formula[] = []
  let box: HTMLElement
  try {
    pieces = met
    formulas = metFormulas
    box = make('div', render())
  } finally {
    pieces = undefined
  }
  // Read, never written.
  // oxlint-disable-next-line no-restricted-properties
  const html = box.innerHTML
  const clean = sanitizeHtml(
    html.replaceAll(PLACE, (place, at: string) => met[Number(at)] ?? place),
  )
  isForbidden = clean === undefined
  return clean ? putBack(clean, metFormulas) : render()
}
