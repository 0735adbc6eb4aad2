/** Judges an answer against what is known of it, and its quotations against the passages that it cites. */
import type { Passage } from '../../core/ports/index.ts'
import { sentencesOf } from '../../text/sentences.ts'
import type { Question } from './question-sets.ts'

/** An answer as a visitor gets it. */
export interface GivenAnswer {
  /** Without thinking and tools. */
  readonly markdown: string
  /** The passages behind the numbers, the first one cited as `[1]`. */
  readonly passages: readonly Passage[]
}

export interface Judgement {
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
export const documentOf = ({ id }: Passage) => id.slice(0, id.lastIndexOf('#'))

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
