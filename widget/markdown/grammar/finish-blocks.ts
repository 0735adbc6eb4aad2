/** What can only be told of blocks when all their lines are there: definitions, and lists with space in them. */
import { readDefinition } from './definitions.ts'
import type { BlockToken, ItemToken, ListToken, ParagraphToken } from './tokens.ts'

/** A paragraph as the definitions that it starts with, and what is left of it. */
export function splitDefinitions(paragraph: Omit<ParagraphToken, 'type'>): BlockToken[] {
  const { text, end } = paragraph
  const split: BlockToken[] = []
  let at = 0
  let { line } = paragraph
  for (let found = readDefinition(text, at); found; found = readDefinition(text, at)) {
    const next = line + text.slice(at, found.end).trimEnd().split('\n').length
    split.push({ type: 'definition', ...found.value, line, end: next - 1 })
    at = found.end
    line = next
  }
  if (at < text.length) split.push({ type: 'paragraph', text: text.slice(at).trimEnd(), line, end })
  return split
}

/** Whether there is a blank line between two of them. */
const isLoose = (tokens: readonly { readonly line: number; readonly end: number }[]) =>
  tokens.some(({ line }, index) => line > (tokens[index - 1]?.end ?? line) + 1)

function finishItem(item: ItemToken): ItemToken {
  const tokens = finishBlocks(item.tokens)
  return { ...item, tokens, loose: isLoose(tokens) }
}

function finishList(list: ListToken): ListToken {
  const items = list.items.map(finishItem)
  const loose = isLoose(items) || items.some((item) => item.loose)
  return { ...list, items, loose, end: items.at(-1)?.end ?? list.end }
}

/** Blocks as they are when no line comes any more. */
export const finishBlocks = (tokens: readonly BlockToken[]): BlockToken[] =>
  tokens.flatMap((token) => {
    if (token.type === 'paragraph') return splitDefinitions(token)
    if (token.type === 'list') return finishList(token)
    return token.type === 'quote' ? { ...token, tokens: finishBlocks(token.tokens) } : token
  })
