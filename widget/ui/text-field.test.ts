import { expect, it } from 'vitest'
import { countCodePoints } from './text-field.ts'

it('counts a pair of surrogates once, and a lone one too', () => {
  for (const text of ['', 'abc', '🥟🥟', 'a🥟b', '\ud83e', '\udd5f\ud83e', 'नमस्ते']) {
    expect(countCodePoints(text)).toBe(Array.from(text).length)
  }
})
