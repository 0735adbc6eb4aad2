/** What is not drawn from tokens alone: raw HTML, character references and formulas, each with what is loaded for it. */
import { lazy } from '../../ui/lazy.ts'
import { make } from '../../ui/make.ts'

/* Character references in text. */

/** The names that are common, each with its character; a browser knows two thousand others. */
const COMMON: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&nbsp;': '\u00a0',
}
const ENTITY = /&(?:#(\d{1,7})|#x([a-f0-9]{1,6})|\w{2,31});/gi

/** No character at all, half of one, or too large a number. */
const isNone = (code: number) =>
  code === 0 || (code >= 0xd8_00 && code <= 0xdf_ff) || code > 0x10_ff_ff

const fromCode = (code: number) => (isNone(code) ? '\ufffd' : String.fromCodePoint(code))

function decode(entity: string, decimal: string | undefined, hex: string | undefined): string {
  const code = decimal ?? (hex && `0x${hex}`)
  if (code !== undefined) return fromCode(Number(code))
  return COMMON[entity] ?? sanitizer.use()?.sanitizeHtml(entity)?.textContent ?? entity
}

const MARKED_OR_ENTITY = /\\([!-/:-@[-`{-~])|&#?\w{1,31};/g

/** What is written in an address, a title or behind a fence, as it is meant. */
export const unescapeText = (text: string) =>
  text.replaceAll(
    MARKED_OR_ENTITY,
    (all, marked: string | undefined) => marked ?? decodeEntities(all),
  )

/** Text with its character references resolved. */
export const decodeEntities = (text: string) =>
  text.includes('&') ? text.replaceAll(ENTITY, decode) : text

export const sanitizer = lazy(() => import('./sanitize.ts'))

/** Stands for a tag; nothing while there is no sanitiser. */
export const placeOfTag = (tag: string): string => sanitizer.loaded()?.placeOf(tag) ?? ''

/** What `render` makes, with the HTML met on the way sanitised. */
export const withHtml = (render: () => DocumentFragment): DocumentFragment =>
  sanitizer.use()?.gatherHtml(render) ?? render()

/* A formula on the screen: as TeX until KaTeX is there, or where KaTeX cannot read it. */

export const typesetter = lazy(() => import('./typeset.ts'))

interface Formula {
  /** What was written, its marks included. */
  readonly raw: string
  readonly text?: string | undefined
  /** See `MathBlockToken`. */
  readonly behind?: string | undefined
}

/** The node of a formula; `display` when it stands on a line of its own. */
export function mathNode({ raw, text, behind = '' }: Formula, display: boolean): Node | string {
  const set = text === undefined ? undefined : typesetter.use()?.typeset(text, display, behind)
  const element = make(display ? 'div' : 'span', set ?? raw.trim())
  element.className = 'math'
  element.dir = 'ltr'
  // A wide one scrolls in itself, with the keyboard too.
  if (display) element.tabIndex = 0
  return sanitizer.loaded()?.placeOfFormula({ raw, node: element }) ?? element
}
