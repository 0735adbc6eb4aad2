import { lineStarts } from './blocks.ts'
import { turn } from '../render/direction.ts'
import { dress, type DressOptions } from '../render/dress.ts'
import type { Keep } from './live-block.ts'
import { createLiveParts, readFirst, type GrowingBlock } from './live-parts.ts'
import { inFragment } from '../render/make.ts'
import { takeOver } from '../render/reconcile.ts'
import { listElement, renderItem } from '../render/render-blocks.ts'
import type { BlockToken, ItemToken, Links, ListToken } from '../grammar/tokens.ts'

const ENDS_BLANK = /\n[ \t]*\n[ \t]*$/

/** The source of each item of a list that a source starts with, up to the next one. */
export function itemSources(source: string, { line, items }: ListToken): readonly string[] {
  const starts = lineStarts(source)
  const from = items.map((item) => starts[item.line - line])
  return from.map((start, index) => source.slice(start, from[index + 1]))
}

const asList = (token: BlockToken | undefined) => (token?.type === 'list' ? token : undefined)

/** A list that takes its items one by one; `unfinished` is what has been shown of it so far. */
export function createLiveList(
  first: ListToken,
  options: DressOptions,
  keep: Keep,
  unfinished?: Node,
): GrowingBlock {
  const empty = listElement(first)
  dress(inFragment(empty), options)
  const element = takeOver(unfinished, empty)
  let settledLoose = false
  /** One blank line between two items makes paragraphs of them all. */
  let loose = false

  const render = (item: ItemToken, links: Links): Node[] => [
    ...dress(inFragment(renderItem(item, loose, links)), options).childNodes,
  ]

  const renderRaw = (raw: string, links: Links) =>
    asList(readFirst(raw))?.items.flatMap((item) => render(item, links))[0]

  const parts = createLiveParts(element, renderRaw, keep)

  return {
    element,
    prefix: '',
    update(block, count, links, preview) {
      const list = asList(block?.tokens[0])
      const sources = block && list ? itemSources(block.raw, list) : []
      const final = sources.slice(0, count)
      for (const [index, raw] of final.entries()) {
        const isFollowed = index < sources.length - 1
        settledLoose ||= list?.items[index]?.loose === true || (isFollowed && ENDS_BLANK.test(raw))
      }
      const unsettled = asList(preview)
      const wasLoose = loose
      loose = settledLoose || (unsettled?.loose ?? false)
      if (loose !== wasLoose) parts.refresh(links)
      parts.show(
        final.flatMap((raw) => {
          const node = renderRaw(raw, links)
          return node ? [{ raw, node }] : []
        }),
        (unsettled?.items ?? []).flatMap((item) => render(item, links)),
      )
      turn(element)
      return unsettled !== undefined
    },
  }
}
