const NAMES: Readonly<Record<string, string>> = {
  de: 'Chat öffnen',
  es: 'Abrir chat',
  fr: 'Ouvrir le chat',
  hi: 'चैट खोलें',
  ja: 'チャットを開く',
  ar: 'فتح الدردشة',
}

const FAILURES: Readonly<Record<string, string>> = {
  de: 'Erneut versuchen',
  es: 'Reintentar',
  fr: 'Réessayer',
  hi: 'फिर कोशिश करें',
  ja: '再試行',
  ar: 'أعد المحاولة',
}

/** The words of a language (BCP 47), else of the page's; `undefined` means English. */
const inLanguage = (words: Readonly<Record<string, string>>, language: string | undefined) =>
  words[(language || document.documentElement.lang).slice(0, 2)]

/** What the launcher is called before the element has its catalogues. */
export const nameOf = (language: string | undefined) => inLanguage(NAMES, language) ?? 'Open chat'

/** What it says when loading failed. */
export const failureOf = (language: string | undefined) =>
  inLanguage(FAILURES, language) ?? 'Try again'
