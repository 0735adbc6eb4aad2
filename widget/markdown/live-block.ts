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

/** A fragment holding the nodes. */
export function inFragment(...nodes: readonly Node[]): DocumentFragment {
  const fragment = document.createDocumentFragment()
  fragment.append(...nodes)
  return fragment
}

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

/** Renders the parts again that are concerned. */
export function refreshParts(
  parts: readonly LivePart[],
  render: (raw: string) => Node | undefined,
  concerns?: Concerns,
): void {
  for (const part of parts) {
    const parent = part.node.parentNode
    if (!parent || concerns?.(part.raw) === false) continue
    const fresh = render(part.raw)
    if (fresh) part.node = reconcile(parent, [part.node], [fresh], null)[0] ?? part.node
  }
}

/** A list or a table that grows: its settled parts are never rendered for the next one. */
export interface GrowingBlock<Token> extends LiveBlock {
  readonly element: HTMLElement
  /** What to put in front of the unfinished rest, so that it can be read by itself. */
  readonly prefix: string
  /**
   * Takes the first `count` parts of `token` as they will stay. `preview`, with its text read, holds
   * the parts that are shown behind them until the next call.
   */
  update(token: Token | undefined, count: number, links: Links, preview?: Token): void
}

export interface LiveCode extends LiveBlock {
  readonly element: HTMLElement
  append(text: string): void
}

/** A code block whose text is only ever appended to. */
export function createLiveCode(reader: FenceReader, options: DressOptions): LiveCode {
  const pre = plainCode(reader.language, '')
  const text = document.createTextNode('')
  pre.firstElementChild?.append(text)
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
