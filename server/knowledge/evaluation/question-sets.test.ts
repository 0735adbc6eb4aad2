import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKnowledgeDirectory, packageDirectory } from '../../package.ts'
import { hasWords, visibleText } from './evaluate.ts'
import { checkDocuments, halfOf, readQuestionSet } from './question-sets.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-questions-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

let files = 0
async function fileWith(content: string, extension = 'jsonl'): Promise<string> {
  const path = join(folder, `${(files += 1)}.${extension}`)
  await writeFile(path, content)
  return path
}

const GOOD = {
  id: '1',
  kind: 'price',
  question: 'What is the fee?',
  document: 'fees.md',
  words: ['12 euros'],
}
const lines = (...values: readonly object[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

describe('a file of questions', () => {
  it('has a question on each line, whether one is said or several, in one document or in several', async () => {
    const other = {
      id: '2',
      kind: 'follow-up',
      question: ['What is the fee?', 'And for children?'],
      document: ['fees.md', 'children.md'],
      section: 'Fees',
      words: ['free', ['under 12', 'below 12']],
      note: 'asked by many',
    }
    const none = { id: '3', kind: 'none', question: 'Is there a lift?', document: null }
    const { questions, documents } = await readQuestionSet(
      await fileWith(`${lines(GOOD)}\n${lines(other, none)}`),
    )
    expect(documents).toBeUndefined()
    expect(questions).toEqual([
      {
        id: '1',
        kind: 'price',
        turns: ['What is the fee?'],
        answerable: true,
        documents: ['fees.md'],
        sections: [],
        words: [['12 euros']],
      },
      {
        id: '2',
        kind: 'follow-up',
        turns: ['What is the fee?', 'And for children?'],
        answerable: true,
        documents: ['fees.md', 'children.md'],
        sections: ['Fees'],
        words: [['free'], ['under 12', 'below 12']],
      },
      {
        id: '3',
        kind: 'none',
        turns: ['Is there a lift?'],
        answerable: false,
        documents: [],
        sections: [],
        words: [],
      },
    ])
  })

  it.each([
    ['no JSON', '{"id":', 'line 2 is not JSON'],
    ['no object', '[]', /line 2: .*object/],
    ['no id', JSON.stringify({ ...GOOD, id: undefined }), /line 2: id: /],
    ['an empty question', JSON.stringify({ ...GOOD, id: '2', question: ' ' }), 'line 2: question'],
    ['no turns', JSON.stringify({ ...GOOD, id: '2', question: [] }), 'line 2: question'],
    [
      'a number for a document',
      JSON.stringify({ ...GOOD, id: '2', document: 7 }),
      'line 2: document: must be the path of a document, a list of such paths, or null for no answer',
    ],
    [
      'a document that is left out',
      JSON.stringify({ ...GOOD, id: '2', document: undefined }),
      'line 2: document: must be the path of a document',
    ],
    [
      'no words for an answer',
      JSON.stringify({ ...GOOD, id: '2', words: [] }),
      'line 2: words: must hold what a right answer says',
    ],
    [
      'words without an answer',
      JSON.stringify({ ...GOOD, id: '2', document: null }),
      'line 2: document: is null, so there can be no words and no section',
    ],
    ['an id that was there before', JSON.stringify(GOOD), 'two questions with the id "1"'],
  ])('names the line and the field of one with %s', async (_, line, message) => {
    await expect(readQuestionSet(await fileWith(`${lines(GOOD)}${line}`))).rejects.toThrow(message)
  })

  it('has at least one question, and is there, and is text', async () => {
    await expect(readQuestionSet(await fileWith('\n\n'))).rejects.toThrow('has no questions')
    await expect(readQuestionSet(join(folder, 'none.jsonl'))).rejects.toThrow('There is no file')
    const binary = join(folder, 'binary.jsonl')
    await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00]))
    await expect(readQuestionSet(binary)).rejects.toThrow('it is not UTF-8 text')
  })

  it('names documents that the folder does not have', async () => {
    const set = await readQuestionSet(await fileWith(lines(GOOD)))
    await expect(checkDocuments(set, folder)).rejects.toThrow(/not in .*: fees\.md/)
    await writeFile(join(folder, 'fees.md'), '# Fees')
    await expect(checkDocuments(set, folder)).resolves.toBeUndefined()
  })
})

describe('a folder of BEIR', () => {
  async function beir(judgements: string, place = 'qrels/test.tsv'): Promise<string> {
    const path = await mkdtemp(join(folder, 'beir-'))
    await mkdir(join(path, 'qrels'))
    await writeFile(
      join(path, 'corpus.jsonl'),
      lines(
        { _id: 'a', title: 'Apples', text: 'Apples keep until spring.', metadata: {} },
        { _id: 'b', text: 'Pears do not keep.' },
      ),
    )
    await writeFile(
      join(path, 'queries.jsonl'),
      lines({ _id: 'q1', text: 'how long do apples keep' }, { _id: 'q2', text: 'unjudged' }),
    )
    await writeFile(join(path, place), judgements)
    return path
  }

  it('has the documents, and the queries that are judged', async () => {
    const judgements = 'query-id\tcorpus-id\tscore\r\nq1\ta\t2\r\nq1\tb\t0\r\n'
    for (const place of ['qrels/test.tsv', 'qrels.tsv']) {
      const { questions, documents } = await readQuestionSet(await beir(judgements, place))
      expect(questions).toMatchObject([{ id: 'q1', answerable: true, documents: ['a.md'] }])
      expect(documents?.map(({ title }) => title)).toEqual(['Apples', 'B'])
    }
  })

  it('names the line of a judgement that is none', async () => {
    const path = await beir('query-id\tcorpus-id\tscore\nq1 a 1\n')
    await expect(readQuestionSet(path)).rejects.toThrow(/test\.tsv, line 2: must be a query/)
  })

  it('names the file that is missing', async () => {
    await expect(readQuestionSet(await mkdtemp(join(folder, 'empty-')))).rejects.toThrow(
      /There is no file .*corpus\.jsonl/,
    )
  })
})

describe('a file with passages', () => {
  const passages = { p1: 'Apples keep until spring.' }
  it('has questions in several turns, some without an answer', async () => {
    const questions = [
      { id: '1', turns: ['fruit', 'apples?'], answerable: true, relevant: ['p1'] },
      { id: '2', turns: ['cars?'], answerable: false, relevant: [] },
    ]
    const set = await readQuestionSet(
      await fileWith(JSON.stringify({ passages, questions }), 'json'),
    )
    expect(set.documents).toHaveLength(1)
    expect(set.questions).toMatchObject([
      { turns: ['fruit', 'apples?'], answerable: true, documents: ['p1.md'] },
      { answerable: false, documents: [] },
    ])
  })

  it('names the field that is wrong', async () => {
    const questions = [{ id: '1', turns: [], answerable: true, relevant: [] }]
    const path = await fileWith(JSON.stringify({ passages, questions }), 'json')
    await expect(readQuestionSet(path)).rejects.toThrow('questions.0.turns: must not be empty')
  })
})

it('is cut into two halves, the same ones each time, and each question is in one of them', async () => {
  const many = Array.from({ length: 200 }, (_, index) => ({ ...GOOD, id: `q${index}` }))
  const set = await readQuestionSet(await fileWith(lines(...many)))
  const [first, second] = [halfOf(set, 'first'), halfOf(set, 'second')]
  expect(first.questions.length).toBeGreaterThan(70)
  expect(second.questions.length).toBeGreaterThan(70)
  expect([...first.questions, ...second.questions].toSorted(byId)).toEqual(
    set.questions.toSorted(byId),
  )
  expect(halfOf(set, 'first')).toEqual(first)
})

const byId = (left: { id: string }, right: { id: string }) => left.id.localeCompare(right.id)

describe('the questions about the manual', async () => {
  const path = join(packageDirectory(), 'server/bench/questions.jsonl')
  const { questions } = await readQuestionSet(path)
  const share = (kind: string) =>
    questions.filter((question) => question.kind === kind).length / questions.length

  it('are many, a third worded away from it, a quarter without an answer, some follow-ups', () => {
    expect(questions.length).toBeGreaterThanOrEqual(120)
    expect(share('lexical')).toBeGreaterThan(0.28)
    expect(share('reworded')).toBeGreaterThan(0.3)
    expect(share('unanswerable')).toBeGreaterThanOrEqual(0.25)
    expect(share('follow-up')).toBeGreaterThan(0.08)
  })

  it.each(questions.filter(({ answerable }) => answerable))(
    'have their answer where they say: $id',
    async ({ documents, sections, words }) => {
      const texts = await Promise.all(
        documents.map((name) => readFile(join(demoKnowledgeDirectory(), name), 'utf8')),
      )
      for (const text of texts) {
        const visible = visibleText(text)
        for (const group of words) {
          expect(group.filter((each) => hasWords(visible, each))).not.toEqual([])
        }
      }
      const headings = texts.flatMap((text) => text.match(/^#+ .+$/gm) ?? [])
      for (const section of sections) {
        expect(headings.map((heading) => heading.replace(/^#+ /, ''))).toContain(section)
      }
    },
  )
})
