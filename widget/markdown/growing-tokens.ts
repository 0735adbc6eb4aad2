/** Blocks while lines are added to them. */
import type { BlockToken, ItemToken, ParagraphToken, QuoteToken, TableToken } from './tokens.ts'

type Growing<Token> = { -readonly [Key in keyof Token]: Token[Key] }

export interface GrowingQuote extends Growing<QuoteToken> {
  tokens: BlockToken[]
}

export interface GrowingItem extends Growing<ItemToken> {
  tokens: BlockToken[]
  /** Columns in front of its text. */
  readonly width: number
}

export type GrowingParagraph = Growing<ParagraphToken>
export type GrowingTable = Growing<TableToken> & { rows: string[][] }
