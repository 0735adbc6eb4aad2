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
