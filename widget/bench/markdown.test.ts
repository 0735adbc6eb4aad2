import { expect, it } from 'vitest'
import { lastWords, tokensOf, writeAnswer } from './markdown.ts'

it.each([1_000, 4_000, 48_000])('writes exactly %i tokens of four characters', (count) => {
  const tokens = tokensOf(writeAnswer(count))
  expect(tokens).toHaveLength(count)
  expect(tokens.every((token) => token.length === 4)).toBe(true)
})

it('writes the same at every run, and something else for another seed', () => {
  expect(writeAnswer(1_000)).toBe(writeAnswer(1_000))
  expect(writeAnswer(1_000, 2)).not.toBe(writeAnswer(1_000))
})

it('uses what answers use, and ends with the last words', () => {
  const answer = writeAnswer(4_000)
  for (const form of [
    /^## /m,
    /^- /m,
    /^\d\. /m,
    /^```ts$/m,
    /^\| --- /m,
    /^> /m,
    /\*\*\w/,
    /\]\(http/,
  ]) {
    expect(answer).toMatch(form)
  }
  expect(answer.endsWith(`\n\n${lastWords(1)}`)).toBe(true)
})
