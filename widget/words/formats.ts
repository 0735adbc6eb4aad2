/** A noun in the forms that a language has for numbers; `#` is the number. */
export type Forms = { readonly other: string } & {
  readonly [Category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string
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
  }
}
