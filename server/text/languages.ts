/** Which of the languages of the chat a question is in, and its words that carry no meaning of their own. */
import { foldText } from '../protocol/fold-text.ts'
import { wordsOf } from './words.ts'

/** Those that the element speaks. */
export type Language = 'en' | 'de' | 'fr' | 'es' | 'hi' | 'ja' | 'ar'

const words = (text: string): ReadonlySet<string> => new Set(foldText(text).trim().split(/\s+/))

const FUNCTION_WORDS: Readonly<Record<Exclude<Language, 'ja'>, ReadonlySet<string>>> = {
  en: words(`a an and are as at be but by can could did do does for from had has have how i if in is it its me my
    no not of on or our shall should so than that the their them then there these they this those to us was we
    were what when where which who whose why will with would you your`),
  de: words(`danke hallo guten tag abend morgen aber alle als am an auch auf aus bei beim bin bis bist bitte da dann darf das dass dein deine dem den
    denn der des die diese dieser dieses doch du durch ein eine einem einen einer eines er es etwas euch euer eure für gibt
    habe haben habt hat hatte ich ihr ihre im in ist ja kann kannst können könnt man mein meine meinem meinen meiner mich mir
    mit möchte muss müssen nach nein noch nun nur ob oder ohne sein seine sich sie sind so soll sollte über um und uns
    unser unsere vom von vor wann war warum was wäre welche welchem welchen welcher welches wem wen wenn wer werde werden
    wie wieso wieviel will wir wird wo wohin woher zu zum zur viel viele`),
  fr: words(`bonjour salut merci a ai as au aux avec avez avoir avons c ce ces cela cet cette ceci chez combien comment d dans de des
    du elle elles en es est et été être eu fait faire il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont
    ou où par pas peut peux pour pourquoi puis puisje qu quand que quel quelle quelles quels qui quoi s sa sans se ses si
    son sont sur t ta te tes toi ton tu un une vers vos votre vous y sommes suis`),
  es: words(`hola gracias buenos días a al algo así aún como cómo con cual cuál cuales cuáles cuando cuándo cuanto cuánto cuanta cuánta cuantos cuántos de del desde donde dónde
    el él ella ellas ellos en entre era es esa ese eso esta está están este esto estos esas fue ha hace hacer han hasta hay la las le les
    lo los me mi mis muy más nos nosotros no o para pero por porque puede puedo pueden que qué quien quién se ser si sí sin
    sobre son su sus también te tengo tiene tienen tu tus un una uno unos unas y ya yo usted ustedes`),
  hi: words(`का की के को में से है हैं था थी थे हो और या पर तो भी क्या कब कहाँ कहां कैसे कितना कितनी कितने कौन क्यों यह
    वह ये वे मैं हम आप मेरा मेरी मेरे आपका आपकी आपके हमारा इस उस एक नहीं कर करना करते सकता सकते सकती ने तक लिए`),
  ar: words(`كم هل ما ماذا متى أين من الذي التي في على إلى عن مع أن إن إذا كان كانت يكون هو هي هم أنا نحن أنت لي لك
    لنا هذا هذه ذلك تلك و أو ثم لا لم لن قد كيف لماذا أي يمكن يمكنني عند بعد قبل`),
}

/** Hiragana alone writes particles and endings. */
const ENDINGS = /^\p{Script=Hiragana}+$/u

/** Letters and signs that only one of the languages writes. */
const LETTERS: readonly (readonly [pattern: RegExp, language: Language])[] = [
  [/[¿¡ñ]/i, 'es'],
  [/[ßäöü]/i, 'de'],
  [/[œçèêàùîôû]/i, 'fr'],
]

/** The language of a text; `undefined` where nothing tells. */
export function languageOf(text: string): Language | undefined {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja'
  if (/\p{Script=Arabic}/u.test(text)) return 'ar'
  if (/\p{Script=Devanagari}/u.test(text)) return 'hi'
  const letters = LETTERS.find(([pattern]) => pattern.test(text))
  if (letters) return letters[1]
  const said = wordsOf(text)
  const counts = (['en', 'de', 'fr', 'es'] as const).map((language) => ({
    language,
    count: said.filter((word) => FUNCTION_WORDS[language].has(word)).length,
  }))
  const [best] = counts.toSorted((left, right) => right.count - left.count)
  return best && best.count > 0 ? best.language : undefined
}

/** A question without the words that only make it one; English ones are known to whoever searches. */
export function contentOf(question: string): string {
  const language = languageOf(question)
  if (language === undefined || language === 'en') return question
  const isFiller = (word: string) =>
    language === 'ja' ? ENDINGS.test(word) : FUNCTION_WORDS[language].has(word)
  const content = wordsOf(question).filter((word) => !isFiller(word))
  return content.length === 0 ? question : content.join(' ')
}
