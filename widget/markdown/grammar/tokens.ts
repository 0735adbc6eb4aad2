/** What Markdown is cut into: blocks, and the text in them. */

/** Link reference definitions by their normalised label. */
export type Links = Pick<ReadonlyMap<string, Target>, 'get'>

export interface Target {
  /** As written: backslashes and character references are still in it. */
  readonly href: string
  readonly title?: string | undefined
  /** It is a note, and leads there. */
  readonly note?: string | undefined
}

/** Where a block stands: its first line, and its last one that is not blank. */
interface Place {
  readonly line: number
  end: number
}

export interface ParagraphToken extends Place, Open {
  readonly type: 'paragraph'
  readonly text: string
}

export interface HeadingToken extends Place, Open {
  readonly type: 'heading'
  readonly depth: number
  readonly text: string
}

export interface CodeToken extends Place {
  readonly type: 'code'
  /** What stands behind an opening fence; `undefined` for indented code. */
  readonly info?: string | undefined
  readonly text: string
  /** Its closing fence is there. */
  readonly isClosed?: boolean
}

export interface QuoteToken extends Place {
  readonly type: 'quote'
  readonly tokens: readonly BlockToken[]
}

export interface ListToken extends Place {
  readonly type: 'list'
  /** Number of the first item; `undefined` for bullets and notes. */
  readonly start?: number | undefined
  /** Blank lines between or in the items: their texts are paragraphs. */
  readonly loose: boolean
  readonly items: readonly ItemToken[]
}

export interface ItemToken extends Place {
  readonly type: 'item'
  /** What a note is referred to with; only notes have one. */
  readonly label?: string | undefined
  /** Blank lines between its own blocks. */
  readonly loose: boolean
  readonly tokens: readonly BlockToken[]
}

/** The text that is still being written is that of the last cell. */
export interface TableToken extends Place, Open {
  readonly type: 'table'
  readonly aligns: readonly (string | undefined)[]
  readonly header: readonly string[]
  /** As written: with fewer or more cells than the header. */
  readonly rows: readonly (readonly string[])[]
}

export interface HtmlToken extends Place, Open {
  readonly type: 'html'
  readonly text: string
}

export interface DefinitionToken extends Place, Target {
  readonly type: 'definition'
  readonly label: string
}

export interface RuleToken extends Place {
  readonly type: 'rule'
}

/** Text that is still being written at its end. */
export interface Open {
  isOpen?: boolean
}

/** A formula on lines of its own. */
export interface MathBlockToken extends Place {
  readonly type: 'math'
  readonly raw: string
  /** `undefined` while its end has not come. */
  readonly text?: string | undefined
  /** A comma, a full stop or such, which is set with it. */
  readonly behind?: string | undefined
}

export type BlockToken =
  | ParagraphToken
  | HeadingToken
  | CodeToken
  | QuoteToken
  | ListToken
  | TableToken
  | HtmlToken
  | DefinitionToken
  | RuleToken
  | MathBlockToken

/** Plain text is a string whose character references are still to be resolved. */
export type InlineToken =
  | string
  | { readonly type: 'em' | 'strong' | 'del'; readonly tokens: readonly InlineToken[] }
  | { readonly type: 'code' | 'escape' | 'html' | 'note'; readonly text: string }
  | { readonly type: 'br' }
  | LinkToken
  | (Target & { readonly type: 'image'; readonly tokens: readonly InlineToken[] })
  | {
      readonly type: 'math'
      readonly raw: string
      readonly text: string
      readonly display: boolean
    }

/** What was read at a place in a text, and where that ends. */
export interface Found {
  /** `undefined` for what is left out. */
  readonly token?: InlineToken
  readonly end: number
}

export interface LinkToken extends Target {
  readonly type: 'link'
  readonly tokens: readonly InlineToken[]
  /** The address itself: nothing in it is escaped. */
  readonly isAddress?: boolean
}
