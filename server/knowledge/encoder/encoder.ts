import { sentencesOf } from '../../core/sentences.ts'
import { VOCABULARY, withWeights } from './model.ts'
import { createTokenizer } from './tokenizer.ts'
import { createTransformer, DIMENSIONS, MAX_TOKENS, scaleToUnit } from './transformer.ts'

/** A longer text is cut: what its vector says hardly changes any more, and its cost stays bounded. */
const MAX_CHARACTERS = 8_000

/** Adds sentences to a window as long as they have room in it; a sentence without room in any is cut. */
function windowsOf(sentences: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const windows: (readonly number[])[] = []
  let window: readonly number[] = []
  for (const sentence of sentences) {
    for (let start = 0; start < sentence.length; start += MAX_TOKENS) {
      const part = sentence.slice(start, start + MAX_TOKENS)
      if (window.length + part.length > MAX_TOKENS) {
        windows.push(window)
        window = []
      }
      window = [...window, ...part]
    }
  }
  return [...windows, window]
}

/**
 * Turns a text into a vector of length 1. The model looks at 128 tokens, some 500 characters; the vector of a
 * longer text is the mean of those of its windows of whole sentences, weighed by their lengths.
 */
export function createEncoder(): (text: string) => Float32Array {
  const tokensOf = createTokenizer(VOCABULARY)
  const transform = withWeights(createTransformer)

  return (text) => {
    const start = text.slice(0, MAX_CHARACTERS)
    const tokens = tokensOf(start)
    if (tokens.length <= MAX_TOKENS) return transform(tokens)
    const sum = new Float32Array(DIMENSIONS)
    for (const window of windowsOf(sentencesOf(start).map(tokensOf))) {
      for (const [i, value] of transform(window).entries()) {
        sum[i] = (sum[i] ?? 0) + value * window.length
      }
    }
    scaleToUnit(sum)
    return sum
  }
}
