const DAY_MS = 86_400_000

/** The browser's own variant of a language: a visitor in Dublin has other dates than one in Dallas. */
const localeOf = (language: string) =>
  navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === language) ?? language

/** Whole days between two times, by the calendar where the visitor is. */
function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return (midnight(later) - midnight(earlier)) / DAY_MS
}

/** When something was said: the time alone today, with the day before. */
export function timeInWords(date: Date, language: string, now = new Date()): string {
  const locale = localeOf(language)
  const days = daysBetween(date, now)
  const time = { hour: 'numeric', minute: '2-digit' } as const
  if (days === 0) return date.toLocaleTimeString(locale, time)
  if (days === 1) {
    const yesterday = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-1, 'day')
    const day = yesterday.charAt(0).toLocaleUpperCase(locale) + yesterday.slice(1)
    return `${day}, ${date.toLocaleTimeString(locale, time)}`
  }
  const day = { day: 'numeric', month: 'short' } as const
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric'
  return date.toLocaleString(locale, { year, ...day, ...time })
}

/** The same in full. */
export const fullTime = (date: Date, language: string): string =>
  date.toLocaleString(localeOf(language), { dateStyle: 'full', timeStyle: 'short' })
