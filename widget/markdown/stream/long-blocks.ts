/** What draws blocks that grow long: loaded with the first of them, as short ones are soon drawn anew. */
import type { Block } from './blocks.ts'
import type { DressOptions } from '../render/dress.ts'
import { createLiveList, itemSources } from './live-list.ts'
import type { Keep } from './live-block.ts'
import type { GrowingBlock } from './live-parts.ts'
import { createLiveTable, tableHead } from './live-table.ts'
import type { Links } from '../grammar/tokens.ts'

export { createLiveCode } from './live-code.ts'

/** How many parts of a growing list or table are settled, and their length in the source. */
export function settledParts(block: Block, source: string): { count: number; length: number } {
  const [token] = block.tokens
  if (token?.type === 'list') {
    let length = 0
    let settled = { count: 0, length }
    for (const [count, raw] of itemSources(block.raw, token).entries()) {
      // An item ends for good where the first line of the next one is complete.
      if (source.includes('\n', block.start + length)) settled = { count, length }
      length += raw.length
    }
    return settled
  }
  if (token?.type !== 'table') return { count: 0, length: 0 }
  const complete = source.slice(block.start).split('\n').slice(2, -1)
  const lines = complete.slice(0, token.rows.length)
  const head = tableHead(block.raw).length
  return { count: lines.length, length: lines.reduce((sum, line) => sum + line.length + 1, head) }
}

/** A list or a table made of what is `shown` of it already. */
export function createGrowing(
  block: Block,
  links: Links,
  options: DressOptions,
  keep: Keep,
  shown?: Node,
): GrowingBlock | undefined {
  const [token] = block.tokens
  if (token?.type === 'list') return createLiveList(token, options, keep, shown)
  if (token?.type === 'table') return createLiveTable(block.raw, links, options, keep, shown)
  return undefined
}
