/**
 * Which way text runs, told by its words and not by what it begins with: many a sentence in Arabic begins
 * with a name in Latin letters, or with code.
 */

/** Where the letters of scripts are that are written from right to left. */
const RIGHT = /[\u0590-\u08ff\ufb1d-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/gu
/** A letter of a script that has no italics: a browser would only slant it. */
const NEVER_ITALIC = /(?![\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])\p{L}/u
/** No words in plain text either. */
const ADDRESS_OR_CODE = /(?:https?:\/\/|www\.)\S*|`[^`]*`/gi
/** What has no words, or has blocks whose words are their own. */
const APART = 'blockquote, code, kbd, ol, pre, ul, .math, .table-scroll'
const TEXT_BLOCKS = ':is(h1, h2, h3, h4, h5, h6, li, p, summary, td, th, thead)'

export type Direction = 'ltr' | 'rtl'

/** The direction of a text; `undefined` for one word without letters, which may run as all around it does. */
export function directionOf(text: string): Direction | undefined {
  if (text.search(RIGHT) >= 0) {
    const letters = text.replaceAll(ADDRESS_OR_CODE, '').replaceAll(/\P{L}/gu, '')
    const others = letters.replaceAll(RIGHT, '')
    if (letters[0] !== others[0] || others.length * 2 < letters.length) return 'rtl'
  }
  return /\p{L}|\S\s+\S/u.test(text) ? 'ltr' : undefined
}

/** What is said in a block itself. */
const wordsOf = (block: Node): string =>
  Array.from(block.childNodes, (node) => {
    if (!(node instanceof Element)) return node.textContent
    return node.matches(APART) ? ' ' : wordsOf(node)
  }).join('')

/** Turns what holds blocks of text as the first of them with words runs. */
export function turn(holder: Element): void {
  const direction = holder.querySelector(`${TEXT_BLOCKS}[dir]`)?.getAttribute('dir')
  if (direction) holder.setAttribute('dir', direction)
}

/** Gives every block its direction, and its own kind of emphasis to a script without italics. */
export function direct(root: DocumentFragment): void {
  for (const em of root.querySelectorAll('em, i, cite, dfn'))
    if (NEVER_ITALIC.test(em.textContent ?? '')) em.classList.add('upright')
  for (const block of root.querySelectorAll(TEXT_BLOCKS)) {
    const direction = directionOf(wordsOf(block))
    if (direction) block.setAttribute('dir', direction)
  }
  for (const holder of root.querySelectorAll('blockquote, ol, table, ul')) turn(holder)
}
