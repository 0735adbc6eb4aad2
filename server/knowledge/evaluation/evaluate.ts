import { performance } from 'node:perf_hooks'
import { z } from 'zod'
import type {
  GenerateRequest,
  HistoryMessage,
  Inference,
  Knowledge,
  KnowledgeHit,
  Passage,
} from '../../core/ports/index.ts'
import { retrieve, sourceOf } from '../../core/retrieval.ts'
import { parseTagged } from '../../protocol/tags.ts'
import type { Source } from '../../protocol/events.ts'
import { documentOf, judgeAnswer, visibleText, type GivenAnswer } from './judge-answer.ts'
import type { Question, QuestionSet } from './question-sets.ts'

/** Hits that recall counts in. */
const FIRST = 5
/** Longer than any answer that quotes. */
const MOST_TOKENS = 100_000

/** How one question went. */
const resultSchema = z.object({
  id: z.string(),
  kind: z.string(),
  turns: z.array(z.string()).readonly(),
  answerable: z.boolean(),
  /** The passages found, best first. */
  found: z.array(z.string()).readonly(),
  /** The score of the best of them, 0 of none: below the threshold the question is declined. */
  confidence: z.number(),
  /** The place of the first one that answers the question, from 1; `null`: none of them does. */
  rank: z.number().nullable(),
  /** The share of the places that answer the question which are among the first five. */
  recall: z.number(),
  /** `null` where only what is found is judged. */
  answer: z
    .object({
      text: z.string(),
      answered: z.boolean(),
      right: z.boolean(),
      missing: z.array(z.string()).readonly(),
      cites: z.boolean(),
      quotes: z.number(),
      misquotes: z.array(z.string()).readonly(),
    })
    .nullable(),
})

/** A run as `--json` writes it. */
export const runSchema = z.object({
  documents: z.number(),
  passages: z.number(),
  /** Whether meaning was compared, or words alone. */
  meaning: z.boolean(),
  results: z.array(resultSchema).readonly(),
  /** Milliseconds that each question took, in the same order. No two runs have the same. */
  latencies: z.array(z.number()).readonly(),
})

export type QuestionResult = z.infer<typeof resultSchema>
export type Run = z.infer<typeof runSchema>

export interface EvaluationOptions {
  readonly knowledge: Knowledge
  /** Answers from documents without pauses; left out, only what is found is judged. */
  readonly answersFrom?: ((knowledge: Knowledge) => Inference) | undefined
  /** Told after each question. */
  readonly onQuestion?: (done: number, all: number) => void
}

/** Asks every question, as a visitor would, and judges what comes. */
export async function evaluate(
  { questions }: QuestionSet,
  { knowledge, answersFrom, onQuestion }: EvaluationOptions,
): Promise<Run> {
  const seen = new Map<string, Passage>()
  const inference = answersFrom?.(rememberPassages(knowledge, seen))
  const results: QuestionResult[] = []
  const latencies: number[] = []
  let meaning = false
  for (const question of questions) {
    const history = inference ? await earlierTurns(question, inference) : []
    const messages = [...history, visitorSays(question.turns.at(-1) ?? '')]
    const start = performance.now()
    const streamed = inference && (await answerTo(messages, inference))
    const answered = performance.now()
    const { hits } = await retrieve(knowledge, question.turns)
    const end = inference ? answered : performance.now()
    latencies.push(Math.round((end - start) * 100) / 100)
    meaning ||= hits.some((hit) => hit.meaning !== undefined)
    results.push(judge(question, hits, streamed && withPassages(streamed, seen)))
    onQuestion?.(results.length, questions.length)
  }
  return { ...knowledge.size, meaning, results, latencies }
}

export const visitorSays = (content: string): HistoryMessage => ({ role: 'user', content })

/** The conversation before the question, with the answers that were given in it. */
async function earlierTurns(
  { turns }: Question,
  inference: Inference,
): Promise<readonly HistoryMessage[]> {
  const history: HistoryMessage[] = []
  for (const turn of turns.slice(0, -1)) {
    history.push(visitorSays(turn))
    const { markdown } = await answerTo(history, inference)
    history.push({ role: 'assistant', content: markdown })
  }
  return history
}

interface StreamedAnswer {
  readonly markdown: string
  readonly sources: readonly Source[]
}

/** What a visitor of the widget would read; without sources the documents have no answer. */
export async function answerTo(
  messages: readonly HistoryMessage[],
  inference: Inference,
): Promise<StreamedAnswer> {
  const request: GenerateRequest = {
    messages,
    systemPrompt: '',
    model: null,
    temperature: 0,
    maxTokens: MOST_TOKENS,
    topK: 0,
    thinkingMode: false,
    forceWebSearch: false,
    tools: [],
    mayCallTools: false,
    rounds: [],
    trace: { traceId: 'evaluation', userId: 'evaluation' },
  }
  let content = ''
  let sources: readonly Source[] = []
  for await (const batch of inference.generate(request, { signal: new AbortController().signal })) {
    for (const event of batch) {
      if (event.type === 'token') content += event.text
      else if (event.type === 'sources') ({ sources } = event)
    }
  }
  const texts = parseTagged(content).filter(({ kind }) => kind === 'text')
  return { markdown: texts.map((segment) => segment.content).join(''), sources }
}

/** A source does not name its document; the passage that it shows does. */
function withPassages(
  { markdown, sources }: StreamedAnswer,
  seen: ReadonlyMap<string, Passage>,
): GivenAnswer {
  const passages = sources.map((source) => {
    const passage = seen.get(shownAs(source))
    if (!passage) throw new Error(`No search has found the source “${source.title}”.`)
    return passage
  })
  return { markdown, passages }
}

/** Passes everything on, and keeps the passages that are found by what is shown of them. */
function rememberPassages(knowledge: Knowledge, seen: Map<string, Passage>): Knowledge {
  return {
    ...knowledge,
    async search(query, options) {
      const hits = await knowledge.search(query, options)
      for (const hit of hits) seen.set(shownAs(sourceOf(hit, 1)), hit.passage)
      return hits
    },
  }
}

const shownAs = ({ title, url, section, snippet }: Source) =>
  JSON.stringify([title, url, section, snippet])

function judge(
  question: Question,
  hits: readonly KnowledgeHit[],
  answer: GivenAnswer | undefined,
): QuestionResult {
  const { id, kind, turns, answerable } = question
  const ranked = rankedPlaces(hits, question)
  const rank = ranked.findIndex((answering) => answering.length > 0) + 1
  const found = new Set(ranked.slice(0, FIRST).flat())
  return {
    id,
    kind,
    turns,
    answerable,
    found: hits.map(({ passage }) => passage.id),
    confidence: Math.max(0, ...hits.map(({ score }) => score)),
    rank: rank === 0 ? null : rank,
    recall: answerable ? found.size / placeCount(question) : 0,
    answer: answer ? { text: answer.markdown, ...judgeAnswer(question, answer) } : null,
  }
}

/** Sections as they are found, or documents where no section is named: each once, with what it answers. */
function rankedPlaces(
  hits: readonly KnowledgeHit[],
  question: Question,
): readonly (readonly string[])[] {
  const ranked = new Map<string, readonly string[]>()
  for (const { passage } of hits) {
    const section = question.sections.length > 0 ? (passage.section ?? '') : ''
    const place = `${documentOf(passage)}\n${section}`
    if (!ranked.has(place)) ranked.set(place, placesOf(passage, question))
  }
  return [...ranked.values()]
}

/** What answers a question is a section, or a document where no section is named. */
const placeCount = ({ documents, sections }: Question) => sections.length || documents.length

/** Which of a question’s places a passage stands in. */
function placesOf(passage: Passage, { documents, sections }: Question): readonly string[] {
  const document = documentOf(passage)
  if (!documents.includes(document)) return []
  if (sections.length === 0) return [document]
  const path = visibleText(passage.section ?? '')
  const headings = new Set([path, ...path.split(' › ')])
  return sections.filter((section) => headings.has(visibleText(section)))
}
