/** Tables, as GitHub has them. */

const DELIMITER = /^:?-+:?$/

/** The cells of a row: what stands between pipes that are not escaped. */
export function cellsOf(row: string): string[] {
  const bare = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return bare.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** How the columns are aligned, when the line under a header with so many cells says it. */
export function alignsOf(line: string, cells: number): (string | undefined)[] | undefined {
  const delimiters = cellsOf(line)
  const isRow = /[:|]/.test(line) && delimiters.every((cell) => DELIMITER.test(cell))
  if (!isRow || delimiters.length !== cells) return undefined
  return delimiters.map((cell) => {
    const [start, end] = [cell.startsWith(':'), cell.endsWith(':')]
    return start ? (end ? 'center' : 'left') : end ? 'right' : undefined
  })
}
