/** Formulas in text, as TeX: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`; and not prices. */

export interface Formula {
  readonly raw: string
  readonly text: string
  /** On a line of its own. */
  readonly display: boolean
}

const INLINE =
  /^(?:\\\(([\s\S]+?)\\\)|\\\[([\s\S]+?)\\\]|\$\$([^$]+)\$\$|\$(?![\s$])((?:\\[^\n]|[^\\$\n])+)(?<!\s)\$(?![\p{L}\p{N}$]))/u
// No blank line is in it: the rest of an answer must not hang on a mark that never closes. And a
// bracket may be escaped for its own sake: its line says whether it is.
const BRACKET = String.raw`\\\[(?=[ \t]*\n|[^\n]*?(?:[\^_={}<>]|\\[^\]]))`
const BLOCK = new RegExp(
  String.raw`^(?:\$\$((?:(?!\n[ \t]*\n)[^$])+)\$\$|${BRACKET}((?:(?!\n[ \t]*\n|\\\])[\s\S])+)\\\])[ \t]*(?:\n|$)`,
)
const OPEN_BLOCK = new RegExp(
  String.raw`^(?:\$\$(?:(?!\n[ \t]*\n|\$\$)[\s\S])*|${BRACKET}(?:(?!\n[ \t]*\n|\\\])[\s\S])*)$`,
)
const OPEN_INLINE = /^(?:\\\(|\$\$|\\\[[^\n]*[\\^_={}]|\$(?=[^\s\d$])[^\n$]{0,80}(?:[\\^]|_\{))/
const SIGN = /[\\^_={}<>]|\s[-+*/]\s/
const WORD = /[\p{L}\p{N}]/u

/** What people write around dollars that are none: amounts. */
const isAmount = (text: string) => /^\d.*\s/.test(text) && !SIGN.test(text)

/** What closes a formula in brackets that opens so. */
export const closingBracket = (opening: string): string | undefined =>
  opening === '\\(' ? '\\)' : opening === '\\[' ? '\\]' : undefined

/** The formula that a run of text starts with; `before` is the character in front of it. */
export function inlineFormula(source: string, before: string): Formula | undefined {
  const [raw = '', round, square, double, single] = INLINE.exec(source) ?? []
  const text = round ?? square ?? double ?? single ?? ''
  if (!WORD.test(text)) return undefined
  // A bracket may be escaped for its own sake.
  if (square !== undefined && !SIGN.test(text)) return undefined
  if (single !== undefined && (isAmount(text) || WORD.test(before))) return undefined
  return { raw, text, display: round === undefined && single === undefined }
}

/** Whether a run of text starts with a formula whose end has not come. */
export const opensFormula = (source: string, before: string) =>
  OPEN_INLINE.test(source) && !(source.startsWith('$') && WORD.test(before))

/** The formula that a source starts with and that fills its lines; without `text` while it is open. */
export function blockFormula(source: string): Formula | { readonly raw: string } | undefined {
  const [raw, dollars, brackets] = BLOCK.exec(source) ?? []
  const text = dollars ?? brackets
  if (raw !== undefined && text !== undefined) return { raw, text, display: true }
  const open = OPEN_BLOCK.exec(source)
  return open ? { raw: open[0] } : undefined
}
