import { expect, it } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import '../api/refusal.ts'
import { de } from './de.ts'
import { en } from './en/index.ts'
import { refusalStrings } from './en/refusals.ts'
import { catalogueOf, errorSentence } from './localize.ts'

const nameOf = async (...languages: readonly string[]) => {
  const catalogue = catalogueOf(languages)
  await catalogue?.load()
  return catalogue?.loaded()?.language
}

it('fetches nothing for English, for its regions, and for what is unknown', () => {
  for (const language of ['en', 'en-GB', 'EN', 'tlh', '', 'constructor']) {
    expect(catalogueOf([language])).toBeUndefined()
  }
})

it('takes the first language that there is, whatever its region or script', async () => {
  expect(await nameOf('de-AT')).toBe('de')
  expect(await nameOf('AR_EG')).toBe('ar')
  expect(await nameOf('tlh', 'ja-Jpan-JP', 'fr')).toBe('ja')
  expect(await nameOf('en-US', 'fr')).toBeUndefined()
})

it('says when to try again, in the right number', () => {
  const limited = (retryAfter: number) =>
    errorSentence(en, new ApiError('rate_limited', { retryAfter }))
  expect(limited(1)).toContain('1 second.')
  expect(limited(12)).toContain('12 seconds.')
  expect(limited(91)).toContain('2 minutes.')
  expect(limited(5341)).toContain('2 hours.')
})

it('shows the words of the server only where it has none', () => {
  const error = new ApiError('invalid_request', { detail: 'content: too long' })
  expect(errorSentence(en, error)).toBe(refusalStrings.invalid_request)
  const detail = 'The assistant is not set up right yet. Please try again later.'
  const operators = new ApiError('inference_misconfigured', { detail, retryable: false })
  expect(errorSentence(en, operators)).toBe(detail)
  expect(errorSentence(de, operators)).toBe(de.errors.inference_misconfigured)
})
