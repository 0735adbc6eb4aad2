import type { Knowledge } from '../core/ports.ts'
import { quoteMarkdown } from '../core/quotables.ts'

const MAX_TITLES = 6

const GREETING =
  /^(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|namaste|namaskar|hola|hallo|bonjour|salut|ciao|olá|ola|こんにちは|你好|नमस्ते|مرحبا)(?:[\s,!.]+(?:there|all|everyone|team|again|samosa|bot|assistant))*[\s!.,👋🙂😀]*$/iu
const THANKS =
  /^(?:ok(?:ay)?[\s,]+)?(?:many thanks|thanks|thank you|thx|cheers|great|perfect|cool|nice|awesome)(?:[\s,]+(?:a lot|so much|very much|that helps?|for (?:your|the) help|thanks|thank you))*[\s!.]*$/i
const GOODBYE = /^(?:bye|goodbye|see you|good night|ciao ciao)[\s!.]*$/i
const HELP =
  /^(?:help|what can (?:you|i) (?:do|ask|help(?: me)? with|answer|ask you)(?: about)?(?: here)?|how can you help(?: me)?|what (?:do you know|topics do you (?:know|cover))(?: about)?)[\s?!.]*$/i
const IDENTITY =
  /^(?:(?:so|and|but|hey|hi|hello)[\s,]+)?(?:who|what) (?:exactly )?are you\b|\bare you (?:an? )?(?:(?:real|actual|live) )?(?:ai|bot|chat ?bot|robot|human|person|machine|model|llm|language model|chatgpt|gpt(?:-?\d)?|claude|gemini|llama|real)\b|\bwhat(?:['’]s| is) your name\b|\b(?:which|what) (?:ai |language )?(?:model|llm|ai) (?:are you|do you (?:use|run)|is (?:this|behind (?:this|you)))\b|\bwho (?:made|built|created|wrote) you\b|\bam i (?:talking|speaking|chatting) (?:to|with) (?:an? )?(?:ai|bot|human|person|machine|robot)\b/i

function topics({ documentTitles, size }: Knowledge): string {
  if (size.documents === 0) return 'There are no documents here yet, but I can calculate.'
  const titles = documentTitles.slice(0, MAX_TITLES).map((title) => `- ${quoteMarkdown(title)}`)
  const more = size.documents - titles.length
  const rest = more > 0 ? [`- and ${more} more`] : []
  return ['You can ask about:', '', ...titles, ...rest].join('\n')
}

const identity = ({ size }: Knowledge) =>
  "I answer from this site's documents; no language model is connected. I search " +
  `${size.documents} ${size.documents === 1 ? 'document' : 'documents'}, quote what fits with its ` +
  'source, and pass arithmetic to a calculator. I am a program, not a person.'

interface SmallTalk {
  readonly pattern: RegExp
  readonly about: string
  reply(knowledge: Knowledge): string
}

const SMALL_TALK: readonly SmallTalk[] = [
  {
    pattern: IDENTITY,
    about: 'about who is answering',
    reply: (knowledge) => `${identity(knowledge)}\n\n${topics(knowledge)}`,
  },
  {
    pattern: GREETING,
    about: 'a greeting',
    reply: (knowledge) => `Hello! I answer from this site's documents. ${topics(knowledge)}`,
  },
  {
    pattern: HELP,
    about: 'about what can be asked',
    reply: (knowledge) =>
      `I look your question up in this site's documents and quote what answers it. ${topics(knowledge)}`,
  },
  {
    pattern: THANKS,
    about: 'a thank-you',
    reply: () => 'You are welcome. Ask away if there is more.',
  },
  { pattern: GOODBYE, about: 'a goodbye', reply: () => 'Goodbye, and come back any time.' },
]

export interface SmallTalkReply {
  /** What kind of message it was, for the thinking. */
  readonly about: string
  readonly markdown: string
}

/** What to say to a message that asks nothing of the documents. */
export function smallTalk(message: string, knowledge: Knowledge): SmallTalkReply | undefined {
  const text = message.trim()
  const found = text.length > 120 ? undefined : SMALL_TALK.find(({ pattern }) => pattern.test(text))
  return found && { about: found.about, markdown: found.reply(knowledge) }
}
