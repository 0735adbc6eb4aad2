import { dress, type DressOptions } from './dress.ts'
import type { Links, Tokens } from './lexer.ts'
import {
  inFragment,
  lexFirst,
  refreshParts,
  renderDressed,
  type GrowingBlock,
  type LivePart,
} from './live-block.ts'
import { reconcile, takeOver } from './reconcile.ts'
import { renderRows } from './render-blocks.ts'

/** Header and delimiter lines: with them in front, rows can be read by themselves. */
export const tableHead = (raw: string) => `${raw.split('\n', 2).join('\n')}\n`

/** The source lines of a table's rows, one each. */
export const rowLines = (token: Tokens.Table) =>
  token.raw.split('\n').slice(2, 2 + token.rows.length)

/** The scrolling box around a table, with no rows yet, or the same as it is shown already. */
function tableBox(fresh: Node | undefined, unfinished: Node | undefined): HTMLElement {
  const box = fresh instanceof HTMLElement ? fresh : document.createElement('div')
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
): GrowingBlock<Tokens.Table> {
  const prefix = tableHead(first.raw)
  const head = lexFirst(prefix, links)
  const element = tableBox(renderDressed(head ? [head] : [], options)[0], unfinished)
  const body = element.querySelector('tbody') ?? element
  const settled: LivePart[] = []
  let shown: Node[] = [...body.childNodes]

  const renderToken = (token: Tokens.Table | undefined): Node[] =>
    token ? [...dress(inFragment(...renderRows(token)), options).childNodes] : []

  const renderLines = (lines: readonly string[], current: Links): Node[] => {
    const token = lines.length > 0 ? lexFirst(prefix + lines.join('\n'), current) : undefined
    return token?.type === 'table' ? renderToken(token) : []
  }

  return {
    element,
    prefix,
    update(token, count, current, preview) {
      const lines = token ? rowLines(token).slice(0, count) : []
      const final = renderLines(lines, current)
      shown = reconcile(body, shown, [...final, ...renderToken(preview)], null)
      for (const raw of lines.slice(0, final.length)) {
        const node = shown.shift()
        if (node) settled.push({ raw, node })
      }
    },
    refresh(current, concerns) {
      refreshParts(settled, (raw) => renderLines([raw], current)[0], concerns)
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
