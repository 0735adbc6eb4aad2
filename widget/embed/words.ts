/** What the launcher says before the element has its catalogues: its name, and what to do when loading failed. */
type Words = readonly [name: string, failure: string]

const ENGLISH: Words = ['Open chat', 'Try again']
const OTHERS: Readonly<Record<string, Words>> = {
  de: ['Chat öffnen', 'Erneut versuchen'],
  es: ['Abrir chat', 'Reintentar'],
  fr: ['Ouvrir le chat', 'Réessayer'],
  hi: ['चैट खोलें', 'फिर कोशिश करें'],
  ja: ['チャットを開く', '再試行'],
  ar: ['فتح الدردشة', 'أعد المحاولة'],
}

/** The words in a language (BCP 47), else in the page's, else in English. */
export const wordsOf = (language: string | undefined) =>
  OTHERS[(language || document.documentElement.lang).slice(0, 2)] ?? ENGLISH
