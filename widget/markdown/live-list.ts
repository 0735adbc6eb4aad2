import { dress, type DressOptions } from './dress.ts'
import { known, type Links, type Tokens } from './lexer.ts'
import {
  inFragment,
  lexFirst,
  refreshParts,
  type GrowingBlock,
  type LivePart,
} from './live-block.ts'
import { reconcile, takeOver } from './reconcile.ts'
import { listElement, renderItem } from './render-blocks.ts'

const ENDS_BLANK = /\n[ \t]*\n[ \t]*$/

const isLooseInside = (item: Tokens.ListItem) =>
  known(item.tokens).some((token) => token.type === 'space' && /\n.*\n/.test(token.raw))

/** A list that takes its items one by one; `unfinished` is what has been shown of it so far. */
export function createLiveList(
  first: Tokens.List,
  options: DressOptions,
  unfinished?: Node,
): GrowingBlock<Tokens.List> {
  const empty = listElement(first)
  dress(inFragment(empty), options)
  const element = takeOver(unfinished, empty)
  const settled: LivePart[] = []
  let shown: Node[] = [...element.childNodes]
  let settledLoose = false
  /** One blank line between two items makes paragraphs of them all. */
  let loose = false

  const render = (item: Tokens.ListItem): Node[] => [
    ...dress(inFragment(renderItem(item, loose)), options).childNodes,
  ]

  const renderRaw = (raw: string, links: Links): Node | undefined => {
    const token = lexFirst(raw, links)
    const item = token?.type === 'list' ? token.items[0] : undefined
    return item && render(item)[0]
  }

  return {
    element,
    prefix: '',
    update(token, count, links, preview) {
      const items = token?.items ?? []
      for (const [index, item] of items.slice(0, count).entries()) {
        const followed = index < items.length - 1
        settledLoose ||= isLooseInside(item) || (followed && ENDS_BLANK.test(item.raw))
      }
      const wasLoose = loose
      loose = settledLoose || (preview?.loose ?? false)
      if (loose !== wasLoose) refreshParts(settled, (raw) => renderRaw(raw, links))
      const final = items.slice(0, count).map(({ raw }) => ({ raw, node: renderRaw(raw, links) }))
      const fresh = [
        ...final.flatMap(({ node }) => (node ? [node] : [])),
        ...(preview?.items ?? []).flatMap(render),
      ]
      shown = reconcile(element, shown, fresh, null)
      for (const { raw } of final) {
        const node = shown.shift()
        if (node) settled.push({ raw, node })
      }
    },
    refresh(links, concerns) {
      refreshParts(settled, (raw) => renderRaw(raw, links), concerns)
    },
  }
}
