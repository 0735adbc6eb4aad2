/** What is open while lines come: the line itself, tokens that grow, and code, which takes lines as they are. */
import { fenceAt, fencesBehind, type Fence } from '../../../server/protocol/code.ts'
import type { BlockToken, ItemToken, ParagraphToken, QuoteToken, TableToken } from './tokens.ts'

/* Blocks while lines are added to them. */

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

/**
 * What is left of a line, with the column it starts at: a tab reaches to the next multiple of four.
 * However many containers ask, its white space is looked at once.
 */
export class Line {
  readonly #text: string
  /** From here on there is only white space. */
  readonly #blankFrom: number
  #at = 0
  #column = 0
  /** Columns that are left of a tab that was cut in two. */
  #cut = 0
  /** Where the white space in front ends, and the column there; known once it was looked for. */
  #inkAt = -1
  #inkColumn = 0

  constructor(text: string) {
    this.#text = text
    this.#blankFrom = text.trimEnd().length
  }

  /** What has not been taken yet. */
  get rest(): string {
    return ' '.repeat(this.#cut) + this.#text.slice(this.#at)
  }

  get isBlank(): boolean {
    return this.#at >= this.#blankFrom
  }

  /** Columns of white space in front. */
  get indent(): number {
    this.#findInk()
    return this.#inkColumn - this.#column
  }

  /** The character behind them. */
  get first(): string {
    this.#findInk()
    return this.#text.charAt(this.#inkAt)
  }

  #findInk(): void {
    if (this.#inkAt >= this.#at) return
    let at = this.#at
    let column = this.#column + this.#cut
    for (; ; at += 1) {
      const character = this.#text.charAt(at)
      if (character === '\t') column += 4 - (column % 4)
      else if (character === ' ') column += 1
      else break
    }
    this.#inkAt = at
    this.#inkColumn = column
  }

  /** Takes up to so many columns of white space; a tab that is cut in two becomes spaces. */
  skip(columns: number): void {
    for (let left = columns; left > 0;) {
      if (this.#cut === 0) {
        const character = this.#text.charAt(this.#at)
        if (character !== ' ' && character !== '\t') return
        this.#cut = character === ' ' ? 1 : 4 - (this.#column % 4)
        this.#at += 1
      }
      const taken = Math.min(this.#cut, left)
      this.#cut -= taken
      this.#column += taken
      left -= taken
    }
  }

  /** Takes characters that are no tabs. */
  take(length: number): void {
    this.#at += length
    this.#column += length
  }
}

/**
 * What became of a line: it is part of the block, the last of it, part of it if more comes behind, or
 * none of it. Or it shows that all lines of the block are text: to be read anew, or a run of words.
 */
export type Taken = 'inside' | 'last' | 'maybe' | 'outside' | 'text' | 'words'

export interface Leaf {
  readonly token: BlockToken
  readonly take: (line: Line) => Taken
  /** Fences in it were closed, and it was not. */
  readonly isUnpaired?: boolean
}

export type Place = Pick<BlockToken, 'line' | 'end'>

/** Text behind so much white space is code. */
export const CODE_INDENT = 4

export function openIndented(first: Line, place: Place): Leaf {
  first.skip(CODE_INDENT)
  const token = { type: 'code' as const, text: first.rest, ...place }
  let held = ''
  return {
    token,
    take(line) {
      const { isBlank } = line
      if (!isBlank && line.indent < CODE_INDENT) return 'outside'
      line.skip(CODE_INDENT)
      held += `\n${line.rest}`
      if (isBlank) return 'maybe'
      token.text += held
      held = ''
      return 'inside'
    },
  }
}

/**
 * Code behind a fence, which stands behind so much white space. It `nests` when fences in it may be those
 * of code in it.
 */
export function openFence(
  opening: string,
  indent: number,
  place: Place,
  nests: boolean,
): Leaf | undefined {
  const fence = fenceAt(opening)
  if (!fence) return undefined
  let open: readonly Fence[] = [nests ? fence : { ...fence, info: '' }]
  let separator = ''
  let isUnpaired = false
  const token = { type: 'code' as const, info: fence.info, text: '', isClosed: false, ...place }
  return {
    token,
    get isUnpaired() {
      return isUnpaired
    },
    take(line) {
      const behind = line.indent < CODE_INDENT ? fencesBehind(open, line.rest) : open
      token.isClosed = behind.length === 0
      if (token.isClosed) return 'last'
      isUnpaired ||= behind.length < open.length
      open = behind
      line.skip(indent)
      token.text += separator + line.rest
      separator = '\n'
      return 'inside'
    },
  }
}
