/**
 * knowledge/evaluation: how well the documents answer a set of questions, for `samosa-chat eval`. Begin at
 * `runEvaluation`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { StartError } from '../../core/errors.ts'
import type { Inference, Knowledge, KnowledgeHit } from '../../core/ports/index.ts'
import { formatTable } from '../../text/table.ts'
import { countsInWords } from '../survey.ts'
import { compareRuns, formatComparison, formatMisses, tableOf } from './report.ts'
import { evaluate, runSchema, type Run, answerTo, visitorSays } from './evaluate.ts'
import {
  checkDocuments,
  halfOf,
  readQuestionSet,
  type Half,
  type QuestionSet,
} from './question-sets.ts'
import { retrieve } from '../../core/retrieval.ts'

export interface EvaluationCommand {
  /** Where the questions are; see readQuestionSet. */
  readonly path: string
  /** The folder with the documents that they are about. */
  readonly directory: string
  /** Opens those documents, or the ones that came with the questions, for as long as they are used. */
  readonly withKnowledge: (
    documents: QuestionSet['documents'],
    use: (knowledge: Knowledge) => Promise<Run>,
  ) => Promise<Run>
  /** The engine that is judged, without pauses. */
  readonly answersFrom: (knowledge: Knowledge) => Inference
  readonly half?: Half | undefined
  /** Where the run is written to. */
  readonly json?: string | undefined
  /** A file with an earlier run. */
  readonly compare?: string | undefined
  readonly misses?: boolean | undefined
  readonly print: (text: string) => void
  readonly onQuestion?: (done: number, all: number) => void
}

/**
 * Asks all questions of a set and prints how it went.
 * @returns whether nothing was lost against the earlier run, as far as there is one
 * @throws StartError with a sentence when questions or an earlier run cannot be read
 */
export async function runEvaluation(command: EvaluationCommand): Promise<boolean> {
  const { path, directory, half, json, compare, misses, print, onQuestion } = command
  const all = await readQuestionSet(path)
  const set = half ? halfOf(all, half) : all
  const earlier = compare === undefined ? undefined : await readRun(compare)
  if (!set.documents) await checkDocuments(set, directory)
  const answersFrom = set.documents ? undefined : command.answersFrom
  const run = await command.withKnowledge(set.documents, (knowledge) =>
    evaluate(set, { knowledge, answersFrom, ...(onQuestion && { onQuestion }) }),
  )
  const searched = run.meaning ? 'words and meaning are compared' : 'words alone are compared'
  print(`${countsInWords(run)}; ${searched}\n`)
  print(formatTable(tableOf(run)))
  if (misses) print(`\n${formatMisses(run) || 'No question failed.'}`)
  if (json !== undefined) await writeRun(json, run)
  if (!earlier) return true
  const comparison = compareRuns(earlier, run)
  if (comparison.questions === 0) {
    throw new StartError(`The run in ${compare} has none of these questions.`)
  }
  print(`\n${formatComparison(comparison)}`)
  return !comparison.changes.some(({ isLoss }) => isLoss)
}

async function readRun(path: string): Promise<Run> {
  let parsed: unknown
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new StartError(`${path} cannot be read as a run: ${reasonOf(error)}.`, { cause: error })
  }
  const run = runSchema.safeParse(parsed)
  if (!run.success) {
    throw new StartError(`${path} is not a run. Make one with samosa-chat eval … --json ${path}`)
  }
  return run.data
}

async function writeRun(path: string, run: Run): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(run, undefined, 2)}\n`)
  } catch (error) {
    throw new StartError(`${path} cannot be written: ${reasonOf(error)}.`, { cause: error })
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON'
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

// One question, to look at: what is found for it, how sure that is, and what a visitor would read.

/** Characters of a passage that are shown. */
const LINE_LENGTH = 100

/** @returns lines to print */
export async function askOnce(
  question: string,
  { knowledge, inference }: { readonly knowledge: Knowledge; readonly inference: Inference },
): Promise<string> {
  const { hits } = await retrieve(knowledge, [question])
  const { markdown, sources } = await answerTo([visitorSays(question)], inference)
  return [
    hits.length === 0 ? 'Nothing is found.' : 'Found, with scores of words and meaning:',
    ...hits.flatMap(describeHit),
    '',
    sources.length > 0
      ? `Answered from ${sources.length === 1 ? 'one of them' : `${sources.length} of them`}:`
      : 'Not answered from the documents:',
    '',
    markdown,
  ].join('\n')
}

function describeHit({ passage, score, meaning }: KnowledgeHit, index: number): readonly string[] {
  const place = [passage.documentTitle, passage.section].filter((part) => part !== null)
  const scores = [score, meaning].map((value) => value?.toFixed(3) ?? '–').join('  ')
  return [
    `${String(index + 1).padStart(2)}. ${scores}  ${place.join(' › ')} (${passage.id})`,
    `    ${firstLine(passage.text)}`,
  ]
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  const characters = [...line]
  if (characters.length <= LINE_LENGTH) return line
  return `${characters
    .slice(0, LINE_LENGTH - 1)
    .join('')
    .trimEnd()}…`
}
