/** What a document is made of, whatever it was written in. */
export type Block =
  | { readonly kind: 'heading'; readonly depth: number; readonly text: string }
  /** A paragraph. */
  | { readonly kind: 'prose'; readonly text: string }
  /** A list item or a table row. */
  | { readonly kind: 'item'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string; readonly language: string }

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
