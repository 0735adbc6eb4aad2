/** Blocks that are in the page. */
import { dress, type DressOptions } from '../render/dress.ts'
import { renderBlocks, renderTogether } from '../render/render.ts'
import type { BlockToken, Links } from '../grammar/index.ts'

/* Turns shown nodes into freshly rendered ones, keeping every node that can stay. */

const isSameKind = <Fresh extends Element>(shown: Node | undefined, fresh: Fresh): shown is Fresh =>
  shown?.nodeName === fresh.nodeName

/** The shown element with the attributes of the fresh one, or the fresh one if it is another kind. */
export function takeOver<Fresh extends Element>(shown: Node | undefined, fresh: Fresh): Fresh {
  if (!isSameKind(shown, fresh)) return fresh
  for (const { name } of [...shown.attributes]) {
    // What a reader has opened stays open.
    if (!fresh.hasAttribute(name) && name !== 'open') shown.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value)
  }
  return shown
}

function patch(shown: Node, fresh: Node): Node {
  if (shown instanceof Text && fresh instanceof Text) {
    // What stays is not set again: it may be selected.
    const kept = fresh.data.startsWith(shown.data) ? shown.length : 0
    if (shown.data !== fresh.data) shown.replaceData(kept, shown.length, fresh.data.slice(kept))
    return shown
  }
  if (!(fresh instanceof Element) || !isSameKind(shown, fresh)) return fresh
  if (shown.isEqualNode(fresh)) return shown
  takeOver(shown, fresh)
  reconcile(shown, [...shown.childNodes], [...fresh.childNodes], null)
  return shown
}

/** Replaces `shown`, children of `parent` in a row before `before`; returns what is there now. */
export function reconcile(
  parent: Node,
  shown: readonly Node[],
  fresh: readonly Node[],
  before: Node | null,
): Node[] {
  const kept = fresh.map((node, index) => {
    const old = shown[index]
    if (!old) {
      parent.insertBefore(node, before)
      return node
    }
    const patched = patch(old, node)
    if (patched !== old) parent.replaceChild(patched, old)
    return patched
  })
  for (const extra of shown.slice(fresh.length)) parent.removeChild(extra)
  return kept
}

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
