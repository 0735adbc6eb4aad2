import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inference, Knowledge } from '../../core/ports/index.ts'
import { retrieve, sourceOf } from '../../core/retrieval.ts'
import { parseDocument } from '../parse-document.ts'
import { createKnowledge } from '../search-index.ts'
import { runSchema } from './evaluate.ts'
import { runEvaluation, type EvaluationCommand } from './index.ts'

const DOCUMENTS = {
  'fees.md':
    '# Fees\n\n## Membership\n\nMembership costs 12 euros a year.\n\n## Children\n\nChildren under six borrow for nothing.',
  'hours.md': '# Hours\n\n## Saturday\n\nOn Saturday the library opens at ten in the morning.',
}
/** As they are after somebody has edited them. */
const WORSE = {
  'fees.md': '# Fees\n\nAsk at the desk.',
  'hours.md': '# Hours\n\n## Saturday\n\nOn Saturday the library stays closed all day.',
}
const QUESTIONS = [
  ['1', 'What does membership cost?', 'fees.md', '12 euros'],
  ['2', 'What does membership cost a year?', 'fees.md', '12 euros'],
  ['3', 'How much does the membership cost?', 'fees.md', '12 euros'],
  ['4', 'When does the library open on Saturday?', 'hours.md', 'ten'],
  ['5', 'When on Saturday does the library open?', 'hours.md', 'ten'],
  ['6', 'Is the library open on Saturday morning?', 'hours.md', 'ten'],
].map(([id, question, document, word]) => ({
  id,
  kind: 'lexical',
  question,
  document,
  words: [word],
}))
const OTHERS = [
  {
    id: '7',
    kind: 'follow-up',
    question: ['What does membership cost?', 'And for children?'],
    document: 'fees.md',
    section: 'Children',
    words: ['nothing'],
  },
  { id: '8', kind: 'unanswerable', question: 'Do you sell bicycles?', document: null, words: [] },
]

/** Answers with the best passage, whole, when the question is about the library at all. */
const quotesTheBest = (knowledge: Knowledge): Inference => ({
  kind: 'builtin',
  callsTools: false,
  quotesPassages: true,
  async *generate({ messages }) {
    const questions = messages.filter(({ role }) => role === 'user').map(({ content }) => content)
    const [best] = (await retrieve(knowledge, questions)).hits
    if (
      best &&
      best.matchedTerms.length > 0 &&
      /membership|library|children/i.test(messages.at(-1)?.content ?? '')
    ) {
      yield [{ type: 'sources', sources: [sourceOf(best, 1)] }]
      yield [{ type: 'token', text: `<think>Easy.</think>${best.passage.text} [1]` }]
    } else {
      yield [{ type: 'token', text: 'That is not in the documents.' }]
    }
    yield [{ type: 'finish', reason: 'stop' }]
  },
  models: async () => ({}),
  isReady: async () => true,
  close: async () => undefined,
})

let folder: string
let questions: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-eval-'))
  for (const [name, text] of Object.entries(DOCUMENTS)) await writeFile(join(folder, name), text)
  questions = join(folder, 'questions.jsonl')
  const lines = [...QUESTIONS, ...OTHERS].map((line) => `${JSON.stringify(line)}\n`)
  await writeFile(questions, lines.join(''))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function run(
  options: Partial<EvaluationCommand> = {},
  documents: Readonly<Record<string, string>> = DOCUMENTS,
) {
  const printed: string[] = []
  const isFine = await runEvaluation({
    path: questions,
    directory: folder,
    print: (text) => printed.push(text),
    async withKnowledge(given, use) {
      const read = Object.entries(documents).map(([name, text]) => parseDocument(name, text))
      return await use(await createKnowledge(given ?? read))
    },
    answersFrom: quotesTheBest,
    ...options,
  })
  return { isFine, text: printed.join('\n') }
}

const without = (text: string, row: string) =>
  text
    .split('\n')
    .filter((line) => !line.startsWith(row))
    .join('\n')

describe('an evaluation', () => {
  it('prints how much came right, of all questions and by kind, with its uncertainty', async () => {
    const { isFine, text } = await run()
    expect(isFine).toBe(true)
    expect(text).toMatch(/2 documents, \d+ passages; words alone/)
    expect(text).toMatch(/^ +all +lexical +follow-up +unanswerable$/m)
    expect(text).toMatch(/^right answers +1\.000 \[0\.646, 1\.000\] +1\.000 /m)
    expect(text).toMatch(/^right refusals +1\.000 /m)
    expect(text).toMatch(/^quoted text in its source +1\.000 /m)
    for (const row of ['hit@1', 'recall@5', 'MRR', 'wrong refusals', 'AUC of refusals', 'latency'])
      expect(text).toMatch(new RegExp(`^${row}`, 'm'))
  })

  it('says the same each time, but for how long it took', async () => {
    const [one, other] = [await run({ misses: true }), await run({ misses: true })]
    expect(without(other.text, 'latency')).toBe(without(one.text, 'latency'))
  })

  it('names what failed, and why', async () => {
    expect((await run({ misses: true })).text).toContain('No question failed.')
    const { text } = await run({ misses: true }, WORSE)
    expect(text).toMatch(/^1: What does membership cost\?\n {4}declined; what answers it was/m)
    expect(text).toMatch(/^4: .*\n {4}lacks “ten”/m)
  })

  it('compares with an earlier run, and tells a loss beyond noise from chance', async () => {
    const before = join(folder, 'before.json')
    await run({ json: before })
    const same = await run({ compare: before })
    expect(same.isFine).toBe(true)
    expect(same.text).toContain('8 are the same in both runs.')
    expect(same.text).not.toMatch(/ (?:lost|won) /)

    const worse = await run({ compare: before, json: join(folder, 'worse.json') }, WORSE)
    expect(worse.isFine).toBe(false)
    expect(worse.text).toMatch(
      /^right answers: 1\.000 → 0\.000 \(−1\.000, p = \.016\): a loss beyond noise$/m,
    )
    expect(worse.text).toContain('lost  1: What does membership cost?')

    const better = await run({ compare: join(folder, 'worse.json') })
    expect(better.isFine).toBe(true)
    expect(better.text).toMatch(/^right answers: .*: a gain$/m)
    expect(better.text).toContain('won   7: What does membership cost? → And for children?')
  })

  it('takes the loss of one question as chance', async () => {
    const before = join(folder, 'all.json')
    await run({ json: before })
    const one = {
      ...DOCUMENTS,
      'fees.md': DOCUMENTS['fees.md'].replace('for nothing', 'for 1 euro'),
    }
    const { isFine, text } = await run({ compare: before }, one)
    expect(isFine).toBe(true)
    expect(text).toContain('lost  7:')
    expect(text).toMatch(/^right answers: .*: within noise$/m)
  })

  it('leaves out questions that were others before', async () => {
    const path = join(folder, 'edited.json')
    await run({ json: path })
    const earlier = runSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    const [first, ...others] = earlier.results
    const results = [{ ...first, turns: ['What was asked before'] }, ...others]
    await writeFile(path, JSON.stringify({ ...earlier, results }))
    expect((await run({ compare: path })).text).toContain(
      '7 are the same in both runs; 2 stand in one run only and are left out.',
    )
    await writeFile(path, JSON.stringify({ ...earlier, results: [] }))
    await expect(run({ compare: path })).rejects.toThrow('has none of these questions')
  })

  it('says what is wrong with a run that it cannot read or write', async () => {
    await expect(run({ compare: join(folder, 'none.json') })).rejects.toThrow(/run: ENOENT/)
    await expect(run({ compare: questions })).rejects.toThrow('it is not JSON')
    const other = join(folder, 'other.json')
    await writeFile(other, '{}')
    await expect(run({ compare: other })).rejects.toThrow('is not a run. Make one with')
    await expect(run({ json: join(folder, 'no/such/folder.json') })).rejects.toThrow(/written: EN/)
  })

  it('searches the passages that come with the questions, and prints what was found alone', async () => {
    const path = join(folder, 'passages.json')
    const passages = { a: DOCUMENTS['fees.md'], b: DOCUMENTS['hours.md'] }
    await writeFile(
      path,
      JSON.stringify({
        passages,
        questions: [
          {
            id: '1',
            turns: ['membership', 'what does it cost'],
            answerable: true,
            relevant: ['a'],
          },
          { id: '2', turns: ['bicycles'], answerable: false, relevant: [] },
        ],
      }),
    )
    const { text } = await run({ path })
    expect(text).toMatch(/^hit@1 +1\.000/m)
    expect(text).toMatch(/^AUC of refusals +1\.000/m)
    expect(text).not.toMatch(/^(?:right|wrong|quoted)/m)
  })
})
