/** Takes the line breaks and indents out of `html`, `svg` and `css` templates, which minifiers leave alone. */

const TAG = /\b(css|html|svg)$/
const TEMPLATE = /\b(?:css|html|svg)`/
const BRACES = /\s*([{};])\s*/g

const shortenCss = (text: string) =>
  text
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(BRACES, '$1')
    .replaceAll(';}', '}')
    .replaceAll(/([:,]) /g, '$1')

/** Only where a line is indented: a bare line break, in a `pre` say, may be meant. Nothing stands before a tag's end. */
const shortenMarkup = (text: string) =>
  text.replaceAll(/\n[ \t]+(>?)/g, (_, end: string) => end || ' ')

interface Cursor {
  readonly code: string
  at: number
  /** What has been read, shortened. */
  out: string
}

/** Reads up to what ends a string, both quotes included. */
function readString(cursor: Cursor, quote: string): void {
  const { code } = cursor
  const from = cursor.at
  cursor.at += 1
  while (cursor.at < code.length && code[cursor.at] !== quote) {
    cursor.at += code[cursor.at] === '\\' ? 2 : 1
  }
  cursor.at += 1
  cursor.out += code.slice(from, cursor.at)
}

function readComment(cursor: Cursor, end: string): void {
  const { code } = cursor
  const found = code.indexOf(end, cursor.at)
  const to = found < 0 ? code.length : found + end.length
  cursor.out += code.slice(cursor.at, to)
  cursor.at = to
}

/** Reads a template from its first backtick to behind its last. */
function readTemplate(cursor: Cursor, tag: string | undefined): void {
  const { code } = cursor
  const shorten = tag === undefined ? String : tag === 'css' ? shortenCss : shortenMarkup
  cursor.out += '`'
  cursor.at += 1
  let from = cursor.at
  while (cursor.at < code.length && code[cursor.at] !== '`') {
    if (code.startsWith('${', cursor.at)) {
      cursor.out += `${shorten(code.slice(from, cursor.at))}\${`
      cursor.at += 2
      readCode(cursor, true)
      from = cursor.at
    } else cursor.at += code[cursor.at] === '\\' ? 2 : 1
  }
  cursor.out += `${shorten(code.slice(from, cursor.at))}\``
  cursor.at += 1
}

/** Reads code to its end, or to behind the brace that closes an expression in a template. */
function readCode(cursor: Cursor, isExpression: boolean): void {
  const { code } = cursor
  let depth = 0
  while (cursor.at < code.length) {
    const sign = code[cursor.at] ?? ''
    if (sign === '`') readTemplate(cursor, TAG.exec(cursor.out)?.[1])
    else if (sign === "'" || sign === '"') readString(cursor, sign)
    else if (code.startsWith('//', cursor.at)) readComment(cursor, '\n')
    else if (code.startsWith('/*', cursor.at)) readComment(cursor, '*/')
    else {
      cursor.out += sign
      cursor.at += 1
      if (sign === '{') depth += 1
      if (sign === '}' && depth === 0 && isExpression) return
      if (sign === '}') depth -= 1
    }
  }
}

const withoutSpace = (code: string) => code.replaceAll(/\s|\/\*.*?\*\/|;(?=\s*})/gs, '')

/**
 * Shortens the templates of a source.
 * @throws Error when anything but space would change, as it would if a regular expression holds a quote
 */
export function shortenTemplates(code: string): string {
  // Where there is none, an expression may hold a quote.
  if (!TEMPLATE.test(code)) return code
  const cursor: Cursor = { code, at: 0, out: '' }
  readCode(cursor, false)
  if (withoutSpace(cursor.out) !== withoutSpace(code))
    throw new Error('More than space would change')
  return cursor.out
}
