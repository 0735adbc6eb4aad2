import { expect, it } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { en } from './en.ts'
import { errorSentence, localize } from './localize.ts'

it('gives English for English, for its regions, and for what is unknown', async () => {
  for (const language of ['en', 'en-GB', 'EN', 'tlh', '', 'constructor']) {
    expect(await localize(language)).toBe(en)
  }
})

it('says when to try again, in the right number', () => {
  const limited = (retryAfter: number) =>
    errorSentence(en, new ApiError('rate_limited', { retryAfter }))
  expect(limited(1)).toContain('1 second.')
  expect(limited(12)).toContain('12 seconds.')
})

it('never shows the words of the server', () => {
  const error = new ApiError('invalid_request', { detail: 'content: too long' })
  expect(errorSentence(en, error)).toBe(en.errors.invalid_request)
})
