/**
 * builtin: answers without a model: from the site's documents by quoting them, from the calculator when a question
 * is arithmetic. It says so when it has no answer, and never pretends to be more than it is.
 * Begin at `createBuiltinInference`; what is quoted is chosen in answer.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { lookForCreator } from '../core/grounding.ts'
import { languageOf, type Language } from '../text/words.ts'
import { languageOfWish, wantsPerson } from '../text/person-wanted.ts'
import type {
  Cancellable,
  EventBatch,
  GenerateRequest,
  Grounding,
  Inference,
  InferenceEvent,
  Knowledge,
  Retrieval,
  Tool,
} from '../core/ports/index.ts'
import { MIN_SCORE, retrieve } from '../core/retrieval.ts'
import type { ContactWaysBody } from '../protocol/api.ts'
import type { CascadeTier } from '../protocol/events.ts'
import { THINK_END, THINK_START } from '../protocol/marks.ts'
import { composeAnswer, type Answer } from './answer.ts'
import { readArithmetic, type Arithmetic, answerArithmetic } from './arithmetic.ts'
import {
  type Reply,
  declineAnswer,
  nearestOf,
  pointToPerson,
  smallTalk,
  describeRetrieval,
  suggestionsBeside,
  suggestionsNear,
  type Asker,
} from './talk.ts'
import { languageAsked, speakerOf, type Say, type OwnSentences } from './words.ts'

export interface BuiltinOptions {
  readonly knowledge: Knowledge
  readonly tools: readonly Tool[]
  /** Indexes files that a visitor sent; without it they are passed over. */
  readonly readFiles?: (
    files: readonly { readonly name: string; readonly text: string }[],
  ) => Promise<Knowledge>
  /** What the owner of the site says in other words, as it is now. */
  readonly ownSentences?: () => Promise<OwnSentences>
  /** How visitors reach a person, for who reads a language; `null` where they cannot. */
  readonly contactIn?: (language: Language) => ContactWaysBody | null
  /** How long to wait between words; tests do not wait. */
  readonly pace?: Pace
}

const MODEL = 'built-in'

/** What is asked, and how it is answered. */
interface Asked {
  /** The visitor's, oldest first. */
  readonly questions: readonly string[]
  readonly language: Language
  readonly say: Say
  /** Whose documents come first. */
  readonly creator: string | undefined
}

async function readAsked(request: GenerateRequest, options: BuiltinOptions): Promise<Asked> {
  const said = request.messages.filter(({ role }) => role === 'user')
  const questions = said.map(({ content }) => content)
  const question = questions.at(-1) ?? ''
  const wish = languageOfWish(question)
  const written = languageOf(question)
  // "Agent!" is written in many languages; any other wish tells its own better than single words do.
  const ofQuestion = wish === 'en' ? (written ?? wish) : (wish ?? written)
  const language = ofQuestion ?? languageAsked(questions)
  const own = await options.ownSentences?.()
  const say = speakerOf(language, own?.[language])
  return { questions, language, say, creator: request.grounding?.creator }
}

/** What a visitor may ask about: the creator's documents, where there are any. */
function titlesFor({ creator }: Asked, knowledge: Knowledge): readonly string[] {
  const own = creator === undefined ? [] : knowledge.titlesOf(creator)
  return own.length > 0 ? own : knowledge.documentTitles
}

/** What was found, and the answer that it gives, if it gives one. */
interface LookedUp {
  readonly retrieval: Retrieval
  readonly answer: Answer | undefined
  readonly tier: CascadeTier | undefined
}

type Found = Retrieval & Pick<Grounding, 'tier'>

/** `found`: what was found for the questions already, perhaps in the documents of one creator alone. */
async function lookInto(
  knowledge: Knowledge,
  questions: readonly string[],
  found: Found | undefined,
): Promise<LookedUp> {
  const retrieval = found ?? (await retrieve(knowledge, questions))
  const answer = await composeAnswer(questions, retrieval, knowledge.compare)
  const tier = found?.tier
  if (answer || (tier !== 'creator' && tier !== 'domain')) return { retrieval, answer, tier }
  // Those of the creator speak of it, and do not answer it: others may.
  const everywhere = await retrieve(knowledge, questions)
  const other = await composeAnswer(questions, everywhere, knowledge.compare)
  return other
    ? { retrieval: everywhere, answer: other, tier: 'global' }
    : { retrieval, answer, tier: 'none' }
}

/** Who has asked, for what may be asked next: as a chip is asked, so it is tried here. */
function askerOf({ questions, creator }: Asked, knowledge: Knowledge): Asker {
  return {
    questions,
    creator,
    async isAnswered(question) {
      const isQuick = readQuick(question, [], (key) => key) !== undefined
      if (isQuick) return false
      const next = [...questions, question]
      const found =
        creator === undefined ? undefined : await lookForCreator(knowledge, next, creator)
      return (await lookInto(knowledge, next, found)).answer !== undefined
    },
  }
}

async function replyFromDocuments(
  knowledge: Knowledge,
  asked: Asked,
  found?: Grounding,
): Promise<Reply> {
  const { questions, say } = asked
  const { retrieval, answer, tier } = await lookInto(knowledge, questions, found)
  const titles = titlesFor(asked, knowledge)
  const asker = askerOf(asked, knowledge)
  // A creator's visitors are shown the way to that creator's documents.
  const nearest = nearestOf(retrieval).filter(({ passage }) =>
    titles.includes(passage.documentTitle),
  )
  const refusal = declineAnswer(nearest, titles, say)
  return {
    sources: answer?.sources ?? [],
    tier,
    thinking: describeRetrieval(knowledge, retrieval, { isAnswered: answer !== undefined, say }),
    toolParts: [],
    markdown: answer?.markdown ?? refusal.markdown,
    unlessSuggested: answer ? undefined : refusal.unlessSuggested,
    declines: answer === undefined,
    suggest: () =>
      answer
        ? suggestionsBeside(knowledge, answer.passages, asked)
        : suggestionsNear(knowledge, nearest, { ...asker, titles }),
  }
}

/** The visitor's own files are asked first. */
async function lookUp(
  request: GenerateRequest,
  asked: Asked,
  { knowledge, readFiles }: BuiltinOptions,
): Promise<Reply> {
  const { grounding } = request
  const fromDocuments = () => replyFromDocuments(knowledge, asked, grounding)
  const files = request.messages.toReversed().flatMap((message) => message.files ?? [])
  const texts = files.filter((file) => file.kind === 'text')
  if (texts.length === 0 || !readFiles || grounding?.isOptional === false) return fromDocuments()
  const reply = await replyFromDocuments(await readFiles(texts), asked)
  if (reply.sources.length > 0) return reply
  const other = await fromDocuments()
  return { ...other, markdown: `${asked.say('not_in_files')}\n\n${other.markdown}` }
}

/** What documents say of how people are reached, as it is asked. */
const HOW_TO_REACH: Readonly<Record<Language, string>> = {
  en: 'How do I contact you, by telephone or e-mail?',
  de: 'Wie kontaktiere ich Sie, per Telefon oder E-Mail?',
  fr: 'Comment vous contacter, par téléphone ou e-mail ?',
  es: '¿Cómo les contacto, por teléfono o correo electrónico?',
  hi: 'आपसे संपर्क कैसे करें, फ़ोन या ई-मेल से?',
  ja: '電話やメールでの問い合わせ先は?',
  ar: 'كيف أتواصل معكم، بالهاتف أو البريد الإلكتروني؟',
}

function replyToWish(asked: Asked, { knowledge, contactIn }: BuiltinOptions): Reply {
  const { language, creator, say } = asked
  return {
    sources: [],
    thinking: say('think_person'),
    toolParts: [],
    markdown: pointToPerson(contactIn?.(language) ?? null, say),
    async suggest() {
      const question = [HOW_TO_REACH[language]]
      const found = await (creator === undefined
        ? retrieve(knowledge, question)
        : lookForCreator(knowledge, question, creator))
      const near = found.hits.filter(({ score }) => score >= MIN_SCORE)
      return await suggestionsNear(knowledge, near, { ...askerOf(asked, knowledge), titles: [] })
    },
  }
}

/** What a message is that needs no looking up. */
type Quick =
  | { readonly kind: 'wish' }
  | { readonly kind: 'talk'; readonly markdown: string }
  | { readonly kind: 'sum'; readonly arithmetic: Arithmetic }

function readQuick(message: string, titles: readonly string[], say: Say): Quick | undefined {
  const talk = smallTalk(message, titles, say)
  if (talk !== undefined) return { kind: 'talk', markdown: talk }
  if (wantsPerson(message)) return { kind: 'wish' }
  const arithmetic = readArithmetic(message)
  return arithmetic && { kind: 'sum', arithmetic }
}

async function quickReply(
  asked: Asked,
  options: BuiltinOptions,
  cancellable: Cancellable,
): Promise<Reply | undefined> {
  const { questions, language, say } = asked
  const { knowledge, tools } = options
  const quick = readQuick(questions.at(-1) ?? '', titlesFor(asked, knowledge), say)
  switch (quick?.kind) {
    case undefined:
      return undefined
    case 'wish':
      return replyToWish(asked, options)
    case 'talk': {
      const { markdown } = quick
      return { sources: [], thinking: say('think_talk'), toolParts: [], markdown }
    }
    case 'sum': {
      const calculator = tools.find(({ name }) => name === 'calculator')
      if (!calculator) return undefined
      return await answerArithmetic(quick.arithmetic, calculator, { ...cancellable, language, say })
    }
  }
}

function tokensOf({ thinking, toolParts, markdown }: Reply, thinkingMode: boolean): string[] {
  const thought = thinkingMode ? [THINK_START, ...wordsOfText(thinking), `${THINK_END}\n\n`] : []
  return [...thought, ...toolParts, ...wordsOfText(markdown)]
}

/** UTF-16 units of an answer's end by which it is found again. */
const END = 200

/** What is left of the reply behind its beginning; nothing where the documents say something else by now. */
function tokensBehind(said: string, { toolParts, markdown }: Reply): readonly string[] {
  const whole = toolParts.join('') + markdown
  const end = said.slice(-END)
  const at = whole.indexOf(end)
  return at < 0 ? [] : wordsOfText(whole.slice(at + end.length))
}

interface BuiltinInference extends Inference {
  generate(request: GenerateRequest, cancellable: Cancellable): AsyncIterable<EventBatch>
}

/** The engine that needs no model server. */
export function createBuiltinInference(options: BuiltinOptions): BuiltinInference {
  const { pace = naturalPace } = options
  return {
    kind: 'builtin',
    callsTools: false,
    quotesPassages: true,
    async *generate(request, cancellable) {
      const asked = await readAsked(request, options)
      let reply = await quickReply(asked, options, cancellable)
      if (!reply) {
        yield [{ type: 'progress', step: 'searching' }]
        reply = await lookUp(request, asked, options)
      }
      if (cancellable.signal.aborted) return
      const { continues } = request
      if (reply.sources.length > 0 && continues === undefined) {
        yield [{ type: 'sources', sources: reply.sources, tier: reply.tier }]
      }
      const tokens =
        continues === undefined
          ? tokensOf(reply, request.thinkingMode)
          : tokensBehind(continues, reply)
      const allowed = tokens.slice(0, request.maxTokens)
      const { suggest, unlessSuggested, declines = false } = reply
      let looking: Promise<readonly string[]> | undefined
      for await (const batch of paced(allowed, pace, cancellable)) {
        yield batch
        // While that is read. An answer is whole without them.
        looking ??= suggest?.().catch(() => [])
      }
      if (cancellable.signal.aborted) return
      const suggestions = (await looking) ?? []
      if (suggestions.length === 0 && unlessSuggested !== undefined && continues === undefined) {
        const rest = wordsOfText(` ${unlessSuggested}`)
        yield* paced(rest.slice(0, request.maxTokens - allowed.length), pace, cancellable)
      }
      if (cancellable.signal.aborted) return
      const reason = allowed.length < tokens.length ? 'length' : 'stop'
      yield [
        ...(suggestions.length > 0 ? [{ type: 'suggestions', suggestions } as const] : []),
        { type: 'finish', reason, ...(declines && { declines }) },
      ]
    },
    models: async () => ({ models: [MODEL], cards: [{ id: MODEL, name: 'Built-in search' }] }),
    isReady: async () => true,
    close: async () => undefined,
  }
}

/** Waits between two batches of words; resolves early when the signal aborts. */
export type Pace = (milliseconds: number, options: Cancellable) => Promise<void>

const PAUSE_MS = 12
const WORDS_PER_BATCH = 3
/** A long answer is cut into this many batches, so that no answer takes much longer than a second. */
const MAX_BATCHES = 90

/** Characters; scripts without spaces would otherwise arrive as one word. */
const LONGEST_WORD = 24

function pieces(word: string): readonly string[] {
  if (word.length <= LONGEST_WORD) return [word]
  return word.match(new RegExp(`.{1,${LONGEST_WORD / 2}}`, 'gsu')) ?? [word]
}

/** A text cut into words, each with the space before it; together they are the text again. */
function wordsOfText(text: string): readonly string[] {
  return (text.match(/\s*\S+(?:\s+$)?/g) ?? []).flatMap(pieces)
}

/** Real time. */
const naturalPace: Pace = async (milliseconds, { signal }) => {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Tokens in batches at reading pace, the first at once; ends when the signal aborts. */
async function* paced(
  tokens: readonly string[],
  pace: Pace,
  { signal }: Cancellable,
): AsyncGenerator<readonly InferenceEvent[]> {
  const size = Math.max(WORDS_PER_BATCH, Math.ceil(tokens.length / MAX_BATCHES))
  for (let start = 0; start < tokens.length; start += size) {
    if (start > 0) await pace(PAUSE_MS, { signal })
    if (signal.aborted) return
    yield tokens.slice(start, start + size).map((text) => ({ type: 'token', text }))
  }
}
