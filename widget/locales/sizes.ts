/** How a language writes sizes: binary units, as file managers count, with its own numbers. */
export function sizesIn(language: string): (bytes: number) => string {
  const format = (unit: string) =>
    new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 })
  return (bytes) =>
    bytes >= 1024 ** 2
      ? format('megabyte').format(bytes / 1024 ** 2)
      : format('kilobyte').format(Math.max(0.1, bytes / 1024))
}
