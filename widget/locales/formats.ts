/** A noun in the forms that a language has for numbers; `#` is the number. */
export type Forms = { readonly other: string } & {
  readonly [Category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string
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

/** How a language writes numbers, amounts, and time. */
export function formatsIn(language: string) {
  const plurals = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(language)
  const number = (value: number) => numbers.format(value)

  return {
    number,
    /** So many of something. */
    count: (amount: number, forms: Forms) =>
      (forms[plurals.select(amount)] ?? forms.other).replace('#', number(amount)),
    /** A time to wait, never less than it is. */
    duration(seconds: number): string {
      const [unit, length] =
        seconds < 90 ? ['second', 1] : seconds <= 5340 ? ['minute', 60] : ['hour', 3600]
      return new Intl.NumberFormat(language, {
        style: 'unit',
        unit,
        unitDisplay: 'long',
      }).format(Math.ceil(seconds / length))
    },
    /** A month as a heading. */
    month(date: Date, isThisYear: boolean): string {
      const name = date.toLocaleDateString(language, {
        month: 'long',
        ...(!isThisYear && { year: 'numeric' }),
      })
      return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
    },
  }
}
