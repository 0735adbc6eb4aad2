/** Asks a set of questions as visitors would, and judges each answer. */
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
import { takeAll } from '../../core/turn/answer.ts'
import { parseTagged } from '../../protocol/tags.ts'
import type { Source } from '../../protocol/events.ts'
import type { Question, QuestionSet } from './question-sets.ts'
import { sentencesOf } from '../../text/words.ts'

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
  const { signal } = new AbortController()
  await takeAll(inference.generate(request, { signal }), (batch) => {
    for (const event of batch) {
      if (event.type === 'token') content += event.text
      else if (event.type === 'sources') ({ sources } = event)
    }
    return true
  })
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

// Judges an answer against what is known of it, and its quotations against the passages that it cites.

/** An answer as a visitor gets it. */
interface GivenAnswer {
  /** Without thinking and tools. */
  readonly markdown: string
  /** The passages behind the numbers, the first one cited as `[1]`. */
  readonly passages: readonly Passage[]
}

interface Judgement {
  /** It rests on documents; else it says that they have no answer. */
  readonly answered: boolean
  /** As it should be: the words are there and a document that has them is cited; or rightly no answer. */
  readonly right: boolean
  /** Of each group of words that the answer lacks, the first. */
  readonly missing: readonly string[]
  /** It cites a document that answers the question. */
  readonly cites: boolean
  /** Pieces of the answer that are given as somebody's words. */
  readonly quotes: number
  /** Those of them that the cited passage does not have. */
  readonly misquotes: readonly string[]
}

const FENCE = /^(`{3,})[^\n`]*\n([\s\S]*?)\n\1$/gm
const CITATIONS = /(?:\[\d{1,3}\])+/g
const ITEM = /^\s*(?:[-*+]|\d{1,9}[.)])\s/

/** The path of the document that a passage is from. */
const documentOf = ({ id }: Passage) => id.slice(0, id.lastIndexOf('#'))

/** Markdown as it is read on a page: without marks and escapes. */
export function visibleText(markdown: string): string {
  return markdown
    .replaceAll(/\]\([^()\s]*\)/g, ']')
    .replaceAll(/\\([\\`*_{}[\]()#+\-.!~|$<>=&])/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/`+|\*\*/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** What two texts are compared by: their words and numbers, not how they are set. */
const comparable = (text: string) =>
  ` ${(visibleText(text).match(/[\p{L}\p{M}\p{N}\p{Sc}%]+/gu) ?? []).join(' ')} `

/** Whether a text has some words, case apart; a number is no part of a longer number. */
export function hasWords(text: string, words: string): boolean {
  const escaped = words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const before = /^\d/.test(words) ? String.raw`(?<!\d)` : ''
  const after = /\d$/.test(words) ? String.raw`(?!\d)` : ''
  return new RegExp(`${before}${escaped}${after}`, 'iu').test(text)
}

export function judgeAnswer(question: Question, answer: GivenAnswer): Judgement {
  const { markdown, passages } = answer
  const answered = passages.length > 0
  const visible = visibleText(markdown.replaceAll(CITATIONS, ''))
  const missing = question.words.flatMap((group) =>
    group.some((words) => hasWords(visible, words)) ? [] : group.slice(0, 1),
  )
  const cites = citedPassages(markdown, passages).some((passage) =>
    question.documents.includes(documentOf(passage)),
  )
  const quotes = answered ? quotesOf(answer) : []
  return {
    answered,
    right: question.answerable ? answered && cites && missing.length === 0 : !answered,
    missing: question.answerable ? missing : [],
    cites,
    quotes: quotes.length,
    misquotes: quotes.filter(isMisquoted).map(({ text }) => text),
  }
}

const numbersIn = (markdown: string) =>
  [...markdown.matchAll(/\[(\d{1,3})\]/g)].map(([, number]) => Number(number))

const citedPassages = (markdown: string, passages: readonly Passage[]) =>
  numbersIn(markdown).flatMap((number) => passages[number - 1] ?? [])

interface Quote {
  readonly text: string
  /** One of these should have it. */
  readonly passages: readonly Passage[]
}

const isMisquoted = ({ text, passages }: Quote) =>
  !passages.some((passage) => comparable(passage.text).includes(comparable(text)))

/**
 * Every sentence before a citation. Code, rows of tables and items of lists are quoted also where the
 * citation stands somewhere else; other text without one is the engine's own.
 */
function quotesOf({ markdown, passages }: GivenAnswer): readonly Quote[] {
  const all = citedPassages(markdown, passages)
  const code = [...markdown.matchAll(FENCE)].map(([, , content = '']) => content)
  const lines = markdown.replaceAll(FENCE, '').split('\n')
  const isRow = (line: string) => line.trimStart().startsWith('|')
  const rows = lines.filter(isRow)
  const prose = lines
    .filter((line) => !isRow(line))
    .flatMap((line) => lineQuotes(line, passages, all))
  const whole = [...code, ...rows].map((text) => ({ text, passages: all }))
  return [...prose, ...whole].filter(({ text }) => comparable(text).trim() !== '')
}

function lineQuotes(
  line: string,
  passages: readonly Passage[],
  all: readonly Passage[],
): readonly Quote[] {
  const quotes: Quote[] = []
  let position = 0
  for (const { 0: marks, index } of line.matchAll(CITATIONS)) {
    const cited = citedPassages(marks, passages)
    const before = line.slice(position, index).replace(ITEM, '')
    for (const text of sentencesOf(visibleText(before))) {
      quotes.push({ text, passages: cited })
    }
    position = index + marks.length
  }
  if (position === 0 && ITEM.test(line))
    quotes.push({ text: line.replace(ITEM, ''), passages: all })
  return quotes
}
