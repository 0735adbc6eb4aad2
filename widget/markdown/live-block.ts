/** A block that is in the page. */
import { dress, dressCode, labelCode, type DressOptions } from './dress.ts'
import type { FenceReader } from './fence.ts'
import { lexWhole, type Links, type MarkedToken } from './lexer.ts'
import { reconcile } from './reconcile.ts'
import { plainCode, renderBlocks, renderTogether } from './render-blocks.ts'

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

/** Part of a list or a table. */
export interface LivePart {
  readonly raw: string
  node: Node
}

export interface LiveParts {
  /** Puts settled parts at the end, and behind them nodes that are shown until the next call. */
  show(final: readonly LivePart[], preview: readonly Node[]): void
  /** Renders the settled parts again that are concerned. */
  refresh(render: (raw: string) => Node | undefined, concerns?: Concerns): void
}

/** The parts of a list or a table that grows; `parent` holds what has been shown of them so far. */
export function createLiveParts(parent: Element): LiveParts {
  const settled: LivePart[] = []
  let shown: Node[] = [...parent.childNodes]
  return {
    show(final, preview) {
      shown = reconcile(parent, shown, [...final.map(({ node }) => node), ...preview], null)
      for (const { raw } of final) {
        const node = shown.shift()
        if (node) settled.push({ raw, node })
      }
    },
    refresh(render, concerns) {
      for (const part of settled) {
        if (concerns?.(part.raw) === false) continue
        const fresh = render(part.raw)
        if (fresh) part.node = reconcile(parent, [part.node], [fresh], null)[0] ?? part.node
      }
    },
  }
}

/** A list or a table that grows: its settled parts are never rendered for the next one. */
export interface GrowingBlock extends LiveBlock {
  readonly element: HTMLElement
  /** What to put in front of the unfinished rest, so that it can be read by itself. */
  readonly prefix: string
  /**
   * Takes the first `count` parts of `token` as they will stay. `preview`, with its text read, holds
   * the parts that are shown behind them until the next call; false when it is no such block.
   */
  update(
    token: MarkedToken | undefined,
    count: number,
    links: Links,
    preview?: MarkedToken,
  ): boolean
}

export interface LiveCode extends LiveBlock {
  readonly element: HTMLElement
  append(text: string): void
}

/** A code block whose text is only ever appended to. */
export function createLiveCode(reader: FenceReader, options: DressOptions): LiveCode {
  const text = new Text()
  const pre = plainCode(reader.language, text)
  const element = dressCode(pre, options.strings)
  return {
    element,
    append(addition) {
      if (addition !== '') text.appendData(addition)
    },
    refresh() {
      labelCode(element, pre, options.strings)
    },
  }
}

/** The first token of a source read by itself. */
export const lexFirst = (source: string, links: Links) => lexWhole(source, links)[0]
