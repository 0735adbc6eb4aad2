import type { AnswerStrings } from '../strings.ts'
import { formatsIn } from '../formats.ts'

const { count } = formatsIn('hi')

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} सेकंड` : `${Math.floor(seconds / 60)} मिनट ${seconds % 60} सेकंड`

/** Hindi words in an answer. */
export const answer: Required<AnswerStrings> = {
  markdown: {
    copyCode: 'कॉपी करें',
    codeCopied: 'कॉपी हो गया',
    codeRegion: (language) => (language === '' ? 'कोड' : `कोड, ${language}`),
    tableRegion: 'तालिका',
    taskDone: 'हो गया',
    taskOpen: 'बाकी है',
    image: 'चित्र:',
  },
  thinking: 'सोच रहा है…',
  thought: 'सोचा',
  thoughtFor: (seconds) => `${elapsed(seconds)} तक सोचा`,
  elapsed,
  searchingWeb: (query) => (query ? `वेब पर “${query}” खोज रहा है` : 'वेब पर खोज रहा है'),
  usingTool: (name) => `${name} का इस्तेमाल कर रहा है`,
  unnamedTool: 'एक टूल',
  tools: {
    searchedWeb: (query) => (query ? `वेब पर “${query}” खोजा` : 'वेब पर खोजा'),
    searchingDocuments: (query) =>
      query ? `दस्तावेज़ों में “${query}” खोज रहा है` : 'दस्तावेज़ों में खोज रहा है',
    searchedDocuments: (query) => (query ? `दस्तावेज़ों में “${query}” खोजा` : 'दस्तावेज़ों में खोजा'),
    calculating: (expression) =>
      expression ? `${expression} का हिसाब कर रहा है` : 'हिसाब कर रहा है',
    calculated: (expression) => (expression ? `${expression} का हिसाब किया` : 'हिसाब किया'),
    usedTool: (name) => `${name} का इस्तेमाल किया`,
    notSearchedWeb: (query) =>
      query ? `वेब पर “${query}” नहीं खोजा जा सका` : 'वेब पर नहीं खोजा जा सका',
    notSearchedDocuments: (query) =>
      query ? `दस्तावेज़ों में “${query}” नहीं खोजा जा सका` : 'दस्तावेज़ों में नहीं खोजा जा सका',
    notCalculated: (expression) =>
      expression ? `${expression} का हिसाब नहीं हो सका` : 'हिसाब नहीं हो सका',
    notUsedTool: (name) => `${name} का इस्तेमाल नहीं हो सका`,
    toolRunning: 'चल रहा है',
    toolDone: 'हो गया',
    toolFailed: 'नहीं हो सका',
    toolUnanswered: 'कोई नतीजा नहीं',
    wantsTool: (title) => `सहायक “${title}” का इस्तेमाल करना चाहता है।`,
    toolAsking: 'आपकी अनुमति चाहिए',
    toolElsewhere: 'किसी और विंडो में चल रहा है',
    toolWaiting: 'उस पेज का इंतज़ार है जो यह दे सकता है',
    toolDenied: 'अनुमति नहीं दी गई',
    toolRefused: {
      busy: 'कम समय में बहुत ज़्यादा हो गया। थोड़ी देर में फिर चुनें।',
      failed: 'चैट सर्वर से अभी संपर्क नहीं हो पा रहा है। फिर चुनें।',
    },
    allowTool: 'अनुमति दें',
    denyTool: 'अनुमति न दें',
    showAll: 'सब दिखाएँ',
    toolArguments: 'इनपुट',
    toolResult: 'नतीजा',
    resultCount: (amount) => count(amount, { one: '# नतीजा', other: '# नतीजे' }),
  },
  cited: {
    sources: 'स्रोत',
    showSource: (number, title) => `स्रोत ${number}: ${title}`,
    showPassage: (number) => `स्रोत ${number} का अंश`,
    alsoFound: 'यह भी मिला',
    page: (number) => `पेज ${number}`,
    open: 'खोलें',
    notFound: 'इस स्रोत में नहीं मिला:',
  },
}
