/** Blocks that are in the page. */
import { dress, type DressOptions } from '../render/dress.ts'
import { reconcile } from '../render/reconcile.ts'
import { renderBlocks, renderTogether } from '../render/render-blocks.ts'
import type { BlockToken, Links } from '../grammar/tokens.ts'

/** A block, or a part of one, that no further text changes. */
export interface Settled {
  /** Its source. */
  readonly raw: string
  /** Renders it again. */
  refresh(links: Links): void
}

/** Keeps what is settled, for when something outside of it changes how it looks. */
export type Keep = (settled: Settled) => void

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

/** A block whose `nodes` are where `render` put them. */
export function createSettledBlock(
  raw: string,
  nodes: readonly Node[],
  render: (links: Links) => Node[],
): Settled {
  let placed = nodes
  return {
    raw,
    refresh(links) {
      const parent = placed[0]?.parentNode
      if (!parent) return
      placed = reconcile(parent, placed, render(links), placed.at(-1)?.nextSibling ?? null)
    },
  }
}
