/**
 * Answers without a model: from the site's documents by quoting them, from the calculator when a question
 * is arithmetic. It says so when it has no answer, and never pretends to be more than it is.
 */
import type {
  Cancellable,
  GenerateRequest,
  Grounding,
  Inference,
  InferenceEvent,
  Knowledge,
  Retrieval,
  Tool,
} from '../core/ports.ts'
import { retrieve } from '../core/retrieval.ts'
import { THINK_END, THINK_START } from '../protocol/tag-names.ts'
import type { CascadeTier } from '../protocol/events.ts'
import { composeAnswer, type Answer } from './builtin-answer.ts'
import { readArithmetic } from './builtin-arithmetic.ts'
import { answerArithmetic } from './builtin-calculation.ts'
import { naturalPace, paced, wordsOfText, type Pace } from './builtin-pace.ts'
import type { Reply } from './builtin-reply.ts'
import { suggestionsBeside, suggestionsNear } from './builtin-suggestions.ts'
import { declineAnswer, nearestOf, smallTalk } from './builtin-talk.ts'
import { describeRetrieval } from './builtin-thinking.ts'
import { wordsFor } from './builtin-words.ts'

export interface BuiltinOptions {
  readonly knowledge: Knowledge
  readonly tools: readonly Tool[]
  /** Indexes files that a visitor sent; without it they are passed over. */
  readonly readFiles?: (
    files: readonly { readonly name: string; readonly text: string }[],
  ) => Promise<Knowledge>
  /** How long to wait between words; tests do not wait. */
  readonly pace?: Pace
}

const MODEL = 'built-in'

function questionsOf({ messages }: GenerateRequest): readonly string[] {
  return messages.filter(({ role }) => role === 'user').map(({ content }) => content)
}

/** What was found, and the answer that it gives, if it gives one. */
interface LookedUp {
  readonly retrieval: Retrieval
  readonly answer: Answer | undefined
  readonly tier: CascadeTier | undefined
}

/** `found`: what was found for the questions already, perhaps in the documents of one creator alone. */
async function lookInto(
  knowledge: Knowledge,
  questions: readonly string[],
  found: Grounding | undefined,
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

async function replyFromDocuments(
  knowledge: Knowledge,
  questions: readonly string[],
  found?: Grounding,
): Promise<Reply> {
  const { retrieval, answer, tier } = await lookInto(knowledge, questions, found)
  return {
    sources: answer?.sources ?? [],
    tier,
    thinking: describeRetrieval(knowledge, retrieval, answer),
    toolParts: [],
    markdown: answer?.markdown ?? declineAnswer(knowledge, questions, retrieval),
    declines: answer === undefined,
    suggestions: answer
      ? await suggestionsBeside(knowledge, answer.passages, questions)
      : await suggestionsNear(knowledge, nearestOf(retrieval), questions),
  }
}

/** The visitor's own files are asked first. */
async function lookUp(
  request: GenerateRequest,
  { knowledge, readFiles }: BuiltinOptions,
): Promise<Reply> {
  const questions = questionsOf(request)
  const fromDocuments = () => replyFromDocuments(knowledge, questions, request.grounding)
  const files = request.messages.toReversed().flatMap((message) => message.files ?? [])
  const texts = files.filter((file) => file.kind === 'text')
  const { grounding } = request
  if (texts.length === 0 || !readFiles || grounding?.isOptional === false) return fromDocuments()
  const reply = await replyFromDocuments(await readFiles(texts), questions)
  if (reply.sources.length > 0) return reply
  const other = await fromDocuments()
  const markdown = `${wordsFor(questions).notInFiles}\n\n${other.markdown}`
  return { ...other, markdown }
}

/** What needs no looking up. */
async function quickReply(
  request: GenerateRequest,
  { knowledge, tools }: BuiltinOptions,
  cancellable: Cancellable,
): Promise<Reply | undefined> {
  const questions = questionsOf(request)
  const talk = smallTalk(questions, knowledge)
  if (talk) {
    const thinking = `The message is ${talk.about}; nothing needs to be looked up.`
    return { sources: [], thinking, toolParts: [], markdown: talk.markdown }
  }
  const arithmetic = readArithmetic(questions.at(-1) ?? '')
  const calculator = tools.find(({ name }) => name === 'calculator')
  if (!arithmetic || !calculator) return undefined
  return await answerArithmetic(arithmetic, calculator, cancellable)
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

/** The engine that needs no model server. */
export function createBuiltinInference(options: BuiltinOptions): Inference {
  const { pace = naturalPace } = options
  return {
    kind: 'builtin',
    callsTools: false,
    quotesPassages: true,
    async *generate(request, cancellable) {
      let reply = await quickReply(request, options, cancellable)
      if (!reply) {
        yield [{ type: 'progress', step: 'searching' }]
        reply = await lookUp(request, options)
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
      for await (const batch of paced(allowed, pace, cancellable)) {
        yield batch.map((text): InferenceEvent => ({ type: 'token', text }))
      }
      if (cancellable.signal.aborted) return
      const reason = allowed.length < tokens.length ? 'length' : 'stop'
      const { suggestions = [], declines = false } = reply
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
