/** Lists and tables that grow. */
import type { Block } from './blocks.ts'
import type { Keep } from './live-block.ts'
import { readBlocks } from '../grammar/read-blocks.ts'
import { reconcile } from '../render/reconcile.ts'
import type { BlockToken, Links } from '../grammar/tokens.ts'

/** Part of a list or a table. */
export interface LivePart {
  readonly raw: string
  node: Node
}

export interface LiveParts {
  /** Puts settled parts at the end, and behind them nodes that are shown until the next call. */
  show(final: readonly LivePart[], preview: readonly Node[]): void
  /** Renders all settled parts again. */
  refresh(links: Links): void
}

/**
 * The parts of a list or a table that grows; `parent` holds what has been shown of them so far, and
 * `render` makes one anew.
 */
export function createLiveParts(
  parent: Element,
  render: (raw: string, links: Links) => Node | undefined,
  keep: Keep,
): LiveParts {
  const settled: LivePart[] = []
  let shown: Node[] = [...parent.childNodes]

  const renew = (part: LivePart, links: Links) => {
    const fresh = render(part.raw, links)
    if (fresh) part.node = reconcile(parent, [part.node], [fresh], null)[0] ?? part.node
  }

  return {
    show(final, preview) {
      shown = reconcile(parent, shown, [...final.map(({ node }) => node), ...preview], null)
      for (const [index, { raw }] of final.entries()) {
        const node = shown[index]
        if (!node) continue
        const part = { raw, node }
        settled.push(part)
        keep({ raw, refresh: (links) => renew(part, links) })
      }
      shown = shown.slice(final.length)
    },
    refresh(links) {
      for (const part of settled) renew(part, links)
    },
  }
}

/** A list or a table that grows: its settled parts are never rendered for the next one. */
export interface GrowingBlock {
  readonly element: HTMLElement
  /** What to put in front of the unfinished rest, so that it can be read by itself. */
  readonly prefix: string
  /**
   * Takes the first `count` parts of `block`, made of one token, as they will stay. `preview` holds the
   * parts that are shown behind them until the next call; false when it is no such block.
   */
  update(block: Block | undefined, count: number, links: Links, preview?: BlockToken): boolean
}

/** The first block of a source read by itself. */
export const readFirst = (source: string) => readBlocks(source)[0]
