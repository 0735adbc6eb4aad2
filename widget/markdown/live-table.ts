import { dress, type DressOptions } from './dress.ts'
import type { Links, MarkedToken, Tokens } from './lexer.ts'
import { renderDressed } from './live-block.ts'
import { createLiveParts, lexFirst, type GrowingBlock } from './live-parts.ts'
import { inFragment, make } from './make.ts'
import { reconcile, takeOver } from './reconcile.ts'
import { renderRows } from './render-blocks.ts'

/** Header and delimiter lines: with them in front, rows can be read by themselves. */
export const tableHead = (raw: string) => `${raw.split('\n', 2).join('\n')}\n`

/** The source lines of a table's rows, one each. */
export const rowLines = (token: Tokens.Table) =>
  token.raw.split('\n').slice(2, 2 + token.rows.length)

/** The scrolling box around a table, with no rows yet, or the same as it is shown already. */
function tableBox(fresh: Node | undefined, unfinished: Node | undefined): HTMLElement {
  const box = fresh instanceof HTMLElement ? fresh : make('div')
  const head = box.querySelector('thead')
  const shown = unfinished instanceof HTMLElement ? unfinished : undefined
  const shownHead = shown?.querySelector(':scope > table > thead')
  if (!head || !shown || !shownHead?.parentNode) return box
  reconcile(shownHead.parentNode, [shownHead], [head], shownHead.nextSibling)
  return shown
}

/** A table that takes its rows one by one; `unfinished` is what has been shown of it so far. */
export function createLiveTable(
  first: Tokens.Table,
  links: Links,
  options: DressOptions,
  unfinished?: Node,
): GrowingBlock {
  const prefix = tableHead(first.raw)
  const head = lexFirst(prefix, links)
  const element = tableBox(renderDressed(head ? [head] : [], options)[0], unfinished)
  const body = element.querySelector('tbody') ?? element
  const parts = createLiveParts(body)

  const render = (token: MarkedToken | undefined): Node[] =>
    token?.type === 'table' ? [...dress(inFragment(...renderRows(token)), options).childNodes] : []

  const renderLines = (lines: readonly string[], current: Links): Node[] =>
    lines.length > 0 ? render(lexFirst(prefix + lines.join('\n'), current)) : []

  return {
    element,
    prefix,
    update(token, count, current, preview) {
      const lines = token?.type === 'table' ? rowLines(token).slice(0, count) : []
      const rows = renderLines(lines, current)
      parts.show(
        rows.map((node, index) => ({ raw: lines[index] ?? '', node })),
        render(preview),
      )
      return preview?.type === 'table'
    },
    refresh(current, concerns) {
      parts.refresh((raw) => renderLines([raw], current)[0], concerns)
      if (concerns?.(prefix) === false) return
      const token = lexFirst(prefix, current)
      const [fresh] = token ? renderDressed([token], options) : []
      const freshHead = fresh instanceof Element ? fresh.querySelector('thead') : null
      const oldHead = element.querySelector('thead')
      if (fresh instanceof Element) takeOver(element, fresh)
      if (freshHead && oldHead?.parentNode) {
        reconcile(oldHead.parentNode, [oldHead], [freshHead], body)
      }
    },
  }
}
