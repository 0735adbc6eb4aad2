/** What the engine says itself, in the languages of the chat; documents are quoted as they are. */
import { languageOf, type Language } from '../core/languages.ts'

export interface Words {
  readonly notFound: string
  /** Before links to sections that are near to the question. */
  readonly nearest: string
  /** Before the titles of documents. */
  readonly topics: string
  readonly more: (count: number) => string
  readonly noDocuments: string
  readonly notInFiles: string
  /** For a message without a word in it. */
  readonly noWords: string
  readonly greeting: string
  readonly help: string
  readonly thanks: string
  readonly goodbye: string
  readonly identity: (documents: number) => string
}

const WORDS = {
  en: {
    notFound: 'I could not find that on this site.',
    nearest: 'These come nearest:',
    topics: 'You can ask about:',
    more: (count) => `and ${count} more`,
    noDocuments: 'There are no documents here yet, but I can calculate.',
    notInFiles: 'I found no answer in the files that you sent.',
    noWords: 'I see no question in that. Please ask it in words.',
    greeting: 'Hello! I answer from what is written on this site.',
    help: 'I look your question up on this site and quote what answers it.',
    thanks: 'You are welcome. Ask away if there is more.',
    goodbye: 'Goodbye, and come back any time.',
    identity: (documents) =>
      "I answer from this site's documents; no language model is connected. I search " +
      `${documents} ${documents === 1 ? 'document' : 'documents'}, quote what fits with its source, and pass ` +
      'arithmetic to a calculator. I am a program, not a person.',
  },
  de: {
    notFound: 'Das habe ich auf dieser Website nicht gefunden.',
    nearest: 'Am nächsten kommen:',
    topics: 'Fragen können Sie nach:',
    more: (count) => `und ${count} weitere`,
    noDocuments: 'Hier gibt es noch keine Dokumente, aber rechnen kann ich.',
    notInFiles: 'In den Dateien, die Sie geschickt haben, steht keine Antwort.',
    noWords: 'Darin sehe ich keine Frage. Bitte fragen Sie mit Worten.',
    greeting: 'Hallo! Ich antworte mit dem, was auf dieser Website steht.',
    help: 'Ich schlage Ihre Frage auf dieser Website nach und zitiere, was sie beantwortet.',
    thanks: 'Gern geschehen. Fragen Sie ruhig weiter.',
    goodbye: 'Auf Wiedersehen, und kommen Sie jederzeit wieder.',
    identity: (documents) =>
      'Ich antworte aus den Dokumenten dieser Website; es ist kein Sprachmodell angeschlossen. Ich durchsuche ' +
      `${documents} ${documents === 1 ? 'Dokument' : 'Dokumente'}, zitiere, was passt, mit der Quelle, und gebe ` +
      'Rechenaufgaben an einen Rechner weiter. Ich bin ein Programm, kein Mensch.',
  },
  fr: {
    notFound: 'Je n’ai pas trouvé cela sur ce site.',
    nearest: 'Voici ce qui s’en approche le plus :',
    topics: 'Vous pouvez poser des questions sur :',
    more: (count) => `et ${count} autres`,
    noDocuments: 'Il n’y a pas encore de documents ici, mais je sais calculer.',
    notInFiles: 'Je n’ai pas trouvé de réponse dans les fichiers que vous avez envoyés.',
    noWords: 'Je n’y vois pas de question. Posez-la avec des mots, s’il vous plaît.',
    greeting: 'Bonjour ! Je réponds avec ce qui est écrit sur ce site.',
    help: 'Je cherche votre question sur ce site et je cite ce qui y répond.',
    thanks: 'Je vous en prie. N’hésitez pas à poser d’autres questions.',
    goodbye: 'Au revoir, et à bientôt.',
    identity: (documents) =>
      'Je réponds à partir des documents de ce site ; aucun modèle de langue n’est connecté. Je cherche dans ' +
      `${documents} ${documents === 1 ? 'document' : 'documents'}, je cite ce qui convient avec sa source et je ` +
      'confie les calculs à une calculatrice. Je suis un programme, pas une personne.',
  },
  es: {
    notFound: 'No he encontrado eso en este sitio.',
    nearest: 'Esto es lo más parecido:',
    topics: 'Puede preguntar sobre:',
    more: (count) => `y ${count} más`,
    noDocuments: 'Aquí todavía no hay documentos, pero sé calcular.',
    notInFiles: 'No he encontrado ninguna respuesta en los archivos que ha enviado.',
    noWords: 'No veo ninguna pregunta ahí. Escríbala con palabras, por favor.',
    greeting: '¡Hola! Respondo con lo que está escrito en este sitio.',
    help: 'Busco su pregunta en este sitio y cito lo que la responde.',
    thanks: 'De nada. Pregunte si hay algo más.',
    goodbye: 'Hasta luego, y vuelva cuando quiera.',
    identity: (documents) =>
      'Respondo con los documentos de este sitio; no hay ningún modelo de lenguaje conectado. Busco en ' +
      `${documents} ${documents === 1 ? 'documento' : 'documentos'}, cito lo que corresponde con su fuente y paso ` +
      'los cálculos a una calculadora. Soy un programa, no una persona.',
  },
  hi: {
    notFound: 'मुझे यह इस साइट पर नहीं मिला।',
    nearest: 'सबसे मिलती-जुलती जानकारी यहाँ है:',
    topics: 'आप इनके बारे में पूछ सकते हैं:',
    more: (count) => `और ${count} अन्य`,
    noDocuments: 'यहाँ अभी कोई दस्तावेज़ नहीं है, लेकिन मैं हिसाब कर सकता हूँ।',
    notInFiles: 'आपकी भेजी फ़ाइलों में मुझे कोई उत्तर नहीं मिला।',
    noWords: 'मुझे इसमें कोई प्रश्न नहीं दिखा। कृपया शब्दों में पूछें।',
    greeting: 'नमस्ते! मैं इस साइट पर लिखी बातों से उत्तर देता हूँ।',
    help: 'मैं आपका प्रश्न इस साइट पर खोजता हूँ और उसका उत्तर उद्धृत करता हूँ।',
    thanks: 'आपका स्वागत है। कुछ और हो तो पूछें।',
    goodbye: 'नमस्ते, फिर आइएगा।',
    identity: (documents) =>
      'मैं इस साइट के दस्तावेज़ों से उत्तर देता हूँ; कोई भाषा मॉडल जुड़ा नहीं है। मैं ' +
      `${documents} दस्तावेज़ों में खोजता हूँ, जो ठीक बैठे उसे स्रोत के साथ उद्धृत करता हूँ और हिसाब कैलकुलेटर को देता हूँ। ` +
      'मैं एक प्रोग्राम हूँ, व्यक्ति नहीं।',
  },
  ja: {
    notFound: 'このサイトでは見つかりませんでした。',
    nearest: '近い内容はこちらです:',
    topics: '次のことについて質問できます:',
    more: (count) => `ほか ${count} 件`,
    noDocuments: 'まだ文書がありませんが、計算はできます。',
    notInFiles: '送られたファイルには答えがありませんでした。',
    noWords: '質問が読み取れませんでした。言葉で質問してください。',
    greeting: 'こんにちは。このサイトに書かれていることからお答えします。',
    help: 'ご質問をこのサイトで調べ、答えになる箇所を引用します。',
    thanks: 'どういたしまして。ほかにもあればどうぞ。',
    goodbye: 'さようなら。またいつでもどうぞ。',
    identity: (documents) =>
      'このサイトの文書からお答えしています。言語モデルは接続されていません。' +
      `${documents} 件の文書を検索し、合う箇所を出典とともに引用し、計算は電卓に任せます。人ではなくプログラムです。`,
  },
  ar: {
    notFound: 'لم أجد ذلك في هذا الموقع.',
    nearest: 'أقرب ما وجدته:',
    topics: 'يمكنك أن تسأل عن:',
    more: (count) => `و${count} غيرها`,
    noDocuments: 'لا توجد مستندات هنا بعد، لكنني أستطيع الحساب.',
    notInFiles: 'لم أجد جوابا في الملفات التي أرسلتها.',
    noWords: 'لا أرى سؤالا في ذلك. اكتبه بالكلمات من فضلك.',
    greeting: 'مرحبا! أجيب مما هو مكتوب في هذا الموقع.',
    help: 'أبحث عن سؤالك في هذا الموقع وأقتبس ما يجيب عنه.',
    thanks: 'على الرحب والسعة. اسأل إن كان هناك المزيد.',
    goodbye: 'إلى اللقاء، ومرحبا بك في أي وقت.',
    identity: (documents) =>
      'أجيب من مستندات هذا الموقع، ولا يوجد نموذج لغوي متصل. أبحث في ' +
      `${documents} من المستندات، وأقتبس ما يناسب مع مصدره، وأعطي الحساب للآلة الحاسبة. أنا برنامج ولست إنسانا.`,
  },
} satisfies Record<Language, Words>

/** In the language of the last of the visitor's questions that shows one. */
export function wordsFor(questions: readonly string[]): Words {
  for (const question of questions.toReversed()) {
    const language = languageOf(question)
    if (language !== undefined) return WORDS[language]
  }
  return WORDS.en
}
