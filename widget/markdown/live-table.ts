import { dress, type DressOptions } from './dress.ts'
import { mentionsLabel, type Links, type Tokens } from './lexer.ts'
import {
  inFragment,
  lexFirst,
  refreshParts,
  renderDressed,
  type GrowingBlock,
  type LivePart,
} from './live-block.ts'
import { reconcile } from './reconcile.ts'
import { renderRows } from './render-blocks.ts'

/** Header and delimiter lines: with them in front, rows can be read by themselves. */
export const tableHead = (raw: string) => `${raw.split('\n', 2).join('\n')}\n`

/** The source lines of a table's rows, one each. */
export const rowLines = (token: Tokens.Table) =>
  token.raw.split('\n').slice(2, 2 + token.rows.length)

/** A table that takes its rows one by one. */
export function createLiveTable(
  first: Tokens.Table,
  links: Links,
  options: DressOptions,
): GrowingBlock<Tokens.Table> {
  const prefix = tableHead(first.raw)
  const head = lexFirst(prefix, links)
  const [wrapper] = renderDressed(head ? [head] : [], options)
  const element = wrapper instanceof HTMLElement ? wrapper : document.createElement('div')
  const body = element.querySelector('tbody') ?? element
  const settled: LivePart[] = []
  let shown: Node[] = []

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
    refresh(current, labels) {
      refreshParts(settled, (raw) => renderLines([raw], current)[0], labels)
      if (labels && !mentionsLabel(prefix, labels)) return
      const token = lexFirst(prefix, current)
      const [fresh] = token ? renderDressed([token], options) : []
      const freshHead = fresh instanceof Element ? fresh.querySelector('thead') : null
      const oldHead = element.querySelector('thead')
      if (freshHead && oldHead?.parentNode) {
        reconcile(oldHead.parentNode, [oldHead], [freshHead], body)
      }
    },
  }
}
