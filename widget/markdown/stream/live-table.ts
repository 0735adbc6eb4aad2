import type { Block } from './blocks.ts'
import { dress, type DressOptions } from '../render/dress.ts'
import { renderDressed, type Keep } from './live-block.ts'
import { createLiveParts, readFirst, type GrowingBlock } from './live-parts.ts'
import { inFragment, make } from '../render/make.ts'
import { reconcile, takeOver } from '../render/reconcile.ts'
import { renderRows } from '../render/render-blocks.ts'
import type { BlockToken, Links } from '../grammar/tokens.ts'

/** Header and delimiter lines: with them in front, rows can be read by themselves. */
export const tableHead = (raw: string) => `${raw.split('\n', 2).join('\n')}\n`

/** The source lines of a table's rows, one each. */
const rowLines = ({ raw, tokens: [token] }: Block) =>
  token?.type === 'table' ? raw.split('\n').slice(2, 2 + token.rows.length) : []

/** The scrolling box around a table, with no rows yet, or the same as it is shown already. */
function tableBox(fresh: Node | undefined, unfinished: Node | undefined): HTMLElement {
  const box = fresh instanceof HTMLElement ? fresh : make('div')
  const head = box.querySelector('thead')
  const shown = unfinished instanceof HTMLElement ? unfinished : undefined
  const shownHead = shown?.querySelector(':scope > table > thead')
  if (!head?.parentElement || !shown || !shownHead?.parentElement) return box
  takeOver(shownHead.parentElement, head.parentElement)
  reconcile(shownHead.parentElement, [shownHead], [head], shownHead.nextSibling)
  return shown
}

/** A table that takes its rows one by one; `unfinished` is what has been shown of it so far. */
export function createLiveTable(
  source: string,
  links: Links,
  options: DressOptions,
  keep: Keep,
  unfinished?: Node,
): GrowingBlock {
  const prefix = tableHead(source)
  const head = readFirst(prefix)
  const element = tableBox(renderDressed(head ? [head] : [], links, options)[0], unfinished)
  const body = element.querySelector('tbody') ?? element
  const render = (token: BlockToken | undefined, current: Links): Node[] =>
    token?.type === 'table'
      ? [...dress(inFragment(...renderRows(token, current)), options).childNodes]
      : []

  const renderLines = (lines: readonly string[], current: Links): Node[] =>
    lines.length > 0 ? render(readFirst(prefix + lines.join('\n')), current) : []

  const renderHead = (current: Links) => {
    const token = readFirst(prefix)
    const [fresh] = token ? renderDressed([token], current, options) : []
    const freshHead = fresh instanceof Element ? fresh.querySelector('thead') : null
    const oldHead = element.querySelector('thead')
    if (fresh instanceof Element) takeOver(element, fresh)
    if (freshHead && oldHead?.parentNode) {
      reconcile(oldHead.parentNode, [oldHead], [freshHead], body)
    }
  }

  const parts = createLiveParts(body, (raw, current) => renderLines([raw], current)[0], keep)
  keep({ raw: prefix, refresh: renderHead })

  return {
    element,
    prefix,
    update(block, count, current, preview) {
      const lines = block ? rowLines(block).slice(0, count) : []
      const rows = renderLines(lines, current)
      parts.show(
        rows.map((node, index) => ({ raw: lines[index] ?? '', node })),
        render(preview, current),
      )
      return preview?.type === 'table'
    },
  }
}
