/** Writes HTML: everything that is put into a template is escaped, except what is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Piece = string | number | Html | readonly Html[]

export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((string, index) => string + written(pieces[index] ?? '')).join(''))
}

/** A sentence whose `code` stands in backticks. */
export function prose(sentence: string): readonly Html[] {
  return sentence
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
}

/** Puts something between each two. */
export function joined(items: readonly Html[], separator: string): readonly Html[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [html`${separator}`, item]))
}

function written(piece: Piece): string {
  if (piece instanceof Html) return piece.text
  if (typeof piece === 'object') return piece.map(({ text }) => text).join('')
  return String(piece).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
