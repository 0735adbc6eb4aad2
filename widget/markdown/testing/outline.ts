/** What tests compare: tokens as one line. */
import type { BlockToken, InlineToken, Open } from '../grammar/index.ts'

/** Text as tags, with what is escaped in guillemets. */
export const outlineOfText = (tokens: readonly InlineToken[]): string =>
  tokens
    .map((token) => {
      if (typeof token === 'string') return token
      if (token.type === 'br') return '<br>'
      if (token.type === 'escape') return `«${token.text}»`
      if (token.type === 'link' || token.type === 'image') {
        const title = token.title === undefined ? '' : ` ${token.title}`
        return `<${token.type} ${token.href}${title}>${outlineOfText(token.tokens)}</>`
      }
      if ('tokens' in token) return `<${token.type}>${outlineOfText(token.tokens)}</>`
      return `<${token.type}>${token.text}</>`
    })
    .join('')

/** How the text of a block is written down; as it is by default. */
type TextOutline = (text: string, isOpen: Open['isOpen']) => string

function outlineOfBlock(token: BlockToken, textOf: TextOutline): string {
  switch (token.type) {
    case 'quote':
      return `quote(${outlineOfBlocks(token.tokens, textOf)})`
    case 'list': {
      const items = token.items.map(
        ({ label, tokens }) => `${label ?? 'item'}(${outlineOfBlocks(tokens, textOf)})`,
      )
      return `${token.loose ? 'loose' : 'list'}${token.start ?? ''}(${items.join(' ')})`
    }
    case 'table': {
      const rows = [token.header, ...token.rows]
      const written = rows.map((cells, row) =>
        cells.map((text, cell) => {
          const isLast = row === rows.length - 1 && cell === cells.length - 1
          return textOf(text, isLast && token.isOpen)
        }),
      )
      return `table(${written.map((cells) => cells.join('|')).join('/')})`
    }
    case 'heading':
      return `h${token.depth}:${textOf(token.text, token.isOpen)}`
    case 'code':
      return `code${token.info ?? '-'}:${token.text}`
    case 'definition':
      return `def:${token.label}=${token.href}`
    case 'rule':
      return 'rule'
    case 'math':
      return `math:${token.text ?? '?'}`
    case 'paragraph':
      return `p:${textOf(token.text, token.isOpen)}`
    default:
      return `html:${token.text}`
  }
}

/** Blocks as one line: `list(item(p:a))`, with blank lines in it `loose(item(p:a))`. */
export const outlineOfBlocks = (
  tokens: readonly BlockToken[],
  textOf: TextOutline = String,
): string => tokens.map((token) => outlineOfBlock(token, textOf)).join(' ')
