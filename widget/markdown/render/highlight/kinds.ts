/** The kinds of things in code that have a colour of their own, each with the names that grammars give them. */
export const KINDS = {
  keyword: ['keyword', 'doctag', 'name', 'selector-tag', 'section', 'meta keyword'],
  string: ['string', 'regexp', 'symbol', 'char', 'addition', 'link', 'code'],
  number: ['number', 'literal', 'bullet'],
  comment: ['comment', 'quote', 'meta'],
  title: ['title'],
  type: ['built_in', 'type', 'class'],
  attribute: ['attr', 'attribute', 'variable', 'property', 'template-variable', 'selector-class'],
  deletion: ['deletion'],
} as const

export type Kind = keyof typeof KINDS

export interface Mark {
  readonly kind: Kind
  /** Offsets in the code. */
  readonly start: number
  readonly end: number
}

const isKind = (name: string): name is Kind => Object.hasOwn(KINDS, name)
export const kinds: readonly Kind[] = Object.keys(KINDS).filter(isKind)
