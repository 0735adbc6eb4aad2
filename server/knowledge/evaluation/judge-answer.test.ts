import { describe, expect, it } from 'vitest'
import type { Passage } from '../../core/ports/index.ts'
import { hasWords, judgeAnswer, visibleText } from './evaluate.ts'
import type { Question } from './question-sets.ts'

const passage = (id: string, text: string): Passage => ({
  id,
  documentTitle: 'Fees',
  url: null,
  creator: null,
  domain: null,
  section: null,
  anchor: null,
  page: null,
  text,
})

const FEES = passage(
  'fees.md#1',
  'Membership costs 12 euros a year. Use the code `JOIN_US` at the desk.\n\n- Children pay nothing.\n- Dogs stay outside *always*.\n\n```sh\npay --now\n```',
)
const OTHER = passage('hours.md#1', 'We open at nine. See [2] for holidays.')

const QUESTION: Question = {
  id: '1',
  kind: 'price',
  turns: ['What is the fee?'],
  answerable: true,
  documents: ['fees.md'],
  sections: [],
  words: [['12 euros', 'twelve euros']],
}
const UNANSWERABLE: Question = { ...QUESTION, answerable: false, documents: [], words: [] }

const judge = (markdown: string, passages: readonly Passage[], question = QUESTION) =>
  judgeAnswer(question, { markdown, passages })

describe('a right answer', () => {
  it('says the words, whatever their case and marks, and cites the document', () => {
    expect(judge('Membership **costs 12 Euros** a year. [1]', [FEES])).toMatchObject({
      answered: true,
      right: true,
      missing: [],
      cites: true,
    })
  })

  it('is none without the words', () => {
    const judged = judge('Use the code `JOIN_US` at the desk. [1]', [FEES])
    expect(judged).toMatchObject({ right: false, missing: ['12 euros'], cites: true })
  })

  it('is none when it cites another document, or nothing', () => {
    expect(judge('Membership costs 12 euros a year. [1]', [OTHER, FEES])).toMatchObject({
      right: false,
      cites: false,
    })
    expect(judge('Membership costs 12 euros a year.', [FEES]).right).toBe(false)
  })

  it('is none when it is a refusal', () => {
    expect(judge('That is not in the documents: 12 euros', [])).toMatchObject({
      answered: false,
      right: false,
    })
  })

  it('to a question without an answer is a refusal', () => {
    expect(judge('That is not in these documents.', [], UNANSWERABLE).right).toBe(true)
    expect(judge('We open at nine. [1]', [OTHER], UNANSWERABLE).right).toBe(false)
  })
})

describe('words', () => {
  it.each([
    ['20 a minute', '20', true],
    ['120 a minute', '20', false],
    ['200 a minute', '20', false],
    ['at 20, then', '20', true],
    ['The MONDAYS', 'monday', true],
    ['a+b (c)', 'A+B (', true],
  ])('of “%s”: “%s” is there: %s', (text, words, there) => {
    expect(hasWords(text, words)).toBe(there)
  })

  it('are read as a page shows them', () => {
    expect(visibleText('Use `a_b` \\*here\\* &lt;now&gt; &amp; [there](https://x.test/a)')).toBe(
      'Use a_b *here* <now> & [there]',
    )
  })
})

describe('quoted text', () => {
  it('is every sentence before its citation, every item, row and piece of code', () => {
    const markdown = [
      'This is what “Fees” says:',
      '',
      'Membership costs 12 euros a year. Use the code `JOIN_US` at the desk. [1]',
      '',
      '- Children pay nothing. [1]',
      '- Dogs stay outside \\*always\\*.',
      '',
      '```sh',
      'pay --now',
      '```',
    ].join('\n')
    expect(judge(markdown, [FEES])).toMatchObject({ quotes: 5, misquotes: [] })
  })

  it('is found in the passage whose number follows it, and in no other', () => {
    expect(judge('We open at nine. [1] Children pay nothing. [2]', [FEES, OTHER])).toMatchObject({
      quotes: 2,
      misquotes: ['We open at nine.', 'Children pay nothing.'],
    })
    expect(judge('We open at nine. [1][2]', [FEES, OTHER]).misquotes).toEqual([])
  })

  it('keeps numbers that look like citations', () => {
    expect(judge('See (2) for holidays. [1]', [OTHER]).misquotes).toEqual([])
  })

  it('is not there when a word is changed, left out or added', () => {
    for (const changed of [
      'Membership costs 13 euros a year. [1]',
      'Membership costs euros a year. [1]',
      'Membership always costs 12 euros a year. [1]',
      '- Dogs stay inside. [1]',
      '```sh\npay --later\n```\n\nMembership costs 12 euros a year. [1]',
    ]) {
      expect(judge(changed, [FEES]).misquotes).toHaveLength(1)
    }
  })
})
