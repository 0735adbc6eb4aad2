/** How a language writes what a first answer has none of: months, sizes of files, lists. */

/** How a language writes a month as a heading. */
export const monthsIn =
  (language: string) =>
  (date: Date, isThisYear: boolean): string => {
    const name = date.toLocaleDateString(language, {
      month: 'long',
      ...(!isThisYear && { year: 'numeric' }),
    })
    return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
  }

/** How a language writes sizes: binary units, as file managers count, with its own numbers. */
export function sizesIn(language: string): (bytes: number) => string {
  const format = (unit: string) =>
    new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 1 })
  return (bytes) =>
    bytes >= 1024 ** 2
      ? format('megabyte').format(bytes / 1024 ** 2)
      : format('kilobyte').format(Math.max(0.1, bytes / 1024))
}

/** What there is of a list, as people say it: all of it together. */
export const listIn = (language: string, parts: readonly (string | false | undefined)[]): string =>
  new Intl.ListFormat(language).format(parts.filter((part) => typeof part === 'string'))
