import { Lexer, Tokenizer, type MarkedToken, type Token, type Tokens } from 'marked'
import { inlineCode, plainText, type Block } from './blocks.ts'
import { decodeEntities } from '../text/entities.ts'
import { markdownPieces } from '../core/markdown-pieces.ts'
import { htmlBlocks } from './html-blocks.ts'
import { parseHtml } from './html-tree.ts'
import { readableMarkdown } from './markdown-source.ts'

/** What Markdown is laid out with; other tags were written to be read: `git clone <repo-url>`. */
const ELEMENTS =
  'abbr|article|aside|audio|b|bdi|bdo|big|blockquote|br|caption|center|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|iframe|ins|kbd|li|main|mark|nav|noscript|ol|p|picture|pre|q|rp|rt|ruby|s|samp|script|section|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|video|wbr'
/** They are nothing without an attribute: `cp <source> <target>`. */
const LEADING = 'a|img|source'
const ATTRIBUTE = String.raw`\s+(?:[a-z_:][\w.:-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>${'`'}]+)|allowfullscreen|autoplay|controls|hidden|loop|muted|nowrap|open|reversed|scoped|setup)`
const TAG = new RegExp(
  String.raw`^<(?:(?:${ELEMENTS})(?:${ATTRIBUTE})*\s*/?|(?:${LEADING})(?:${ATTRIBUTE})+\s*/?|/(?:${ELEMENTS}|${LEADING})\s*)>`,
  'i',
)
const COMMENT = /^<!--/
/** What is followed when it stands in pointed brackets. */
const ADDRESS = /^<(?:(?:https?|ftp|mailto|tel):|[^:>]*@)/i

const isTag = (written: string) => TAG.test(written)

/** A block of HTML begins with some; what only looks like it begins a paragraph. */
class DocumentTokenizer extends Tokenizer {
  override html(source: string): Tokens.HTML | undefined {
    const token = super.html(source)
    const isHtml = token && (isTag(token.raw.trimStart()) || COMMENT.test(token.raw.trimStart()))
    return isHtml ? token : undefined
  }
}

/** Tokens of other kinds come only from extensions, and this lexer has none. */
const isMarkedToken = (token: Token): token is MarkedToken => token.type !== ''

function inlineText(tokens: readonly Token[]): string {
  return tokens
    .filter(isMarkedToken)
    .map((token) => {
      switch (token.type) {
        case 'codespan':
          return inlineCode(token.text)
        case 'br':
          return ' '
        case 'html':
          return isTag(token.text) || COMMENT.test(token.text) ? '' : plainText(token.text)
        case 'checkbox':
          return ''
        case 'image':
          return plainText(token.text)
        case 'text':
          return token.tokens ? inlineText(token.tokens) : plainText(decodeEntities(token.text))
        case 'escape':
          return plainText(token.text)
        case 'link':
          return token.raw.startsWith('<') && !ADDRESS.test(token.raw)
            ? plainText(token.raw)
            : inlineText(token.tokens)
        case 'strong':
        case 'em':
        case 'del':
          return inlineText(token.tokens)
        default:
          return ''
      }
    })
    .join('')
}

const oneLine = (tokens: readonly Token[]) => inlineText(tokens).replaceAll(/\s+/g, ' ').trim()

const tableOf = ({ header, rows }: Tokens.Table): Block => ({
  kind: 'table',
  header: header.map((cell) => oneLine(cell.tokens)),
  rows: rows.map((row) => row.map((cell) => oneLine(cell.tokens))),
})

/** A list item's first lines make the item; what it holds besides follows as blocks of its own. */
function itemBlocks({ tokens }: Tokens.ListItem, marker: string): Block[] {
  const [first, ...rest] = blocksOf(tokens, ' '.repeat(marker.length))
  if (!first) return []
  const head: Block = first.kind === 'prose' ? { kind: 'item', marker, text: first.text } : first
  return [head, ...rest]
}

function listBlocks({ ordered, start, items }: Tokens.List, indent: string): Block[] {
  const first = Number(start)
  return items.flatMap((item, index) =>
    itemBlocks(item, indent + (ordered ? `${first + index}. ` : '- ')),
  )
}

const HEADING_ID = /\s*\{:?\s*#([^\s{}]+)[^{}]*\}$/
const ANCHOR = /^<a\s[^>]*?\b(?:id|name)\s*=\s*["']?([^\s"'>]+)/i

const isAnchors = (token: Token | undefined): token is Token =>
  token !== undefined && /^(?:\s*<a\s[^<>]*>\s*<\/a>)+\s*$/i.test(token.raw)

/** `## Prices {#prices}`, or with an anchor `<a id="prices"></a>` in the heading or on the line above. */
function headingOf({ depth, tokens }: Tokens.Heading, before: Token | undefined): Block {
  const written = oneLine(tokens)
  const [attribute = '', id] = HEADING_ID.exec(written) ?? []
  const anchors = [...tokens, ...(isAnchors(before) ? [before] : [])]
  return {
    kind: 'heading',
    depth,
    text: written.slice(0, written.length - attribute.length),
    id: id ?? anchors.flatMap(({ raw }) => ANCHOR.exec(raw.trimStart())?.[1] ?? [])[0],
  }
}

/** A paragraph, if anything of it can be read. */
function proseOf(tokens: readonly Token[]): Block[] {
  const text = oneLine(tokens)
  return text === '' ? [] : [{ kind: 'prose', text }]
}

function blocksOf(tokens: readonly Token[], indent = ''): Block[] {
  const visible = tokens.filter(isMarkedToken).filter(({ type }) => type !== 'space')
  return visible.flatMap((token, index): Block[] => {
    switch (token.type) {
      case 'heading':
        return [headingOf(token, visible[index - 1])]
      case 'paragraph':
        return proseOf(token.tokens)
      case 'text':
        return proseOf([token])
      case 'code':
        return [{ kind: 'code', text: token.text, language: token.lang?.split(/\s/)[0] ?? '' }]
      case 'list':
        return listBlocks(token, indent)
      case 'table':
        return [tableOf(token)]
      case 'blockquote':
        return blocksOf(token.tokens, indent)
      case 'html':
        return [...htmlBlocks(parseHtml(token.text, isTag))]
      default:
        return []
    }
  })
}

/** Reads the content of a Markdown document. */
export function readMarkdown(markdown: string): readonly Block[] {
  const lexer = new Lexer({ gfm: true, tokenizer: new DocumentTokenizer() })
  const text = readableMarkdown(markdown.replaceAll(/\r\n?/g, '\n'))
  // Text is read after all blocks, when the definitions are known.
  for (const piece of markdownPieces(text)) lexer.blockTokens(piece, lexer.tokens)
  return blocksOf(lexer.lex(''))
}
