/** A block that is in the page. */
import { dress, type DressOptions } from './dress.ts'
import type { Links, MarkedToken } from './lexer.ts'
import { reconcile } from './reconcile.ts'
import { renderBlocks, renderTogether } from './render-blocks.ts'

export interface LiveBlock {
  /** Renders again what `concerns` says of its source; everything without it. */
  refresh(links: Links, concerns?: Concerns): void
}

/** Whether a piece of source may look different now. */
export type Concerns = (raw: string) => boolean

/** The dressed nodes of one block. */
export function renderDressed(tokens: readonly MarkedToken[], options: DressOptions): Node[] {
  const fragment = tokens.length > 1 ? renderTogether(tokens) : renderBlocks(tokens)
  return [...dress(fragment, options).childNodes]
}

/** A settled block that no other text can change; `nodes` are where `render` put them. */
export function createSettledBlock(
  raw: string,
  nodes: readonly Node[],
  render: (links: Links) => Node[],
): LiveBlock {
  let placed = nodes
  return {
    refresh(links, concerns) {
      const parent = placed[0]?.parentNode
      if (!parent || concerns?.(raw) === false) return
      placed = reconcile(parent, placed, render(links), placed.at(-1)?.nextSibling ?? null)
    },
  }
}
