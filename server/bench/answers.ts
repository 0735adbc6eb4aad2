/** How well the manual is answered from, and how long a question takes among many passages. */
import { performance } from 'node:perf_hooks'
import { demoKnowledgeDirectory, meaningOf } from '../compose.ts'
import type { Knowledge } from '../core/ports.ts'
import { createBuiltinInference } from '../inference/builtin.ts'
import { answerTo, evaluate, visitorSays } from '../knowledge/evaluation/evaluate.ts'
import { readQuestionSet } from '../knowledge/evaluation/question-sets.ts'
import { figuresOf, tableOf } from '../knowledge/evaluation/report.ts'
import { createBuiltinEmbedder } from '../knowledge/encoder/index.ts'
import { loadKnowledge } from '../knowledge/index.ts'
import { createMeaning, type Meaning } from '../knowledge/meaning.ts'
import { parseDocument } from '../knowledge/parse-document.ts'
import { createKnowledge } from '../knowledge/search-index.ts'
import { createLogger } from '../log.ts'
import { inRepository } from '../scripts/repository.ts'
import { createTools } from '../tools/index.ts'
import type { Effort } from './measurements.ts'
import { figure, type Measurement } from './report.ts'
import { percentile } from './statistics.ts'

/** The built-in engine, without its pauses between words. */
const answersFrom = (knowledge: Knowledge) =>
  createBuiltinInference({
    knowledge,
    tools: createTools({ knowledge }),
    pace: async () => undefined,
  })

const logger = createLogger('warn')

/** @throws Error when words alone would be measured */
async function untilMeaningIsOn(knowledge: Knowledge): Promise<void> {
  await knowledge.settled()
  const { kind } = knowledge.meaning()
  if (kind !== 'on') throw new Error(`Meaning cannot be compared: it is ${kind}.`)
}

export async function measureAnswers(): Promise<Measurement> {
  const questions = await readQuestionSet(inRepository('server/bench/questions.jsonl'))
  // Kept for the next run, as a server keeps them.
  const meaning = meaningOf({ kind: 'builtin' }, inRepository('.bench/knowledge'), {
    logger,
  })
  const knowledge = await loadKnowledge(demoKnowledgeDirectory(), { logger, meaning })
  await untilMeaningIsOn(knowledge)
  const run = await evaluate(questions, { knowledge, answersFrom })
  await meaning?.close()
  const figures = figuresOf(run)
  return {
    name: `${figures.questions} questions about the manual, with what 95 of 100 samples would show`,
    table: tableOf(run),
    budgets: [
      { what: 'right answers', value: figures.rightAnswers.value, unit: '', atLeast: 0.85 },
      { what: 'right refusals', value: figures.rightRefusals.value, unit: '', atLeast: 0.9 },
      { what: 'quoted text in its source', value: figures.trueQuotes.value, unit: '', atLeast: 1 },
    ],
    figures,
  }
}

/** How many passages are searched, and the milliseconds that half of the questions may take. */
const SIZES = [
  { passages: 1_000, atMost: 40 },
  { passages: 10_000, atMost: 60 },
] as const
/** Milliseconds. */
const ENCODER_START = 60_000
/** Questions that do not count: the compiler is busy. */
const COMPILING = 50

export async function measureSearch({ requests }: Pick<Effort, 'requests'>): Promise<Measurement> {
  const figures: { passages: number; p50: number; p95: number; atMost: number }[] = []
  for (const { passages, atMost } of SIZES) {
    const { documents, questions } = inventDocuments(passages, COMPILING + requests)
    const meaning = inventMeaning()
    const knowledge = await createKnowledge(documents, [], meaning)
    await untilMeaningIsOn(knowledge)
    const inference = answersFrom(knowledge)
    const times: number[] = []
    for (const question of questions) {
      const start = performance.now()
      await answerTo([visitorSays(question)], inference)
      times.push(performance.now() - start)
    }
    await meaning.close()
    const counted = times.slice(COMPILING)
    figures.push({
      passages,
      p50: percentile(counted, 0.5),
      p95: percentile(counted, 0.95),
      atMost,
    })
  }
  return {
    name: 'A question to the built-in engine, without its pauses, among passages of invented words',
    table: [
      ['passages', 'p50 ms', 'p95 ms'],
      ...figures.map(({ passages, p50, p95 }) => [figure(passages, 0), figure(p50), figure(p95)]),
    ],
    budgets: figures.map(({ passages, p50, atMost }) => ({
      what: `a question among ${figure(passages, 0)} passages, median`,
      value: p50,
      unit: 'ms',
      atMost,
    })),
    figures,
  }
}

const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ')
const VOCABULARY = 8_000
/** The commonest words, which stand for the small ones of a language: nobody searches by those. */
const SMALL_WORDS = 100
const SECTIONS = 10
const SENTENCES = 6
const SENTENCE_LENGTH = 12
const QUESTION_LENGTH = 6
const SEED = 11

/** The same numbers each time, 0 to 1 (a linear congruential generator). */
function createRandom(): () => number {
  let state = SEED
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const inventWord = (number: number) =>
  [number % 20, Math.floor(number / 20) % 20, Math.floor(number / 400)]
    .map((syllable) => SYLLABLES[syllable] ?? '')
    .join('')

/** Questions go through the encoder as ever; passages get vectors that cost nothing, for searching takes as long with them. */
function inventMeaning(): Meaning {
  const encoder = createBuiltinEmbedder({ logger })
  const random = createRandom()
  return createMeaning({
    createEmbedder: async () => {
      const [example] = await encoder.embed(['ready'], {
        signal: AbortSignal.timeout(ENCODER_START),
      })
      const inventVector = () => {
        const vector = Float32Array.from(example ?? [], () => random() - 0.5)
        const length = Math.hypot(...vector)
        return vector.map((value) => value / length)
      }
      return {
        name: 'invented',
        embed: async (texts, options) =>
          options.urgent ? await encoder.embed(texts, options) : texts.map(inventVector),
        close: encoder.close,
      }
    },
    folder: undefined,
    patience: ENCODER_START,
    whenDown: 'the encoder has stopped',
    logger,
  })
}

/** Documents whose words are as unevenly common as those of a language, and questions about their sentences. */
function inventDocuments(passages: number, count: number) {
  const random = createRandom()
  // Zipf: the second most common word is half as common as the first, the third a third.
  const draw = (length: number, rarest = random) =>
    Array.from({ length }, () => Math.floor(VOCABULARY ** rarest()) - 1)
  const smallest = Math.log(SMALL_WORDS) / Math.log(VOCABULARY)
  const drawTelling = (length: number) => draw(length, () => smallest + (1 - smallest) * random())
  const inWords = (numbers: readonly number[]) => numbers.map(inventWord).join(' ')
  const asked: string[] = []
  const sentence = () => {
    const numbers = draw(SENTENCE_LENGTH)
    const telling = numbers.filter((number) => number >= SMALL_WORDS).slice(0, QUESTION_LENGTH)
    asked.push(`How does the ${inWords(telling)} work?`)
    return `The ${inWords(numbers)}.`
  }
  const section = () =>
    `## ${inWords(drawTelling(3))}\n\n${Array.from({ length: SENTENCES }, sentence).join(' ')}`
  const documents = Array.from({ length: passages / SECTIONS }, (_, index) => {
    const sections = Array.from({ length: SECTIONS }, section)
    return parseDocument(
      `document-${index}.md`,
      `# ${inWords(drawTelling(3))}\n\n${sections.join('\n\n')}`,
    )
  })
  const every = Math.floor(asked.length / count)
  return { documents, questions: asked.filter((_, index) => index % every === 0).slice(0, count) }
}
