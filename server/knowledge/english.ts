/** Tells whether a text is for an encoder that knows English alone: by its letters and its smallest words. */

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/))

/** Of those of English, none that is a word of the others. */
const ENGLISH = words(
  `the of and to is are it's you your my we our they i how what when where which who why does don't can could
  should would will with without for from this that there these have has been be it if or not much many any
  get want need at by about`,
)

/** The smallest words of German, French, Spanish, Italian, Portuguese, Dutch and the Nordic languages. */
const OTHERS = words(
  `der das und ist ich nicht wie kann ein eine einen einem einer den dem des mit von zu auf für wir sie sind wird
  werden haben habe bei nach wann wo wer warum wieviel viel kostet gibt es auch oder mein meine mir ihr ihre im am
  zum zur darf muss
  le la les des un une du et est je vous nous que qui quoi quand comment combien pour avec dans sur pas mon ma mes
  votre vos au aux sont puis peux peut il elle ce cette ou où
  el los las una uno del y es yo que qué cómo cuándo cuánto dónde por para con en mi su se está hay puedo puede al
  lo gli di che chi come quando quanto dove per con non sono è della delle nel mio posso si
  os as um uma do da dos das e não como quanto onde para com em meu minha seu posso
  het een van ik niet hoe wat waar wanneer mijn voor met op zijn kunnen
  och är jag inte hur vad när var för med på att det som en ett`,
)

const WORD = /[\p{L}\p{M}'’]+/gu
/** So many characters tell enough. */
const LONGEST = 1_000
/** Share of a text's letters that are Latin. */
const MOSTLY = 0.8

/** Whether a text may be English; one that shows nothing else may. */
export function mayBeEnglish(text: string): boolean {
  const beginning = text.slice(0, LONGEST)
  const letters = beginning.match(/\p{L}/gu) ?? []
  const latin = letters.filter((letter) => /\p{Script=Latin}/u.test(letter))
  if (latin.length < MOSTLY * letters.length) return false
  let english = 0
  let others = 0
  for (const word of beginning.toLowerCase().match(WORD) ?? []) {
    if (ENGLISH.has(word.replaceAll('’', "'"))) english += 1
    else if (OTHERS.has(word) || /[^\p{ASCII}’]/u.test(word)) others += 1
  }
  return others <= english
}
