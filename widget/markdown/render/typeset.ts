/** TeX as MathML, made by KaTeX: the chunk that is loaded with the first formula. */
import katex from 'katex'
import { lazy } from '../../ui/lazy.ts'

/** Longer formulas stay TeX. */
const MOST_CHARACTERS = 4_000
/** Formulas of chemistry, which KaTeX reads with an extension. */
const CHEMISTRY = /\\(?:ce|pu)\b/

const chemistry = lazy(() => import('katex/contrib/mhchem'))

/** How thick lines are: as a fraction's, and never too thin to be seen. */
const LINE = 'max(1px, 0.05em)'

/** A line across the box, from corner to corner or level. */
const strike = (towards: string) =>
  `linear-gradient(${towards}, transparent calc(50% - ${LINE} / 2), currentcolor 0 calc(50% + ${LINE} / 2), transparent 0)`

const STRIKES: Readonly<Record<string, string>> = {
  updiagonalstrike: strike('to bottom right'),
  downdiagonalstrike: strike('to bottom left'),
  horizontalstrike: strike('to bottom'),
}

/** Sides by the names that KaTeX gives to the lines around a table: it takes rows for columns. */
const SIDES: Readonly<Record<string, string>> = {
  box: 'border',
  left: 'border-top',
  right: 'border-bottom',
  top: 'border-left',
  bottom: 'border-right',
}

/** Draws boxes and strikes with styles, since only some browsers know `menclose`. */
function enclose(enclosed: Element): void {
  const names = enclosed.getAttribute('notation')?.split(' ') ?? []
  const row = document.createElementNS('http://www.w3.org/1998/Math/MathML', 'mrow')
  row.append(...enclosed.childNodes)
  row.style.backgroundImage = names.flatMap((name) => STRIKES[name] ?? []).join()
  for (const name of names) {
    const side = SIDES[name]
    if (side !== undefined) row.style.setProperty(side, `${LINE} solid`)
  }
  if (names.includes('box')) row.style.padding = '0.25em'
  enclosed.replaceWith(row)
}

/** Sets the columns of a table with styles, since only some browsers know their attributes. */
function setColumns(table: Element): void {
  // Room for the numbers of equations, which are not shown: as cells they would shift the columns.
  for (const room of table.querySelectorAll('.mtr-glue, .mml-eqn-num')) room.remove()
  const values = (name: string) => table.getAttribute(name)?.split(' ') ?? []
  const aligns = values('columnalign')
  const gaps = values('columnspacing')
  const columnLines = values('columnlines')
  const rowLines = values('rowlines')
  // The last gap stands for those that follow.
  const halfGap = (index: number) => `calc(${gaps[index] ?? gaps.at(-1) ?? '1em'} / 2)`
  table.querySelectorAll(':scope > mtr').forEach((row, y) => {
    const cells = row.querySelectorAll<MathMLElement>(':scope > mtd')
    cells.forEach(({ style }, x) => {
      // In this spelling it is about boxes too, not about words alone.
      style.textAlign = `-webkit-${aligns[x] ?? 'center'}`
      if (x > 0) style.paddingLeft = halfGap(x - 1)
      if (x < cells.length - 1) style.paddingRight = halfGap(x)
      style.borderRight = `${LINE} ${columnLines[x] ?? 'none'}`
      style.borderBottom = `${LINE} ${rowLines[y] ?? 'none'}`
    })
  })
}

/**
 * The formula as nodes, with the punctuation `behind` it; `undefined` when it cannot be read, or not
 * before the extension for it is there.
 */
export function typeset(text: string, display: boolean, behind: string): Node | undefined {
  if (text.length > MOST_CHARACTERS || (CHEMISTRY.test(text) && !chemistry.use())) return undefined
  const box = document.createElement('span')
  try {
    // An index without a base hangs out of its box, and would be cut off.
    const base = /^\s*[_^]/.test(text) ? '\\mathstrut' : ''
    katex.render(base + text + behind, box, {
      output: 'mathml',
      displayMode: display,
      trust: false,
      strict: 'ignore',
      maxSize: 20,
      maxExpand: 200,
    })
  } catch {
    // Not TeX, or a page in quirks mode, for which there is no typesetting.
    return undefined
  }
  for (const table of box.querySelectorAll('mtable')) setColumns(table)
  for (const enclosed of box.querySelectorAll('menclose')) enclose(enclosed)
  // What a reader copies is the formula alone.
  const source = box.querySelector('annotation')
  if (source) source.textContent = text
  return box.querySelector('math') ?? undefined
}
