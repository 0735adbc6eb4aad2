/** What a document is made of, whatever it was written in. */
export type Block =
  | Heading
  /** A paragraph. */
  | { readonly kind: 'prose'; readonly text: string }
  /** A list item; `marker` is `- ` or `3. `, indented in a list within a list. */
  | { readonly kind: 'item'; readonly marker: string; readonly text: string }
  | Table
  | { readonly kind: 'code'; readonly text: string; readonly language: string }
  /** What follows stands on that page, counted from 1. */
  | { readonly kind: 'page'; readonly number: number }

export interface Heading {
  readonly kind: 'heading'
  readonly depth: number
  readonly text: string
  /** What a link to the heading names behind `#`, where the page says so. */
  readonly id?: string | undefined
}

export interface Table {
  readonly kind: 'table'
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Lengths of the runs of backticks in a text. */
function runLengths(text: string): ReadonlySet<number> {
  return new Set((text.match(/`+/g) ?? []).map((run) => run.length))
}

/** Inline code in the fewest backticks that nothing inside it can close. */
export function inlineCode(text: string): string {
  const code = text.replaceAll(/\s+/g, ' ').trim()
  if (code === '') return ''
  const taken = runLengths(code)
  let length = 1
  while (taken.has(length)) length += 1
  const marks = '`'.repeat(length)
  const pad = code.startsWith('`') || code.endsWith('`') ? ' ' : ''
  return `${marks}${pad}${code}${pad}${marks}`
}

/** A code block in a fence that nothing inside it can close. */
export function fencedCode(text: string, language: string): string {
  let length = 3
  for (const taken of runLengths(text)) length = Math.max(length, taken + 1)
  const fence = '`'.repeat(length)
  return `${fence}${language.replaceAll(/[^\w+#.-]/g, '')}\n${text.replace(/\s+$/, '')}\n${fence}`
}

/** Text without backticks, which in passages always mean code. */
export function plainText(text: string): string {
  return text.replaceAll('`', '’')
}

/** The cells of a row as a line of a table. */
export function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}
