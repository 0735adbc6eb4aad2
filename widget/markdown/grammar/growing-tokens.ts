/** Blocks while lines are added to them. */
import type { BlockToken, ItemToken, ParagraphToken, QuoteToken, TableToken } from './tokens.ts'

/** A token that is not finished. */
export type Growing<Token> = { -readonly [Key in keyof Token]: Token[Key] }

export interface GrowingQuote extends Growing<QuoteToken> {
  tokens: BlockToken[]
}

export interface GrowingItem extends Growing<ItemToken> {
  tokens: BlockToken[]
  /** Columns in front of its mark, and of its text. */
  readonly indent: number
  width: number
}

/** Its text is put together when it is asked for: with every line, long ones would cost ever more. */
export class GrowingParagraph implements ParagraphToken {
  readonly type = 'paragraph'
  readonly line: number
  end: number
  readonly lines: string[]

  constructor(first: string, line: number) {
    this.lines = [first]
    this.line = line
    this.end = line
  }

  get text(): string {
    return this.lines.join('\n')
  }
}

export type GrowingTable = Growing<TableToken> & { rows: string[][] }
