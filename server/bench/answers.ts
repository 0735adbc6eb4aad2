/**
 * How well the manual is answered from, how long a question takes among many passages, and how long their vectors
 * take.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { knowledgeHomeIn } from '../compose.ts'
import { demoKnowledgeDirectory } from '../package.ts'
import { meaningOf } from '../meaning.ts'
import type { Knowledge } from '../core/ports/index.ts'
import { createBuiltinInference } from '../builtin/index.ts'
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
import { namedEvents, postChat } from '../testing/cited-client.ts'
import { createTools } from '../tools/index.ts'
import { cpuOf, memoryOf } from './process-usage.ts'
import { type Effort, figure, type Measurement } from './report.ts'
import type { Servers } from './servers.ts'
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

export async function measureSearch(
  servers: Servers,
  { requests }: Pick<Effort, 'requests'>,
): Promise<Measurement> {
  const figures: {
    passages: number
    p50: number
    p95: number
    served50: number
    served95: number
    atMost: number
  }[] = []
  for (const { passages, atMost } of SIZES) {
    const { texts, questions } = inventDocuments(passages, COMPILING + requests)
    const home = await mkdtemp(inRepository('.bench/search-'))
    try {
      const meaning = inventMeaning(knowledgeHomeIn(join(home, 'data')))
      const times = await timesInProcess(texts, questions, meaning)
      const served = await timesThroughServer(servers, { home, texts, questions })
      figures.push({
        passages,
        p50: percentile(times, 0.5),
        p95: percentile(times, 0.95),
        served50: percentile(served, 0.5),
        served95: percentile(served, 0.95),
        atMost,
      })
    } finally {
      await rm(home, { recursive: true })
    }
  }
  return {
    name: 'A question to the built-in engine among passages of invented words: its answer without pauses; and through the server, to the first word',
    table: [
      ['passages', 'p50 ms', 'p95 ms', 'served p50 ms', 'p95 ms'],
      ...figures.map(({ passages, p50, p95, served50, served95 }) => [
        figure(passages, 0),
        ...[p50, p95, served50, served95].map((value) => figure(value)),
      ]),
    ],
    budgets: figures.flatMap(({ passages, p50, served50, atMost }) => {
      const what = `a question among ${figure(passages, 0)} passages`
      return [
        { what: `${what}, median`, value: p50, unit: 'ms', atMost },
        { what: `${what}, through the server, median`, value: served50, unit: 'ms', atMost },
      ]
    }),
    figures,
  }
}

type Texts = ReadonlyMap<string, string>

const parseAll = (texts: Texts) => [...texts].map(([name, text]) => parseDocument(name, text))

/** Milliseconds of each question, but for the first ones. */
async function timesInProcess(
  texts: Texts,
  questions: readonly string[],
  meaning: Meaning,
): Promise<readonly number[]> {
  const knowledge = await createKnowledge(parseAll(texts), [], meaning)
  await untilMeaningIsOn(knowledge)
  const times: number[] = []
  for (const question of questions) times.push(await timeOf(knowledge, question))
  await meaning.close()
  return times.slice(COMPILING)
}

async function timeOf(knowledge: Knowledge, question: string): Promise<number> {
  const start = performance.now()
  await answerTo([visitorSays(question)], answersFrom(knowledge))
  return performance.now() - start
}

/** The same of a server that has the same vectors; an answer is read up to its first word. */
async function timesThroughServer(
  servers: Servers,
  {
    home,
    texts,
    questions,
  }: { readonly home: string; readonly texts: Texts; readonly questions: readonly string[] },
): Promise<readonly number[]> {
  const documents = join(home, 'documents')
  await mkdir(documents)
  for (const [name, text] of texts) await writeFile(join(documents, name), text)
  const { target, stop } = await servers.startProduct({
    core: undefined,
    environment: {
      DATABASE_URL: `file:${join(home, 'data')}`,
      KNOWLEDGE_DIR: documents,
      EMBEDDINGS: 'builtin',
      INFERENCE_SERVICE_URL: '',
      INFERENCE_API: '',
    },
  })
  try {
    await untilServerComparesMeaning(target.url)
    const times: number[] = []
    for (const query of questions) {
      const start = performance.now()
      for await (const { event } of namedEvents(await postChat(target.url, { query }))) {
        if (event !== 'token') continue
        times.push(performance.now() - start)
        break
      }
    }
    return times.slice(COMPILING)
  } finally {
    await stop()
  }
}

/** @throws Error when it does not within a minute: it has the vectors, and needs but the encoder */
async function untilServerComparesMeaning(url: string): Promise<void> {
  for (const end = performance.now() + ENCODER_START; ; await sleep(100)) {
    const text = await (await fetch(`${url}/ready`)).text()
    if (text.includes('"meaning":"on"')) return
    if (performance.now() > end) throw new Error(`Meaning is not compared: ${text}`)
  }
}

const EMBEDDED = { passages: 1_000, characters: 500 }
/** Documents that come later: few enough that meaning goes on while they are embedded. */
const LATER = 10
/** Milliseconds between two questions while documents are embedded. */
const BETWEEN_QUESTIONS = 100

export async function measureEmbedding(): Promise<Measurement> {
  const texts = await inventProse(EMBEDDED.passages + LATER * SECTIONS, EMBEDDED.characters)
  const documents = parseAll(texts)
  const first = documents.slice(0, -LATER)
  const { questions } = await readQuestionSet(inRepository('server/bench/questions.jsonl'))
  // What words alone need is not what meaning adds.
  await createKnowledge(documents)
  const before = memoryOf(process.pid)
  const meaning = createMeaning({
    createEmbedder: async () => createBuiltinEmbedder({ logger }),
    folder: undefined,
    patience: ENCODER_START,
    whenDown: 'the encoder has stopped',
    logger,
  })
  const indexed = await createKnowledge(first, [], meaning)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const start = performance.now()
  const processorBefore = cpuOf(process.pid)
  await untilMeaningIsOn(indexed)
  const seconds = (performance.now() - start) / 1_000
  const processor = (cpuOf(process.pid) - processorBefore) / 1e6
  delay.disable()
  const memory = (memoryOf(process.pid) - before) / 1e6

  const changed = await createKnowledge(documents, [], meaning)
  let isDone = false
  const done = changed.settled().then(() => (isDone = true))
  const times: number[] = []
  for (let index = 0; !isDone; index += 1) {
    await sleep(BETWEEN_QUESTIONS)
    const question = questions[index % questions.length]?.turns.at(-1)
    times.push(await timeOf(changed, question ?? ''))
  }
  await done
  await meaning.close()
  const figures = {
    seconds,
    processor,
    delay: delay.percentile(99) / 1e6,
    memory,
    p50: percentile(times, 0.5),
  }
  return {
    name: `Vectors of ${figure(EMBEDDED.passages, 0)} passages of ${EMBEDDED.characters} characters, and questions while ${LATER * SECTIONS} more get theirs`,
    table: [
      ['seconds', 'of a processor', 'event loop p99 ms', 'memory MB', 'question p50 ms'],
      [seconds, processor, figures.delay, memory, figures.p50].map((value) => figure(value)),
    ],
    budgets: [
      { what: 'time to embed', value: seconds, unit: 's', atMost: 60 },
      { what: 'delay of the event loop, p99', value: figures.delay, unit: 'ms', atMost: 20 },
      { what: 'memory that meaning adds', value: memory, unit: 'MB', atMost: 150 },
    ],
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
function inventMeaning(folder: string): Meaning {
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
        name: encoder.name,
        embed: async (texts, options) =>
          options.urgent ? await encoder.embed(texts, options) : texts.map(inventVector),
        close: encoder.close,
      }
    },
    folder,
    patience: ENCODER_START,
    whenDown: 'the encoder has stopped',
    logger,
  })
}

/** Passages of about so many characters, of the manual's words in no order: as many tokens as texts have. */
async function inventProse(passages: number, characters: number): Promise<Texts> {
  const directory = demoKnowledgeDirectory()
  const names = (await readdir(directory)).filter((name) => name.endsWith('.md')).toSorted()
  const manual = await Promise.all(
    names.map(async (name) => readFile(join(directory, name), 'utf8')),
  )
  const words = manual.join(' ').match(/[a-z]{2,}/gi) ?? []
  const random = createRandom()
  const draw = (count: number) =>
    Array.from({ length: count }, () => words[Math.floor(random() * words.length)] ?? '').join(' ')
  const section = () => {
    let text = ''
    while (text.length < characters) text += `The ${draw(SENTENCE_LENGTH)}. `
    return `## ${draw(3)}\n\n${text.slice(0, characters)}`
  }
  return new Map(
    Array.from({ length: passages / SECTIONS }, (_, index) => [
      `prose-${index}.md`,
      `# ${draw(3)}\n\n${Array.from({ length: SECTIONS }, section).join('\n\n')}`,
    ]),
  )
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
  const texts = new Map(
    Array.from({ length: passages / SECTIONS }, (_, index) => {
      const sections = Array.from({ length: SECTIONS }, section).join('\n\n')
      return [`document-${index}.md`, `# ${inWords(drawTelling(3))}\n\n${sections}`]
    }),
  )
  const every = Math.floor(asked.length / count)
  return { texts, questions: asked.filter((_, index) => index % every === 0).slice(0, count) }
}
