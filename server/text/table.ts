/** Tables of texts and figures, in which commands and benchmarks say what they found. */

/** The first column at the start of its place, the others, which are figures, at the end; texts stand at the start. */
export function formatTable(
  table: readonly (readonly string[])[],
  others: 'figures' | 'texts' = 'figures',
): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  return table
    .map((row) =>
      row
        .map((text, column) =>
          column === 0 || others === 'texts'
            ? text.padEnd(widths[column] ?? 0)
            : text.padStart(widths[column] ?? 0),
        )
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}
