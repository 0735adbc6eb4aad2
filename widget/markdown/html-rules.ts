/** Where HTML stands in Markdown, as CommonMark has it. */

const TAG =
  /<(?:[a-z][a-z\d-]*(?:\s+[a-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?)*\s*\/?|\/[a-z][a-z\d-]*\s*)>/
    .source

/** A tag, a comment, an instruction, a declaration, or a section of plain text. */
export const INLINE_HTML = new RegExp(
  TAG + /|<!--(?:-?>|[^]*?-->)|<\?[^]*?\?>|<![a-z][^>]*>|<!\[CDATA\[[^]*?\]\]>/.source,
  'iy',
)

const BLOCK_TAGS =
  'address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul'

/** What opens a block of HTML, and what closes it: with a blank line by default. */
const BLOCKS: readonly (readonly [open: RegExp, close?: RegExp])[] = [
  [/^<(?:script|pre|style|textarea)(?:[\s>]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<![a-z]/i, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [new RegExp(String.raw`^</?(?:${BLOCK_TAGS})(?:\s|/?>|$)`, 'i')],
]
/** Any other tag that stands alone in its line. */
const LONE_TAG = new RegExp(String.raw`^${TAG}\s*$`, 'i')

const BLANK = /^\s*$/

/** What closes the block of HTML that a line opens; `undefined` when it opens none. */
export function htmlCloser(line: string, inParagraph: boolean): RegExp | undefined {
  if (!line.startsWith('<')) return undefined
  const block = BLOCKS.find(([open]) => open.test(line))
  if (block) return block[1] ?? BLANK
  return !inParagraph && LONE_TAG.test(line) ? BLANK : undefined
}
