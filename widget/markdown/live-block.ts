/** A block that is in the page. */
import { dress, type DressOptions } from './dress.ts'
import { reconcile } from './reconcile.ts'
import { renderBlocks, renderTogether } from './render-blocks.ts'
import type { BlockToken, Links } from './tokens.ts'

export interface LiveBlock {
  /** Renders again what `concerns` says of its source; everything without it. */
  refresh(links: Links, concerns?: Concerns): void
}

/** Whether a piece of source may look different now. */
export type Concerns = (raw: string) => boolean

/** The dressed nodes of one block. */
export function renderDressed(
  tokens: readonly BlockToken[],
  links: Links,
  options: DressOptions,
): Node[] {
  const render = tokens.length > 1 ? renderTogether : renderBlocks
  const fragment = render(tokens, links)
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
