/** Questions whose answers are known, and how sets of them are read; evaluate.ts asks them, report.ts prints. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { StartError } from '../../core/errors.ts'
import { parseDocument, type KnowledgeDocument } from '../parse-document.ts'

/** A question with what is known about its answer. */
export interface Question {
  readonly id: string
  /** The group that its figures are printed by. */
  readonly kind: string
  /** What the visitor says, oldest first; the last one is what is asked. */
  readonly turns: readonly string[]
  /** Whether the documents have an answer; else the right answer is that they have none. */
  readonly answerable: boolean
  /** Documents that answer it, as their paths in the folder. */
  readonly documents: readonly string[]
  /** The headings of those documents that answer it; none: anywhere in them. */
  readonly sections: readonly string[]
  /** What a right answer has: of each group one, letter by letter but for the case. */
  readonly words: readonly (readonly string[])[]
}

export interface QuestionSet {
  readonly questions: readonly Question[]
  /** Documents that came with the questions: those are searched, and no answer is judged. */
  readonly documents?: readonly KnowledgeDocument[]
}

export type Half = 'first' | 'second'

const text = z.string('must be a text').refine((value) => value.trim() !== '', 'must not be empty')
const texts = z.array(text).min(1, 'must not be empty')
const oneOrMore = z.union([text, texts], 'must be a text or a list of texts')
const listOf = (value: string | readonly string[]) => (typeof value === 'string' ? [value] : value)

const questionLine = z
  .object({
    id: text,
    kind: text,
    question: oneOrMore.transform(listOf),
    document: z.union([oneOrMore.transform(listOf), z.null()], {
      error: 'must be the path of a document, a list of such paths, or null for no answer',
    }),
    section: oneOrMore.transform(listOf).optional(),
    words: z.array(oneOrMore.transform(listOf), 'must be a list of words').default([]),
  })
  .refine(({ document, words }) => document === null || words.length > 0, {
    path: ['words'],
    error: 'must hold what a right answer says',
  })
  .refine(({ document, words, section }) => document !== null || (!section && words.length === 0), {
    path: ['document'],
    error: 'is null, so there can be no words and no section',
  })
  .transform(({ id, kind, question, document, section, words }): Question => ({
    id,
    kind,
    turns: question,
    answerable: document !== null,
    documents: document ?? [],
    sections: section ?? [],
    words,
  }))

const passageFile = z.object({
  passages: z.record(z.string(), z.string()),
  questions: z.array(
    z.object({
      id: text,
      turns: texts,
      answerable: z.boolean(),
      relevant: z.array(text),
    }),
  ),
})

const beirDocument = z.object({ _id: text, title: z.string().default(''), text: z.string() })
const beirQuery = z.object({ _id: text, text })

/**
 * Reads questions: a file of lines (one JSON object each), a `.json` file with passages and questions, or a
 * folder with the three files of BEIR.
 * @throws StartError with a sentence that names the file, and the line and field where there is one
 */
export async function readQuestionSet(path: string): Promise<QuestionSet> {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new StartError(`There is no file or folder ${path}.`)
  const set = found.isDirectory()
    ? await readBeir(path)
    : path.endsWith('.json')
      ? await readPassageFile(path)
      : { questions: await readLines(path, questionLine) }
  if (set.questions.length === 0) throw new StartError(`${path} has no questions.`)
  checkIds(path, set.questions)
  return set
}

/** Half of the questions by their ids, always the same one: for tuning on one and confirming on the other. */
export function halfOf(set: QuestionSet, half: Half): QuestionSet {
  const wanted = half === 'first' ? 0 : 1
  const questions = set.questions.filter(
    ({ id }) => (createHash('sha256').update(id).digest()[0] ?? 0) % 2 === wanted,
  )
  return { ...set, questions }
}

/** @throws StartError that names the documents that the questions name and the folder does not have */
export async function checkDocuments({ questions }: QuestionSet, directory: string): Promise<void> {
  const names = [...new Set(questions.flatMap(({ documents }) => documents))]
  const missing: string[] = []
  for (const name of names) {
    const found = await stat(join(directory, name)).catch(() => undefined)
    if (!found?.isFile()) missing.push(name)
  }
  if (missing.length > 0) {
    throw new StartError(
      `The questions name documents that are not in ${directory}: ${missing.join(', ')}`,
    )
  }
}

function checkIds(path: string, questions: readonly Question[]): void {
  const seen = new Set<string>()
  for (const { id } of questions) {
    if (seen.has(id)) throw new StartError(`${path} has two questions with the id "${id}".`)
    seen.add(id)
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw new StartError(`There is no file ${path}.`, { cause: error })
    const reason = error instanceof TypeError ? 'it is not UTF-8 text' : String(code ?? error)
    throw new StartError(`${path} cannot be read: ${reason}.`, { cause: error })
  }
}

/** Says what is wrong with a value, and where in it. */
function problemsOf({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ')
}

function parseJson(json: string, where: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new StartError(`${where} is not JSON.`, { cause: error })
  }
}

/** One JSON object on each line; empty lines are passed over. */
async function readLines<Value>(path: string, schema: z.ZodType<Value>): Promise<Value[]> {
  const values: Value[] = []
  for (const [index, line] of (await readText(path)).split('\n').entries()) {
    if (line.trim() === '') continue
    const where = `${path}, line ${index + 1}`
    const parsed = schema.safeParse(parseJson(line, where))
    if (!parsed.success) throw new StartError(`${where}: ${problemsOf(parsed.error)}`)
    values.push(parsed.data)
  }
  return values
}

async function readPassageFile(path: string): Promise<QuestionSet> {
  const parsed = passageFile.safeParse(parseJson(await readText(path), path))
  if (!parsed.success) throw new StartError(`${path}: ${problemsOf(parsed.error)}`)
  const { passages, questions } = parsed.data
  return {
    documents: Object.entries(passages).map(([id, body]) => documentOf(id, '', body)),
    questions: questions.map(({ id, turns, answerable, relevant }) =>
      retrievalQuestion(id, turns, answerable ? relevant : []),
    ),
  }
}

async function readBeir(folder: string): Promise<QuestionSet> {
  const corpus = await readLines(join(folder, 'corpus.jsonl'), beirDocument)
  const queries = await readLines(join(folder, 'queries.jsonl'), beirQuery)
  const relevant = await readJudgements(folder)
  return {
    documents: corpus.map(({ _id, title, text: body }) => documentOf(_id, title, body)),
    questions: queries.flatMap(({ _id, text: query }) => {
      const documents = relevant.get(_id)
      return documents ? [retrievalQuestion(_id, [query], documents)] : []
    }),
  }
}

/** Which documents are relevant to a query: lines of query, document and grade, with a heading. */
async function readJudgements(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const inFolder = join(folder, 'qrels', 'test.tsv')
  const path = (await stat(inFolder).catch(() => undefined)) ? inFolder : join(folder, 'qrels.tsv')
  const relevant = new Map<string, readonly string[]>()
  for (const [index, line] of (await readText(path)).split(/\r?\n/).entries()) {
    const [query = '', document = '', grade = ''] = line.split('\t')
    const isHeading = index === 0 && Number.isNaN(Number(grade))
    if (line.trim() === '' || isHeading) continue
    if (document === '' || grade.trim() === '' || Number.isNaN(Number(grade))) {
      const form = 'must be a query, a document and a number with tabs between them'
      throw new StartError(`${path}, line ${index + 1}: ${form}`)
    }
    if (Number(grade) > 0) relevant.set(query, [...(relevant.get(query) ?? []), document])
  }
  return relevant
}

const retrievalQuestion = (
  id: string,
  turns: readonly string[],
  documents: readonly string[],
): Question => ({
  id,
  kind: documents.length > 0 ? 'answerable' : 'unanswerable',
  turns,
  answerable: documents.length > 0,
  documents: documents.map(pathOf),
  sections: [],
  words: [],
})

/** A text of a corpus is read as a file of the folder would be. */
const documentOf = (id: string, title: string, body: string): KnowledgeDocument =>
  parseDocument(pathOf(id), title === '' ? body : `# ${title}\n\n${body}`)

const pathOf = (id: string) => `${id}.md`
