/**
 * What the engine says itself, in the languages of the chat; documents are quoted as they are. Whoever owns the site
 * may say any of it in other words: see `createOwnSentences` below.
 */
import { languageOf, type Language, isMistyped } from '../text/words.ts'
import { quoteMarkdown } from '../text/quotables.ts'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import type { Logger } from '../core/ports/index.ts'

const EN = {
  /** The documents have no answer. */
  not_found: 'I could not find that on this site.',
  /** Before the sections that are near to the question, in the same paragraph. */
  nearest: 'These come nearest:',
  /** Before the titles of documents. */
  topics: 'You can ask about:',
  more: 'and {count} more',
  no_documents: 'There is nothing here yet that I could look up, but I can do sums.',
  not_in_files: 'I found no answer in the files that you sent.',
  /** To a message without a word in it. */
  no_words: 'I see no question in that. Please ask it in words.',
  greeting: 'Hello! I answer from what is written on this site.',
  help: 'I look your question up on this site and quote what answers it.',
  thanks: 'You are welcome. Ask away if there is more.',
  goodbye: 'Goodbye, and come back any time.',
  /** To "are you a robot?" */
  identity:
    'I am a program, neither a person nor a language model. I look your question up in what is written on this site, quote what fits and say where it stands, and I do sums.',
  /** To who asks for a human: before the ways there are. */
  person: 'You can reach a person here:',
  person_email: 'By e-mail: {email}',
  person_phone: 'By telephone: {phone}',
  person_hours: 'Hours: {hours}',
  person_url: 'On this page: {url}',
  person_form: 'Leave a message with the form in this chat.',
  /** To who asks for a human where there is no way. */
  no_person:
    'I am a program, and nobody can be reached through this chat. I can look up what is written on this site, and show you where it stands.',
  no_sum: 'I cannot calculate that.',
  think_talk: 'There is nothing to look up for this message.',
  think_sum: 'This is a sum, so I calculate it: {expression}',
  think_person: 'The message asks for a person.',
  think_searched: 'I looked through what this site says ({count} passages) for: {words}',
  think_context: 'From the question before: {words}',
  think_no_words: 'The question has no words that I could look for.',
  think_best: 'What fits best, and how well:',
  think_answers: 'That answers it, so I quote it.',
  think_declines: 'It is near to the question, but does not answer it.',
  think_nothing: 'Nothing fits, so there is no answer here.',
}

export type SentenceKey = keyof typeof EN
export type Sentences = Readonly<Record<SentenceKey, string>>

/** As they come; English has them all, and says what the others stand for. */
export const SENTENCES: Readonly<Record<Language, Sentences>> = {
  en: EN,
  de: {
    not_found: 'Das habe ich auf dieser Website nicht gefunden.',
    nearest: 'Am nächsten kommen:',
    topics: 'Fragen können Sie nach:',
    more: 'und {count} weitere',
    no_documents: 'Hier gibt es noch nichts zum Nachschlagen, aber rechnen kann ich.',
    not_in_files: 'In den Dateien, die Sie geschickt haben, steht keine Antwort.',
    no_words: 'Darin sehe ich keine Frage. Bitte fragen Sie mit Worten.',
    greeting: 'Hallo! Ich antworte mit dem, was auf dieser Website steht.',
    help: 'Ich schlage Ihre Frage auf dieser Website nach und zitiere, was sie beantwortet.',
    thanks: 'Gern geschehen. Fragen Sie ruhig weiter.',
    goodbye: 'Auf Wiedersehen, und kommen Sie jederzeit wieder.',
    identity:
      'Ich bin ein Programm, weder Mensch noch Sprachmodell. Ich schlage Ihre Frage in dem nach, was auf dieser Website steht, zitiere, was passt, und sage, wo es steht. Rechnen kann ich auch.',
    person: 'Einen Menschen erreichen Sie so:',
    person_email: 'Per E-Mail: {email}',
    person_phone: 'Per Telefon: {phone}',
    person_hours: 'Zeiten: {hours}',
    person_url: 'Auf dieser Seite: {url}',
    person_form: 'Hinterlassen Sie eine Nachricht im Formular dieses Chats.',
    no_person:
      'Ich bin ein Programm, und über diesen Chat ist niemand zu erreichen. Ich kann nachschlagen, was auf dieser Website steht, und Ihnen zeigen, wo.',
    no_sum: 'Das kann ich nicht ausrechnen.',
    think_talk: 'Für diese Nachricht ist nichts nachzuschlagen.',
    think_sum: 'Das ist eine Rechenaufgabe, also rechne ich: {expression}',
    think_person: 'Die Nachricht fragt nach einem Menschen.',
    think_searched: 'Ich habe auf dieser Website ({count} Abschnitte) gesucht nach: {words}',
    think_context: 'Aus der Frage davor: {words}',
    think_no_words: 'In der Frage sind keine Wörter, nach denen ich suchen könnte.',
    think_best: 'Was am besten passt, und wie gut:',
    think_answers: 'Das beantwortet die Frage, also zitiere ich es.',
    think_declines: 'Das ist der Frage nahe, beantwortet sie aber nicht.',
    think_nothing: 'Nichts passt, also gibt es hier keine Antwort.',
  },
  fr: {
    not_found: 'Je n’ai pas trouvé cela sur ce site.',
    nearest: 'Voici ce qui s’en approche le plus :',
    topics: 'Vous pouvez poser des questions sur :',
    more: 'et {count} autres',
    no_documents: 'Il n’y a encore rien à consulter ici, mais je sais calculer.',
    not_in_files: 'Je n’ai pas trouvé de réponse dans les fichiers que vous avez envoyés.',
    no_words: 'Je n’y vois pas de question. Posez-la avec des mots, s’il vous plaît.',
    greeting: 'Bonjour ! Je réponds avec ce qui est écrit sur ce site.',
    help: 'Je cherche votre question sur ce site et je cite ce qui y répond.',
    thanks: 'Je vous en prie. N’hésitez pas à poser d’autres questions.',
    goodbye: 'Au revoir, et à bientôt.',
    identity:
      'Je suis un programme, ni une personne ni un modèle de langue. Je cherche votre question dans ce qui est écrit sur ce site, je cite ce qui convient en disant où cela se trouve, et je sais calculer.',
    person: 'Pour joindre une personne :',
    person_email: 'Par e-mail : {email}',
    person_phone: 'Par téléphone : {phone}',
    person_hours: 'Horaires : {hours}',
    person_url: 'Sur cette page : {url}',
    person_form: 'Laissez un message avec le formulaire de ce chat.',
    no_person:
      'Je suis un programme, et ce chat ne permet de joindre personne. Je peux chercher ce qui est écrit sur ce site et vous montrer où.',
    no_sum: 'Je ne peux pas calculer cela.',
    think_talk: 'Il n’y a rien à chercher pour ce message.',
    think_sum: 'C’est un calcul, que je fais : {expression}',
    think_person: 'Le message demande une personne.',
    think_searched: 'J’ai cherché sur ce site ({count} passages) : {words}',
    think_context: 'Repris de la question précédente : {words}',
    think_no_words: 'La question n’a pas de mots que je puisse chercher.',
    think_best: 'Ce qui convient le mieux, et à quel point :',
    think_answers: 'Cela répond à la question, je le cite donc.',
    think_declines: 'C’est proche de la question, mais n’y répond pas.',
    think_nothing: 'Rien ne convient : il n’y a pas de réponse ici.',
  },
  es: {
    not_found: 'No he encontrado eso en este sitio.',
    nearest: 'Esto es lo más parecido:',
    topics: 'Puede preguntar sobre:',
    more: 'y {count} más',
    no_documents: 'Aquí todavía no hay nada que consultar, pero sé calcular.',
    not_in_files: 'No he encontrado ninguna respuesta en los archivos que ha enviado.',
    no_words: 'No veo ninguna pregunta ahí. Escríbala con palabras, por favor.',
    greeting: '¡Hola! Respondo con lo que está escrito en este sitio.',
    help: 'Busco su pregunta en este sitio y cito lo que la responde.',
    thanks: 'De nada. Pregunte si hay algo más.',
    goodbye: 'Hasta luego, y vuelva cuando quiera.',
    identity:
      'Soy un programa, ni una persona ni un modelo de lenguaje. Busco su pregunta en lo que está escrito en este sitio, cito lo que corresponde y digo dónde está. También sé calcular.',
    person: 'Puede hablar con una persona así:',
    person_email: 'Por correo electrónico: {email}',
    person_phone: 'Por teléfono: {phone}',
    person_hours: 'Horario: {hours}',
    person_url: 'En esta página: {url}',
    person_form: 'Deje un mensaje con el formulario de este chat.',
    no_person:
      'Soy un programa, y por este chat no se puede hablar con nadie. Puedo buscar lo que está escrito en este sitio y mostrarle dónde está.',
    no_sum: 'Eso no lo puedo calcular.',
    think_talk: 'Para este mensaje no hay nada que buscar.',
    think_sum: 'Es una cuenta, así que la hago: {expression}',
    think_person: 'El mensaje pide hablar con una persona.',
    think_searched: 'He buscado en este sitio ({count} pasajes): {words}',
    think_context: 'De la pregunta anterior: {words}',
    think_no_words: 'La pregunta no tiene palabras que pueda buscar.',
    think_best: 'Lo que mejor encaja, y cuánto:',
    think_answers: 'Eso la responde, así que lo cito.',
    think_declines: 'Se acerca a la pregunta, pero no la responde.',
    think_nothing: 'Nada encaja, así que aquí no hay respuesta.',
  },
  hi: {
    not_found: 'मुझे यह इस साइट पर नहीं मिला।',
    nearest: 'सबसे मिलती-जुलती जानकारी यहाँ है:',
    topics: 'आप इनके बारे में पूछ सकते हैं:',
    more: 'और {count} अन्य',
    no_documents: 'यहाँ अभी देखने के लिए कुछ नहीं है, लेकिन मैं हिसाब कर सकता हूँ।',
    not_in_files: 'आपकी भेजी फ़ाइलों में मुझे कोई उत्तर नहीं मिला।',
    no_words: 'मुझे इसमें कोई प्रश्न नहीं दिखा। कृपया शब्दों में पूछें।',
    greeting: 'नमस्ते! मैं इस साइट पर लिखी बातों से उत्तर देता हूँ।',
    help: 'मैं आपका प्रश्न इस साइट पर खोजता हूँ और उसका उत्तर उद्धृत करता हूँ।',
    thanks: 'आपका स्वागत है। कुछ और हो तो पूछें।',
    goodbye: 'नमस्ते, फिर आइएगा।',
    identity:
      'मैं एक प्रोग्राम हूँ, न व्यक्ति, न भाषा मॉडल। मैं आपका प्रश्न इस साइट पर लिखी बातों में खोजता हूँ, जो ठीक बैठे उसे उद्धृत करता हूँ और बताता हूँ कि वह कहाँ लिखा है। मैं हिसाब भी करता हूँ।',
    person: 'किसी व्यक्ति से संपर्क यहाँ हो सकता है:',
    person_email: 'ई-मेल: {email}',
    person_phone: 'फ़ोन: {phone}',
    person_hours: 'समय: {hours}',
    person_url: 'इस पेज पर: {url}',
    person_form: 'इस चैट के फ़ॉर्म से संदेश छोड़ें।',
    no_person:
      'मैं एक प्रोग्राम हूँ, और इस चैट से किसी व्यक्ति से संपर्क नहीं हो सकता। मैं इस साइट पर लिखी बातें खोज सकता हूँ और दिखा सकता हूँ कि वे कहाँ हैं।',
    no_sum: 'मैं इसका हिसाब नहीं कर सकता।',
    think_talk: 'इस संदेश के लिए कुछ खोजना नहीं है।',
    think_sum: 'यह हिसाब है, इसलिए मैं इसे करता हूँ: {expression}',
    think_person: 'संदेश में किसी व्यक्ति से बात करने को कहा गया है।',
    think_searched: 'मैंने इस साइट पर ({count} अंश) यह खोजा: {words}',
    think_context: 'पिछले प्रश्न से: {words}',
    think_no_words: 'प्रश्न में खोजने लायक शब्द नहीं हैं।',
    think_best: 'जो सबसे ठीक बैठता है, और कितना:',
    think_answers: 'इससे उत्तर मिलता है, इसलिए मैं इसे उद्धृत करता हूँ।',
    think_declines: 'यह प्रश्न के पास है, पर उसका उत्तर नहीं है।',
    think_nothing: 'कुछ नहीं मिला, इसलिए यहाँ उत्तर नहीं है।',
  },
  ja: {
    not_found: 'このサイトでは見つかりませんでした。',
    nearest: '近い内容はこちらです:',
    topics: '次のことについて質問できます:',
    more: 'ほか {count} 件',
    no_documents: 'まだ調べられるものがありませんが、計算はできます。',
    not_in_files: '送られたファイルには答えがありませんでした。',
    no_words: '質問が読み取れませんでした。言葉で質問してください。',
    greeting: 'こんにちは。このサイトに書かれていることからお答えします。',
    help: 'ご質問をこのサイトで調べ、答えになる箇所を引用します。',
    thanks: 'どういたしまして。ほかにもあればどうぞ。',
    goodbye: 'さようなら。またいつでもどうぞ。',
    identity:
      '人でも言語モデルでもなく、プログラムです。ご質問をこのサイトに書かれていることから調べ、合う箇所を引用し、どこに書かれているかをお伝えします。計算もできます。',
    person: '担当者へのご連絡はこちらです:',
    person_email: 'メール: {email}',
    person_phone: '電話: {phone}',
    person_hours: '受付時間: {hours}',
    person_url: 'こちらのページ: {url}',
    person_form: 'このチャットのフォームからメッセージをお送りください。',
    no_person:
      '私はプログラムで、このチャットから担当者におつなぎすることはできません。このサイトに書かれていることを調べ、どこにあるかをお見せできます。',
    no_sum: 'それは計算できません。',
    think_talk: 'このメッセージには調べることがありません。',
    think_sum: '計算の質問なので計算します: {expression}',
    think_person: '人と話したいというメッセージです。',
    think_searched: 'このサイト（{count} か所）で次の言葉を調べました: {words}',
    think_context: '前の質問から: {words}',
    think_no_words: '質問に、調べられる言葉がありません。',
    think_best: '最も合う箇所と、その度合い:',
    think_answers: '答えになるので、引用します。',
    think_declines: '質問に近いものの、答えにはなっていません。',
    think_nothing: '合うものがないため、ここに答えはありません。',
  },
  ar: {
    not_found: 'لم أجد ذلك في هذا الموقع.',
    nearest: 'أقرب ما وجدته:',
    topics: 'يمكنك أن تسأل عن:',
    more: 'و{count} غيرها',
    no_documents: 'لا يوجد هنا بعد ما أبحث فيه، لكنني أستطيع الحساب.',
    not_in_files: 'لم أجد جوابا في الملفات التي أرسلتها.',
    no_words: 'لا أرى سؤالا في ذلك. اكتبه بالكلمات من فضلك.',
    greeting: 'مرحبا! أجيب مما هو مكتوب في هذا الموقع.',
    help: 'أبحث عن سؤالك في هذا الموقع وأقتبس ما يجيب عنه.',
    thanks: 'على الرحب والسعة. اسأل إن كان هناك المزيد.',
    goodbye: 'إلى اللقاء، ومرحبا بك في أي وقت.',
    identity:
      'أنا برنامج، لا إنسان ولا نموذج لغوي. أبحث عن سؤالك فيما هو مكتوب في هذا الموقع، وأقتبس ما يناسب وأذكر موضعه، وأجري الحساب أيضا.',
    person: 'يمكنك التواصل مع شخص هنا:',
    person_email: 'بالبريد الإلكتروني: {email}',
    person_phone: 'بالهاتف: {phone}',
    person_hours: 'الأوقات: {hours}',
    person_url: 'في هذه الصفحة: {url}',
    person_form: 'اترك رسالة في نموذج هذه المحادثة.',
    no_person:
      'أنا برنامج، ولا يمكن الوصول إلى أحد عبر هذه المحادثة. أستطيع أن أبحث فيما هو مكتوب في هذا الموقع وأريك أين هو.',
    no_sum: 'لا أستطيع حساب ذلك.',
    think_talk: 'لا شيء يُبحث عنه لهذه الرسالة.',
    think_sum: 'هذه عملية حسابية فأجريها: {expression}',
    think_person: 'تطلب الرسالة التحدث إلى شخص.',
    think_searched: 'بحثت في هذا الموقع ({count} من المقاطع) عن: {words}',
    think_context: 'من السؤال السابق: {words}',
    think_no_words: 'ليس في السؤال كلمات أبحث عنها.',
    think_best: 'الأنسب، ومدى مناسبته:',
    think_answers: 'هذا يجيب عنه، فأقتبسه.',
    think_declines: 'هذا قريب من السؤال لكنه لا يجيب عنه.',
    think_nothing: 'لا شيء يناسب، فلا جواب هنا.',
  },
}

/** What stands in a sentence for what is known only when it is said: `{count}`. */
const PLACEHOLDER = /\{([a-z]+)\}/g

export const placeholdersOf = (sentence: string): ReadonlySet<string> =>
  new Set(Array.from(sentence.matchAll(PLACEHOLDER), ([, name = '']) => name))

/** What a person sees of a sentence as Markdown; `values` stand in it as they are, and are Markdown already. */
export type Say = (key: SentenceKey, values?: Readonly<Record<string, string>>) => string

/** The language of the last of the visitor's questions that shows one. */
export function languageAsked(questions: readonly string[]): Language {
  for (const question of questions.toReversed()) {
    const language = languageOf(question)
    if (language !== undefined) return language
  }
  return 'en'
}

/** Says sentences of a language; the owner's own ones come first. Each is shown as it is written, and is no markup. */
export function speakerOf(language: Language, own: Partial<Sentences> = {}): Say {
  return (key, values = {}) =>
    (own[key] ?? SENTENCES[language][key])
      .split(/(\{[a-z]+\})/)
      .map((part) => {
        const name = /^\{([a-z]+)\}$/.exec(part)?.[1]
        return (name === undefined ? undefined : values[name]) ?? quoteMarkdown(part)
      })
      .join('')
}

// What the owner of a site has the built-in engine say instead of its own sentences: `_answers.yml`.

/** In the folder of the documents. */
const OWN_SENTENCES_FILE = '_answers.yml'
/** Bytes; every sentence in every language, each as long as it may be, takes less. */
const LARGEST_FILE = 256 * 1024
/** Characters. */
const LONGEST_SENTENCE = 1_000

export type OwnSentences = Partial<Record<Language, Partial<Sentences>>>

interface ReadSentences {
  readonly sentences: OwnSentences
  /** What is not understood, each in a sentence for the owner; the rest counts. */
  readonly problems: readonly string[]
}

const LANGUAGES = Object.keys(SENTENCES)
const isLanguage = (name: string): name is Language => name in SENTENCES
const isKey = (name: string): name is SentenceKey => name in SENTENCES.en

/** Of names that may be meant, the one that is a letter away, or all of them. */
function orMeant(name: string, known: readonly string[]): string {
  const meant = known.find((other) => isMistyped(name.toLowerCase(), other))
  return meant === undefined ? `known are ${known.join(', ')}` : `is ${meant} meant?`
}

function problemOf(key: SentenceKey, sentence: unknown): string | undefined {
  if (typeof sentence !== 'string')
    return 'must be a text; a text with a colon needs quotes around it'
  if (sentence.trim() === '') return 'is empty; leave it out to have the usual sentence'
  if (sentence.length > LONGEST_SENTENCE) return `has more than ${LONGEST_SENTENCE} characters`
  const known = placeholdersOf(SENTENCES.en[key])
  const wrong = [...placeholdersOf(sentence)].find((name) => !known.has(name))
  if (wrong !== undefined) {
    const there =
      known.size === 0 ? 'there is none in this sentence' : `there is {${[...known].join('}, {')}}`
    return `has {${wrong}}, and ${there}`
  }
  const missing = [...known].find((name) => !placeholdersOf(sentence).has(name))
  return missing === undefined ? undefined : `needs {${missing}}, which is put in when it is said`
}

/** Reads sentences by language and key; what is not understood leaves the usual sentence. */
export function readSentences(text: string): ReadSentences {
  // All scalars are text: a greeting may be `no`.
  const yaml = parseDocument(text.replace(/^\uFEFF/, ''), {
    schema: 'failsafe',
    logLevel: 'silent',
    prettyErrors: false,
  })
  const [error] = yaml.errors
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    return { sentences: {}, problems: [`line ${line} is no YAML: ${error.message}`] }
  }
  if (yaml.contents === null) return { sentences: {}, problems: [] }
  if (!isMap(yaml.contents)) {
    return {
      sentences: {},
      problems: ['must have languages, such as `en:`, with sentences below them'],
    }
  }
  const problems: string[] = []
  const sentences: OwnSentences = {}
  for (const [language, own] of entriesOf(yaml.toJS({ mapAsMap: true, maxAliasCount: 0 }))) {
    if (!isLanguage(language)) {
      const hint = isKey(language)
        ? 'belongs below a language, such as `en:`'
        : orMeant(language, LANGUAGES)
      problems.push(`${language} is no language of the chat: ${hint}`)
      continue
    }
    if (!(own instanceof Map)) {
      problems.push(`${language} must have sentences below it, such as \`greeting: Hello!\``)
      continue
    }
    const taken: Partial<Record<SentenceKey, string>> = {}
    for (const [key, sentence] of entriesOf(own)) {
      const problem = isKey(key)
        ? problemOf(key, sentence)
        : `is no sentence of the chat: ${orMeant(key, Object.keys(SENTENCES.en))}`
      if (problem !== undefined) problems.push(`${language}.${key} ${problem}`)
      else if (isKey(key)) taken[key] = String(sentence).replaceAll(/\s+/g, ' ').trim()
    }
    sentences[language] = taken
  }
  return { sentences, problems }
}

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  value instanceof Map ? [...value].map(([key, entry]) => [String(key), entry] as const) : []

/**
 * The sentences of a folder as they are on the disk now; a file that has changed is read again, and what is
 * wrong in it is told once.
 */
export function createOwnSentences(folder: string, logger: Logger): () => Promise<OwnSentences> {
  const path = join(folder, OWN_SENTENCES_FILE)
  let stamp = ''
  let sentences: OwnSentences = {}
  const read = async (): Promise<ReadSentences> => {
    const { size } = await stat(path)
    if (size > LARGEST_FILE)
      return { sentences: {}, problems: ['is too large for what it may hold'] }
    return readSentences(await readFile(path, 'utf8'))
  }
  return async () => {
    const found = await stat(path).catch(() => undefined)
    const now = found?.isFile() ? `${found.size}:${found.mtimeMs}:${found.ino}` : ''
    if (now === stamp) return sentences
    stamp = now
    if (now === '') {
      sentences = {}
      return sentences
    }
    const { sentences: own, problems } = await read().catch((error: unknown) => ({
      sentences: {},
      problems: [`cannot be read (${error instanceof Error ? error.message : String(error)})`],
    }))
    sentences = own
    const file = OWN_SENTENCES_FILE
    if (problems.length > 0) {
      logger.warn(
        { file, problems },
        'Some sentences of the chat are not understood; the usual ones are said',
      )
    } else logger.info({ file }, 'The chat says sentences of your own')
    return sentences
  }
}
