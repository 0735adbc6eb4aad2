/** Tables, as GitHub has them. */
import { formulas } from './grammars.ts'

const DELIMITER = /^:?-+:?$/

/** The cells of a row: what stands between pipes that are not escaped, nor in a formula. */
export function cellsOf(row: string): string[] {
  const safe = row.includes('|') ? (formulas.loaded()?.protectPipes(row) ?? row) : row
  const bare = safe
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** How the columns are aligned, when the line under a header says it. */
export function alignsOf(line: string, header: string): (string | undefined)[] | undefined {
  const delimiters = cellsOf(line)
  const cells = cellsOf(header).length
  const isRow = /[:|]/.test(line) && delimiters.every((cell) => DELIMITER.test(cell))
  // Lines between pipes can be nothing else, though one has more cells than the other.
  const isPlain = [line, header].every((row) => /^\s*\|.*\|\s*\S/.test(row))
  if (!isRow || (delimiters.length !== cells && !isPlain)) return undefined
  return Array.from({ length: Math.max(cells, delimiters.length) }, (_, column) => {
    const cell = delimiters[column] ?? ''
    const [start, end] = [cell.startsWith(':'), cell.endsWith(':')]
    return start ? (end ? 'center' : 'left') : end ? 'right' : undefined
  })
}
