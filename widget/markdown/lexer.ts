/** The Markdown grammar: marked, with its two passes apart and without what would leak between blocks. */
import {
  Lexer,
  Tokenizer,
  type Links,
  type MarkedToken as PlainToken,
  type Token,
  type Tokens,
} from 'marked'
import { blockFormula, blockFormulaStart, inlineFormula } from './math.ts'

export type { Links, Token, Tokens }

export interface MathToken {
  readonly type: 'math'
  readonly raw: string
  /** `undefined` while its end has not come. */
  readonly text?: string
  readonly display: boolean
}

/** Every token there is. */
export type MarkedToken = PlainToken | MathToken

const DEFINITION = /^ {0,3}\[/
const BLANK_LINE = /\n[ \t]*\n/

/** A link reference definition ends with its paragraph, as CommonMark has it. */
class BoundedTokenizer extends Tokenizer {
  override def(source: string): Tokens.Def | undefined {
    if (!DEFINITION.test(source)) return undefined
    const end = source.search(BLANK_LINE)
    return super.def(end < 0 ? source : source.slice(0, end))
  }
}

/** Without another extension marked makes no other tokens. */
const isMarkedToken = (token: { readonly type: string }): token is MarkedToken => 'raw' in token

/** The tokens as the closed union they are. */
export const known = (
  tokens: readonly { readonly type: string }[] | undefined,
): readonly MarkedToken[] => (tokens?.every(isMarkedToken) ? tokens : [])

const mathToken = (found: object | undefined) =>
  found && { type: 'math', raw: '', display: true, ...found }

/** Formulas, which Markdown itself does not know. */
const MATH = {
  renderers: {},
  childTokens: {},
  inline: [
    (source: string, tokens: readonly Token[]) =>
      mathToken(inlineFormula(source, tokens.at(-1)?.raw.at(-1) ?? '')),
  ],
  startInline: [(source: string) => source.indexOf('$')],
  block: [(source: string) => mathToken(blockFormula(source))],
  startBlock: [blockFormulaStart],
}

const newLexer = () => new Lexer({ gfm: true, tokenizer: new BoundedTokenizer(), extensions: MATH })

export interface Blocks {
  readonly tokens: readonly MarkedToken[]
  readonly links: Links
  /** Reads the text of the blocks, once; `links` are definitions made elsewhere in the message. */
  readText(links: Links): readonly MarkedToken[]
}

/** Where the blocks are, without looking into their text. The tokens' `raw` join to the source. */
export function lexBlocks(source: string): Blocks {
  const lexer = newLexer()
  lexer.blockTokens(source, lexer.tokens)
  const tokens = known(lexer.tokens)
  return {
    tokens,
    links: { ...lexer.tokens.links },
    readText(links) {
      Object.assign(lexer.tokens.links, links)
      for (const { src, tokens: inside } of lexer.inlineQueue.splice(0)) {
        lexer.state.inLink = false
        lexer.inlineTokens(src, inside)
      }
      return tokens
    },
  }
}

/** Blocks with their text. */
export const lexWhole = (source: string, links: Links): readonly MarkedToken[] =>
  lexBlocks(source).readText(links)

/** Definitions made by these tokens, at any depth; the first of a label counts. */
export function definitionsIn(tokens: readonly MarkedToken[], found: Links = {}): Links {
  for (const token of tokens) {
    if (token.type === 'def') {
      if (!Object.hasOwn(found, token.tag)) {
        found[token.tag] = { href: token.href, ...(token.title ? { title: token.title } : {}) }
      }
    } else if (token.type === 'blockquote') {
      definitionsIn(known(token.tokens), found)
    } else if (token.type === 'list') {
      for (const item of token.items) definitionsIn(known(item.tokens), found)
    }
  }
  return found
}

const flatten = (text: string) =>
  text
    .replaceAll(/[\s>]+/g, ' ')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()

/** Whether Markdown may hold a reference to one of the labels. */
export function mentionsLabel(raw: string, labels: readonly string[]): boolean {
  if (!raw.includes('[')) return false
  const flat = flatten(raw)
  return labels.some((label) => flat.includes(flatten(label)))
}
