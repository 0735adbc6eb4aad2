import { dress, type DressOptions } from './dress.ts'
import { known, type Links, type MarkedToken, type Tokens } from './lexer.ts'
import { createLiveParts, lexFirst, type GrowingBlock } from './live-parts.ts'
import { inFragment } from './make.ts'
import { takeOver } from './reconcile.ts'
import { listElement, renderItem } from './render-blocks.ts'

const ENDS_BLANK = /\n[ \t]*\n[ \t]*$/

const isLooseInside = (item: Tokens.ListItem) =>
  known(item.tokens).some((token) => token.type === 'space' && /\n.*\n/.test(token.raw))

const asList = (token: MarkedToken | undefined) => (token?.type === 'list' ? token : undefined)

/** A list that takes its items one by one; `unfinished` is what has been shown of it so far. */
export function createLiveList(
  first: Tokens.List,
  options: DressOptions,
  unfinished?: Node,
): GrowingBlock {
  const empty = listElement(first)
  dress(inFragment(empty), options)
  const element = takeOver(unfinished, empty)
  const parts = createLiveParts(element)
  let settledLoose = false
  /** One blank line between two items makes paragraphs of them all. */
  let loose = false

  const render = (item: Tokens.ListItem): Node[] => [
    ...dress(inFragment(renderItem(item, loose)), options).childNodes,
  ]

  const rendererOf = (links: Links) => (raw: string) =>
    asList(lexFirst(raw, links))?.items.flatMap(render)[0]

  return {
    element,
    prefix: '',
    update(token, count, links, preview) {
      const items = asList(token)?.items ?? []
      const final = items.slice(0, count)
      for (const [index, item] of final.entries()) {
        const followed = index < items.length - 1
        settledLoose ||= isLooseInside(item) || (followed && ENDS_BLANK.test(item.raw))
      }
      const unsettled = asList(preview)
      const wasLoose = loose
      loose = settledLoose || (unsettled?.loose ?? false)
      const renderRaw = rendererOf(links)
      if (loose !== wasLoose) parts.refresh(renderRaw)
      parts.show(
        final.flatMap(({ raw }) => {
          const node = renderRaw(raw)
          return node ? [{ raw, node }] : []
        }),
        (unsettled?.items ?? []).flatMap(render),
      )
      return unsettled !== undefined
    },
    refresh(links, concerns) {
      parts.refresh(rendererOf(links), concerns)
    },
  }
}
